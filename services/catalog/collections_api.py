"""Collection responsibilities: routes only. Load, decide, save."""

from enum import StrEnum
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from services.catalog.collection import INTERNAL, UNCLAIMED, Action, Collection, State
from services.catalog.collection_acts import BODIES
from services.catalog.collection_claims import Book
from services.catalog.collection_lines import CollectionPage
from services.catalog.collection_sight import follows, may_list, sees
from services.catalog.collection_statement import CollectionDraft
from services.catalog.collection_steps import create
from services.catalog.collection_store import collection_store
from services.catalog.collection_views import Beside, CollectionView, Link, view_of
from services.catalog.listing import BY_CATALOGUE, Holding, saying
from services.catalog.search import words_of
from services.shared import http
from services.shared.callers import Caller
from services.shared.canonical import now
from services.shared.cases import Found
from services.shared.errors import Forbidden, NotFound, Stale
from services.shared.lifecycle import Act
from services.shared.model import Model
from services.shared.once import Once
from services.shared.organisations import OFFICE
from services.shared.payloads import Opened
from services.shared.views import HistoryPage, history_page

router = http.make_router()

CREATED = 201
HERE = "/catalog/collections"
MINE = "mine"
PublicAction = StrEnum("PublicAction", {action.name: action.value for action in Action if action not in INTERNAL})  # type: ignore[misc]  # mypy cannot follow an enum made from another

SearchWords = Annotated[str, Query(max_length=100, description="Words that the item, unit or data items must contain")]
Of = Annotated[str | None, Query(max_length=80, description="An organisation's code; `mine` for one's own cases")]
Standing = Annotated[State | None, Query(description="Cases in this state, for whoever reviews or rules")]
BasicClass = Annotated[str | None, Query(max_length=80, description="A code of the list basic_classes")]


@router.get("/catalog/collections")
def search_collections(
    q: SearchWords = "",
    basic_class: BasicClass = None,
    unit: Of = None,
    state: Standing = None,
    limit: http.Limit = 20,
    next: http.Next = None,
) -> CollectionPage:
    """Find who collects what: the public register, one's own unit's cases, or those waiting in a state."""
    store = collection_store()
    if state is not None:
        if not may_list(state, http.officer_of(router)):
            raise Forbidden("only who reviews or rules may list cases by state")
        return store.lines(("state", state), limit=limit, after=next)
    if unit == MINE:
        return store.lines(("unit", http.officer_of(router).organisation), limit=limit, after=next)
    fields = {"basic_class": basic_class, "unit": unit}
    said = [saying(BY_CATALOGUE, name, value) for name, value in fields.items() if value]
    return store.register([*said, *(Holding("search", word) for word in words_of(q))], limit=limit, after=next)


@router.post("/catalog/collections")
def create_collection(
    draft: Annotated[CollectionDraft, Body()], idempotency_key: http.IdempotencyKey = None
) -> Response[CollectionView]:
    """Draft an application to collect an item; nobody else sees it until it is applied for."""
    caller, store = http.officer_of(router), collection_store()
    once = Once.of(caller.organisation, idempotency_key, draft)
    change = create(draft, caller, now())
    try:
        store.create(change, once)
    except Stale:
        if once is None or (made := store.made_before(once)) is None:
            raise
        return _shown(store.get(made), caller, status=CREATED)
    return _shown(Found(change.step.record, {}), caller, status=CREATED)


@router.get("/catalog/collections/<collection_id>")
def read_collection(collection_id: str) -> Response[CollectionView]:
    """Read a responsibility: its public face, and the case behind it for those who follow it."""
    caller = http.caller_of(router)
    return _shown(_visible(collection_id, caller), caller)


@router.put("/catalog/collections/<collection_id>")
def revise_collection(
    collection_id: str, draft: Annotated[CollectionDraft, Body()], if_match: http.IfMatch = None
) -> Response[CollectionView]:
    """Replace what a draft says, or put what a published duty is to say next under review beside it."""
    return _moved(collection_id, Action.REVISE, draft, if_match)


@router.post("/catalog/collections/<collection_id>/<action>")
def take_action(
    collection_id: str,
    action: PublicAction,
    body: Annotated[dict[str, Any] | None, Body()] = None,
    if_match: http.IfMatch = None,
) -> Response[CollectionView]:
    """Move a responsibility along its life; each action takes its own body."""
    http.officer_of(router)
    known = Action(action.value)
    return _moved(collection_id, known, http.body_of(BODIES[known], body), if_match)


@router.get("/catalog/collections/<collection_id>/history")
def read_history(collection_id: str, limit: http.Limit = 100, next: http.Next = None) -> HistoryPage:
    """List a case's events in order, each with the addresses of its receipt and of what was written with it.

    What came before its application is its unit's alone.
    """
    caller = http.officer_of(router)
    _followed(collection_id, caller)
    events, token = collection_store().history(collection_id, limit=limit, after=next)
    told = (event for event in events if {caller.organisation, OFFICE} & set(event.parties))
    return history_page(told, token, HERE)


@router.get("/catalog/collections/<collection_id>/payloads/<event_id>")
def read_payload(collection_id: str, event_id: str) -> Response[Opened]:
    """Read what was written with an event, with the salt that lets the reader recompute its filed hash."""
    caller = http.officer_of(router)
    _followed(collection_id, caller)
    return http.answer(collection_store().payload(collection_id, event_id, reader=caller.organisation))


def _visible(collection_id: str, caller: Caller) -> Found[Collection]:
    found = collection_store().get(collection_id)
    if not sees(found.record, caller):
        raise NotFound("there is no such collection")
    return found


def _followed(collection_id: str, caller: Caller) -> None:
    if not follows(_visible(collection_id, caller).record, caller):
        raise NotFound("there is no such collection")


def _moved(collection_id: str, action: Action, body: Model, if_match: str | None) -> Response[CollectionView]:
    caller = http.officer_of(router)
    found = _visible(collection_id, caller)
    http.check_version(found.record.version, if_match)
    moved = collection_store().move(found.record, Act(action, body, caller, now()))
    return _shown(found._replace(record=moved), caller)


def _shown(found: Found[Collection], caller: Caller, *, status: int = 200) -> Response[CollectionView]:
    collection = found.record
    claimed = follows(collection, caller) and collection.state not in UNCLAIMED
    book = collection_store().book(collection) if claimed else Book(key="")
    links = tuple(Link(**related.model_dump()) for related in found.related)
    view = view_of(collection, Beside(found.receipts, links, book), caller, now())
    location = f"{HERE}/{view.id}" if status == CREATED else None
    return http.answer(view, status=status, version=view.version, location=location)
