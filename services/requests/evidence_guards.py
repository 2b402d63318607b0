"""What must be on record before a request goes on by itself or closes: receipts, and terms that nobody need decide."""

from services.requests.confidentiality import confidentiality_hash, is_sensitive
from services.requests.guards import Faults
from services.requests.request import Request
from services.requests.standard_terms import beyond_standard_terms
from services.shared.errors import Problem
from services.shared.events import FilingKind
from services.shared.lifecycle import Act


def refusal_report_delivered(request: Request, act: Act) -> Faults:
    """The refusal report has reached the office: its receipt is there (I2)."""
    yield from _without_receipt(request, act, FilingKind.REFUSAL_REPORT)


def standard_terms_are_met(request: Request, act: Act) -> Faults:
    """An unconditional entry on its own standard terms needs nobody's word, once the request is filed."""
    entry = request.entry
    if not entry.is_unconditional:
        yield Problem(pointer="/resource", detail="this entry is not shared unconditionally")
    yield from beyond_standard_terms(
        request.latest.terms,
        share_method=entry.share_method,
        formats=entry.formats,
        update_cycle=entry.update_cycle,
        items=tuple(item.name for item in entry.items),
    )
    yield from _without_receipt(request, act, FilingKind.REQUEST)


def both_receipts_in(request: Request, act: Act) -> Faults:
    """The ledger holds the request's filing and the filing of the result on the agreed terms (I1, I5, I10)."""
    yield from _without_receipt(request, act, FilingKind.REQUEST)
    yield from _without_receipt(request, act, FilingKind.RESULT)
    result = request.last_filing(FilingKind.RESULT)
    if result and result.terms_hash != request.latest.terms_hash:
        yield Problem(pointer="/filings", detail="the result that was filed names other terms")


def secrecy_receipt_in(request: Request, act: Act) -> Faults:
    """Where an item is sensitive, the secrecy bureau has the confidentiality agreement, with a receipt (I1, S-096)."""
    if not is_sensitive(request):
        return
    yield from _without_receipt(request, act, FilingKind.CONFIDENTIALITY)
    filed = request.last_filing(FilingKind.CONFIDENTIALITY)
    if filed and filed.terms_hash != confidentiality_hash(request):
        yield Problem(pointer="/filings", detail="the confidentiality agreement that was filed is another one")


def _without_receipt(request: Request, act: Act, kind: FilingKind) -> Faults:
    filed = request.last_filing(kind)
    if filed is None or filed.event_id not in act.given.receipts:
        yield Problem(pointer="/filings", detail=f"the receipt of the {kind} filing is not there yet")
