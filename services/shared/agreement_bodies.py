"""What the events of an agreement carry: codes, hashes, days and numbers; what people wrote is in the payloads."""

from datetime import date

from pydantic import AwareDatetime

from services.shared.model import Model
from services.shared.request_bodies import AgreementActivated


class AgreementMoved(Model):
    """A step in the life of an agreement; `edition` and `terms_hash` are of the terms in force after it."""

    state: str
    requester: str
    provider: str
    resource: str
    edition: int
    terms_hash: str


class AgreementSuspended(AgreementMoved):
    """A suspension: `by` as which party, and by which day it is to be looked at again."""

    by: str
    review_by: date


class AgreementAmending(AgreementMoved):
    """A step of a version to come: `kind` is amendment or renewal, `pending_hash` the hash of its terms."""

    kind: str
    pending_edition: int
    pending_hash: str
    valid_until: date


class ConfidentialityAmended(AgreementMoved):
    """What the secrecy bureau is told of a version to come: the hash of its confidentiality agreement, and no terms."""

    pending_edition: int
    confidentiality_hash: str


class AgreementAmended(AgreementActivated):
    """An agreement with another edition of its terms in force; `amendment_filing` is the event that filed it."""

    state: str
    edition: int
    amendment_filing: str


class NonPerformanceReported(AgreementMoved):
    """A report that what was agreed is not provided; by the system, with the clock that ran out (`due_at`)."""

    by: str
    clock: str | None
    due_at: AwareDatetime | None


class AgreementCoordinated(AgreementMoved):
    """A step in the coordination of a non-performance; the mark as it is after it, the basis of what was upheld."""

    coordination: str
    non_performing: bool
    instrument: str | None
    clause: str | None


class BreachMoved(AgreementMoved):
    """That a breach is suspected, or found to be none: by which party."""

    by: str


class AgreementOverdue(AgreementMoved):
    """That a day has passed; `clock` is a code of the clock profiles. It decides nothing."""

    clock: str
    due_at: AwareDatetime


class AgreementProvided(AgreementMoved):
    """That the provider has provided what was agreed for the first time, and when."""

    provided_at: AwareDatetime


class AgreementExpiring(AgreementMoved):
    """That an agreement will soon end by its own terms, with which day."""

    valid_until: date


class AgreementEnded(AgreementMoved):
    """How an agreement ended: revoked, expired, fulfilled or terminated; `leak`: with the breach, information got out.

    Where it was ruled, `instrument` and `clause` are the basis.
    """

    end: str
    by: str
    leak: bool
    instrument: str | None
    clause: str | None


class AgreementDisposed(AgreementMoved):
    """That what was obtained is disposed of, on which day, and whether anything remains."""

    disposed_on: date
    remains: bool


class CustodyRecorded(AgreementMoved):
    """A custody record, counted from 1, and until which day what was obtained is kept."""

    custody: int
    retention_until: date


TYPES: dict[str, tuple[type[Model], tuple[str, ...]]] = {
    "agreement.suspended": (AgreementSuspended, ("catalog", "requests")),
    "agreement.resumed": (AgreementMoved, ("catalog", "requests")),
    "agreement.amendment_proposed": (AgreementAmending, ("requests",)),
    "agreement.amendment_signed": (AgreementAmending, ("requests",)),
    "agreement.amendment_dropped": (AgreementAmending, ("requests",)),
    "agreement.renewal_signed": (AgreementAmending, ("requests",)),
    "agreement.confidentiality_amended": (ConfidentialityAmended, ("requests",)),
    "agreement.amended": (AgreementAmended, ("catalog", "requests")),
    "agreement.non_performance_reported": (NonPerformanceReported, ("requests",)),
    "agreement.coordination_mediated": (AgreementCoordinated, ("requests",)),
    "agreement.coordination_agreed": (AgreementCoordinated, ("requests",)),
    "agreement.coordination_settled": (AgreementCoordinated, ("requests",)),
    "agreement.coordination_upheld": (AgreementCoordinated, ("requests",)),
    "agreement.coordination_escalated": (AgreementCoordinated, ("requests",)),
    "agreement.coordination_remanded": (AgreementCoordinated, ("requests",)),
    "agreement.coordination_ruled_for": (AgreementCoordinated, ("requests",)),
    "agreement.coordination_ruled_against": (AgreementCoordinated, ("requests",)),
    "agreement.breach_suspected": (BreachMoved, ("catalog", "requests")),
    "agreement.breach_cleared": (BreachMoved, ("catalog", "requests")),
    "agreement.provided": (AgreementProvided, ("requests",)),
    "agreement.overdue": (AgreementOverdue, ("requests",)),
    "agreement.expiring": (AgreementExpiring, ("requests",)),
    "agreement.termination_signed": (AgreementMoved, ("requests",)),
    "agreement.ended": (AgreementEnded, ("catalog", "requests")),
    "agreement.custody_recorded": (CustodyRecorded, ("requests",)),
    "agreement.disposed": (AgreementDisposed, ("requests",)),
    "agreement.archived": (AgreementMoved, ("requests",)),
}
