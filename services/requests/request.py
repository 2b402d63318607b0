"""The sharing request: one case from the first draft to the agreement in force, as a frozen record."""

from enum import StrEnum

from pydantic import AwareDatetime

from services.requests.entry import Entry, Sensitivity
from services.requests.terms import Terms
from services.shared.events import Filing, FilingKind
from services.shared.lifecycle import Party, Record
from services.shared.model import Model


class State(StrEnum):
    """Where a request stands (C.1); a name in the past tense is a fact, not a plan."""

    DRAFT = "DRAFT"
    INTERNAL_APPROVAL = "INTERNAL_APPROVAL"
    SUBMITTED = "SUBMITTED"
    UNDER_REVIEW = "UNDER_REVIEW"
    PRO_COUNTERED = "PRO_COUNTERED"
    REQ_COUNTERED = "REQ_COUNTERED"
    REFUSED = "REFUSED"
    TERMS_AGREED = "TERMS_AGREED"
    AGREEMENT_DRAFTED = "AGREEMENT_DRAFTED"
    PRO_SIGNED = "PRO_SIGNED"
    SIGNED = "SIGNED"
    RESULT_FILED = "RESULT_FILED"
    CONF_PENDING = "CONF_PENDING"
    READY = "READY"
    CONCLUDED = "CONCLUDED"
    CLOSED_REFUSED = "CLOSED_REFUSED"
    WITHDRAWN = "WITHDRAWN"


class Action(StrEnum):
    """What can be done to a request. The last three are the system's own and have no address."""

    REVISE = "revise"
    PROPOSE = "propose"
    SEND_BACK = "send_back"
    SUBMIT = "submit"
    ACCEPT_FOR_PROCESSING = "accept_for_processing"
    CLASSIFY = "classify"
    COUNTER = "counter"
    AGREE = "agree"
    REFUSE = "refuse"
    ACCEPT_REFUSAL = "accept_refusal"
    DRAFT = "draft"
    SIGN = "sign"
    REOPEN = "reopen"
    FILE_RESULT = "file_result"
    WITHDRAW = "withdraw"
    PROCEED = "proceed"
    PROCEED_CONFIDENTIAL = "proceed_confidential"
    ACTIVATE = "activate"


class Offer(Model):
    """One set of terms on the table: who made it, when, and the hash that an acceptance must name."""

    number: int
    by: Party
    terms: Terms
    terms_hash: str
    officer: str
    at: AwareDatetime


class Signature(Model):
    """An authenticated act over a hash, sealed by its ledger entry; units hold no keys."""

    party: Party
    organisation: str
    officer: str
    at: AwareDatetime
    terms_hash: str


class RefusalReport(Model):
    """Why the provider will not share: statutory basis, situation and reason, reported to the office (S-085)."""

    instrument: str
    clause: str
    situation: str
    reason: str
    officer: str
    at: AwareDatetime


class Filed(Filing):
    """A filing made in this case: the event that made it, and the terms it names."""

    event_id: str
    terms_hash: str
    at: AwareDatetime


class Request(Record):
    """A sharing request. `submitted_at` None means that nobody but the requester knows of it yet.

    `entry` is the catalogue's entry as it stood when the request was made.
    """

    state: State
    requester: str
    entry: Entry
    duty: str
    offers: tuple[Offer, ...]
    classification: dict[str, Sensitivity]
    signatures: tuple[Signature, ...] = ()
    refusal: RefusalReport | None = None
    filings: tuple[Filed, ...] = ()
    reason: str | None = None
    submitted_at: AwareDatetime | None = None
    created_at: AwareDatetime

    @property
    def provider(self) -> str:
        """Whose the entry is."""
        return self.entry.provider

    @property
    def latest(self) -> Offer:
        """The offer on the table."""
        return self.offers[-1]

    def last_filing(self, kind: FilingKind) -> Filed | None:
        """Return the last filing of a kind: where terms changed, the last one stands (I5)."""
        return next((filed for filed in reversed(self.filings) if filed.kind is kind), None)

    def sensitivities(self) -> dict[str, Sensitivity | None]:
        """Return each item of the latest offer with its sensitivity, None where nobody has said yet."""
        return {item: self.classification.get(item) for item in self.latest.terms.content.items}
