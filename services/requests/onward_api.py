"""Onward permissions (S-098): routes only. Load, decide, save."""

from enum import StrEnum
from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from services.requests import matter_store
from services.requests import onward_views as views
from services.requests.case import Case
from services.requests.matter import is_about
from services.requests.numbered import history_of, there_is_none
from services.requests.onward import OnwardPermission, State
from services.requests.onward_acts import BODIES, Asked
from services.requests.onward_life import may_read, may_see
from services.requests.onward_steps import ask_step, take
from services.requests.store import request_store
from services.requests.telling import Step
from services.shared import http
from services.shared.callers import Caller
from services.shared.canonical import now
from services.shared.lifecycle import Act
from services.shared.once import Once
from services.shared.organisations import OFFICE, SECRECY_BUREAU, SUPERVISION_BUREAU
from services.shared.payloads import Opened
from services.shared.views import HistoryPage

router = http.make_router()

CREATED = 201
OFFICES = frozenset({OFFICE, SUPERVISION_BUREAU, SECRECY_BUREAU})
ACTIONS = {action.value: action for action in BODIES}
OnwardAction = StrEnum("OnwardAction", {action.name: action.value for action in BODIES})  # type: ignore[misc]  # mypy cannot follow an enum made from others

Side = Annotated[
    Literal["requester", "provider"] | None,
    Query(alias="as", description="The caller's organisation's own: asked for by it, or of what it provides"),
]
Standing = Annotated[State | None, Query(description="For the offices: everybody's that stand in this state")]


@router.get("/onward-permissions")
def list_permissions(
    as_: Side = None, state: Standing = None, limit: http.Limit = 20, next: http.Next = None
) -> Response[views.OnwardPage]:
    """List the caller's organisation's permissions, latest change first; for the offices what stands in a state."""
    caller = http.officer_of(router)
    matter_store.refuse_both(as_, state)
    found, token = (
        matter_store.those_in(state, OnwardPermission, caller, OFFICES, limit=limit, after=next)
        if state
        else matter_store.those_of(OnwardPermission, caller, as_, limit=limit, after=next)
    )
    seen = (each for each in found if isinstance(each, OnwardPermission) and may_see(each, caller))
    return http.answer(views.OnwardPage(items=tuple(views.line_of(each, caller) for each in seen), next=token))


@router.post("/onward-permissions")
def ask_for_permission(
    said: Annotated[Asked, Body()], idempotency_key: http.IdempotencyKey = None
) -> Response[views.OnwardView]:
    """Ask whether something received under an agreement in force may be given to a third party; until then it is no."""
    caller = http.officer_of(router)
    once = Once.of(caller.organisation, idempotency_key, said)
    key = once.key if once else None

    def make(case: Case) -> Step:
        return ask_step(said, case, caller=caller, at=now(), key=key)

    return _shown(matter_store.keep(make, said.agreement, once, OnwardPermission), caller, status=CREATED)


@router.get("/onward-permissions/<permission_id>")
def read_permission(permission_id: str) -> Response[views.OnwardView]:
    """Read an onward permission: what was asked and said, within which limits it is allowed, and how it goes on."""
    caller = http.officer_of(router)
    return _shown(_visible(permission_id, caller)[1], caller)


@router.post("/onward-permissions/<permission_id>/<action>")
def take_action(
    permission_id: str,
    action: OnwardAction,
    body: Annotated[dict[str, Any] | None, Body()] = None,
    if_match: http.IfMatch = None,
) -> Response[views.OnwardView]:
    """Allow, deny or withdraw an onward permission; each action takes its own body."""
    caller, known = http.officer_of(router), ACTIONS[action.value]
    said = http.body_of(BODIES[known], body)
    case, permission = _visible(permission_id, caller)
    http.check_version(permission.version, if_match)
    step = take(case, permission.name, Act(known, said, caller, now()))
    request_store().save(step)
    return _shown(matter_store.made_by(step, OnwardPermission), caller)


@router.get("/onward-permissions/<permission_id>/history")
def read_history(permission_id: str, limit: http.Limit = 100, next: http.Next = None) -> Response[HistoryPage]:
    """List those of a permission's events that the caller may read, in order, each with its evidence's addresses."""
    caller = http.officer_of(router)
    _, permission = _visible(permission_id, caller)
    events, token = request_store().history(permission.id, limit=limit, after=next)
    own = (event for event in events if is_about(event, permission) and may_read(permission, caller, event))
    return http.answer(history_of(own, token, f"{views.HERE}/{permission_id}"))


@router.get("/onward-permissions/<permission_id>/payloads/<event_id>")
def read_payload(permission_id: str, event_id: str) -> Response[Opened]:
    """Read what was written with an event, with the salt that lets the reader recompute its filed hash."""
    caller = http.officer_of(router)
    case, _ = _visible(permission_id, caller)
    return http.answer(request_store().payload(case.request.id, event_id, reader=caller.organisation))


def _visible(permission_id: str, caller: Caller) -> tuple[Case, OnwardPermission]:
    case, permission = matter_store.find(permission_id, OnwardPermission)
    if not may_see(permission, caller):
        raise there_is_none(OnwardPermission.kind)
    return case, permission


def _shown(permission: OnwardPermission, caller: Caller, *, status: int = 200) -> Response[views.OnwardView]:
    view = views.view_of(permission, caller)
    location = f"{views.HERE}/{view.id}" if status == CREATED else None
    return http.answer(view, status=status, version=view.version, location=location)
