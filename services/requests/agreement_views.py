"""What a caller sees of an agreement, and what this caller may do now. The secrecy bureau sees its own part. Pure."""

from collections.abc import Mapping
from datetime import date

from pydantic import AwareDatetime

from services.requests.agreement import Agreement, AgreementState
from services.requests.agreement_duties import AgreementDuty, duties_under
from services.requests.agreement_life import AGREEMENT, COORDINATION, open_coordination
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
from services.requests.agreement_pending import filings_of_pending
from services.requests.agreement_sight import in_part, sees_in_part
from services.requests.entry import Sensitivity
from services.requests.request import Request
from services.requests.request_parts import Signature
from services.requests.terms import Terms
from services.requests.views import FiledTerms, due_of, filings_of, waiting_for
from services.shared.callers import Caller
from services.shared.clock_views import ClockView, explained
from services.shared.coordination import Basis, Ruling, Seat
from services.shared.coordination import State as CoordinationState
from services.shared.lifecycle import Done, Party
from services.shared.model import Model
from services.shared.organisations import SECRECY_BUREAU
from services.shared.running import Running
from services.shared.views import Waiting


class PendingVersionView(PendingVersion):
    """A version to come: who has still to sign it, and the filings that it rests on with their receipts."""

    clock: ClockView | None  # type: ignore[assignment]  # a running clock is shown with its reasons
    awaiting: tuple[Party, ...]
    filing: tuple[FiledTerms, ...]


class DisputeView(Model):
    """The coordination of a non-performance: the last of each thing that was said, and what the caller may do."""

    state: CoordinationState
    seats: tuple[Seat, ...]
    proposal: str | None
    docket: str | None
    instructions: str | None
    basis: Basis | None
    ruling: Ruling | None
    clock: ClockView | None
    actions: tuple[str, ...]


class AgreementView(Model):
    """An agreement as the API shows it; null or empty for the secrecy bureau: all but what is sensitive, and why.

    `edition` counts the versions of its terms; those before are in `former`. `responsible_unit` answers for what is
    provided, `risk_bearer` for what was obtained. `termination` holds one side's word while the other's is missing.
    """

    id: str
    state: AgreementState
    version: int
    edition: int
    requester: str
    provider: str
    responsible_unit: str
    risk_bearer: str
    resource: str
    resource_title: str
    sensitive_items: dict[str, Sensitivity | None]
    purpose: str
    recipients: tuple[str, ...]
    valid_from: date
    valid_until: date
    terms_hash: str
    confidentiality_hash: str | None
    duty: str | None
    terms: Terms | None
    classification: dict[str, Sensitivity]
    signatures: tuple[Signature, ...]
    confidentiality: tuple[Signature, ...]
    former: tuple[FormerEdition, ...]
    pending: PendingVersionView | None
    duties: tuple[AgreementDuty, ...]
    suspension: Suspension | None
    breach: Breach | None
    non_performance: NonPerformance | None
    coordination: DisputeView | None
    termination: tuple[Done, ...]
    custody: CustodyRecord | None
    end: AgreementEnd | None
    disposal: DisposalCertificate | None
    filing: tuple[FiledTerms, ...]
    awaiting: tuple[Waiting, ...]
    due_at: AwareDatetime | None
    overdue_since: AwareDatetime | None
    clock: ClockView | None
    actions: tuple[str, ...]
    expiring_since: AwareDatetime | None
    agreed_at: AwareDatetime
    activated_at: AwareDatetime
    in_force_since: AwareDatetime
    provided_at: AwareDatetime | None
    reported_until: date | None
    changed_at: AwareDatetime


class AgreementLine(Model):
    """An agreement in a list; `marks` are those that it carries."""

    id: str
    state: AgreementState
    version: int
    edition: int
    requester: str
    provider: str
    resource: str
    resource_title: str
    valid_until: date
    sensitive: bool
    marks: tuple[str, ...]
    end: str | None
    awaiting: tuple[Waiting, ...]
    due_at: AwareDatetime | None
    actions: tuple[str, ...]
    changed_at: AwareDatetime


class AgreementPage(Model):
    """A page of agreements, latest change first; `next` is null at its end."""

    items: tuple[AgreementLine, ...]
    next: str | None


def view_of(agreement: Agreement, request: Request, receipts: Mapping[str, int], caller: Caller) -> AgreementView:
    """Return an agreement as this caller sees it; whether they see anything is decided before."""
    seen = _in_part if sees_in_part(agreement, caller) else _whole
    return seen(agreement, request, receipts, caller)


def line_of(agreement: Agreement, caller: Caller) -> AgreementLine:
    """Return an agreement as a line of this caller's list."""
    actions = AGREEMENT.actions_for(agreement, caller)
    seen = in_part(agreement) if sees_in_part(agreement, caller) else agreement
    same = AgreementLine.model_fields.keys() & Agreement.model_fields.keys() - {"end"}
    marks = {"expiring": seen.expiring_since, "non_performing": seen.non_performance, "pending": seen.pending}
    return AgreementLine(
        **{name: getattr(seen, name) for name in same},
        valid_until=seen.terms.validity.valid_until,
        sensitive=bool(seen.sensitive_items),
        marks=tuple(mark for mark, carried in marks.items() if carried),
        end=seen.end.kind if seen.end else None,
        awaiting=waiting_for(seen, AGREEMENT),
        due_at=due_of(seen),
        actions=actions,
    )


def _in_part(agreement: Agreement, request: Request, receipts: Mapping[str, int], caller: Caller) -> AgreementView:
    view = _whole(in_part(agreement), request, receipts, caller)
    own = tuple(filing for filing in view.filing if filing.authority == SECRECY_BUREAU)
    nothing: dict[str, object] = {"duty": None, "terms": None, "classification": {}, "signatures": ()}
    return view.model_copy(update={**nothing, "filing": own, "actions": AGREEMENT.actions_for(agreement, caller)})


def _whole(agreement: Agreement, request: Request, receipts: Mapping[str, int], caller: Caller) -> AgreementView:
    same = AgreementView.model_fields.keys() & Agreement.model_fields.keys() - {"pending", "coordination", "clock"}
    terms = agreement.terms
    return AgreementView(
        **{name: getattr(agreement, name) for name in same},
        responsible_unit=agreement.responsible_unit,
        risk_bearer=agreement.risk_bearer,
        sensitive_items=agreement.sensitive_items,
        purpose=terms.purpose.code,
        recipients=terms.scope.recipients,
        valid_from=terms.validity.valid_from,
        valid_until=terms.validity.valid_until,
        pending=_pending(agreement, receipts),
        duties=duties_under(agreement),
        coordination=_dispute(agreement, caller),
        termination=tuple(done for done in agreement.done if done.action == "terminate"),
        filing=(*filings_of(request, receipts), *filings_of(agreement, receipts)),
        awaiting=waiting_for(agreement, AGREEMENT),
        due_at=due_of(agreement),
        overdue_since=agreement.clock.overdue_since if agreement.clock else None,
        clock=_shown(agreement.clock),
        actions=AGREEMENT.actions_for(agreement, caller),
    )


def _pending(agreement: Agreement, receipts: Mapping[str, int]) -> PendingVersionView | None:
    pending = agreement.pending
    if pending is None:
        return None
    rests_on = () if pending.unsigned else filings_of_pending(agreement, pending).values()
    made = {filed.event_id for filed in rests_on if filed}
    return PendingVersionView(
        **{name: getattr(pending, name) for name in PendingVersion.model_fields if name != "clock"},
        clock=_shown(pending.clock),
        awaiting=tuple(party for party in Party if party in pending.unsigned),
        filing=tuple(filing for filing in filings_of(agreement, receipts) if filing.event_id in made),
    )


def _dispute(agreement: Agreement, caller: Caller) -> DisputeView | None:
    opened = agreement.coordination
    if opened is None:
        return None
    same = DisputeView.model_fields.keys() & type(opened).model_fields.keys()
    return DisputeView(
        **{name: getattr(opened, name) for name in same},
        clock=_shown(agreement.dispute_clock),
        actions=COORDINATION.actions_for(opened, caller) if open_coordination(agreement) else (),
    )


def _shown(clock: Running | None) -> ClockView | None:
    return explained(clock) if clock else None
