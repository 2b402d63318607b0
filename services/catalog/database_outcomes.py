"""What an end sets off: a coordination's end moves its case, a case's end its database, a database's end its cases.

All of it is one step; the tables of the three machines say where each goes. Pure.
"""

from datetime import datetime

from services.catalog.database import CLOSED, Database, FormerCase, Kind, LifecycleCase, State
from services.catalog.database import CaseState as C
from services.catalog.database_acts import Action, CaseAction
from services.catalog.database_life import LIFE
from services.catalog.lifecycle_case import MACHINES
from services.shared.callers import SYSTEM
from services.shared.coordination import ENDS, FOR_WHO_ASKED, Coordination
from services.shared.lifecycle import Act, Moved

# What the end of a case does to its database; what is not here does nothing.
OUTCOMES: dict[tuple[Kind, C], Action] = {
    (Kind.ESTABLISHMENT, C.APPROVED): Action.APPROVE_TO_BUILD,
    (Kind.ESTABLISHMENT, C.REJECTED): Action.END_PLAN,
    (Kind.ESTABLISHMENT, C.REDIRECTED): Action.END_PLAN,
    (Kind.ESTABLISHMENT, C.WITHDRAWN): Action.END_PLAN,
    (Kind.REGISTRATION, C.APPROVED): Action.REGISTER,
    (Kind.CHANGE, C.APPROVED): Action.CHANGE,
    (Kind.DEREGISTRATION, C.APPROVED): Action.DEREGISTER,
}


def after_coordination(case: LifecycleCase, moved: Moved[Coordination]) -> LifecycleCase:
    """Return a case after a step of its coordination, moved on when that has ended."""
    after = case.model_copy(update={"coordination": moved.record})
    if moved.record.state not in ENDS:
        return after.model_copy(update={"case_seq": moved.record.case_seq, "version": moved.record.case_seq})
    action = CaseAction.RECONSIDER if moved.record.state in FOR_WHO_ASKED else CaseAction.REJECT
    return MACHINES[case.kind].advance(after, Act(action, None, SYSTEM, moved.act.at)).record


def with_case(database: Database, case: LifecycleCase, act: Act) -> Database:
    """Return a database after a step of one of its cases, moved on when the case has ended."""
    others = tuple(other for other in database.cases if other.kind is not case.kind)
    seq = {"version": case.case_seq, "case_seq": case.case_seq, "changed_at": act.at}
    if case.state not in CLOSED:
        said = case.statement.description if case.kind is Kind.ESTABLISHMENT else None
        planned = {"description": said} if said else {}
        return database.model_copy(update={"cases": (*others, case), **planned, **seq})
    ended = database.model_copy(update={"cases": others, "former": (*database.former, _former(case, act.at))})
    if (outcome := OUTCOMES.get((case.kind, case.state))) is not None:
        ended = LIFE.advance(ended, Act(outcome, case, SYSTEM, act.at, act.given)).record
    if ended.state in {State.ABANDONED, State.DEREGISTERED}:
        ended = without_cases(ended, act.at)
    return ended.model_copy(update=seq)


def without_cases(database: Database, at: datetime) -> Database:
    """Return a database that has ended, and its open cases with it."""
    drop = Act(CaseAction.DROP, None, SYSTEM, at)
    dropped = (MACHINES[case.kind].advance(case, drop).record for case in database.cases)
    former = (*database.former, *(_former(case, at) for case in dropped))
    return database.model_copy(update={"cases": (), "former": former})


def _former(case: LifecycleCase, at: datetime) -> FormerCase:
    seen = {"known": case.is_known, "ruled": case.was_escalated}
    return FormerCase(kind=case.kind, number=case.number, state=case.state, at=at, **seen)
