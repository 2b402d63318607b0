"""The sharing request: one case from the first draft to the agreement in force, as a frozen record."""

from collections.abc import Mapping
from enum import StrEnum

from pydantic import AwareDatetime

from services.requests.case_record import CaseRecord
from services.requests.entry import Entry, Sensitivity
from services.requests.request_parts import Coordination, Extension, Notice, Offer, RefusalReport, Signature, Urgency
from services.requests.terms import Terms
from services.shared.lifecycle import Party
from services.shared.running import Running


class State(StrEnum):
    """Where a request stands (C.1); a name in the past tense is a fact, not a plan."""

    DRAFT = "DRAFT"
    INTERNAL_APPROVAL = "INTERNAL_APPROVAL"
    SUBMITTED = "SUBMITTED"
    RETURNED = "RETURNED"
    UNDER_REVIEW = "UNDER_REVIEW"
    PRO_COUNTERED = "PRO_COUNTERED"
    REQ_COUNTERED = "REQ_COUNTERED"
    REFUSED = "REFUSED"
    COORDINATION = "COORDINATION"
    ESCALATED = "ESCALATED"
    TERMS_AGREED = "TERMS_AGREED"
    AGREEMENT_DRAFTED = "AGREEMENT_DRAFTED"
    PRO_SIGNED = "PRO_SIGNED"
    SIGNED = "SIGNED"
    RESULT_FILED = "RESULT_FILED"
    CONF_PENDING = "CONF_PENDING"
    CONF_FILED = "CONF_FILED"
    READY = "READY"
    CONCLUDED = "CONCLUDED"
    CLOSED_REFUSED = "CLOSED_REFUSED"
    WITHDRAWN = "WITHDRAWN"


class Action(StrEnum):
    """What can be done to a request. The last five are the system's own and have no address."""

    REVISE = "revise"
    PROPOSE = "propose"
    SEND_BACK = "send_back"
    SUBMIT = "submit"
    RETURN = "return"
    SUPPLEMENT = "supplement"
    ACCEPT_FOR_PROCESSING = "accept_for_processing"
    REQUEST_EXTENSION = "request_extension"
    GRANT_EXTENSION = "grant_extension"
    DENY_EXTENSION = "deny_extension"
    RECORD_SILENCE = "record_silence"
    CLASSIFY = "classify"
    COUNTER = "counter"
    AGREE = "agree"
    REFUSE = "refuse"
    ACCEPT_REFUSAL = "accept_refusal"
    COORDINATE = "coordinate"
    MEDIATE = "mediate"
    UPHOLD_REFUSAL = "uphold_refusal"
    ESCALATE = "escalate"
    RULE_SHARE = "rule_share"
    RULE_REFUSE = "rule_refuse"
    REMAND = "remand"
    DRAFT = "draft"
    SIGN = "sign"
    REOPEN = "reopen"
    FILE_RESULT = "file_result"
    SIGN_CONFIDENTIALITY = "sign_confidentiality"
    WITHDRAW = "withdraw"
    ROUTE = "route"
    PROCEED = "proceed"
    PROCEED_CONFIDENTIAL = "proceed_confidential"
    ACTIVATE = "activate"
    MARK_OVERDUE = "mark_overdue"


class Kind(StrEnum):
    """What is asked for: another unit's information, or what the city holds of a district's own (回流)."""

    SHARING = "sharing"
    RETURN_FLOW = "return_flow"


class Request(CaseRecord):
    """A sharing request. `submitted_at` None means that nobody but the requester knows of it yet.

    `entry` is the catalogue's entry as it stood when the request was made; `held` is the provider's reply clock while
    the requester supplements; from `escalated_at` the leading group knows of the case; `routed` says that an
    unconditional entry's standard terms were agreed by themselves.
    """

    state: State
    kind: Kind = Kind.SHARING
    requester: str
    entry: Entry
    duty: str
    urgency: Urgency | None = None
    offers: tuple[Offer, ...]
    classification: dict[str, Sensitivity]
    signatures: tuple[Signature, ...] = ()
    confidentiality: tuple[Signature, ...] = ()
    refusal: RefusalReport | None = None
    notice: Notice | None = None
    extension: Extension | None = None
    coordination: Coordination | None = None
    held: Running | None = None
    escalated_at: AwareDatetime | None = None
    routed: bool = False
    reason: str | None = None
    submitted_at: AwareDatetime | None = None
    created_at: AwareDatetime

    @property
    def provider(self) -> str:
        """Whose the entry is."""
        return self.entry.provider

    @property
    def sides(self) -> Mapping[Party, str]:
        """The two that negotiate."""
        return {Party.REQUESTER: self.requester, Party.PROVIDER: self.provider}

    @property
    def title(self) -> str:
        """The entry's title."""
        return self.entry.title

    @property
    def urgent(self) -> bool:
        """Whether it was submitted as urgent."""
        return self.urgency is not None

    @property
    def latest(self) -> Offer:
        """The offer on the table."""
        return self.offers[-1]

    @property
    def is_ruled(self) -> bool:
        """Whether the terms on the table are a ruling, which binds both."""
        return self.latest.by is Party.LEADING_GROUP

    def sensitivities(self) -> dict[str, Sensitivity | None]:
        """Return each item of the latest offer with its sensitivity, None where nobody has said yet."""
        return self.sensitivities_in(self.latest.terms)

    def sensitivities_in(self, terms: Terms) -> dict[str, Sensitivity | None]:
        """Return each item of some terms with its sensitivity, None where nobody has said yet."""
        return {item: self.classification.get(item) for item in terms.content.items}
