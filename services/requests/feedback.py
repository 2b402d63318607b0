"""The effect of sharing, fed back to the provider (S-091): on decisions, efficiency, services (S-007). Values only."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field

from services.requests.case_record import CaseRecord
from services.shared.canonical import digest
from services.shared.lifecycle import Party
from services.shared.model import Model
from services.shared.texts import Text

Rating = Annotated[int, Field(ge=1, le=5)]
Figure = Annotated[int, Field(ge=0, le=10**12)]


class FeedbackState(StrEnum):
    """Where an effect feedback stands (D)."""

    DUE = "DUE"
    SENT = "SENT"
    CONTESTED = "CONTESTED"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    CLOSED = "CLOSED"


class FeedbackAction(StrEnum):
    """What can be done about an effect feedback. The last is the system's own and has no address."""

    SEND = "send_feedback"
    ACKNOWLEDGE = "acknowledge_feedback"
    CONTEST = "contest_feedback"
    RESPOND = "respond_feedback"
    CLOSE = "close_feedback"
    MARK_OVERDUE = "mark_overdue"


class Occasion(StrEnum):
    """Why there is a feedback: a year of reports is full, the agreement is over, or the requester wished to."""

    YEARLY = "yearly"
    END = "end"
    OWN = "own"


class Effect(Model):
    """One of the three outcomes: from 1, no effect, to 5, a great one, or null where words alone can tell."""

    rating: Rating | None = None
    words: Text


class Figures(Model):
    """What can be counted of the effect: hours of work saved, errands that nobody has to run, people served."""

    saved_hours: Figure | None = None
    saved_visits: Figure | None = None
    people_served: Figure | None = None


class Effects(Model):
    """What a requester feeds back: at least one of the three outcomes, and what shows it."""

    decision: Effect | None = None
    efficiency: Effect | None = None
    service: Effect | None = None
    evidence: Text
    figures: Figures | None = None


class Contest(Model):
    """Why the provider does not take a feedback as it stands."""

    reason: str
    officer: str
    at: AwareDatetime


class Response(Model):
    """What the requester says to that; `corrected` when it fed back anew."""

    text: str
    corrected: bool
    officer: str
    at: AwareDatetime


class Feedback(CaseRecord):
    """An effect feedback; `number` counts an agreement's from 1, `effects` is null until it is sent.

    `comment` is the provider's word when it acknowledges, `reason` the office's when it closes.
    """

    state: FeedbackState
    number: int
    occasion: Occasion
    requester: str
    provider: str
    resource: str
    resource_title: str
    effects: Effects | None = None
    sent_at: AwareDatetime | None = None
    contests: tuple[Contest, ...] = ()
    responses: tuple[Response, ...] = ()
    comment: str | None = None
    reason: str | None = None

    @property
    def sides(self) -> Mapping[Party, str]:
        """Who feeds back, and to whom."""
        return {Party.REQUESTER: self.requester, Party.PROVIDER: self.provider}

    @property
    def title(self) -> str:
        """The entry's title."""
        return self.resource_title

    @property
    def name(self) -> str:
        """What the record is called in its case."""
        return name_of(self.number)

    @property
    def effects_hash(self) -> str:
        """The hash of what is fed back (RFC 8785, SHA-256); empty while nothing is."""
        return digest(self.effects) if self.effects else ""


def name_of(number: int) -> str:
    """Return what the record of a feedback is called in its case."""
    return f"feedback-{number}"
