"""Demands for what is not in the catalogue (S-010, S-011): routes only. Load, decide, save."""

from enum import StrEnum
from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from services.requests import demand_views as views
from services.requests.acts import Nothing, Reasoned
from services.requests.demand import Backing, Demand, DemandAction, DemandState, Merge, Met, Triage, Wanted
from services.requests.demand_life import DemandGiven
from services.requests.demand_steps import file, take
from services.requests.demand_store import demand_store
from services.shared import http
from services.shared.canonical import now
from services.shared.errors import Invalid, Problem, Stale
from services.shared.events import readers_of
from services.shared.lifecycle import Act
from services.shared.model import Model
from services.shared.once import Once
from services.shared.payloads import Opened
from services.shared.views import HistoryPage, history_page

router = http.make_router()

CREATED = 201
HERE = "/demands"
BODIES: dict[DemandAction, type[Model]] = {
    DemandAction.SUPPORT: Backing,
    DemandAction.REVISE: Wanted,
    DemandAction.TRIAGE: Triage,
    DemandAction.TAKE_UP: Nothing,
    DemandAction.HAND_BACK: Reasoned,
    DemandAction.DECLINE: Reasoned,
    DemandAction.MERGE: Merge,
    DemandAction.MEET: Met,
    DemandAction.WITHDRAW: Reasoned,
}
PublicDemandAction = StrEnum("PublicDemandAction", {action.name: action.value for action in BODIES})  # type: ignore[misc]  # mypy cannot follow an enum made from another

Standing = Annotated[DemandState | None, Query(description="What stands in this state; FILED unless another is named")]
Own = Annotated[
    Literal["requester"] | None,
    Query(alias="as", description="What the caller's organisation filed, in any state"),
]


@router.get("/demands")
def list_demands(
    state: Standing = None, as_: Own = None, limit: http.Limit = 20, next: http.Next = None
) -> Response[views.DemandPage]:
    """List what stands in a state, what most want first; or the caller's organisation's own, latest change first."""
    caller, store = http.officer_of(router), demand_store()
    if as_ and state:
        detail = "与 as 不能同用 / not together with `as`"
        raise Invalid("the request is not valid", [Problem(pointer="/query/state", detail=detail)])
    found, token = (
        store.filed_by(caller.organisation, limit=limit, after=next)
        if as_
        else store.ranked(state or DemandState.FILED, limit=limit, after=next)
    )
    return http.answer(views.DemandPage(items=tuple(views.line_of(each, caller) for each in found), next=token))


@router.post("/demands")
def file_demand(
    wanted: Annotated[Wanted, Body()], idempotency_key: http.IdempotencyKey = None
) -> Response[views.DemandView]:
    """File a demand for what a search of the catalogue did not find; every department sees it and may support it."""
    caller, store = http.officer_of(router), demand_store()
    once = Once.of(caller.organisation, idempotency_key, wanted)
    step = file(wanted, caller, now())
    if (made := _made_before(once)) is not None:
        return _shown(made, status=CREATED)
    try:
        store.save_step(step, None, once)
    except Stale:
        if (made := _made_before(once)) is None:
            raise
        return _shown(made, status=CREATED)
    return _shown(step.record, status=CREATED)


@router.get("/demands/<demand_id>")
def read_demand(demand_id: str) -> Response[views.DemandView]:
    """Read a demand: who wants it and how urgently, where it stands, and what the caller may do."""
    return _shown(_visible(demand_id))


@router.post("/demands/<demand_id>/<action>")
def take_action(
    demand_id: str,
    action: PublicDemandAction,
    body: Annotated[dict[str, Any] | None, Body()] = None,
    if_match: http.IfMatch = None,
) -> Response[views.DemandView]:
    """Move a demand along its life; each action takes its own body."""
    caller = http.officer_of(router)
    known = DemandAction(action.value)
    said = http.body_of(BODIES[known], body)
    demand = _visible(demand_id)
    http.check_version(demand.version, if_match)
    step = take(demand, Act(known, said, caller, now(), _given(said)))
    demand_store().save_step(step, demand)
    return _shown(step.record)


@router.get("/demands/<demand_id>/history")
def read_history(demand_id: str, limit: http.Limit = 100, next: http.Next = None) -> Response[HistoryPage]:
    """List those of a demand's events that the caller may read, in order, each with the address of its receipt."""
    _visible(demand_id)
    events, token = demand_store().history(demand_id, limit=limit, after=next)
    mine = (event for event in events if http.caller_of(router).organisation in readers_of(event))
    return http.answer(history_page(mine, token, HERE))


@router.get("/demands/<demand_id>/payloads/<event_id>")
def read_payload(demand_id: str, event_id: str) -> Response[Opened]:
    """Read what was written with an event, with the salt that lets the reader recompute its filed hash."""
    return http.answer(demand_store().payload(demand_id, event_id, reader=http.officer_of(router).organisation))


def _visible(demand_id: str) -> Demand:
    http.officer_of(router)  # demands are for every department, and for nobody else
    return demand_store().get(demand_id).record


def _made_before(once: Once | None) -> Demand | None:
    made = demand_store().made_before(once) if once else None
    return demand_store().get(made).record if made else None


def _given(said: Model) -> DemandGiven:
    return DemandGiven(published=isinstance(said, Met) and demand_store().has_published(said.resource))


def _shown(demand: Demand, *, status: int = 200) -> Response[views.DemandView]:
    view = views.view_of(demand, http.caller_of(router))
    location = f"{HERE}/{view.id}" if status == CREATED else None
    return http.answer(view, status=status, version=view.version, location=location)
