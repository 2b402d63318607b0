"""Entries of the sharing catalogues: routes only. Load, decide, save."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from services.catalog import views
from services.catalog.entry import Entry, create
from services.catalog.listing import BY_STATE, Holding, saying
from services.catalog.metadata import Catalogue, Draft
from services.catalog.resource_acts import BODIES, SYSTEM_ACTIONS, Action, Linked
from services.catalog.resource_lines import ResourcePage
from services.catalog.store import catalog_store
from services.catalog.version import State
from services.shared import http
from services.shared.callers import Caller
from services.shared.canonical import now
from services.shared.cases import Found
from services.shared.errors import Forbidden, NotFound, Problem, Stale, refuse_if
from services.shared.events import readers_of
from services.shared.lifecycle import Act
from services.shared.model import Model
from services.shared.once import Once
from services.shared.organisations import OFFICE, STATISTICS_BUREAU
from services.shared.payloads import Opened
from services.shared.views import HistoryPage, history_page

router = http.make_router()

CREATED = 201
HERE = "/catalog/resources"
MINE = "mine"
PublicAction = StrEnum("PublicAction", {action.name: action.value for action in Action if action not in SYSTEM_ACTIONS})  # type: ignore[misc]  # mypy cannot follow an enum made from another
BASIC_ALONE = saying(BY_STATE, "catalogue", Catalogue.BASIC)
REVIEWED: dict[str, tuple[Holding, ...]] = {OFFICE: (), STATISTICS_BUREAU: (BASIC_ALONE,)}  # by whom, and what of it

ProviderCode = Annotated[str | None, Query(max_length=80, description="An organisation's code")]
ResourceCode = Annotated[str | None, Query(min_length=1, max_length=80, description="The whole resource code")]
Whose = Annotated[str | None, Query(max_length=80, description="`mine` for all entries of one's own organisation")]
Standing = Annotated[State | None, Query(description="Entries in this state, for those who review them")]


@router.get("/catalog/resources")
def list_resources(
    *,
    provider: ProviderCode = None,
    code: ResourceCode = None,
    unit: Whose = None,
    state: Standing = None,
    limit: http.Limit = 20,
    next: http.Next = None,
) -> ResourcePage:
    """List published entries, a provider's or the one with a code, newest first; or one's own, or what is in a state.

    A short page with `next` has more behind it.
    """
    refuse_if(_mixed({"state": state, "unit": unit, "code": code}, {"provider": provider}), "ask in one way")
    store = catalog_store()
    if state is not None:
        lines, token = store.at_work("state", state, limit=limit, after=next, holding=_listed_for(_caller()))
        return ResourcePage(items=tuple(lines), next=token)
    if unit is not None:
        lines, token = store.at_work("unit", _own(unit, _caller()), limit=limit, after=next)
        return ResourcePage(items=tuple(lines), next=token)
    if code is not None:
        return ResourcePage(**dict(store.with_code(code)))
    return ResourcePage(**dict(store.published(provider=provider, limit=limit, after=next)))


@router.post("/catalog/resources")
def create_resource(
    draft: Annotated[Draft, Body()], idempotency_key: http.IdempotencyKey = None
) -> Response[views.ResourceView]:
    """Draft an entry for a resource of the caller's organisation; nobody else sees it until it is submitted."""
    caller, store = _caller(), catalog_store()
    once = Once.of(caller.organisation, idempotency_key, draft)
    step = create(draft, caller, now())
    try:
        store.save_step(step, once)
    except Stale:
        if once is None or (made := store.made_before(once)) is None:
            raise
        return _shown(store.get(made), caller, status=CREATED)
    return _shown(Found(step.record, {}), caller, status=CREATED)


@router.get("/catalog/resources/<resource_id>")
def read_resource(resource_id: str) -> Response[views.ResourceView]:
    """Read an entry: its published face, and to those at work on it the open version."""
    return _shown(catalog_store().get(resource_id), http.caller_of(router))


@router.put("/catalog/resources/<resource_id>")
def revise_resource(
    resource_id: str, draft: Annotated[Draft, Body()], if_match: http.IfMatch = None
) -> Response[views.ResourceView]:
    """Replace a draft's metadata, or begin a new version of a published entry."""
    return _moved(resource_id, Action.REVISE, draft, if_match)


@router.post("/catalog/resources/<resource_id>/<action>")
def take_action(
    resource_id: str,
    action: PublicAction,
    body: Annotated[dict[str, Any] | None, Body()] = None,
    if_match: http.IfMatch = None,
) -> Response[views.ResourceView]:
    """Move an entry along its life; each action takes its own body."""
    _caller()
    known = Action(action.value)
    return _moved(resource_id, known, http.body_of(BODIES[known], body), if_match)


@router.get("/catalog/resources/<resource_id>/history")
def read_history(resource_id: str, limit: http.Limit = 100, next: http.Next = None) -> HistoryPage:
    """List those of an entry's events that the caller may read, in order, each with the address of its receipt."""
    caller, store = _caller(), catalog_store()
    if not store.get(resource_id).record.is_followed_by(caller):
        raise NotFound("there is no such entry")
    events, token = store.history(resource_id, limit=limit, after=next)
    return history_page((event for event in events if caller.organisation in readers_of(event)), token, HERE)


@router.get("/catalog/resources/<resource_id>/payloads/<event_id>")
def read_payload(resource_id: str, event_id: str) -> Response[Opened]:
    """Read what was written with an event, with the salt that lets the reader recompute its filed hash."""
    return http.answer(catalog_store().payload(resource_id, event_id, reader=_caller().organisation))


def _caller() -> Caller:
    return http.officer_of(router)


def _mixed(alone: Mapping[str, str | None], together: Mapping[str, str | None]) -> Iterator[Problem]:
    """Yield a problem for each way of asking that would be passed over because of another."""
    first, *others = [name for name, value in {**alone, **together}.items() if value] or [""]
    for name in others if first in alone else ():
        yield Problem(pointer=f"/query/{name}", detail=f"not together with '{first}'")


def _listed_for(caller: Caller) -> tuple[Holding, ...]:
    if caller.organisation not in REVIEWED:
        raise Forbidden("only those who review entries may list them by state")
    return REVIEWED[caller.organisation]


def _own(unit: str, caller: Caller) -> str:
    if unit not in {MINE, caller.organisation}:
        raise Forbidden("only an organisation itself may list what it is at work on")
    return caller.organisation


def _moved(resource_id: str, action: Action, body: Model, if_match: str | None) -> Response[views.ResourceView]:
    caller, store = _caller(), catalog_store()
    found = store.get(resource_id)
    views.current(found.record, caller)  # what the caller may not see is not there
    http.check_version(found.record.version, if_match)
    return _shown(store.move(found, Act(action, body, caller, now())), caller)


def _shown(found: Found[Entry], caller: Caller, *, status: int = 200) -> Response[views.ResourceView]:
    related = tuple(Linked(**one.model_dump()) for one in found.related)
    view = views.view_of(found.record, views.Beside(found.receipts, related), caller, now())
    location = f"{HERE}/{view.id}" if status == CREATED else None
    return http.answer(view, status=status, version=view.version, location=location)
