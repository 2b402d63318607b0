"""Requests over HTTP: routes only. Load, decide, save."""

from enum import StrEnum
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from services.requests import acts, views
from services.requests.agreement import DRAFTED, text_of
from services.requests.entry import Entry
from services.requests.negotiation import SYSTEM_ACTIONS, may_read, may_see
from services.requests.request import Action
from services.requests.steps import first_step, take
from services.requests.store import Case, request_store
from services.shared import http
from services.shared.canonical import now
from services.shared.errors import Invalid, NotFound, Problem, Stale
from services.shared.lifecycle import Act, Party
from services.shared.model import Model
from services.shared.once import Once
from services.shared.payloads import Opened
from services.shared.views import HistoryPage, history_page

app = http.make_app()
handler = http.lambda_handler(app)

CREATED = 201

BODIES: dict[Action, type[Model]] = {
    Action.REVISE: acts.Draft,
    Action.PROPOSE: acts.Nothing,
    Action.SEND_BACK: acts.Reasoned,
    Action.SUBMIT: acts.Nothing,
    Action.ACCEPT_FOR_PROCESSING: acts.Nothing,
    Action.CLASSIFY: acts.Classification,
    Action.COUNTER: acts.Counter,
    Action.AGREE: acts.Named,
    Action.REFUSE: acts.Refusal,
    Action.ACCEPT_REFUSAL: acts.Nothing,
    Action.DRAFT: acts.Nothing,
    Action.SIGN: acts.Named,
    Action.REOPEN: acts.Reasoned,
    Action.FILE_RESULT: acts.Named,
    Action.WITHDRAW: acts.Reasoned,
}
PublicAction = StrEnum("PublicAction", {action.name: action.value for action in Action if action not in SYSTEM_ACTIONS})  # type: ignore[misc]  # mypy cannot follow an enum made from another


class As(StrEnum):
    """As which party a caller lists requests."""

    REQUESTER = "requester"
    PROVIDER = "provider"


@app.post("/requests")
def draft_request(
    draft: Annotated[acts.Draft, Body()], idempotency_key: http.IdempotencyKey = None
) -> Response[views.RequestView]:
    """Draft a sharing request; nobody else sees it until it is submitted."""
    caller, store = http.officer_of(app), request_store()
    once = Once.of(caller.organisation, idempotency_key, draft)
    step = first_step(draft, _entry(draft.resource), caller=caller, at=now())
    try:
        store.save(step, once)
    except Stale:
        if once is None or (made := store.made_before(once)) is None:
            raise
        return _shown(_visible(made))
    return _shown(Case(step.request, {}), status=CREATED)


@app.get("/requests")
def list_requests(
    as_: Annotated[As, Query(alias="as")] = As.REQUESTER, limit: http.Limit = 20, next: http.Next = None
) -> Response[views.RequestPage]:
    """List the caller's organisation's requests, latest change first, as requester or as provider."""
    caller = http.officer_of(app)
    found, token = request_store().page(caller.organisation, Party(as_), limit=limit, after=next)
    return http.answer(views.RequestPage(items=tuple(views.line_of(r, caller) for r in found), next=token))


@app.get("/requests/<request_id>")
def read_request(request_id: str) -> Response[views.RequestView]:
    """Read a request: where it stands, whom it waits for, and what the caller may do."""
    return _shown(_visible(request_id))


@app.put("/requests/<request_id>")
def revise_request(
    request_id: str, draft: Annotated[acts.Draft, Body()], if_match: http.IfMatch = None
) -> Response[views.RequestView]:
    """Replace a draft's duty and terms."""
    return _moved(request_id, Action.REVISE, draft, if_match)


@app.post("/requests/<request_id>/<action>")
def take_action(
    request_id: str,
    action: PublicAction,
    body: Annotated[dict[str, Any] | None, Body()] = None,
    if_match: http.IfMatch = None,
) -> Response[views.RequestView]:
    """Move a request along its life; each action takes its own body."""
    http.officer_of(app)
    known = Action(action.value)
    return _moved(request_id, known, http.body_of(BODIES[known], body), if_match)


@app.get("/requests/<request_id>/history")
def read_history(request_id: str, limit: http.Limit = 100, next: http.Next = None) -> Response[HistoryPage]:
    """List a case's events in order, each with the address of its receipt and of what was written with it."""
    case, caller = _visible(request_id), http.caller_of(app)
    events, token = request_store().history(request_id, limit=limit, after=next)
    mine = (event for event in events if may_read(case.request, caller, event.parties))
    return http.answer(history_page(mine, token, "/requests"))


@app.get("/requests/<request_id>/payloads/<event_id>")
def read_payload(request_id: str, event_id: str) -> Response[Opened]:
    """Read what was written with an event, with the salt that lets the reader recompute its filed hash."""
    return http.answer(request_store().payload(request_id, event_id, reader=http.officer_of(app).organisation))


@app.get("/requests/<request_id>/agreement")
def read_agreement(request_id: str) -> Response[views.AgreementView]:
    """Read the agreement's text, the hash to sign, and who has signed."""
    case = _visible(request_id)
    if case.request.state not in DRAFTED:
        raise NotFound("no agreement has been drafted in this case")
    return http.answer(
        views.AgreementView(
            request=request_id,
            state=case.agreement.state if case.agreement else None,
            text=text_of(case.request),
            terms_hash=case.request.latest.terms_hash,
            signatures=case.request.signatures,
            activated_at=case.agreement.activated_at if case.agreement else None,
        ),
        version=case.request.version,
    )


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
    if not may_see(case.request, http.officer_of(app)):
        raise NotFound("there is no such request")
    return case


def _moved(request_id: str, action: Action, body: Model, if_match: str | None) -> Response[views.RequestView]:
    case = _visible(request_id)
    http.check_version(case.request.version, if_match)
    given = case.given
    if action is Action.SUBMIT:
        given = given._replace(entry=request_store().entry(case.request.entry.id))
    step = take(case.request, Act(action, body, http.officer_of(app), now(), given))
    request_store().save(step)
    return _shown(case._replace(request=step.request))


def _shown(case: Case, *, status: int = 200) -> Response[views.RequestView]:
    view = views.view_of(case.request, case.receipts, case.agreement, http.caller_of(app))
    location = f"/requests/{view.id}" if status == CREATED else None
    return http.answer(view, status=status, version=view.version, location=location)
