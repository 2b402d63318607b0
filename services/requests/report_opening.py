"""The step that opens an agreement's next report period, and with it the feedback that is due. Pure but for fresh ids.

Feedback on the effect is due with each fourth period, and with the last (S-091).
"""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from services.requests.agreement import OVER, Agreement
from services.requests.case import Case
from services.requests.feedback import Feedback, Occasion
from services.requests.feedback_events import told_of_feedback
from services.requests.feedback_life import CLOCKS as FEEDBACK_CLOCKS
from services.requests.feedback_steps import new_feedback
from services.requests.period import Period, PeriodState
from services.requests.period_life import CLOCKS
from services.requests.report_events import told_of_period
from services.requests.report_schedule import Window
from services.requests.state_clocks import clocked
from services.requests.telling import Step, step_of
from services.shared.callers import SYSTEM
from services.shared.lifecycle import Act

if TYPE_CHECKING:
    from services.requests.case_record import CaseRecord

A_YEAR = 4  # periods


class Opening(StrEnum):
    """What the system does to open a period; no row of a table, for there is no record yet."""

    OPEN = "open"


def next_opened(case: Case, at: datetime) -> Step | None:
    """Return the step that opens the next report period, if it is over at an aware moment; else None."""
    agreement = case.named("agreement", Agreement)
    window = agreement.report_window if agreement else None
    if agreement is None or window is None or at < window.opens_at:
        return None
    act = Act(Opening.OPEN, None, SYSTEM, at)
    seq = {"version": agreement.case_seq + 1, "case_seq": agreement.case_seq + 1}
    period = clocked(None, _period(case, agreement, window, at).model_copy(update=seq), at, CLOCKS)
    reported = agreement.model_copy(update=seq | {"reported_until": window.last})
    records: dict[str, tuple[CaseRecord | None, CaseRecord]] = {
        "agreement": (agreement, reported),
        period.name: (None, period),
    }
    told = [told_of_period(period, "report.opened")]
    if feedback := _feedback(case, agreement, period, at):
        records[feedback.name] = (None, feedback)
        told.append(told_of_feedback(feedback, "feedback.due"))
    return step_of(agreement.id, records, act, *told)


def _period(case: Case, agreement: Agreement, window: Window, at: datetime) -> Period:
    same = {"id", "requester", "provider", "resource", "resource_title", "terms", "terms_hash"}
    return Period(
        **agreement.model_dump(include=same),
        **window._asdict(),
        state=PeriodState.OPEN,
        number=1 + sum(1 for _ in case.all_of(Period)),
        changed_at=at,
    )


def _feedback(case: Case, agreement: Agreement, period: Period, at: datetime) -> Feedback | None:
    """Return the feedback that is due with a period, or None."""
    last = agreement.state in OVER and period.last == agreement.last_day
    if not last and period.number % A_YEAR:
        return None
    due = new_feedback(case, agreement, Occasion.END if last else Occasion.YEARLY, at)
    return clocked(None, due, at, FEEDBACK_CLOCKS)
