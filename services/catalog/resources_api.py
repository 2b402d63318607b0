"""Entries of the sharing catalogues: routes only. Load, decide, save."""

from enum import StrEnum
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from services.catalog import views
from services.catalog.entry import Entry, create, take
from services.catalog.metadata import Draft
from services.catalog.resource import SYSTEM_ACTIONS, Action, Gaps, Nothing, Reasoned
from services.catalog.search import Listing, words_of
from services.catalog.store import catalog_store
from services.shared import http
from services.shared.callers import Caller
from services.shared.canonical import now
from services.shared.cases import Found
from services.shared.errors import NotFound, Stale
from services.shared.lifecycle import Act
from services.shared.model import Model
from services.shared.once import Once
from services.shared.views import HistoryPage, history_page

router = http.make_router()

CREATED = 201
BODIES: dict[Action, type[Model]] = {
    Action.REVISE: Draft,
    Action.SUBMIT: Nothing,
    Action.START_REVIEW: Nothing,
    Action.RETURN: Gaps,
    Action.APPROVE: Nothing,
    Action.PUBLISH: Nothing,
    Action.CONFIRM: Nothing,
    Action.WITHDRAW: Reasoned,
    Action.DISCARD: Nothing,
}
PublicAction = StrEnum("PublicAction", {action.name: action.value for action in Action if action not in SYSTEM_ACTIONS})  # type: ignore[misc]  # mypy cannot follow an enum made from another

SearchWords = Annotated[str, Query(max_length=100, description="Words that title, provider or items must contain")]
ProviderCode = Annotated[str | None, Query(max_length=80, description="An organisation's code")]


@router.get("/catalog/resources")
def search_resources(
    q: SearchWords = "", provider: ProviderCode = None, limit: http.Limit = 20, next: http.Next = None
) -> Listing:
    """Find published entries by words and provider, newest first; a short page with `next` has more behind it."""
    return catalog_store().published(words_of(q), provider=provider, limit=limit, after=next)


@router.post("/catalog/resources")
def create_resource(
    draft: Annotated[Draft, Body()], idempotency_key: http.IdempotencyKey = None
) -> Response[views.ResourceView]:
    """Draft an entry for a resource of the caller's organisation; nobody else sees it until it is submitted."""
    caller, store = http.officer_of(router), catalog_store()
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
    http.officer_of(router)
    known = Action(action.value)
    return _moved(resource_id, known, http.body_of(BODIES[known], body), if_match)


@router.get("/catalog/resources/<resource_id>/history")
def read_history(resource_id: str, limit: http.Limit = 100, next: http.Next = None) -> HistoryPage:
    """List an entry's events in order, each with the address of its receipt."""
    store = catalog_store()
    if not store.get(resource_id).record.is_followed_by(http.officer_of(router)):
        raise NotFound("there is no such entry")
    events, token = store.history(resource_id, limit=limit, after=next)
    return history_page(events, token, "/catalog/resources")


def _moved(resource_id: str, action: Action, body: Model, if_match: str | None) -> Response[views.ResourceView]:
    caller, store = http.officer_of(router), catalog_store()
    found = store.get(resource_id)
    views.current(found.record, caller)  # what the caller may not see is not there
    http.check_version(found.record.version, if_match)
    step = take(found.record, Act(action, body, caller, now()))
    store.save_step(step)
    return _shown(found._replace(record=step.record), caller)


def _shown(found: Found[Entry], caller: Caller, *, status: int = 200) -> Response[views.ResourceView]:
    view = views.view_of(found.record, found.receipts, caller, now())
    location = f"/catalog/resources/{view.id}" if status == CREATED else None
    return http.answer(view, status=status, version=view.version, location=location)
