"""Sharing requests: routes only. Load, decide, save."""

from enum import StrEnum
from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from services.requests import acts, views
from services.requests.agreement import Agreement
from services.requests.agreement_drawn import DRAFTED, text_of
from services.requests.case import Case
from services.requests.comparison import compare
from services.requests.desk_store import desk_store
from services.requests.entry import Entry
from services.requests.guards import Given
from services.requests.negotiation import SYSTEM_ACTIONS, may_read, may_see
from services.requests.negotiation_parts import UNSEEN
from services.requests.request import Action, Request, State
from services.requests.steps import first_step, take
from services.requests.store import request_store
from services.shared import http
from services.shared.callers import Caller
from services.shared.canonical import now
from services.shared.errors import Forbidden, Invalid, NotFound, Problem, Stale, refuse_if
from services.shared.lifecycle import Act, Party
from services.shared.model import Model
from services.shared.once import Once
from services.shared.organisations import LEADING_GROUP, OFFICE
from services.shared.payloads import Opened
from services.shared.views import HistoryPage, history_page

router = http.make_router()

CREATED = 201

PublicAction = StrEnum("PublicAction", {action.name: action.value for action in Action if action not in SYSTEM_ACTIONS})  # type: ignore[misc]  # mypy cannot follow an enum made from another


LISTED_BY = {State.ESCALATED.value: frozenset({OFFICE, LEADING_GROUP})}
Standing = StrEnum("Standing", {s.name: s.value for s in State if s not in UNSEEN})  # type: ignore[misc]
AwaitedBy = Annotated[Literal["me"] | None, Query(description="`me`: what waits for the caller's organisation")]
In = Annotated[Standing | None, Query(description="All requests in this state, for the offices that act on them")]
Number = Annotated[int, Query(ge=1, le=10**6)]


class As(StrEnum):
    """As which party a caller lists requests."""

    REQUESTER = "requester"
    PROVIDER = "provider"


@router.post("/requests")
def draft_request(
    draft: Annotated[acts.Draft, Body()], idempotency_key: http.IdempotencyKey = None
) -> Response[views.RequestView]:
    """Draft a sharing request; nobody else sees it until it is submitted."""
    caller, store = http.officer_of(router), request_store()
    once = Once.of(caller.organisation, idempotency_key, draft)
    step = first_step(draft, _entry(draft.resource), caller=caller, at=now())
    try:
        store.save(step, once)
    except Stale:
        if once is None or (made := store.made_before(once)) is None:
            raise
        return _shown(_visible(made))
    return _shown(Case(step.records, {}), status=CREATED)


@router.get("/requests")
def list_requests(
    as_: Annotated[As, Query(alias="as")] = As.REQUESTER,
    awaiting: AwaitedBy = None,
    state: In = None,
    limit: http.Limit = 20,
    next: http.Next = None,
) -> Response[views.RequestPage]:
    """List the caller's requests as requester or provider, what waits for it, or for the offices all in a state."""
    caller = http.officer_of(router)
    if awaiting is not None:
        return _desk(caller, limit=limit, after=next)
    if state is not None:
        return _standing(state, caller, limit=limit, after=next)
    found, token = request_store().page("request", caller.organisation, Party(as_), limit=limit, after=next)
    lines = (views.line_of(record, caller) for record in found if isinstance(record, Request))
    return http.answer(views.RequestPage(items=tuple(lines), next=token))


@router.get("/requests/<request_id>")
def read_request(request_id: str) -> Response[views.RequestView]:
    """Read a request: where it stands, whom it waits for, and what the caller may do."""
    return _shown(_visible(request_id))


@router.put("/requests/<request_id>")
def revise_request(
    request_id: str, draft: Annotated[acts.Draft, Body()], if_match: http.IfMatch = None
) -> Response[views.RequestView]:
    """Replace a draft's duty and terms."""
    return _moved(request_id, Action.REVISE, draft, if_match)


@router.post("/requests/<request_id>/<action>")
def take_action(
    request_id: str,
    action: PublicAction,
    body: Annotated[dict[str, Any] | None, Body()] = None,
    if_match: http.IfMatch = None,
) -> Response[views.RequestView]:
    """Move a request along its life; each action takes its own body."""
    http.officer_of(router)
    known = Action(action.value)
    return _moved(request_id, known, http.body_of(acts.BODIES[known], body), if_match)


@router.get("/requests/<request_id>/comparison")
def compare_offers(request_id: str, one: Number = 1, other: Number | None = None) -> Response[views.Comparison]:
    """Compare two offers field by field; without `other`, with the one on the table."""
    offers = _visible(request_id).request.offers
    numbers = {"one": one, "other": other or offers[-1].number}
    missing = [name for name, number in numbers.items() if number > len(offers)]
    refuse_if(
        (Problem(pointer=f"/query/{name}", detail=f"there are {len(offers)} offers") for name in missing),
        "cannot compare: no such offer",
    )
    first, second = (offers[number - 1] for number in numbers.values())
    return http.answer(views.Comparison(one=first, other=second, fields=compare(first.terms, second.terms)))


@router.get("/requests/<request_id>/history")
def read_history(request_id: str, limit: http.Limit = 100, next: http.Next = None) -> Response[HistoryPage]:
    """List a case's events in order, each with the address of its receipt and of what was written with it."""
    case, caller = _visible(request_id), http.caller_of(router)
    events, token = request_store().history(request_id, limit=limit, after=next)
    mine = (event for event in events if may_read(case.request, caller, event))
    return http.answer(history_page(mine, token, "/requests"))


@router.get("/requests/<request_id>/payloads/<event_id>")
def read_payload(request_id: str, event_id: str) -> Response[Opened]:
    """Read what was written with an event, with the salt that lets the reader recompute its filed hash."""
    return http.answer(request_store().payload(request_id, event_id, reader=http.officer_of(router).organisation))


@router.get("/requests/<request_id>/agreement")
def read_agreement(request_id: str) -> Response[views.DraftAgreementView]:
    """Read the agreement's text, the hash to sign, and who has signed."""
    case = _visible(request_id)
    if case.request.state not in DRAFTED:
        raise NotFound("no agreement has been drafted in this case")
    return http.answer(
        views.DraftAgreementView(
            request=request_id,
            text=text_of(case.request),
            terms_hash=case.request.latest.terms_hash,
            signatures=case.request.signatures,
        ),
        version=case.request.version,
    )


def _desk(caller: Caller, *, limit: int, after: str | None) -> Response[views.RequestPage]:
    lines, token = desk_store().page(caller.organisation, limit=limit, after=after)
    counts = desk_store().counts(caller.organisation) if after is None else None
    return http.answer(views.RequestPage(items=tuple(lines), next=token, counts=counts))


def _standing(state: str, caller: Caller, *, limit: int, after: str | None) -> Response[views.RequestPage]:
    if caller.organisation not in LISTED_BY.get(state, frozenset({OFFICE})):
        raise Forbidden("only the offices that act on requests in this state may list them")
    found, token = request_store().standing("request", state, limit=limit, after=after)
    lines = (views.line_of(record, caller) for record in found if isinstance(record, Request))
    return http.answer(views.RequestPage(items=tuple(lines), next=token))


def _entry(entry_id: str) -> Entry:
    try:
        entry = request_store().entry(entry_id)
    except NotFound as error:
        raise Invalid("cannot draft this request: not valid", [_no_such(entry_id)]) from error
    if not entry.published:
        raise Invalid("cannot draft this request: not valid", [_no_such(entry_id)])
    return entry


def _no_such(entry_id: str) -> Problem:
    return Problem(pointer="/resource", detail=f"the catalogue has no published entry {entry_id}")


def _visible(request_id: str) -> Case:
    case = request_store().get(request_id)
    if not may_see(case.request, http.officer_of(router)):
        raise NotFound("there is no such request")
    return case


def _moved(request_id: str, action: Action, body: Model, if_match: str | None) -> Response[views.RequestView]:
    case = _visible(request_id)
    http.check_version(case.request.version, if_match)
    entry = request_store().entry(case.request.entry.id) if action is Action.SUBMIT else None
    given = Given(receipts=case.seen, entry=entry)
    step = take(case.request, Act(action, body, http.officer_of(router), now(), given))
    request_store().save(step)
    return _shown(case.after(step.records))


def _shown(case: Case, *, status: int = 200) -> Response[views.RequestView]:
    agreement = case.named("agreement", Agreement)
    view = views.view_of(case.request, case.receipts, agreement, http.caller_of(router))
    location = f"/requests/{view.id}" if status == CREATED else None
    return http.answer(view, status=status, version=view.version, location=location)
