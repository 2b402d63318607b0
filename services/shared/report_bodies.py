"""What the events after the handover carry: numbers, days, codes and hashes; what people wrote is in the payloads."""

from datetime import date

from pydantic import AwareDatetime

from services.shared.model import Model


class ReportMoved(Model):
    """A step in the life of a report period; `period` is what it is called (2027Q1), from `first` to `last`."""

    state: str
    requester: str
    provider: str
    resource: str
    period: str
    first: date
    last: date


class ReportOpened(ReportMoved):
    """A period that is over and to be reported on, on the terms that `terms_hash` names."""

    number: int
    terms_hash: str


class ReportFiled(ReportMoved):
    """One side's report, of which `report_hash` is the hash (RFC 8785, SHA-256)."""

    deliveries: int
    rows: int
    report_hash: str


class ReportsFiled(ReportMoved):
    """That both reports are in, by their hashes; from here on each side sees the other's."""

    provision_hash: str
    usage_hash: str


class ReportLate(ReportMoved):
    """Who is late, by their organisations' codes; `clock` is a code of the clock profiles. It decides nothing."""

    late: tuple[str, ...]
    clock: str
    due_at: AwareDatetime | None


class FoundDifference(Model):
    """Between what and what a difference is, and where (a JSON pointer into the period)."""

    kind: str
    pointer: str


class ReportDiscrepant(ReportMoved):
    """What does not agree; `round` counts the comparisons that found something."""

    round: int
    differences: tuple[FoundDifference, ...]


class ReportExplained(ReportMoved):
    """One side's word on the differences of a round; `report_hash` is of its report where it was filed anew."""

    round: int
    report_hash: str | None


class ReportConcluded(ReportMoved):
    """What an inspection found, as a code: provider_wrong, requester_wrong, both_right, unclear."""

    outcome: str


class FeedbackMoved(Model):
    """A step in the life of an effect feedback; `feedback` counts those of an agreement from 1."""

    state: str
    requester: str
    provider: str
    resource: str
    feedback: int


class FeedbackDue(FeedbackMoved):
    """A feedback that is due: `occasion` is `yearly` or `end`."""

    occasion: str


class FeedbackSent(FeedbackMoved):
    """The effect on decisions, efficiency and services, from 1 to 5; null where it is told in words alone (S-007)."""

    feedback_hash: str
    decision: int | None
    efficiency: int | None
    service: int | None


class FeedbackAnswered(FeedbackMoved):
    """The requester's answer to what contests a feedback; `feedback_hash` is of what stands now."""

    feedback_hash: str


class FeedbackOverdue(FeedbackMoved):
    """That a day has passed; `clock` is a code of the clock profiles. It decides nothing."""

    clock: str
    due_at: AwareDatetime | None


class DeliveryAccepted(Model):
    """A delivery that the requester's node checked and took: `agreement` is its case, `digest` the data's (SHA-256)."""

    agreement: str
    delivery: str
    delivered_on: date
    items: tuple[str, ...]
    rows: int
    digest: str


TYPES: dict[str, tuple[type[Model], tuple[str, ...]]] = {
    "report.opened": (ReportOpened, ("requests",)),
    "report.provision_filed": (ReportFiled, ("requests",)),
    "report.usage_filed": (ReportFiled, ("requests",)),
    "report.both_filed": (ReportsFiled, ("requests",)),
    "report.chased": (ReportLate, ("requests",)),
    "report.overdue": (ReportLate, ("requests",)),
    "report.reconciled": (ReportMoved, ("requests",)),
    "report.discrepant": (ReportDiscrepant, ("requests",)),
    "report.explained": (ReportExplained, ("requests",)),
    "report.inspected": (ReportMoved, ("requests",)),
    "report.concluded": (ReportConcluded, ("requests",)),
    "feedback.due": (FeedbackDue, ("requests",)),
    "feedback.sent": (FeedbackSent, ("requests",)),
    "feedback.acknowledged": (FeedbackMoved, ("requests",)),
    "feedback.contested": (FeedbackMoved, ("requests",)),
    "feedback.responded": (FeedbackAnswered, ("requests",)),
    "feedback.closed": (FeedbackMoved, ("requests",)),
    "feedback.overdue": (FeedbackOverdue, ("requests",)),
}
# Of the exchange, which hands over: what both reports are compared with.
OF_THE_EXCHANGE: dict[str, tuple[type[Model], tuple[str, ...]]] = {
    "delivery.accepted": (DeliveryAccepted, ("requests",)),
}
