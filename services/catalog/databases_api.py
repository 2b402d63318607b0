"""Databases and their lifecycle cases: routes only. Load, decide, save."""

from enum import StrEnum
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from services.catalog.database import CaseState, Database, Kind, State
from services.catalog.database_acts import (
    BODIES,
    CASE_BODIES,
    SYSTEM_ACTIONS,
    Action,
    CaseAction,
    CoordinationAct,
    Revision,
)
from services.catalog.database_claims import claims_of
from services.catalog.database_description import DraftStatement
from services.catalog.database_lines import ESCALATED, DatabasePage, may_list
from services.catalog.database_sight import cases_for, check_visible, follows
from services.catalog.database_steps import open_case, plan, revise
from services.catalog.database_store import database_store
from services.catalog.database_views import Beside, DatabaseView, Link, view_of
from services.catalog.listing import BY_CATALOGUE, Holding, saying
from services.catalog.search import words_of
from services.shared import coordination, http
from services.shared.callers import Caller
from services.shared.canonical import now
from services.shared.cases import Found
from services.shared.errors import Forbidden, NotFound, Stale
from services.shared.events import readers_of
from services.shared.lifecycle import Act
from services.shared.once import Once
from services.shared.payloads import Opened
from services.shared.views import HistoryPage, history_page

router = http.make_router()

CREATED = 201
HERE, MINE, OPEN = "/catalog/databases", "mine", "open"
PublicAction = StrEnum("PublicAction", {a.name: a.value for a in Action if a not in SYSTEM_ACTIONS})  # type: ignore[misc]  # mypy cannot follow an enum made from another
PublicCaseAction = StrEnum("PublicCaseAction", {"OPEN": OPEN} | {a.name: a.value for a in CASE_BODIES})  # type: ignore[misc]
Standing = StrEnum("Standing", {s: s for s in (*State, *CaseState, ESCALATED) if s != CaseState.DRAFT})  # type: ignore[misc]

SearchWords = Annotated[str, Query(max_length=100, description="Words that the name, unit or data items must contain")]
Of = Annotated[str | None, Query(max_length=80, description="An organisation's code; `mine` for all of one's own")]
In = Annotated[Standing | None, Query(description="Databases, or open cases, in this state, for whoever acts on them")]
BasicClass = Annotated[str | None, Query(max_length=80, description="A code of the list basic_classes")]
Edition = Annotated[int | None, Query(ge=1, le=10**6, description="Show what was in force as this edition")]
Sent = Annotated[dict[str, Any] | None, Body()]


@router.get("/catalog/databases")
def search_databases(
    q: SearchWords = "",
    basic_class: BasicClass = None,
    unit: Of = None,
    state: In = None,
    limit: http.Limit = 20,
    next: http.Next = None,
) -> DatabasePage:
    """Find databases: those of the public catalogue, all of one's own unit, or what waits in a state."""
    store = database_store()
    if state is not None:
        if not may_list(state, http.officer_of(router).organisation):
            raise Forbidden("only who reviews, rules on or takes over databases in this state may list them")
        return store.lines(("state", state), limit=limit, after=next)
    if unit == MINE:
        return store.lines(("unit", http.officer_of(router).organisation), limit=limit, after=next)
    fields = {"basic_class": basic_class, "unit": unit}
    said = [saying(BY_CATALOGUE, name, value) for name, value in fields.items() if value]
    return store.catalogue([*said, *(Holding("search", word) for word in words_of(q))], limit=limit, after=next)


@router.post("/catalog/databases")
def plan_database(
    statement: Annotated[DraftStatement, Body()], idempotency_key: http.IdempotencyKey = None
) -> Response[DatabaseView]:
    """Plan a database of the caller's organisation, which opens its establishment case; nobody else sees it yet."""
    caller, store = http.officer_of(router), database_store()
    once = Once.of(caller.organisation, idempotency_key, statement)
    try:
        made = store.save_step(plan(statement, caller, now()), None, once=once)
    except Stale:
        if once is None or (before := store.made_before(once)) is None:
            raise
        return _shown(store.get(before), caller, status=CREATED)
    return _shown(Found(made, {}), caller, status=CREATED)


@router.get("/catalog/databases/<database_id>")
def read_database(database_id: str, edition: Edition = None) -> Response[DatabaseView]:
    """Read a database: its public face, and the cases behind it for those who follow them."""
    caller = http.caller_of(router)
    found = _visible(database_id, caller)
    if edition is not None:
        then = {"description": database_store().edition(database_id, edition), "edition": edition}
        found = found._replace(record=found.record.model_copy(update=then))
    return _shown(found, caller)


@router.put("/catalog/databases/<database_id>")
def revise_case(
    database_id: str, revision: Annotated[Revision, Body()], if_match: http.IfMatch = None
) -> Response[DatabaseView]:
    """Replace what a draft or returned case of a database says."""
    found, act = _loaded(database_id, CaseAction.REVISE, revision, if_match)
    step = revise(found.record, revision.kind, act)
    return _after(found, database_store().save_step(step, found.record), act.caller)


@router.post("/catalog/databases/<database_id>/<action>")
def take_action(
    database_id: str, action: PublicAction, body: Sent = None, if_match: http.IfMatch = None
) -> Response[DatabaseView]:
    """Move a database along its life; each action takes its own body."""
    http.officer_of(router)
    known = Action(action.value)
    found, act = _loaded(database_id, known, http.body_of(BODIES[known], body), if_match)
    return _after(found, database_store().move(found, act), act.caller)


@router.post("/catalog/databases/<database_id>/cases/<kind>/<action>")
def take_case_action(
    database_id: str, kind: Kind, action: PublicCaseAction, body: Sent = None, if_match: http.IfMatch = None
) -> Response[DatabaseView]:
    """Open a lifecycle case, or move the open one of a kind along; each action takes its own body."""
    http.officer_of(router)
    store = database_store()
    if action.value == OPEN:
        found, act = _loaded(database_id, CaseAction.REVISE, http.body_of(DraftStatement, body), if_match)
        step = open_case(found.record, kind, act)
        return _after(found, store.save_step(step, found.record), act.caller)
    known = CaseAction(action.value)
    found, act = _loaded(database_id, known, http.body_of(CASE_BODIES[known], body), if_match)
    return _after(found, store.move_case(found, kind, act), act.caller)


@router.post("/catalog/databases/<database_id>/coordination/<action>")
def take_coordination_action(
    database_id: str, action: coordination.Action, body: Sent = None, if_match: http.IfMatch = None
) -> Response[DatabaseView]:
    """Move the coordination of a contested case along; `kind` is needed where two cases are contested."""
    http.officer_of(router)
    kind = http.body_of(CoordinationAct, {"kind": (body or {}).get("kind")}).kind
    said = {name: value for name, value in (body or {}).items() if name != "kind"}
    found, act = _loaded(database_id, action, http.body_of(coordination.BODIES[action], said), if_match)
    return _after(found, database_store().move_coordination(found, kind, act), act.caller)


@router.get("/catalog/databases/<database_id>/history")
def read_history(database_id: str, limit: http.Limit = 100, next: http.Next = None) -> HistoryPage:
    """List those of a database's events that the caller may read, in order, each with its receipt and its payload."""
    caller = http.officer_of(router)
    if not follows(_visible(database_id, caller).record, caller):
        raise NotFound("there is no such database")
    events, token = database_store().history(database_id, limit=limit, after=next)
    return history_page((event for event in events if caller.organisation in readers_of(event)), token, HERE)


@router.get("/catalog/databases/<database_id>/payloads/<event_id>")
def read_payload(database_id: str, event_id: str) -> Response[Opened]:
    """Read what was written with an event, with the salt that lets the reader recompute its filed hash."""
    return http.answer(database_store().payload(database_id, event_id, reader=http.officer_of(router).organisation))


def _visible(database_id: str, caller: Caller) -> Found[Database]:
    found = database_store().get(database_id)
    check_visible(found.record, caller)
    return found


def _loaded(database_id: str, action: StrEnum, body: Any, if_match: str | None) -> tuple[Found[Database], Act]:
    caller = http.officer_of(router)
    found = _visible(database_id, caller)
    http.check_version(found.record.version, if_match)
    return found, Act(action, body, caller, now())


def _after(found: Found[Database], moved: Database, caller: Caller) -> Response[DatabaseView]:
    relinked = moved.edition != found.record.edition or moved.state is State.DEREGISTERED
    return _shown(database_store().get(moved.id) if relinked else found._replace(record=moved), caller)


def _shown(found: Found[Database], caller: Caller, *, status: int = 200) -> Response[DatabaseView]:
    database, at = found.record, now()
    evidence = database_store().evidence(found, at)
    ending = any(case.kind is Kind.DEREGISTRATION for case in cases_for(database, caller))
    beside = Beside(
        receipts=found.receipts,
        related=tuple(Link(**related.model_dump()) for related in found.related if related.kind != "agreement"),
        rivals=evidence.rivals() if claims_of(database) and follows(database, caller) else (),
        impact=evidence.dependants() if ending else (),
    )
    view = view_of(database, beside, caller, at)
    location = f"{HERE}/{view.id}" if status == CREATED else None
    return http.answer(view, status=status, version=view.version, location=location)
