"""A report period of an agreement: what each side files after the handover, and what comes of comparing it (三(四)¶3).

The provider files what it provided (S-089), the requester how it used it (S-090). Values only.
"""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum

from pydantic import AwareDatetime

from services.requests.case_record import CaseRecord
from services.requests.period_parts import Difference, Explanation, Finding, Inspection, Provision, Usage
from services.requests.terms import Terms
from services.shared.lifecycle import Party


class PeriodState(StrEnum):
    """Where a report period stands (D)."""

    OPEN = "OPEN"
    RECONCILING = "RECONCILING"
    DISCREPANT = "DISCREPANT"
    UNDER_INSPECTION = "UNDER_INSPECTION"
    RECONCILED = "RECONCILED"


class PeriodAction(StrEnum):
    """What can be done about a report period. The last four are the system's own and have no address."""

    FILE_PROVISION = "file_provision"
    FILE_USAGE = "file_usage"
    CHASE = "chase"
    EXPLAIN = "explain"
    INSPECT = "inspect"
    CONCLUDE = "conclude"
    RECONCILE = "reconcile"
    MATCH = "match"
    MISMATCH = "mismatch"
    MARK_OVERDUE = "mark_overdue"


class Period(CaseRecord):
    """A report period; `period` names it (2027Q1), `number` counts an agreement's periods from 1.

    `terms` are those in force when it opened. `round` counts the comparisons that found differences.
    """

    state: PeriodState
    requester: str
    provider: str
    resource: str
    resource_title: str
    period: str
    number: int
    first: date
    last: date
    terms: Terms
    terms_hash: str
    provision: Provision | None = None
    usage: Usage | None = None
    chased_at: AwareDatetime | None = None
    round: int = 0
    differences: tuple[Difference, ...] = ()
    explanations: tuple[Explanation, ...] = ()
    inspection: Inspection | None = None
    finding: Finding | None = None

    @property
    def sides(self) -> Mapping[Party, str]:
        """Who files how it was used, and who what was provided."""
        return {Party.REQUESTER: self.requester, Party.PROVIDER: self.provider}

    @property
    def title(self) -> str:
        """The entry's title, and the period."""
        return f"{self.resource_title} {self.period}"

    @property
    def name(self) -> str:
        """What the record is called in its case."""
        return name_of(self.period)

    @property
    def unfiled(self) -> tuple[Party, ...]:
        """The sides whose report is not in yet."""
        reports = {Party.REQUESTER: self.usage, Party.PROVIDER: self.provision}
        return tuple(party for party, report in reports.items() if report is None)

    @property
    def wakes_at(self) -> datetime | None:
        """When its clock falls due; what is to be compared is so at once."""
        return self.changed_at if self.state is PeriodState.RECONCILING else super().wakes_at


def name_of(period: str) -> str:
    """Return what the record of a period is called in its case."""
    return f"period-{period}"
