"""From an act on an effect feedback to everything it leaves behind, and what happens to feedback by itself.

The feedback's table decides; this file only says what is written down. Pure but for fresh ids and keys.
"""

from collections.abc import Sequence
from datetime import datetime

from services.requests.agreement import Agreement
from services.requests.case import Case
from services.requests.case_record import CaseRecord
from services.requests.feedback import Feedback, FeedbackAction, FeedbackState, Occasion, name_of
from services.requests.feedback_acts import BODIES, OfFeedback, Respond, SendFeedback
from services.requests.feedback_events import told_of_feedback
from services.requests.feedback_life import CLOCKS, F_EFFECT, FEEDBACK
from services.requests.state_clocks import clocked
from services.requests.telling import Step, filed, fresh_event_id, step_of
from services.shared.callers import SYSTEM
from services.shared.errors import Invalid, NotFound, Problem
from services.shared.events import Filing
from services.shared.lifecycle import Act, Moved
from services.shared.model import Model

__all__ = ["BODIES", "feedback_in", "new_feedback", "next_of_the_feedback", "take"]


def take(case: Case, act: Act) -> Step:
    """Return what `act` leaves behind in the feedback that its body is about.

    Raises NotFound without an agreement, Invalid where the body names none of its feedback, and what
    FEEDBACK.advance raises.
    """
    number: int | None = act.body.feedback
    if number is None:
        return _sent_without_a_number(case, act)
    found = feedback_in(case, number)
    return _moved(found, found, act)


def meant(case: Case, body: OfFeedback | SendFeedback) -> CaseRecord:
    """Return the record that a body is about: the feedback, or the agreement for one that is new with it.

    Raises as `take` does.
    """
    if body.feedback is not None:
        return feedback_in(case, body.feedback)
    due, agreement = _due(case), case.named("agreement", Agreement)
    if due:
        return _only(due)
    if agreement is None:
        raise NotFound("there is no such agreement")
    return agreement


def feedback_in(case: Case, number: int) -> Feedback:
    """Return a feedback of a case by its number. Raises Invalid when it is not there."""
    found = case.named(name_of(number), Feedback)
    if found is None:
        raise _not_named(f"没有第{number}次效果反馈 / there is no feedback {number}")
    return found


def new_feedback(case: Case, agreement: Agreement, occasion: Occasion, at: datetime) -> Feedback:
    """Return the next feedback of an agreement, due and not yet told of: with the number of the case's last event."""
    return Feedback(
        **agreement.model_dump(include={"id", "requester", "provider", "resource", "resource_title"}),
        state=FeedbackState.DUE,
        number=1 + sum(1 for _ in case.all_of(Feedback)),
        occasion=occasion,
        version=agreement.case_seq,
        case_seq=agreement.case_seq,
        changed_at=at,
    )


def next_of_the_feedback(case: Case, at: datetime) -> Step | None:
    """Return the mark of a feedback that is overdue at an aware moment, or None."""
    late = (each for _, each in case.all_of(Feedback) if each.wakes_at and at > each.wakes_at)
    found = next(late, None)
    return _moved(found, found, Act(FeedbackAction.MARK_OVERDUE, None, SYSTEM, at)) if found else None


def _sent_without_a_number(case: Case, act: Act) -> Step:
    if due := _due(case):
        only = _only(due)
        return _moved(only, only, act)
    agreement = case.named("agreement", Agreement)
    if agreement is None:
        raise NotFound("there is no such agreement")
    return _moved(None, new_feedback(case, agreement, Occasion.OWN, act.at), act)


def _due(case: Case) -> list[Feedback]:
    return [each for _, each in case.all_of(Feedback) if each.state is FeedbackState.DUE]


def _only(due: Sequence[Feedback]) -> Feedback:
    if len(due) > 1:
        numbers = "、".join(str(each.number) for each in due)
        raise _not_named(f"应反馈的不止一次，请写明次序号 / several are due, say which: {numbers}")
    return due[0]


def _not_named(detail: str) -> Invalid:
    return Invalid("no such feedback", [Problem(pointer="/feedback", detail=detail)])


def _moved(before: Feedback | None, feedback: Feedback, act: Act) -> Step:
    """Return the step; `before` is None for a feedback that is new with this act."""
    moved, event_id = FEEDBACK.advance(feedback, act), fresh_event_id()
    filing = _filing(moved)
    after = filed(moved.record, filing, event_id=event_id, named=moved.record.effects_hash, act=act)
    after = clocked(before, after, act.at, CLOCKS)
    told = told_of_feedback(after, moved.move.event, filing=filing, event_id=event_id)
    return step_of(after.id, {after.name: (before, after)}, act, told, words=_written(act.body))


def _filing(moved: Moved[Feedback]) -> Filing | None:
    """Return the filing that an act makes: what is fed back anew is filed anew, and the last stands."""
    body = moved.act.body
    return F_EFFECT if isinstance(body, Respond) and body.effects else moved.filing


def _written(body: Model | None) -> Model | None:
    """Return what people wrote with an act, if they wrote anything."""
    return body if body is not None and body.model_dump(exclude_none=True, exclude={"feedback"}) else None
