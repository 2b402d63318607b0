"""A database and its lifecycle cases, as frozen records: where each stands, and what was said and decided."""

from datetime import date
from enum import StrEnum

from pydantic import AwareDatetime

from services.catalog.database_description import Description, Disposal, Statement
from services.catalog.reviewing import Gap
from services.shared.coordination import Coordination
from services.shared.events import Filing
from services.shared.lifecycle import Party, Record
from services.shared.model import Model


class State(StrEnum):
    """Where a database stands (machine A); ABANDONED and ARCHIVED are ends."""

    PLANNED = "PLANNED"
    APPROVED_TO_BUILD = "APPROVED_TO_BUILD"
    ABANDONED = "ABANDONED"
    REGISTERED = "REGISTERED"
    OPERATING = "OPERATING"
    SUSPENDED = "SUSPENDED"
    DEREGISTERED = "DEREGISTERED"
    ARCHIVED = "ARCHIVED"


STANDING = frozenset({State.REGISTERED, State.OPERATING, State.SUSPENDED})  # what the catalogue lists
BUILT_UPON = STANDING | {State.APPROVED_TO_BUILD}  # what a rival would have to give way to
ENDED = frozenset({State.ABANDONED, State.ARCHIVED})
PUBLIC = STANDING | {State.DEREGISTERED, State.ARCHIVED}  # the last two as tombstones


class Kind(StrEnum):
    """What a lifecycle case is about; at most one of a kind is open per database (I8)."""

    ESTABLISHMENT = "establishment"
    REGISTRATION = "registration"
    CHANGE = "change"
    DEREGISTRATION = "deregistration"


class CaseState(StrEnum):
    """Where a lifecycle case stands; the last four are ends."""

    DRAFT = "DRAFT"
    FILED = "FILED"
    UNDER_REVIEW = "UNDER_REVIEW"
    RETURNED = "RETURNED"
    DECLINED = "DECLINED"
    CONTESTED = "CONTESTED"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    REDIRECTED = "REDIRECTED"
    WITHDRAWN = "WITHDRAWN"


CLOSED = frozenset({CaseState.APPROVED, CaseState.REJECTED, CaseState.REDIRECTED, CaseState.WITHDRAWN})


class Said(Model):
    """What one party said and when; `evidence` is what a decline rests on."""

    party: Party
    officer: str
    at: AwareDatetime
    text: str | None
    evidence: str | None = None


class Rival(Model):
    """Another database that would be the same: `state` is where its filing, or the database itself, stands.

    `same` says in what: `name`, `class` of basic information, or `items`.
    """

    id: str
    unit: str
    title: str
    state: str
    areas: tuple[str, ...]
    same: str


class LifecycleCase(Record):
    """One lifecycle case; `number` counts a database's cases of this kind from 1."""

    state: CaseState
    kind: Kind
    number: int
    unit: str
    opened_by: Party
    statement: Statement
    rivals: tuple[Rival, ...] = ()
    gaps: tuple[Gap, ...] = ()
    reviews: tuple[Said, ...] = ()
    decline: Said | None = None
    position: Said | None = None
    redirected_to: str | None = None
    coordination: Coordination | None = None
    filed_at: AwareDatetime | None = None
    returned_at: AwareDatetime | None = None

    @property
    def is_basic(self) -> bool:
        """Whether this establishes one of the four basic classes, which takes two keys."""
        said = self.statement.description
        return self.kind is Kind.ESTABLISHMENT and bool(said and said.basic_class)

    @property
    def is_known(self) -> bool:
        """Whether the reviewing offices know of it."""
        return self.filed_at is not None or self.opened_by is Party.OFFICE

    @property
    def was_escalated(self) -> bool:
        """Whether the leading group has it, or had it."""
        return self.coordination is not None and self.coordination.docket is not None


class FormerCase(Model):
    """A lifecycle case that has ended; `known` as `LifecycleCase.is_known`, `ruled` when the leading group had it."""

    kind: Kind
    number: int
    state: CaseState
    at: AwareDatetime
    known: bool
    ruled: bool = False


class Filed(Filing):
    """A filing made in this case, and the event that made it."""

    event_id: str
    at: AwareDatetime


class Status(StrEnum):
    """How a database ran in a period."""

    NORMAL = "normal"
    DEGRADED = "degraded"
    INTERRUPTED = "interrupted"


class ReportEntry(Model):
    """One operation report (S-064); `availability` is in thousandths, `updated_at` when its data were last updated."""

    period_from: date
    period_until: date
    status: Status
    record_count: int
    updated_at: AwareDatetime
    availability: int
    incidents: str | None
    at: AwareDatetime


class Archived(Model):
    """What the archives took over: the package's reference, its SHA-256, and the receipt's number."""

    package: str
    package_sha256: str
    receipt_number: str
    at: AwareDatetime


class Database(Record):
    """A database; `description` is the one in force, or the plan while there is none.

    `edition` counts the descriptions that were approved; `reports` holds the last twelve, the events have all.
    """

    state: State
    unit: str
    description: Description
    edition: int = 0
    number: str | None = None
    cases: tuple[LifecycleCase, ...] = ()
    former: tuple[FormerCase, ...] = ()
    filings: tuple[Filed, ...] = ()
    reports: tuple[ReportEntry, ...] = ()
    suspension: Said | None = None
    disposal: Disposal | None = None
    archived: Archived | None = None
    registered_at: AwareDatetime | None = None
    live_at: AwareDatetime | None = None
    ended_at: AwareDatetime | None = None

    def case_of(self, kind: Kind) -> LifecycleCase | None:
        """Return the open case of a kind, or None."""
        return next((case for case in self.cases if case.kind is kind), None)

    @property
    def is_known(self) -> bool:
        """Whether anybody but its unit knows of it: once a case was filed, or opened by the office."""
        return any(case.is_known for case in self.cases) or any(case.known for case in self.former)
