"""From an act on an objection to everything it leaves behind: the objection after it, and the event that tells of it.

The tables decide; what the end of a coordination does to its objection is said here. Pure but for fresh ids and keys.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.requests.case import Case
from services.requests.matter import item_faults, next_number, own_agreement, written
from services.requests.numbered import there_is_none
from services.requests.objection import Action, Objection, State
from services.requests.objection_acts import Raised
from services.requests.objection_life import COORDINATION, OBJECTION, clocked, contested_in
from services.requests.telling import Step, Told, step_of
from services.shared import coordination
from services.shared.callers import SYSTEM, Caller
from services.shared.coordination import ENDS, FOR_WHO_ASKED
from services.shared.errors import Conflict, refuse_if
from services.shared.lifecycle import Act
from services.shared.model import Model
from services.shared.objection_bodies import TYPES
from services.shared.organisations import LEADING_GROUP, OFFICE

ITS_ACTS = frozenset(coordination.Action)
PARTLY_SETTLED = "objection.coordination_agreed"
# Who is called upon by an event beside the two sides.
ALSO_TOLD: Mapping[str, tuple[str, ...]] = {
    "objection.corrected": (OFFICE,),
    "objection.overdue": (OFFICE,),
    "objection.coordination_opened": (OFFICE,),
    "objection.coordination_mediated": (OFFICE,),
    PARTLY_SETTLED: (OFFICE,),
    "objection.coordination_settled": (OFFICE,),
    "objection.coordination_upheld": (OFFICE,),
    "objection.coordination_escalated": (OFFICE, LEADING_GROUP),
    "objection.coordination_remanded": (OFFICE, LEADING_GROUP),
    "objection.coordination_ruled_for": (OFFICE, LEADING_GROUP),
    "objection.coordination_ruled_against": (OFFICE, LEADING_GROUP),
}


def raise_step(said: Raised, case: Case, *, caller: Caller, at: datetime, key: str | None = None) -> Step:
    """Return a new objection in the case of an agreement; `key` is the Idempotency-Key that it is raised under.

    Raises Forbidden for who does not receive under it, Invalid with everything wrong at once.
    """
    agreement = own_agreement(case, caller, "raise an objection")
    agreed = {*agreement.terms.content.items, *case.request.latest.terms.content.items}  # now, or when it began
    strange = ("不是协议约定的信息项", "is not an item of the agreement")
    refuse_if(item_faults(said.items, agreed, strange=strange), "cannot raise this objection: not valid")
    seq = {"version": agreement.case_seq + 1, "case_seq": agreement.case_seq + 1}
    raised = Objection(
        **said.model_dump(exclude={"agreement"}),
        **agreement.model_dump(include={"id", "requester", "provider", "resource", "resource_title"}),
        state=State.RAISED,
        number=next_number(case, Objection),
        key=key,
        raised_at=at,
        changed_at=at,
        **seq,
    )
    return _told(None, raised, Act(Action.RAISE, said, caller, at), "objection.raised")


def take(case: Case, name: str, act: Act) -> Step:
    """Return what an act on the objection of this name leaves behind, in its coordination where it is one of that.

    Raises NotFound without such an objection, and what the tables raise.
    """
    objection = case.named(name, Objection)
    if objection is None:
        raise there_is_none(Objection.kind)
    if act.action in ITS_ACTS:
        return _coordinated(objection, act)
    moved = OBJECTION.advance(objection, act)
    return _told(objection, moved.record, act, moved.move.event)


def next_of_the_objections(case: Case, at: datetime) -> Step | None:
    """Return the mark of an objection that is overdue at an aware moment, or None."""
    late = (name for name, each in case.all_of(Objection) if each.wakes_at and at > each.wakes_at)
    name = next(late, None)
    return take(case, name, Act(Action.MARK_OVERDUE, None, SYSTEM, at)) if name else None


def _coordinated(objection: Objection, act: Act) -> Step:
    opened = contested_in(objection)
    if opened is None:
        raise Conflict(f"cannot {act.action} while {objection.kind} is {objection.state}")
    moved = COORDINATION.advance(opened.model_copy(update={"case_seq": objection.case_seq}), act)
    after = objection.model_copy(update={"coordination": moved.record})
    if moved.record.state in ENDS:
        end = Action.RECONSIDER if moved.record.state in FOR_WHO_ASKED else Action.CLOSE
        after = OBJECTION.advance(after, Act(end, None, SYSTEM, act.at)).record
    else:
        seq = moved.record.case_seq
        after = after.model_copy(update={"version": seq, "case_seq": seq, "changed_at": act.at})
    return _told(objection, after, act, moved.move.event if moved.complete else PARTLY_SETTLED)


def _told(before: Objection | None, moved: Objection, act: Act, event: str) -> Step:
    after = clocked(before, moved, act)
    readers = (after.requester, after.provider, *ALSO_TOLD.get(event, ()))
    told = Told(event, _body_of(after, event), readers)
    return step_of(after.id, {after.name: (before, after)}, act, told, words=written(act.body))


def _body_of(objection: Objection, event: str) -> Model:
    body, _ = TYPES[event]
    facts = _facts(objection)
    return body(**{name: facts[name] for name in body.model_fields})


def _facts(objection: Objection) -> dict[str, Any]:
    """Return all that an event of an objection may say; each takes what its body has."""
    opened, clock = objection.coordination, objection.clock
    basis = opened.basis if opened else None
    return {
        **objection.model_dump(include={"state", "number", "requester", "provider", "resource", "items"}),
        "corrected_on": objection.correction.corrected_on if objection.correction else None,
        "clock": clock.clock if clock else None,
        "due_at": clock.due.due_at if clock and clock.due else None,
        "coordination": opened.state if opened else None,
        "instrument": basis.instrument if basis else None,
        "clause": basis.clause if basis else None,
    }
