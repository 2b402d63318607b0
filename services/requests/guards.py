"""What must hold before a row of the negotiation's table may be taken. Each guard yields every fault it finds."""

from collections.abc import Iterator
from typing import NamedTuple

from services.requests.acts import Classification, Draft, Named, Refusal
from services.requests.entry import OFF_SYSTEM, Entry, Sensitivity
from services.requests.request import Request
from services.requests.terms import faults_in
from services.shared.errors import Problem
from services.shared.events import FilingKind
from services.shared.lifecycle import Act
from services.shared.reference import duties_of, excludes_sharing, find_clause

Faults = Iterator[Problem]


class Given(NamedTuple):
    """What is loaded beside a request: the receipts in its case (event ids), and the entry as it stands now."""

    receipts: frozenset[str] = frozenset()
    entry: Entry | None = None


def offer_fits_entry(request: Request, act: Act) -> Faults:
    """The terms of a counter-offer or a revised draft fit the entry that is asked for."""
    yield from faults_in(act.body.terms, request.entry)


def asks_for_the_same_entry(request: Request, act: Act) -> Faults:
    """A draft is revised, not turned to another entry: that would be another request."""
    body: Draft = act.body
    if body.resource != request.entry.id:
        yield Problem(pointer="/resource", detail=f"this request asks for {request.entry.id}; draft another one")


def entry_stands(_: Request, act: Act) -> Faults:
    """The entry is still published when the request leaves the house."""
    given: Given = act.given
    if given.entry is None or not given.entry.published:
        yield Problem(pointer="/resource", detail="this entry is no longer in the catalogue")


def duty_is_own(request: Request, act: Act) -> Faults:
    """The duty served is one of the requester's own (S-045)."""
    duty = act.body.duty if isinstance(act.body, Draft) else request.duty
    if duty not in {own.code for own in duties_of(request.requester)}:
        yield Problem(pointer="/duty", detail=f"'{duty}' is not a duty of {request.requester}")


def names_latest_offer_of_other_side(request: Request, act: Act) -> Faults:
    """Agreement names the hash of the latest offer, made by the other side (I4)."""
    body: Named = act.body
    if body.terms_hash != request.latest.terms_hash:
        yield Problem(pointer="/terms_hash", detail=f"the latest offer is {request.latest.terms_hash}")
    if request.latest.by is act.party:
        yield Problem(pointer="/terms_hash", detail="the latest offer is your own; it is for the other side to agree")


def names_agreed_terms(request: Request, act: Act) -> Faults:
    """A signature names the hash of the terms that were agreed."""
    body: Named = act.body
    if body.terms_hash != request.latest.terms_hash:
        yield Problem(pointer="/terms_hash", detail=f"the agreed terms are {request.latest.terms_hash}")


def classifies_requested_items(request: Request, act: Act) -> Faults:
    """Only items on the table are classified, and no secret enters the system (Decree 809 Art. 3)."""
    body: Classification = act.body
    for item, sensitivity in body.items.items():
        pointer = f"/items/{item.replace('~', '~0').replace('/', '~1')}"
        if item not in request.latest.terms.content.items:
            yield Problem(pointer=pointer, detail=f"'{item}' is not asked for")
        if sensitivity in OFF_SYSTEM:
            yield Problem(pointer=pointer, detail="state and work secrets are handled elsewhere and never enter here")


def every_item_classified(request: Request, _: Act) -> Faults:
    """Every item is classified before an agreement is drafted."""
    for item, sensitivity in request.sensitivities().items():
        if sensitivity is None:
            yield Problem(pointer="/classification", detail=f"'{item}' is not classified yet")


def has_statutory_basis(_: Request, act: Act) -> Faults:
    """Sharing is the rule: only a clause that excludes sharing is a basis for refusing (S-081, Decree 809 Art. 15)."""
    body: Refusal = act.body
    if find_clause(body.instrument, body.clause) is None:
        yield Problem(pointer="/clause", detail="no such clause is in the register of legal instruments")
    elif not excludes_sharing(body.instrument, body.clause):
        yield Problem(pointer="/clause", detail="this clause does not exclude sharing")


def refusal_report_delivered(request: Request, act: Act) -> Faults:
    """The refusal report has reached the office: its receipt is there (I2)."""
    yield from _without_receipt(request, act, FilingKind.REFUSAL_REPORT)


def both_receipts_in(request: Request, act: Act) -> Faults:
    """The ledger holds the request's filing and the filing of the result on the agreed terms (I1, I5, I10)."""
    yield from _without_receipt(request, act, FilingKind.REQUEST)
    yield from _without_receipt(request, act, FilingKind.RESULT)
    result = request.last_filing(FilingKind.RESULT)
    if result and result.terms_hash != request.latest.terms_hash:
        yield Problem(pointer="/filings", detail="the result that was filed names other terms")


def no_sensitive_item(request: Request, _: Act) -> Faults:
    """No item asks for a confidentiality agreement (S-095)."""
    if is_sensitive(request):
        yield Problem(pointer="/classification", detail="an item is sensitive: a confidentiality agreement comes first")


def sensitive_item(request: Request, _: Act) -> Faults:
    """Some item asks for a confidentiality agreement."""
    if not is_sensitive(request):
        yield Problem(pointer="/classification", detail="no item is sensitive")


def is_sensitive(request: Request) -> bool:
    """Return whether any item is anything but known to be harmless: what nobody classified counts as sensitive."""
    return any(sensitivity is not Sensitivity.NONE for sensitivity in request.sensitivities().values())


def _without_receipt(request: Request, act: Act, kind: FilingKind) -> Faults:
    filed = request.last_filing(kind)
    if filed is None or filed.event_id not in act.given.receipts:
        yield Problem(pointer="/filings", detail=f"the receipt of the {kind} filing is not there yet")
