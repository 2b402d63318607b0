"""What a caller sees of a request: the record, what it waits for, and what this caller may do now. Pure."""

from collections.abc import Mapping

from pydantic import AwareDatetime

from services.requests.agreement import Agreement, AgreementState
from services.requests.entry import Sensitivity
from services.requests.negotiation import NEGOTIATION
from services.requests.request import Offer, RefusalReport, Request, Signature, State
from services.shared.callers import Caller
from services.shared.lifecycle import Party
from services.shared.model import Model
from services.shared.organisations import OFFICE
from services.shared.views import FilingView, Waiting, filing_view

NOTICES = {
    State.CONF_PENDING: "条目涉密或敏感,须先签订安全保密协议;该环节尚未提供,可退回重新协商。 "
    "An item is sensitive: a confidentiality agreement must come first. That step is not built yet; "
    "either side may reopen the negotiation.",
}


class FiledTerms(FilingView):
    """A filing of a set of terms: `terms_hash` names them."""

    terms_hash: str
    at: AwareDatetime


class AgreementView(Model):
    """The agreement: its text, the hash to sign, the signatures over it, and its state once it is in force."""

    request: str
    state: AgreementState | None
    text: str
    terms_hash: str
    signatures: tuple[Signature, ...]
    activated_at: AwareDatetime | None


class RequestView(Model):
    """A request as the API shows it. `due_at` is null while no clock runs."""

    id: str
    state: State
    version: int
    requester: str
    provider: str
    resource: str
    resource_title: str
    legacy: bool
    duty: str
    offers: tuple[Offer, ...]
    terms_hash: str
    classification: dict[str, Sensitivity | None]
    signatures: tuple[Signature, ...]
    refusal: RefusalReport | None
    filing: tuple[FiledTerms, ...]
    agreement: AgreementState | None
    reason: str | None
    awaiting: tuple[Waiting, ...]
    due_at: AwareDatetime | None
    actions: tuple[str, ...]
    notice: str | None
    created_at: AwareDatetime
    submitted_at: AwareDatetime | None
    changed_at: AwareDatetime


class RequestLine(Model):
    """A request in a list."""

    id: str
    state: State
    version: int
    requester: str
    provider: str
    resource: str
    resource_title: str
    awaiting: tuple[Waiting, ...]
    actions: tuple[str, ...]
    changed_at: AwareDatetime


class RequestPage(Model):
    """A page of a list; `next` is null at its end."""

    items: tuple[RequestLine, ...]
    next: str | None


def view_of(request: Request, receipts: Mapping[str, int], agreement: Agreement | None, caller: Caller) -> RequestView:
    """Return a request as this caller sees it."""
    same = request.model_dump(include=RequestView.model_fields.keys() & type(request).model_fields.keys())
    return RequestView(
        **same
        | line_of(request, caller).model_dump()
        | {
            "legacy": request.entry.legacy,
            "terms_hash": request.latest.terms_hash,
            "classification": request.sensitivities(),
            "filing": tuple(filings_of(request, receipts)),
            "agreement": agreement.state if agreement else None,
            "due_at": None,
            "notice": NOTICES.get(request.state),
        }
    )


def line_of(request: Request, caller: Caller) -> RequestLine:
    """Return a request as a line of this caller's list."""
    return RequestLine(
        **request.model_dump(include={"id", "state", "version", "requester", "changed_at"}),
        provider=request.provider,
        resource=request.entry.id,
        resource_title=request.entry.title,
        awaiting=waiting_for(request),
        actions=NEGOTIATION.actions_for(request, caller),
    )


def waiting_for(request: Request) -> tuple[Waiting, ...]:
    """Return whom the request waits for."""
    organisations = {Party.REQUESTER: request.requester, Party.PROVIDER: request.provider, Party.OFFICE: OFFICE}
    parties = NEGOTIATION.awaiting(request)
    return tuple(Waiting(party=party, organisation=organisations.get(party, "system")) for party in parties)


def filings_of(request: Request, receipts: Mapping[str, int]) -> list[FiledTerms]:
    """Return the case's filings with the state of their receipts."""
    return [
        FiledTerms(
            **filing_view(filed, filed.event_id, receipts).model_dump(), terms_hash=filed.terms_hash, at=filed.at
        )
        for filed in request.filings
    ]
