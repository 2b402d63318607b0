"""The agreement as a record: what was agreed, signed and filed, and what has become of it since. Pure."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from enum import StrEnum

from pydantic import AwareDatetime

from services.requests.agreement_parts import (
    AgreementEnd,
    Breach,
    CustodyRecord,
    DisposalCertificate,
    FormerEdition,
    NonPerformance,
    PendingVersion,
    Suspension,
)
from services.requests.case_record import CaseRecord
from services.requests.confidentiality import confidentiality_hash, is_sensitive
from services.requests.entry import Sensitivity
from services.requests.report_schedule import Window, next_window
from services.requests.request import Request
from services.requests.request_parts import Signature
from services.requests.terms import Terms
from services.shared import running
from services.shared.clocks import warns_at
from services.shared.coordination import Coordination
from services.shared.events import FilingKind
from services.shared.lifecycle import Party
from services.shared.organisations import SECRECY_BUREAU
from services.shared.request_bodies import AgreementActivated
from services.shared.running import Running, due_at
from services.shared.working_days import day_in_beijing, end_of, start_of

WARNING, PROVISION = "expiry_warning", "provide_after_consent"


class AgreementState(StrEnum):
    """Where an agreement stands (C.2); it is in force while it is ACTIVE, whatever its marks."""

    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    BREACH_SUSPECTED = "BREACH_SUSPECTED"
    ENDED = "ENDED"
    DISPOSED = "DISPOSED"
    ARCHIVED = "ARCHIVED"


RUNNING = frozenset({AgreementState.ACTIVE, AgreementState.SUSPENDED})  # its last day ends it
OVER = frozenset({AgreementState.ENDED, AgreementState.DISPOSED, AgreementState.ARCHIVED})


class Agreement(CaseRecord):
    """An agreement, in the same case as the request it came from.

    `edition` counts the versions of its terms from 1, in force since `in_force_since`; `former` are those before.
    Marks, which stop nothing: `expiring_since`, `non_performance`, `pending`. `held` is the provider's clock while the
    agreement is not in force, `dispute_clock` that of the coordination. `provided_at` is when the provider first
    provided, `reported_until` the last day that a report period covers. `drawn_on` is the day whose names its text has.
    """

    state: AgreementState
    requester: str
    provider: str
    resource: str
    resource_title: str
    duty: str
    terms: Terms
    terms_hash: str
    classification: dict[str, Sensitivity]
    signatures: tuple[Signature, ...]
    confidentiality: tuple[Signature, ...] = ()
    confidentiality_hash: str | None = None
    edition: int = 1
    in_force_since: AwareDatetime
    former: tuple[FormerEdition, ...] = ()
    pending: PendingVersion | None = None
    request_filing: str
    result_filing: str
    confidentiality_filing: str | None = None
    amendment_filing: str | None = None
    suspension: Suspension | None = None
    breach: Breach | None = None
    non_performance: NonPerformance | None = None
    coordination: Coordination | None = None
    dispute_clock: Running | None = None
    escalated: bool = False
    custody: CustodyRecord | None = None
    end: AgreementEnd | None = None
    disposal: DisposalCertificate | None = None
    held: Running | None = None
    drawn_on: date
    agreed_at: AwareDatetime
    activated_at: AwareDatetime
    expiring_since: AwareDatetime | None = None
    provided_at: AwareDatetime | None = None
    reported_until: date | None = None

    @property
    def sides(self) -> Mapping[Party, str]:
        """Who has it, and of whom."""
        return {Party.REQUESTER: self.requester, Party.PROVIDER: self.provider}

    @property
    def title(self) -> str:
        """The entry's title."""
        return self.resource_title

    @property
    def responsible_unit(self) -> str:
        """Who answers for the source and the accuracy of what is provided (S-009)."""
        return self.provider

    @property
    def risk_bearer(self) -> str:
        """Who bears the risk and the security of what was obtained, entrusted parties included (S-009, R14)."""
        return self.requester

    @property
    def sensitive_items(self) -> dict[str, Sensitivity | None]:
        """The agreed items that are anything but known to be harmless, each with its kind."""
        kinds = {item: self.classification.get(item) for item in self.terms.content.items}
        return {item: kind for item, kind in kinds.items() if kind is not Sensitivity.NONE}

    @property
    def known_to_secrecy(self) -> bool:
        """Whether anything of it was ever filed with the secrecy bureau."""
        ever = (self.confidentiality_filing, *(former.confidentiality_hash for former in self.former))
        return any(ever) or any(filed.authority == SECRECY_BUREAU for filed in self.filings)

    @property
    def ends_at(self) -> datetime:
        """The last second of its last day in Beijing."""
        return end_of(self.terms.validity.valid_until)

    @property
    def is_being_extended(self) -> bool:
        """Whether a later end is signed by both and waits for its receipts: until then it does not end by its day."""
        later = self.pending and self.pending.terms.validity.valid_until > self.terms.validity.valid_until
        return bool(self.pending and later and not self.pending.unsigned)

    @property
    def warns_at(self) -> datetime:
        """When it is told that it will end."""
        return warns_at(WARNING, self.terms.validity.valid_until)

    @property
    def last_day(self) -> date:
        """The last day in force: the agreed one, or the day on which it ended before."""
        agreed = self.terms.validity.valid_until
        return min(agreed, day_in_beijing(self.end.at)) if self.end else agreed

    @property
    def report_window(self) -> Window | None:
        """The next period that will be reported on, or None."""
        return next_window(
            active_from=day_in_beijing(self.activated_at),
            ends=self.last_day,
            over=self.state in OVER,
            reported_until=self.reported_until,
        )

    @property
    def wakes_at(self) -> datetime | None:
        """When a clock falls due, its end is near, its last day is over, or a report period opens."""
        return min(self._moments(), default=None)

    def _moments(self) -> Iterator[datetime]:
        clocks = (self.clock, self.dispute_clock, self.pending.clock if self.pending else None)
        yield from (moment for clock in clocks if clock and (moment := due_at(clock)))
        if self.state in RUNNING and not self.is_being_extended:
            yield self.ends_at
            yield from () if self.expiring_since else (self.warns_at,)
        if window := self.report_window:
            yield window.opens_at


def agreement_of(request: Request) -> Agreement:
    """Return the agreement that a concluded request has become.

    Raises ValueError without both filings: the negotiation never concludes without them (I1).
    """
    secret = request.last_filing(FilingKind.CONFIDENTIALITY) if is_sensitive(request) else None
    asked, agreed = request.last_filing(FilingKind.REQUEST), request.last_filing(FilingKind.RESULT)
    if asked is None or agreed is None:
        raise ValueError("an agreement rests on two filings")
    return Agreement(
        **request.model_dump(include={"id", "version", "case_seq", "changed_at", "requester", "duty"}),
        state=AgreementState.ACTIVE,
        provider=request.provider,
        resource=request.entry.id,
        resource_title=request.entry.title,
        terms=request.latest.terms,
        terms_hash=request.latest.terms_hash,
        classification=request.classification,
        signatures=request.signatures,
        confidentiality=request.confidentiality if secret else (),
        confidentiality_hash=confidentiality_hash(request) if secret else None,
        request_filing=asked.event_id,
        result_filing=agreed.event_id,
        confidentiality_filing=secret.event_id if secret else None,
        clock=provision_clock(request.latest.terms, request.changed_at),
        drawn_on=day_in_beijing(request.latest.at),
        agreed_at=min((signature.at for signature in request.signatures), default=request.changed_at),
        activated_at=request.changed_at,
        in_force_since=request.changed_at,
    )


def provision_clock(terms: Terms, at: datetime) -> Running:
    """Return the provider's clock for providing: it runs from an aware moment, or from the first day if that is later.

    The regulation counts from the consent; nobody can provide under what is not in force yet.
    """
    return running.start(PROVISION, max(at, start_of(terms.validity.valid_from)))


def activation_of(agreement: Agreement, duty: str) -> AgreementActivated:
    """Return what the event of an activation says: the terms without their free text."""
    terms = agreement.terms
    scope, method, validity = terms.scope, terms.method, terms.validity
    named = {"requester", "provider", "resource", "terms_hash"}
    filings = {"request_filing", "result_filing", "confidentiality_filing"}
    return AgreementActivated(
        **agreement.model_dump(include=named | filings),
        items=terms.content.items,
        **scope.model_dump(include={"areas", "period_from", "period_until", "recipients"}),
        purpose=terms.purpose.code,
        duty=duty,
        **method.model_dump(),
        **validity.model_dump(),
    )
