"""What a report period comes to hold: both reports, what differs, what is said of it, what was found. Values only."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field

from services.shared.lifecycle import Party
from services.shared.model import Model
from services.shared.texts import Code, Line, Text

Count = Annotated[int, Field(ge=0, le=10**12)]


class Outcome(StrEnum):
    """What an inspection found."""

    PROVIDER_WRONG = "provider_wrong"
    REQUESTER_WRONG = "requester_wrong"
    BOTH_RIGHT = "both_right"
    UNCLEAR = "unclear"


class DifferenceKind(StrEnum):
    """Between what and what a difference is."""

    RECEIVED = "received"  # the two reports
    DELIVERY_FACTS = "delivery_facts"  # a report and what the exchange saw
    COMPLETENESS = "completeness"  # what was provided and the agreed items
    TIMELINESS = "timeliness"  # how often, and the agreed frequency
    PURPOSE = "purpose"
    RECIPIENT = "recipient"
    ONWARD_PROVISION = "onward_provision"
    CUSTODY = "custody"


class Provision(Model):
    """What the provider provided in a period (提供情况): how much, which of the agreed items, between which days.

    `incomplete` says that it was less than agreed, and `reason` why.
    """

    deliveries: Count
    rows: Count
    items: Annotated[tuple[Line, ...], Field(max_length=200)] = ()
    first_on: date | None = None
    last_on: date | None = None
    incomplete: bool = False
    reason: Text | None = None
    note: Text | None = None


class Usage(Model):
    """How the requester used it (使用情况): what it received, how often it used it, what for, who did.

    `shared_onward` says that it went to a third party, `custody_confirmed` that it is kept as agreed (S-094).
    """

    deliveries: Count
    rows: Count
    uses: Count
    purposes: Annotated[tuple[Code, ...], Field(max_length=50)] = ()
    recipients: Annotated[tuple[Line, ...], Field(max_length=50)] = ()
    shared_onward: bool
    custody_confirmed: bool
    note: Text | None = None


class Facts(Model):
    """What the exchange saw of a period's deliveries."""

    deliveries: int = 0
    rows: int = 0
    items: tuple[str, ...] = ()
    first_on: date | None = None
    last_on: date | None = None


class Difference(Model):
    """One thing that does not agree.

    `pointer` and `against` are JSON pointers into the period's view: what differs, and from what; null where it
    differs from a rule that is nobody's term.
    """

    kind: DifferenceKind
    pointer: str
    against: str | None
    zh: str
    en: str


class Explanation(Model):
    """What one side says of the differences of a round; `corrected` when it filed its report anew."""

    round: int
    by: Party
    text: str
    corrected: bool
    officer: str
    at: AwareDatetime


class Inspection(Model):
    """Who looks into it, and why."""

    by: Party
    reason: str
    officer: str
    at: AwareDatetime


class Finding(Model):
    """What the supervision bureau found."""

    outcome: Outcome
    finding: str
    officer: str
    at: AwareDatetime
