"""Which clock runs for an agreement, and what becomes of it when the agreement moves. Pure.

The provider's clock for providing stands still while the agreement is not in force, and is done with the first
provision. A version to come and a coordination have clocks of their own beside it. None of them decides anything (I6).
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple

from services.requests.agreement import Agreement, AgreementState, provision_clock
from services.shared import coordination, running
from services.shared.clocks import Confidence, Due, amount, profile_in_force
from services.shared.coordination import Coordination
from services.shared.errors import Conflict
from services.shared.lifecycle import Act
from services.shared.running import Running
from services.shared.working_days import day_in_beijing, end_of

S = AgreementState
REVIEW = "suspension_review"
# An active agreement's own clock is the provider's, a suspended one's has the day that was named with the suspension.
CLOCKS: dict[AgreementState, str] = {
    S.BREACH_SUSPECTED: "breach_inquiry",
    S.ENDED: "disposal",
    S.DISPOSED: "archiving",
}
PAUSES = frozenset({S.SUSPENDED, S.BREACH_SUSPECTED})
DISPUTE_CLOCKS = {coordination.State.OPEN: "coordination", coordination.State.ESCALATED: "ruling"}
BY_THE_SUSPENSION = "暂停时确定 / named with the suspension"


class Late(NamedTuple):
    """A clock that has run out and is not marked yet, and where the agreement keeps it."""

    field: str
    clock: Running


def clocked(before: Agreement, after: Agreement, act: Act) -> Agreement:
    """Return the agreement with the clock of its state; one that stays where it was keeps its own."""
    if before.state is after.state:
        return after
    held = before.held
    if before.state is S.ACTIVE and after.state in PAUSES and before.clock:
        held = running.pause(before.clock, act.at)
    if after.state is S.ACTIVE:
        return after.model_copy(update={"clock": running.resume(held, act.at) if held else None, "held": None})
    return after.model_copy(
        update={"clock": _of_the_state(after, act.at), "held": held if after.state in PAUSES else None}
    )


def provided(agreement: Agreement, at: datetime) -> Agreement:
    """Return the agreement as provided for the first time at a moment: the provider's clock has run its course."""
    return with_provision_clock(agreement.model_copy(update={"provided_at": at}), None, at)


def with_provision_clock(agreement: Agreement, clock: Running | None, at: datetime) -> Agreement:
    """Return the agreement with another clock for providing, which stands still while it is not in force."""
    if agreement.state is S.ACTIVE:
        return agreement.model_copy(update={"clock": clock})
    return agreement.model_copy(update={"held": running.pause(clock, at) if clock else None})


def provision_clock_anew(agreement: Agreement, at: datetime) -> Running | None:
    """Return a fresh clock for providing, None where the provider has provided."""
    return None if agreement.provided_at else provision_clock(agreement.terms, at)


def dispute_clock(before: Coordination | None, after: Coordination, act: Act, clock: Running | None) -> Running | None:
    """Return the clock of a coordination after a step: the same while its state is, another's or none else."""
    if before is not None and before.state is after.state:
        return clock
    code = DISPUTE_CLOCKS.get(after.state)
    return running.start(code, act.at) if code else None


def late_clock(agreement: Agreement, at: datetime) -> Late | None:
    """Return the first of an agreement's clocks that has run out by a moment and is not marked."""
    return next((late for late in _clocks(agreement) if (due := running.due_at(late.clock)) and at > due), None)


def clock_that_ran_out(agreement: Agreement, at: datetime) -> Late:
    """Return what `late_clock` does. Raises Conflict when there is none."""
    if (late := late_clock(agreement, at)) is None:
        raise Conflict("未逾期 / it is not overdue")
    return late


def with_mark(agreement: Agreement, at: datetime) -> Agreement:
    """Return the agreement with the clock marked that has run out; nothing is decided by it (I6).

    Raises Conflict when none has.
    """
    late = clock_that_ran_out(agreement, at)
    marked = running.mark_overdue(late.clock, at)
    if late.field == "pending" and agreement.pending:
        return agreement.model_copy(update={"pending": agreement.pending.model_copy(update={"clock": marked})})
    return agreement.model_copy(update={late.field: marked})


def review_clock(review_by: date, at: datetime) -> Running:
    """Return the clock of a suspension: it is due by the day that who suspended has named."""
    days = (review_by - day_in_beijing(at)).days
    zh, en = amount(days, in_days=True)
    named = Due(
        due_at=end_of(review_by),
        clock=REVIEW,
        working_days=None,
        days=days,
        source=BY_THE_SUSPENSION,
        article=None,
        confidence=Confidence.LOCAL,
        provisional=False,
        zh=f"不晚于{review_by}：自{day_in_beijing(at)}起{zh}，暂停时确定",
        en=f"due {review_by}: {en} from {day_in_beijing(at)}, named with the suspension",
    )
    return Running(clock=REVIEW, profile=profile_in_force(), since=at, due=named, allowed=days)


def _of_the_state(agreement: Agreement, at: datetime) -> Running | None:
    if agreement.state is S.SUSPENDED and agreement.suspension:
        return review_clock(agreement.suspension.review_by, at)
    code = CLOCKS.get(agreement.state)
    return running.start(code, at) if code else None


def _clocks(agreement: Agreement) -> Iterator[Late]:
    pending = agreement.pending.clock if agreement.pending else None
    for field, clock in (("clock", agreement.clock), ("pending", pending), ("dispute_clock", agreement.dispute_clock)):
        if clock is not None and not (field == "clock" and agreement.state is S.DISPOSED):
            yield Late(field, clock)  # what is due for the archives goes there, and is not late
