"""What every service shows in the same way: whom a case waits for, a filing with its receipt, a case's history."""

from collections.abc import Iterable, Mapping

from services.shared.events import Event, Filing
from services.shared.lifecycle import Party
from services.shared.model import Model


class Waiting(Model):
    """Who is expected to act next, and as what."""

    party: Party
    organisation: str


class FilingView(Filing):
    """A filing and its receipt: `index` is the entry's place in the ledger once it is `receipted`."""

    event_id: str
    state: str
    index: int | None
    receipt: str


class HistoryLine(Model):
    """One event of a case, with the address of its receipt and, where something was written, of its payload."""

    event: Event
    receipt: str
    payload: str | None


class HistoryPage(Model):
    """A page of a case's events, in order."""

    items: tuple[HistoryLine, ...]
    next: str | None


def filing_view(filing: Filing, event_id: str, receipts: Mapping[str, int]) -> FilingView:
    """Return a filing, made by the event with this id, with the state of its receipt."""
    index = receipts.get(event_id)
    return FilingView(
        kind=filing.kind,
        authority=filing.authority,
        event_id=event_id,
        state="pending" if index is None else "receipted",
        index=index,
        receipt=f"/audit/receipts/{event_id}",
    )


def history_page(events: Iterable[Event], token: str | None, collection: str) -> HistoryPage:
    """Return a page of events, each with the addresses of its evidence; `collection` is where its cases are found."""
    lines = (
        HistoryLine(
            event=event,
            receipt=f"/audit/receipts/{event.id}",
            payload=f"{collection}/{event.case}/payloads/{event.id}" if event.payload_sha256 else None,
        )
        for event in events
    )
    return HistoryPage(items=tuple(lines), next=token)
