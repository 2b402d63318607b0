"""What a caller sees of a request: the record, what it waits for, and what this caller may do now. Pure."""

from collections.abc import Mapping
from typing import Any

from pydantic import AwareDatetime

from services.requests.agreement import Agreement
from services.requests.case_record import CaseRecord
from services.requests.comparison import FieldDifference
from services.requests.confidentiality import confidentiality_hash, confidentiality_text, is_sensitive
from services.requests.entry import Sensitivity
from services.requests.negotiation import NEGOTIATION
from services.requests.request import Kind, Request, State
from services.requests.request_parts import Coordination, Extension, Notice, Offer, RefusalReport, Signature, Urgency
from services.requests.shelves import DeskLine
from services.shared.callers import Caller
from services.shared.clock_views import ClockView, explained
from services.shared.lifecycle import Machine
from services.shared.model import Model
from services.shared.organisations import organisation
from services.shared.views import FilingView, Waiting, filing_view


class FiledTerms(FilingView):
    """A filing of what `terms_hash` names."""

    terms_hash: str
    at: AwareDatetime


class ConfidentialityView(Model):
    """The confidentiality agreement that goes with the terms: its text, the hash to sign, who has signed."""

    text: str
    terms_hash: str
    signatures: tuple[Signature, ...]


class DraftAgreementView(Model):
    """The agreement as it was drafted: its text, the hash to sign, the signatures over it."""

    request: str
    text: str
    terms_hash: str
    signatures: tuple[Signature, ...]


class Comparison(Model):
    """Two offers side by side, field by field."""

    one: Offer
    other: Offer
    fields: tuple[FieldDifference, ...]


class Between(Model):
    """From which tier to which a request goes: districts file with the city too (S-126 to S-129)."""

    requester: str
    provider: str


class RequestView(Model):
    """A request as the API shows it. `clock` says by which rule it is due; `due_at` is null where no number runs."""

    id: str
    state: State
    version: int
    kind: Kind
    requester: str
    provider: str
    tiers: Between
    resource: str
    resource_title: str
    legacy: bool
    share_type: str | None
    duty: str
    urgency: Urgency | None
    offers: tuple[Offer, ...]
    terms_hash: str
    classification: dict[str, Sensitivity | None]
    signatures: tuple[Signature, ...]
    confidentiality: ConfidentialityView | None
    refusal: RefusalReport | None
    gaps: Notice | None
    extension: Extension | None
    coordination: Coordination | None
    routed: bool
    filing: tuple[FiledTerms, ...]
    agreement: str | None
    reason: str | None
    awaiting: tuple[Waiting, ...]
    due_at: AwareDatetime | None
    overdue_since: AwareDatetime | None
    clock: ClockView | None
    actions: tuple[str, ...]
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
    urgent: bool
    awaiting: tuple[Waiting, ...]
    due_at: AwareDatetime | None
    overdue_since: AwareDatetime | None
    actions: tuple[str, ...]
    changed_at: AwareDatetime


class RequestPage(Model):
    """A page of a list; `next` is null at its end.

    Of what waits for the caller the lines are of every kind, the overdue first, with how many wait in each state
    (`counts`, by kind and state, on the first page alone).
    """

    items: tuple[RequestLine | DeskLine, ...]
    next: str | None
    counts: dict[str, dict[str, int]] | None = None


def view_of(request: Request, receipts: Mapping[str, int], agreement: Agreement | None, caller: Caller) -> RequestView:
    """Return a request as this caller sees it."""
    same = request.model_dump(include=RequestView.model_fields.keys() & type(request).model_fields.keys())
    line = line_of(request, caller).model_dump(
        include=RequestView.model_fields.keys() & RequestLine.model_fields.keys()
    )
    return RequestView.model_validate(
        same
        | line
        | {
            "tiers": Between(requester=_tier(request.requester), provider=_tier(request.provider)),
            "legacy": request.entry.legacy,
            "share_type": request.entry.share_type,
            "terms_hash": request.latest.terms_hash,
            "classification": request.sensitivities(),
            "confidentiality": _confidentiality(request),
            "gaps": request.notice,
            "filing": tuple(filings_of(request, receipts)),
            "agreement": agreement.state if agreement else None,
            "clock": explained(request.clock) if request.clock else None,
        }
    )


def line_of(request: Request, caller: Caller) -> RequestLine:
    """Return a request as a line of this caller's list."""
    return RequestLine(
        **request.model_dump(include={"id", "state", "version", "requester", "changed_at"}),
        provider=request.provider,
        resource=request.entry.id,
        resource_title=request.entry.title,
        urgent=request.urgent,
        awaiting=waiting_for(request, NEGOTIATION),
        due_at=due_of(request),
        overdue_since=request.clock.overdue_since if request.clock else None,
        actions=NEGOTIATION.actions_for(request, caller),
    )


def waiting_for(record: CaseRecord, machine: Machine[Any]) -> tuple[Waiting, ...]:
    """Return whom a record waits for."""
    return tuple(Waiting(party=party, organisation=record.organisations[party]) for party in machine.awaiting(record))


def due_of(record: CaseRecord) -> AwareDatetime | None:
    """Return when a record is due, as its clock shows it."""
    return explained(record.clock).due_at if record.clock else None


def filings_of(record: CaseRecord, receipts: Mapping[str, int]) -> list[FiledTerms]:
    """Return a record's filings with the state of their receipts."""
    return [
        FiledTerms(
            **filing_view(filed, filed.event_id, receipts).model_dump(), terms_hash=filed.terms_hash, at=filed.at
        )
        for filed in record.filings
    ]


def _confidentiality(request: Request) -> ConfidentialityView | None:
    classified = None not in request.sensitivities().values()
    if not (classified and is_sensitive(request)):
        return None
    text, named = confidentiality_text(request), confidentiality_hash(request)
    return ConfidentialityView(text=text, terms_hash=named, signatures=request.confidentiality)


def _tier(code: str) -> str:
    found = organisation(code)
    return found.tier.value if found else ""
