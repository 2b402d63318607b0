"""What the events of a sharing request carry: codes, hashes and days; what people wrote is in the payloads."""

from datetime import date

from pydantic import AwareDatetime

from services.shared.model import Model


class RequestMoved(Model):
    """A step in the life of a sharing request; `terms_hash` is the hash of its latest offer."""

    state: str
    requester: str
    provider: str
    resource: str
    offer: int
    terms_hash: str
    outcome: str | None = None


class RequestSubmitted(RequestMoved):
    """A request that left its house: what kind it is, and the work area in which it is claimed to be urgent."""

    kind: str
    work_area: str | None


class RequestOverdue(RequestMoved):
    """That a day has passed, or that a silence is recorded where no number gives a day (`due_at` null).

    `clock` is a code of the clock profiles. It decides nothing.
    """

    clock: str
    due_at: AwareDatetime | None


class RequestProposed(RequestMoved):
    """A mediation proposal: the hash of the terms that the office proposes to both sides."""

    proposal_hash: str


class RequestEscalated(RequestMoved):
    """A docket before the leading group; `ground` is a code of the list escalation_grounds."""

    ground: str


class ConfidentialitySigned(RequestMoved):
    """A signature under the confidentiality agreement, which `confidentiality_hash` names."""

    confidentiality_hash: str


class ItemsClassified(RequestMoved):
    """The provider's classification of the requested items: item name to sensitivity code."""

    classification: dict[str, str]


class RequestRefused(RequestMoved):
    """A refusal report: its statutory basis. Situation and reason are in the payload."""

    instrument: str
    clause: str


class AgreementActivated(Model):
    """An agreement in force: its terms without free text, and the filings it rests on (event ids)."""

    requester: str
    provider: str
    resource: str
    terms_hash: str
    items: tuple[str, ...]
    areas: tuple[str, ...]
    period_from: date | None
    period_until: date | None
    recipients: tuple[str, ...]
    purpose: str
    duty: str
    channel: str
    frequency: str
    format: str
    valid_from: date
    valid_until: date
    request_filing: str
    result_filing: str
    confidentiality_filing: str | None = None


TYPES: dict[str, tuple[type[Model], tuple[str, ...]]] = {
    "request.created": (RequestMoved, ("requests",)),
    "request.revised": (RequestMoved, ("requests",)),
    "request.proposed": (RequestMoved, ("requests",)),
    "request.sent_back": (RequestMoved, ("requests",)),
    "request.submitted": (RequestSubmitted, ("requests",)),
    "request.returned": (RequestMoved, ("requests",)),
    "request.supplemented": (RequestSubmitted, ("requests",)),
    "request.accepted_for_processing": (RequestMoved, ("requests",)),
    "request.routed": (RequestMoved, ("requests",)),
    "request.extension_requested": (RequestMoved, ("requests",)),
    "request.extension_granted": (RequestMoved, ("requests",)),
    "request.extension_denied": (RequestMoved, ("requests",)),
    "request.silence_recorded": (RequestOverdue, ("requests",)),
    "request.overdue": (RequestOverdue, ("requests",)),
    "request.items_classified": (ItemsClassified, ("requests",)),
    "request.countered": (RequestMoved, ("requests",)),
    "request.terms_agreed": (RequestMoved, ("requests",)),
    "request.refused": (RequestRefused, ("requests",)),
    "request.refusal_accepted": (RequestMoved, ("requests",)),
    "request.coordination_opened": (RequestMoved, ("requests",)),
    "request.mediated": (RequestProposed, ("requests",)),
    "request.refusal_upheld": (RequestRefused, ("requests",)),
    "request.escalated": (RequestEscalated, ("requests",)),
    "request.ruled_to_share": (RequestMoved, ("requests",)),
    "request.ruled_to_refuse": (RequestRefused, ("requests",)),
    "request.remanded": (RequestMoved, ("requests",)),
    "request.agreement_drafted": (RequestMoved, ("requests",)),
    "request.signed": (RequestMoved, ("requests",)),
    "request.reopened": (RequestMoved, ("requests",)),
    "request.result_filed": (RequestMoved, ("requests",)),
    "request.filings_receipted": (RequestMoved, ("requests",)),
    "request.confidentiality_signed": (ConfidentialitySigned, ("requests",)),
    "request.withdrawn": (RequestMoved, ("requests",)),
    "agreement.activated": (AgreementActivated, ("catalog", "requests")),
}
