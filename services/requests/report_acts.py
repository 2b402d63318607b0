"""What each action about a report period takes; each names its period, as 2027Q1."""

from typing import Annotated

from pydantic import Field

from services.requests.period import PeriodAction
from services.requests.period_parts import Outcome, Provision, Usage
from services.shared.model import Model
from services.shared.texts import Text

PeriodName = Annotated[str, Field(pattern=r"^\d{4}[MBQTHY]\d{1,2}$")]


class OfPeriod(Model):
    """An act that says which period it is about."""

    period: PeriodName


class FileProvision(OfPeriod, Provision):
    """The provider's report; a period in which nothing was delivered is filed with zeros."""


class FileUsage(OfPeriod, Usage):
    """The requester's report."""


class Chase(OfPeriod):
    """A reminder to whose report is late."""

    comment: Text | None = None


class Explain(OfPeriod):
    """What a side says of the differences; its whole report anew where that was wrong."""

    text: Text
    provision: Provision | None = None
    usage: Usage | None = None


class Inspect(OfPeriod):
    """Why the differences are looked into."""

    reason: Text


class Conclude(OfPeriod):
    """What was found, as a code and in words."""

    outcome: Outcome
    finding: Text


BODIES: dict[PeriodAction, type[OfPeriod]] = {
    PeriodAction.FILE_PROVISION: FileProvision,
    PeriodAction.FILE_USAGE: FileUsage,
    PeriodAction.CHASE: Chase,
    PeriodAction.EXPLAIN: Explain,
    PeriodAction.INSPECT: Inspect,
    PeriodAction.CONCLUDE: Conclude,
}
