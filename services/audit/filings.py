"""What readers get of the ledger: filings in a list, one entry, a receipt. Pure, given a way to read the log's objects.

It reads what is published only: a committed batch that is still being written out does not exist here.
"""

import json
import re
from collections.abc import Mapping

from pydantic import JsonValue

from services.audit.batch import Head, archived
from services.audit.entry import Mark, State, mark_of
from services.audit.tiles import Read
from services.audit.verify.layout import WIDTH, bundle_path, decode_bundle, tile_width
from services.audit.verify.receipt import Receipt, format_receipt
from services.audit.verify.spelling import read_hash
from services.shared.errors import Conflict, Invalid, NotFound, Problem
from services.shared.events import Filing
from services.shared.model import Model

INDEX = re.compile(r"0|[1-9][0-9]{0,14}")
TILE = re.compile(  # c2sp.org/tlog-tiles: each path has one spelling
    r"(?P<level>[0-9]|[1-5][0-9]|6[0-3]|entries)/(?!x000/)(?:x[0-9]{3}/){0,5}[0-9]{3}(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)


class FilingSummary(Model):
    """One entry in a list; `index` and the `receipt`'s address are null until it is filed."""

    event_id: str
    type: str
    case: str
    case_seq: int
    organisation: str
    occurred_at: str
    filing: Filing | None
    state: State
    index: int | None
    leaf_hash: str
    receipt: str | None


class Filings(Model):
    """A page of filings; `next` names the following page, null at the end."""

    items: tuple[FilingSummary, ...]
    next: str | None


class FilingDetail(Model):
    """One filed entry: its fields as filed, whose canonical JSON (RFC 8785) has the `leaf_hash` (hex)."""

    index: int
    event_id: str
    leaf_hash: str
    entry: Mapping[str, JsonValue]
    receipt: str


def summary(mark: Mark) -> FilingSummary:
    """Return a mark as a list shows it."""
    kept = {name: value for name, value in mark if name in FilingSummary.model_fields}
    return FilingSummary(**kept, receipt=_address(mark.event_id) if mark.state is State.FILED else None)


def log_page(head: Head, read: Read, *, limit: int, after: str | None) -> Filings:
    """Return filings in the order of the log, from the index `after` on; a page ends where a bundle does.

    Raises Invalid when `after` is no index.
    """
    if after is not None and not INDEX.fullmatch(after):
        raise Invalid("not a page of this list", [Problem(pointer="/query/next", detail="not a page token")])
    start = int(after or 0)
    entries = _entries_from(start, head, read)[:limit]
    stop = start + len(entries)
    marks = [mark_of(entry) for entry in entries]
    filed = [mark.filed(index=at, size=head.published_size, proof=()) for at, mark in enumerate(marks, start)]
    return Filings(items=tuple(map(summary, filed)), next=str(stop) if stop < head.published_size else None)


def entry_at(index: int, head: Head, read: Read) -> bytes:
    """Return the filed entry at an index. Raises NotFound when the published log is not that long."""
    entries = _entries_from(index, head, read)
    if not entries:
        raise NotFound("there is no such filing")
    return entries[0]


def detail(index: int, entry: bytes) -> FilingDetail:
    """Return one entry as it is shown."""
    mark = mark_of(entry)
    return FilingDetail(
        index=index,
        event_id=mark.event_id,
        leaf_hash=mark.leaf_hash,
        entry=json.loads(entry),
        receipt=_address(mark.event_id),
    )


def receipt_of(mark: Mark, read: Read) -> str:
    """Return the receipt of a filed event (c2sp.org/tlog-proof@v1), leading to the checkpoint of its batch.

    Raises Conflict while there is none: then the event is not filed.
    """
    if mark.index is None or mark.size is None:
        raise Conflict(f"not yet filed: the event is {mark.state}")
    try:
        checkpoint = read(archived(mark.size))
    except LookupError as error:
        raise Conflict(f"not yet filed: the event is {State.PENDING}, its checkpoint is not signed") from error
    proof = tuple(read_hash(each) for each in mark.proof)
    return format_receipt(Receipt(mark.index, proof, checkpoint)).decode()


def is_bundle(path: str) -> bool:
    """Return whether a path below `tile/` names an entry bundle, not a hash tile; raises NotFound for neither."""
    parts = TILE.fullmatch(path)
    if parts is None or int(parts["width"] or 1) >= WIDTH:
        raise NotFound("there is no such tile")
    return parts["level"] == "entries"


def _entries_from(index: int, head: Head, read: Read) -> list[bytes]:
    """Return the entries from `index` to the end of its bundle; none where the published log has ended."""
    if index >= head.published_size:
        return []
    bundle = index // WIDTH
    width = tile_width(head.published_size, level=0, index=bundle)
    return decode_bundle(read(bundle_path(bundle, width)))[index % WIDTH :]


def _address(event_id: str) -> str:
    return f"/audit/receipts/{event_id}"
