"""What each action about an effect feedback takes; each names the feedback by its number."""

from typing import Annotated

from pydantic import Field

from services.requests.feedback import Effects, FeedbackAction
from services.shared.model import Model
from services.shared.texts import Text

Number = Annotated[int, Field(ge=1, le=10**6)]


class SendFeedback(Effects):
    """What the requester feeds back; without a number the one that is due or, where none is, one of its own accord."""

    feedback: Number | None = None


class OfFeedback(Model):
    """An act that says which feedback it is about."""

    feedback: Number


class Acknowledge(OfFeedback):
    """That the provider takes note of it."""

    comment: Text | None = None


class Contest(OfFeedback):
    """Why the provider does not take it as it stands."""

    reason: Text


class Respond(OfFeedback):
    """What the requester says to that; the whole feedback anew where it was wrong."""

    text: Text
    effects: Effects | None = None


class Close(OfFeedback):
    """Why the office ends a dispute about a feedback."""

    reason: Text


BODIES: dict[FeedbackAction, type[Model]] = {
    FeedbackAction.SEND: SendFeedback,
    FeedbackAction.ACKNOWLEDGE: Acknowledge,
    FeedbackAction.CONTEST: Contest,
    FeedbackAction.RESPOND: Respond,
    FeedbackAction.CLOSE: Close,
}
