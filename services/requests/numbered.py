"""What a case holds several of: its id `<case>.<number>`, and its part of the case's history. Pure."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from services.shared.errors import NotFound
from services.shared.events import Event
from services.shared.views import HistoryLine, HistoryPage

SHAPE = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.([1-9][0-9]{0,5})")


class Numbered(NamedTuple):
    """One of several in a case: the case's id, and the record's name there."""

    case: str
    name: str


def read_id(text: str, kind: str) -> Numbered:
    """Return what an id names, as one of a kind of record. Raises NotFound for what is no such id."""
    found = SHAPE.fullmatch(text)
    if found is None:
        raise there_is_none(kind)
    return Numbered(found[1], f"{kind}-{found[2]}")


def there_is_none(kind: str) -> NotFound:
    """Return the refusal of what is not there, or not for the caller."""
    return NotFound(f"there is no such {kind.replace('_', ' ')}")


def history_of(events: Iterable[Event], token: str | None, address: str) -> HistoryPage:
    """Return a page of events, each with the addresses of its evidence; `address` is where what they are about is."""
    lines = (
        HistoryLine(
            event=event,
            receipt=f"/audit/receipts/{event.id}",
            payload=f"{address}/payloads/{event.id}" if event.payload_sha256 else None,
        )
        for event in events
    )
    return HistoryPage(items=tuple(lines), next=token)
