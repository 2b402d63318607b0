"""Accurate figures (S-030): routes only. Load, decide, save."""

from enum import StrEnum
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from services.catalog import figure_views as views
from services.catalog.figure import Figure, Meaning, State
from services.catalog.figure_life import SYSTEM_ACTIONS, Action, FigureGiven
from services.catalog.figure_steps import concerned, create, follows, open_for, take
from services.catalog.figure_store import figure_store
from services.catalog.listing import BY_CATALOGUE, saying
from services.catalog.reviewing import Commented, Gaps, Nothing, Reasoned
from services.shared import http
from services.shared.callers import Caller
from services.shared.canonical import now
from services.shared.errors import Forbidden, NotFound, Stale
from services.shared.events import readers_of
from services.shared.lifecycle import Act
from services.shared.model import Model
from services.shared.once import Once
from services.shared.payloads import Opened
from services.shared.views import HistoryPage, history_page

router = http.make_router()

CREATED = 201
BODIES: dict[Action, type[Model]] = {
    Action.REVISE: Meaning,
    Action.SUBMIT: Nothing,
    Action.RETURN: Gaps,
    Action.APPROVE: Commented,
    Action.PUBLISH: Nothing,
    Action.WITHDRAW: Reasoned,
    Action.DISCARD: Nothing,
}
FigureAction = StrEnum("FigureAction", {action.name: action.value for action in Action if action not in SYSTEM_ACTIONS})  # type: ignore[misc]  # mypy cannot follow an enum made from another

MINE = "mine"
UnitCode = Annotated[str | None, Query(max_length=80, description="`mine`: those that the caller's unit works on")]
Standing = Annotated[State | None, Query(description="For those who review: what stands in this state")]
Authority = Annotated[str | None, Query(max_length=80, description="Whose number counts: an organisation's code")]


@router.get("/catalog/figures")
def list_figures(
    unit: UnitCode = None,
    state: Standing = None,
    authority: Authority = None,
    limit: http.Limit = 20,
    next: http.Next = None,
) -> views.FigurePage:
    """List the published figures; for officers their unit's own, for those who review what stands in a state."""
    if unit is None and state is None:
        holding = (saying(BY_CATALOGUE, "unit", authority),) if authority else ()
        listed, token = figure_store().public(holding, limit=limit, after=next)
        return views.FigurePage(items=tuple(listed), next=token)
    by, value = _list_for(http.officer_of(router), unit, state)
    lines, token = figure_store().at_work(by, value, limit=limit, after=next)
    return views.FigurePage(items=tuple(lines), next=token)


@router.post("/catalog/figures")
def propose_figure(
    meaning: Annotated[Meaning, Body()], idempotency_key: http.IdempotencyKey = None
) -> Response[views.FigureView]:
    """Draft an accurate figure; nobody but the caller's unit sees it until it is submitted."""
    caller, store = http.officer_of(router), figure_store()
    once = Once.of(caller.organisation, idempotency_key, meaning)
    step = create(meaning, caller, now())
    try:
        store.save_step(None, step, once)
    except Stale:
        if once is None or (made := store.made_before(once)) is None:
            raise
        return _shown(store.get(made).record, caller, status=CREATED)
    return _shown(step.record, caller, status=CREATED)


@router.get("/catalog/figures/<figure_id>")
def read_figure(figure_id: str) -> Response[views.FigureView]:
    """Read a figure: its published face, and to those at work on it the open version and its rivals."""
    return _shown(figure_store().get(figure_id).record, http.caller_of(router))


@router.put("/catalog/figures/<figure_id>")
def revise_figure(
    figure_id: str, meaning: Annotated[Meaning, Body()], if_match: http.IfMatch = None
) -> Response[views.FigureView]:
    """Replace what a draft says, or begin a new version of a published figure."""
    return _moved(figure_id, Action.REVISE, meaning, if_match)


@router.post("/catalog/figures/<figure_id>/<action>")
def move_figure(
    figure_id: str,
    action: FigureAction,
    body: Annotated[dict[str, Any] | None, Body()] = None,
    if_match: http.IfMatch = None,
) -> Response[views.FigureView]:
    """Move a figure along its life; each action takes its own body."""
    http.officer_of(router)
    known = Action(action.value)
    return _moved(figure_id, known, http.body_of(BODIES[known], body), if_match)


@router.get("/catalog/figures/<figure_id>/history")
def read_history(figure_id: str, limit: http.Limit = 100, next: http.Next = None) -> HistoryPage:
    """List those of a figure's events that the caller may read, in order, each with the address of its receipt."""
    caller, store = http.officer_of(router), figure_store()
    if not follows(store.get(figure_id).record, caller):
        raise NotFound("there is no such figure")
    events, token = store.history(figure_id, limit=limit, after=next)
    mine = (event for event in events if caller.organisation in readers_of(event))
    return history_page(mine, token, "/catalog/figures")


@router.get("/catalog/figures/<figure_id>/payloads/<event_id>")
def read_payload(figure_id: str, event_id: str) -> Opened:
    """Read what was written with an event, with the salt that lets the reader recompute its filed hash."""
    return figure_store().payload(figure_id, event_id, reader=http.officer_of(router).organisation)


def _list_for(caller: Caller, unit: str | None, state: State | None) -> tuple[str, str]:
    if state is not None and caller.organisation not in views.REVIEWERS:
        raise Forbidden("what stands in a state is for those who review")
    if unit not in {None, MINE, caller.organisation}:
        raise Forbidden("another unit's figures are not for you; read what is published")
    return ("state", state) if state else ("unit", caller.organisation)


def _moved(figure_id: str, action: Action, body: Model, if_match: str | None) -> Response[views.FigureView]:
    caller, store = http.officer_of(router), figure_store()
    figure = store.get(figure_id).record
    views.first_of(figure, caller)  # what the caller may not see is not there
    http.check_version(figure.version, if_match)
    step = take(figure, Act(action, body, caller, now(), _given(figure, action, caller)))
    store.save_step(figure, step)
    return _shown(step.record, caller)


def _given(figure: Figure, action: Action, caller: Caller) -> FigureGiven:
    version = concerned(figure, action, caller)
    if version is None or action not in {Action.SUBMIT, Action.PUBLISH}:
        return FigureGiven()
    if action is Action.SUBMIT:
        return FigureGiven(sources=figure_store().standing_sources(version.meaning))
    return FigureGiven(holder=figure_store().book(version.meaning.key).holder)


def _shown(figure: Figure, caller: Caller, *, status: int = 200) -> Response[views.FigureView]:
    opened = open_for(figure, caller)
    claims = figure_store().book(opened.meaning.key).claims if opened else ()
    view = views.view_of(figure, claims, caller, now())
    location = f"/catalog/figures/{view.id}" if status == CREATED else None
    return http.answer(view, status=status, version=view.version, location=location)
