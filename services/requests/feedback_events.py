"""The events of an effect feedback: what each carries, and who reads it. Pure."""

from collections.abc import Mapping
from typing import Any

from services.requests.feedback import Feedback
from services.requests.feedback_life import OUTCOMES
from services.requests.telling import Told
from services.shared.events import Filing
from services.shared.organisations import OFFICE
from services.shared.report_bodies import TYPES

ALSO_TOLD: Mapping[str, tuple[str, ...]] = {
    "feedback.contested": (OFFICE,),
    "feedback.responded": (OFFICE,),
    "feedback.closed": (OFFICE,),
    "feedback.overdue": (OFFICE,),
}


def told_of_feedback(
    feedback: Feedback, event_type: str, *, filing: Filing | None = None, event_id: str | None = None
) -> Told:
    """Return what is told of a feedback: both sides read it, the office what it is called upon by."""
    model, _ = TYPES[event_type]
    facts = _facts(feedback)
    body = model(**{name: facts[name] for name in model.model_fields})
    readers = (feedback.requester, feedback.provider, *ALSO_TOLD.get(event_type, ()))
    return Told(event_type, body, readers, filing, event_id)


def _facts(feedback: Feedback) -> dict[str, Any]:
    """Return all that an event of a feedback may say; each takes what its body has."""
    clock = feedback.clock
    return {
        **feedback.model_dump(include={"state", "requester", "provider", "resource", "occasion"}),
        **{outcome: _rating(feedback, outcome) for outcome in OUTCOMES},
        "feedback": feedback.number,
        "feedback_hash": feedback.effects_hash,
        "clock": clock.clock if clock else "",
        "due_at": clock.due.due_at if clock and clock.due else None,
    }


def _rating(feedback: Feedback, outcome: str) -> int | None:
    effect = getattr(feedback.effects, outcome, None)
    return effect.rating if effect else None
