"""The coordination (machine G) of a non-performance, and what its ends do to the agreement (S-087, S-088). Pure.

Whoever reported it, the question is whether the provider must provide as agreed. SETTLED by both sides, or
RULED_AGAINST the provider: it provides; the mark goes, and where nothing was provided yet its clock runs anew, so that
a second failure is reported like the first. UPHELD by the office on a clause, or RULED_FOR the provider: as things are
it need not; the mark stays, nothing falls due, and the way on is an amendment or an end.
"""

from services.requests.agreement import Agreement
from services.requests.agreement_clocks import dispute_clock, provision_clock_anew, with_provision_clock
from services.requests.agreement_events import Change, body_of, readers_of_step
from services.requests.agreement_life import COORDINATION, open_coordination
from services.requests.agreement_steps import NAME, agreement_in, words_of
from services.requests.case import Case
from services.requests.telling import Step, Told, step_of
from services.shared.coordination import State
from services.shared.errors import Conflict
from services.shared.lifecycle import Act

HALF = "agreement.coordination_agreed"
PROVIDES = frozenset({State.SETTLED, State.RULED_AGAINST})
NEED_NOT = frozenset({State.UPHELD, State.RULED_FOR})


def coordinate(case: Case, act: Act) -> Step:
    """Return what an act in the coordination of an agreement leaves behind.

    Raises Conflict when nothing is in coordination, and what machine G raises.
    """
    before = agreement_in(case)
    opened = open_coordination(before)
    if opened is None:
        raise Conflict("没有进行中的协调 / nothing is in coordination")
    moved = COORDINATION.advance(opened.model_copy(update={"case_seq": before.case_seq}), act)
    clock = dispute_clock(opened, moved.record, act, before.dispute_clock)
    seq = {"version": moved.record.case_seq, "case_seq": moved.record.case_seq, "changed_at": act.at}
    disputed = {"coordination": moved.record, "dispute_clock": clock}
    seen = {"escalated": before.escalated or moved.record.docket is not None}
    after = _after(before.model_copy(update=seq | disputed | seen), moved.record.state, act)
    event_type = moved.move.event if moved.complete else HALF
    change = Change(before, after, act)
    told = Told(event_type, body_of(event_type, change), readers_of_step(event_type, change))
    return step_of(case.request.id, {NAME: (before, after)}, act, told, words=words_of(act.body))


def _after(agreement: Agreement, state: State, act: Act) -> Agreement:
    if state in PROVIDES:
        clock = provision_clock_anew(agreement, act.at)
        return with_provision_clock(agreement.model_copy(update={"non_performance": None}), clock, act.at)
    return with_provision_clock(agreement, None, act.at) if state in NEED_NOT else agreement
