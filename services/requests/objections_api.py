"""Data objections (校核, R10): routes only. Load, decide, save."""

from enum import StrEnum
from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from services.requests import matter_store
from services.requests import objection_views as views
from services.requests.case import Case
from services.requests.matter import is_about
from services.requests.numbered import history_of, there_is_none
from services.requests.objection import Objection, State
from services.requests.objection_acts import BODIES, Raised
from services.requests.objection_life import may_read, may_see
from services.requests.objection_steps import raise_step, take
from services.requests.store import request_store
from services.requests.telling import Step
from services.shared import http
from services.shared.callers import Caller
from services.shared.canonical import now
from services.shared.lifecycle import Act
from services.shared.once import Once
from services.shared.organisations import LEADING_GROUP, OFFICE, SUPERVISION_BUREAU
from services.shared.payloads import Opened
from services.shared.views import HistoryPage

router = http.make_router()

CREATED = 201
OFFICES = frozenset({OFFICE, SUPERVISION_BUREAU, LEADING_GROUP})
ACTIONS = {action.value: action for action in BODIES}
ObjectionAction = StrEnum("ObjectionAction", {action.name: action.value for action in BODIES})  # type: ignore[misc]  # mypy cannot follow an enum made from others

Side = Annotated[
    Literal["requester", "provider"] | None,
    Query(alias="as", description="The caller's organisation's own: raised by it, or about what it provides"),
]
Standing = Annotated[State | None, Query(description="For the offices: everybody's that stand in this state")]


@router.get("/objections")
def list_objections(
    as_: Side = None, state: Standing = None, limit: http.Limit = 20, next: http.Next = None
) -> Response[views.ObjectionPage]:
    """List the caller's organisation's objections, latest change first; for the offices what stands in a state."""
    caller = http.officer_of(router)
    matter_store.refuse_both(as_, state)
    found, token = (
        matter_store.those_in(state, Objection, caller, OFFICES, limit=limit, after=next)
        if state
        else matter_store.those_of(Objection, caller, as_, limit=limit, after=next)
    )
    seen = (each for each in found if isinstance(each, Objection) and may_see(each, caller))
    return http.answer(views.ObjectionPage(items=tuple(views.line_of(each, caller) for each in seen), next=token))


@router.post("/objections")
def raise_objection(
    said: Annotated[Raised, Body()], idempotency_key: http.IdempotencyKey = None
) -> Response[views.ObjectionView]:
    """Say what is wrong in what was received under an agreement, whether it is in force or was."""
    caller = http.officer_of(router)
    once = Once.of(caller.organisation, idempotency_key, said)
    key = once.key if once else None

    def make(case: Case) -> Step:
        return raise_step(said, case, caller=caller, at=now(), key=key)

    return _shown(matter_store.keep(make, said.agreement, once, Objection), caller, status=CREATED)


@router.get("/objections/<objection_id>")
def read_objection(objection_id: str) -> Response[views.ObjectionView]:
    """Read an objection: what is wrong, where it stands, whom it waits for, and what the caller may do."""
    caller = http.officer_of(router)
    return _shown(_visible(objection_id, caller)[1], caller)


@router.post("/objections/<objection_id>/<action>")
def take_action(
    objection_id: str,
    action: ObjectionAction,
    body: Annotated[dict[str, Any] | None, Body()] = None,
    if_match: http.IfMatch = None,
) -> Response[views.ObjectionView]:
    """Move an objection along its life, or its coordination; each action takes its own body."""
    caller, known = http.officer_of(router), ACTIONS[action.value]
    said = http.body_of(BODIES[known], body)
    case, objection = _visible(objection_id, caller)
    http.check_version(objection.version, if_match)
    step = take(case, objection.name, Act(known, said, caller, now()))
    request_store().save(step)
    return _shown(matter_store.made_by(step, Objection), caller)


@router.get("/objections/<objection_id>/history")
def read_history(objection_id: str, limit: http.Limit = 100, next: http.Next = None) -> Response[HistoryPage]:
    """List those of an objection's events that the caller may read, in order, each with its evidence's addresses."""
    caller = http.officer_of(router)
    _, objection = _visible(objection_id, caller)
    events, token = request_store().history(objection.id, limit=limit, after=next)
    own = (event for event in events if is_about(event, objection) and may_read(objection, caller, event))
    return http.answer(history_of(own, token, f"{views.HERE}/{objection_id}"))


@router.get("/objections/<objection_id>/payloads/<event_id>")
def read_payload(objection_id: str, event_id: str) -> Response[Opened]:
    """Read what was written with an event, with the salt that lets the reader recompute its filed hash."""
    caller = http.officer_of(router)
    case, _ = _visible(objection_id, caller)
    return http.answer(request_store().payload(case.request.id, event_id, reader=caller.organisation))


def _visible(objection_id: str, caller: Caller) -> tuple[Case, Objection]:
    case, objection = matter_store.find(objection_id, Objection)
    if not may_see(objection, caller):
        raise there_is_none(Objection.kind)
    return case, objection


def _shown(objection: Objection, caller: Caller, *, status: int = 200) -> Response[views.ObjectionView]:
    view = views.view_of(objection, caller)
    location = f"{views.HERE}/{view.id}" if status == CREATED else None
    return http.answer(view, status=status, version=view.version, location=location)
