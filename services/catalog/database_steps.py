"""From an act to everything it leaves behind: the database after it, and the one event that records it.

The tables decide; what the end of a case does to its database, and that of a coordination to its case, is said here.
Pure but for fresh ids and keys.
"""

from datetime import datetime

from services.catalog.database import CaseState as C
from services.catalog.database import Database, Kind, LifecycleCase, State
from services.catalog.database_acts import CaseAction
from services.catalog.database_description import DraftStatement, Statement
from services.catalog.database_events import Told, told
from services.catalog.database_guards import Face, fits_its_kind
from services.catalog.database_life import LIFE
from services.catalog.database_outcomes import after_coordination, with_case, without_cases
from services.catalog.database_sight import cases_for, follows
from services.catalog.lifecycle_case import COORDINATION, KEY_GIVEN, MACHINES
from services.shared.callers import Caller, Claim
from services.shared.canonical import new_id
from services.shared.errors import Conflict, Forbidden, refuse_if
from services.shared.lifecycle import Act, Party
from services.shared.steps import Step

PARTLY_SETTLED = "database.coordination_agreed"
OPENS_IN: dict[Kind, frozenset[State]] = {
    Kind.ESTABLISHMENT: frozenset(),  # the plan opens it
    Kind.REGISTRATION: frozenset({State.APPROVED_TO_BUILD}),
    Kind.CHANGE: frozenset({State.REGISTERED, State.OPERATING, State.SUSPENDED}),
    Kind.DEREGISTRATION: frozenset({State.REGISTERED, State.OPERATING, State.SUSPENDED}),
}
OPENERS = {kind: frozenset({Party.UNIT}) for kind in Kind} | {
    Kind.DEREGISTRATION: frozenset({Party.UNIT, Party.OFFICE})
}


def plan(statement: DraftStatement, caller: Caller, at: datetime, *, database_id: str | None = None) -> Step[Database]:
    """Return a new database of the caller's organisation with its establishment case; a fresh id unless one is given.

    Raises Forbidden for other than officers, Invalid when the statement is of another kind.
    """
    if Claim.OFFICER not in caller.claims:
        raise Forbidden("only an officer with the role 'officer' may plan a database")
    database = Database(
        id=database_id or new_id(),
        state=State.PLANNED,
        unit=caller.organisation,
        description=statement.kept().description or Statement.model_validate({"description": {}}).description,
        changed_at=at,
    )
    act = Act(CaseAction.REVISE, statement, caller, at)
    return _opened(database, Kind.ESTABLISHMENT, Party.UNIT, act, event="database.planned")


def open_case(database: Database, kind: Kind, act: Act) -> Step[Database]:
    """Return a database with a new case of a kind; it starts from the description in force where it says nothing.

    Raises Forbidden for who may not open it, Conflict when it does not fit the state or one is open (I8).
    """
    party = _opener(database, kind, act.caller)
    if database.state not in OPENS_IN[kind]:
        raise Conflict(f"cannot open a case of {kind} while the database is {database.state}")
    if database.case_of(kind):
        raise Conflict(f"a case of {kind} is open already")
    return _opened(database, kind, party, act, event="database.case_opened")


def revise(database: Database, kind: Kind | None, act: Act) -> Step[Database]:
    """Return a database whose draft or returned case says something else.

    Raises Conflict unless `kind`, or nothing else, tells which case is meant, and what the case's machine raises.
    """
    if kind is None:
        kind = _only(database, act.caller, {C.DRAFT, C.RETURNED}, "revised")
    return take_case(database, kind, act)


def take_case(database: Database, kind: Kind, act: Act) -> Step[Database]:
    """Return a database after an act on its open case of a kind. Raises Conflict when the caller sees none."""
    moved = MACHINES[kind].advance(_case(database, kind, act.caller), act)
    after = with_case(database, moved.record, act)
    event = moved.move.event if moved.complete else KEY_GIVEN
    return told(after, moved.record, act, Told(event, filing=moved.filing, dependants=_dependants(act)))


def coordinate(database: Database, kind: Kind | None, act: Act) -> Step[Database]:
    """Return a database after an act in the coordination of a case; its end moves the case in the same step.

    Raises Conflict when nothing the caller sees is in coordination, and what machine G raises.
    """
    if kind is None:
        kind = _only(database, act.caller, {C.CONTESTED}, "in coordination")
    case = _case(database, kind, act.caller)
    if case.coordination is None or case.state is not C.CONTESTED:
        raise Conflict(f"the case of {kind} is {case.state}, not in coordination")
    opened = case.coordination.model_copy(update={"case_seq": database.case_seq})
    moved = COORDINATION.advance(opened, act)
    case = after_coordination(case, moved)
    after = with_case(database, case, act)
    return told(after, case, act, Told(moved.move.event if moved.complete else PARTLY_SETTLED))


def take(database: Database, act: Act) -> Step[Database]:
    """Return a database after an act on itself; when it ends, the cases that are open end with it."""
    moved = LIFE.advance(database, act)
    after = without_cases(moved.record, act.at) if moved.record.state is State.ABANDONED else moved.record
    return told(after, None, act, Told(moved.move.event, dependants=_dependants(act)))


def may_open(database: Database, caller: Caller) -> tuple[Kind, ...]:
    """Return the kinds of case that this caller could open now."""
    mine = _parties(database, caller) if Claim.OFFICER in caller.claims else frozenset()
    fit = (kind for kind in Kind if database.state in OPENS_IN[kind] and not database.case_of(kind))
    return tuple(kind for kind in fit if OPENERS[kind] & mine)


def _opened(database: Database, kind: Kind, party: Party, act: Act, *, event: str) -> Step[Database]:
    number = sum(former.kind is kind for former in database.former) + 1
    said = act.body.kept()
    if kind is not Kind.DEREGISTRATION and said.description is None:
        said = said.model_copy(update={"description": database.description})
    seq = {"version": database.case_seq + 1, "case_seq": database.case_seq + 1}
    case = LifecycleCase(
        id=f"{kind}-{number}",
        state=C.DRAFT,
        kind=kind,
        number=number,
        unit=database.unit,
        opened_by=party,
        statement=said,
        changed_at=act.at,
        **seq,
    )
    refuse_if(fits_its_kind(case, act), f"this is no statement of a case of {kind}")
    opened = database.model_copy(update={"cases": (*database.cases, case), "changed_at": act.at, **seq})
    return told(opened, case, act, Told(event))


def _opener(database: Database, kind: Kind, caller: Caller) -> Party:
    mine = OPENERS[kind] & _parties(database, caller)
    if not mine:
        raise Forbidden(f"only the {' or '.join(sorted(OPENERS[kind]))} may open a case of {kind}")
    if Claim.OFFICER not in caller.claims:
        raise Forbidden("only an officer with the role 'officer' may open a case")
    return min(mine, key=list(Party).index)


def _parties(database: Database, caller: Caller) -> frozenset[Party]:
    return LIFE.relations(database, caller)


def _case(database: Database, kind: Kind, caller: Caller) -> LifecycleCase:
    if not follows(database, caller):
        raise Forbidden("only its unit and who reviews it may act on a database's cases")
    case = next((case for case in cases_for(database, caller) if case.kind is kind), None)
    if case is None:
        raise Conflict(f"there is no open case of {kind}")
    return case.model_copy(update={"case_seq": database.case_seq})


def _only(database: Database, caller: Caller, states: set[C], words: str) -> Kind:
    if not follows(database, caller):
        raise Forbidden("only its unit and who reviews it may act on a database's cases")
    kinds = [case.kind for case in cases_for(database, caller) if case.state in states]
    if len(kinds) > 1:
        raise Conflict(f"more than one case can be meant: name the kind, {' or '.join(kinds)}")
    if not kinds:
        raise Conflict(f"no case of this database can be {words} now" if words == "revised" else f"nothing is {words}")
    return kinds[0]


def _dependants(act: Act) -> tuple[Face, ...]:
    return act.given.dependants if act.given else ()
