"""The documents of an agreement, in force or to be signed: text, policy, confidentiality agreement.

All of them are drawn from the records, never stored. The confidentiality agreement is there before the agreement is.
Pure.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum

from services.requests import agreement_text
from services.requests.agreed import Agreed
from services.requests.agreement import Agreement
from services.requests.agreement_drawn import DRAFTED, agreed_of
from services.requests.agreement_life import may_see
from services.requests.agreement_parts import PendingVersion
from services.requests.agreement_pending import as_amended, filings_of_pending, settled_on
from services.requests.agreement_sight import sees_in_part
from services.requests.case import Case
from services.requests.case_record import Filed
from services.requests.confidentiality import confidentiality_hash, confidentiality_text, is_sensitive
from services.requests.negotiation import relations
from services.requests.negotiation_parts import BOTH, MIO
from services.requests.request import Request
from services.requests.request_parts import Signature
from services.requests.views import FiledTerms
from services.shared.callers import Caller
from services.shared.errors import NotFound
from services.shared.events import FilingKind
from services.shared.model import Model
from services.shared.organisations import SECRECY_BUREAU
from services.shared.views import filing_view


class Wording(StrEnum):
    """Which version of an agreement's terms."""

    IN_FORCE = "in_force"
    PENDING = "pending"


class AgreementText(Model):
    """An agreement's text in Chinese, the hash of its terms, and the signatures over it."""

    agreement: str
    edition: int
    text: str
    terms_hash: str
    signatures: tuple[Signature, ...]


class ConfidentialityDocument(Model):
    """A confidentiality agreement: its text, the hash of its terms, the signatures over it, and its filing."""

    case: str
    text: str
    confidentiality_hash: str
    signatures: tuple[Signature, ...]
    filing: FiledTerms | None


def text_view(agreement: Agreement, wording: Wording) -> AgreementText:
    """Return the text of a version. Raises NotFound when none is pending."""
    said, signed = agreed_in(agreement, wording), agreement.signatures
    if wording is Wording.PENDING:
        signed = pending_in(agreement).signatures
    return AgreementText(
        agreement=agreement.id,
        edition=said.version,
        text=agreement_text.text_of(said),
        terms_hash=said.terms_hash,
        signatures=signed,
    )


def agreed_in(agreement: Agreement, wording: Wording) -> Agreed:
    """Return what text and policy of a version are drawn from. Raises NotFound when none is pending."""
    if wording is Wording.IN_FORCE:
        return agreed_of(agreement)
    pending = pending_in(agreement)
    return agreed_of(as_amended(agreement, pending, pending.at)).model_copy(update={"activated_on": None})


def pending_in(agreement: Agreement) -> PendingVersion:
    """Return the version to come. Raises NotFound when there is none."""
    if agreement.pending is None:
        raise NotFound("没有待生效的版本 / no version is pending")
    return agreement.pending


def confidentiality_view(
    case: Case, agreement: Agreement | None, wording: Wording, caller: Caller
) -> ConfidentialityDocument:
    """Return the confidentiality agreement of a version, for both sides, the offices, and the bureau once it is filed.

    Raises NotFound where there is none, or not for this caller.
    """
    if agreement is None:
        return _of_the_request(case, caller)
    if not may_see(agreement, caller):
        raise _none()
    if wording is Wording.PENDING:
        return _of_the_pending(case, agreement, caller)
    settled = settled_on(case.request, agreement.terms, agreement.classification)
    filed = _filing(agreement.confidentiality_filing, case.request, agreement)
    return _document(settled, agreement.confidentiality, filed, case.receipts)


def _of_the_request(case: Case, caller: Caller) -> ConfidentialityDocument:
    request, filed = case.request, case.request.last_filing(FilingKind.CONFIDENTIALITY)
    theirs = caller.organisation == SECRECY_BUREAU and filed is not None
    if request.state not in DRAFTED or not (theirs or relations(request, caller) & (BOTH | MIO)):
        raise _none()
    return _document(request, request.confidentiality, filed, case.receipts)


def _of_the_pending(case: Case, agreement: Agreement, caller: Caller) -> ConfidentialityDocument:
    pending = pending_in(agreement)
    filed = None if pending.unsigned else filings_of_pending(agreement, pending).get(SECRECY_BUREAU)
    if filed is None and sees_in_part(agreement, caller):
        raise _none()
    settled = settled_on(case.request, pending.terms, agreement.classification | pending.classification)
    return _document(settled, pending.confidentiality, filed, case.receipts)


def _document(
    request: Request, signatures: tuple[Signature, ...], filed: Filed | None, receipts: Mapping[str, int]
) -> ConfidentialityDocument:
    if not is_sensitive(request):
        raise _none()
    return ConfidentialityDocument(
        case=request.id,
        text=confidentiality_text(request),
        confidentiality_hash=confidentiality_hash(request),
        signatures=signatures,
        filing=_shown(filed, receipts) if filed else None,
    )


def _filing(event_id: str | None, *records: Request | Agreement) -> Filed | None:
    made: Iterator[Filed] = (filed for record in records for filed in record.filings)
    return next((filed for filed in made if filed.event_id == event_id), None)


def _shown(filed: Filed, receipts: Mapping[str, int]) -> FiledTerms:
    shown = filing_view(filed, filed.event_id, receipts).model_dump()
    return FiledTerms(**shown, terms_hash=filed.terms_hash, at=filed.at)


def _none() -> NotFound:
    return NotFound("没有安全保密协议 / there is no such confidentiality agreement")
