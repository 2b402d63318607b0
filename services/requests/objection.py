"""A data objection (校核): what a recipient says is wrong in what it was given, and what became of it (R10).

Values of machine C.4. Who received under an agreement raises it, whether the agreement is in force or was.
"""

from datetime import date
from enum import StrEnum
from typing import ClassVar

from pydantic import AwareDatetime

from services.requests.matter import Matter
from services.shared.coordination import Coordination
from services.shared.model import Model


class State(StrEnum):
    """Where an objection stands; the last three are ends."""

    RAISED = "RAISED"
    VERIFYING = "VERIFYING"
    CORRECTING = "CORRECTING"
    REJECTED = "REJECTED"
    COORDINATION = "COORDINATION"
    CORRECTED = "CORRECTED"
    CLOSED = "CLOSED"
    WITHDRAWN = "WITHDRAWN"


class Action(StrEnum):
    """What can be done with an objection, beside what is done in its coordination; the last three are the system's."""

    RAISE = "raise"
    VERIFY = "verify"
    CONFIRM = "confirm"
    CORRECT = "correct"
    REJECT = "reject"
    ACCEPT = "accept"
    COORDINATE = "coordinate"
    WITHDRAW = "withdraw"
    RECONSIDER = "reconsider"
    CLOSE = "close"
    MARK_OVERDUE = "mark_overdue"


class Said(Model):
    """What an officer had to say, and when: a finding, why it is rejected, why that is contested."""

    text: str
    officer: str
    at: AwareDatetime


class Correction(Model):
    """What the provider corrected, and on which day."""

    corrected: str
    corrected_on: date
    officer: str
    at: AwareDatetime


class Objection(Matter):
    """An objection that the requester raised; `records` says which records are meant, `wrong` what is wrong in them.

    `position` is why a rejection is contested, `comment` why it was withdrawn, where that was said.
    """

    kind: ClassVar[str] = "objection"
    state: State
    records: str
    wrong: str
    evidence: str | None = None
    finding: Said | None = None
    correction: Correction | None = None
    rejection: Said | None = None
    position: Said | None = None
    coordination: Coordination | None = None
    comment: str | None = None
    raised_at: AwareDatetime

    @property
    def was_escalated(self) -> bool:
        """Whether it was ever brought before the leading group."""
        return self.coordination is not None and self.coordination.docket is not None
