"""What readers get of the ledger: filings in a list, one entry, a receipt. Pure, given a way to read the log's objects.

It reads what is published only: a committed batch that is still being written out does not exist here.
"""

import json
import re
from collections.abc import Iterable, Mapping, Set
from enum import StrEnum

from pydantic import JsonValue

from services.audit.batch import Head, archived
from services.audit.entry import Mark, State, mark_of
from services.audit.tiles import Read
from services.audit.verify.errors import Malformed
from services.audit.verify.layout import WIDTH, bundle_path, decode_bundle, parse_path, tile_width
from services.audit.verify.receipt import Receipt, format_receipt
from services.audit.verify.spelling import read_hash
from services.shared.canonical import canonical
from services.shared.erasure import erasure_id
from services.shared.errors import Conflict, Invalid, NotFound, Problem
from services.shared.events import Filing
from services.shared.model import Model

INDEX = re.compile(r"0|[1-9][0-9]{0,14}")


class PayloadState(StrEnum):
    """Whether what was written with an event is still there."""

    KEPT = "kept"
    ERASED = "erased"


class PayloadSeen(Model):
    """What the ledger knows of what was written with an event: its salted hash, and which filed event erased it."""

    sha256: str
    state: PayloadState
    erased_by: str | None


class FilingSummary(Model):
    """One step of a case; `index` and the `receipt`'s address are null until it is filed.

    `filing` is null for a step that is no filing with an authority, `payload` where nothing was written with it.
    """

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
    payload: PayloadSeen | None


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
    payload: PayloadSeen | None


def erasures_of(marks: Iterable[Mark]) -> set[str]:
    """Return the ids of the events that would tell of an erasure of what was written with some of these."""
    return {erasure_id(mark.event_id) for mark in marks if mark.payload_sha256}


def page_of(marks: Iterable[Mark], filed: Set[str], *, following: str | None) -> Filings:
    """Return marks as a list shows them; `filed` are those of their `erasures_of` that are filed."""
    return Filings(items=tuple(_summary(mark, filed) for mark in marks), next=following)


def log_page(head: Head, read: Read, *, limit: int, after: str | None) -> tuple[list[Mark], str | None]:
    """Return marks in the order of the log, from the index `after` on; a page ends where a bundle does.

    Raises Invalid when `after` is no index.
    """
    if after is not None and not INDEX.fullmatch(after):
        raise Invalid("not a page of this list", [Problem(pointer="/query/next", detail="not a page token")])
    start = int(after or 0)
    entries = _entries_from(start, head, read)[:limit]
    stop = start + len(entries)
    marks = [mark_of(entry) for entry in entries]
    filed = [mark.filed(index=at, size=head.published_size, proof=()) for at, mark in enumerate(marks, start)]
    return filed, str(stop) if stop < head.published_size else None


def entry_at(index: int, head: Head, read: Read) -> bytes:
    """Return the filed entry at an index. Raises NotFound when the published log is not that long."""
    entries = _entries_from(index, head, read)
    if not entries:
        raise NotFound("there is no such filing")
    return entries[0]


def detail(index: int, entry: bytes, filed: Set[str]) -> FilingDetail:
    """Return one entry as it is shown; `filed` as for a list."""
    mark = mark_of(entry)
    return FilingDetail(
        index=index,
        event_id=mark.event_id,
        leaf_hash=mark.leaf_hash,
        entry=json.loads(entry),
        receipt=_address(mark.event_id),
        payload=_payload(mark, filed),
    )


def receipt_of(mark: Mark, read: Read) -> str:
    """Return the receipt of a filed event (c2sp.org/tlog-proof@v1), leading to the checkpoint of its batch.

    A filing's receipt says in its extra line with whom it is filed, and as what. Raises Conflict while there is none:
    then the event is not filed.
    """
    if mark.index is None or mark.size is None:
        raise Conflict(f"not yet filed: the event is {mark.state}")
    try:
        checkpoint = read(archived(mark.size))
    except LookupError as error:
        raise Conflict(f"not yet filed: the event is {State.PENDING}, its checkpoint is not signed") from error
    proof = tuple(read_hash(each) for each in mark.proof)
    return format_receipt(Receipt(mark.index, proof, checkpoint, extra_of(mark))).decode()


def extra_of(mark: Mark) -> bytes:
    """Return a receipt's extra line: canonical JSON of a filing's authority and kind, nothing for any other step."""
    return canonical(mark.filing) if mark.filing else b""


def is_bundle(path: str) -> bool:
    """Return whether a path below `tile/` names an entry bundle, not a hash tile; raises NotFound for neither."""
    try:
        return parse_path(f"tile/{path}").level is None
    except Malformed as error:
        raise NotFound("there is no such tile") from error


def _entries_from(index: int, head: Head, read: Read) -> list[bytes]:
    """Return the entries from `index` to the end of its bundle; none where the published log has ended."""
    if index >= head.published_size:
        return []
    bundle = index // WIDTH
    width = tile_width(head.published_size, level=0, index=bundle)
    return decode_bundle(read(bundle_path(bundle, width)))[index % WIDTH :]


def _summary(mark: Mark, filed: Set[str]) -> FilingSummary:
    kept = {name: value for name, value in mark if name in FilingSummary.model_fields}
    receipt = _address(mark.event_id) if mark.state is State.FILED else None
    return FilingSummary(**kept, receipt=receipt, payload=_payload(mark, filed))


def _payload(mark: Mark, filed: Set[str]) -> PayloadSeen | None:
    if mark.payload_sha256 is None:
        return None
    told = erasure_id(mark.event_id)
    if told in filed:
        return PayloadSeen(sha256=mark.payload_sha256, state=PayloadState.ERASED, erased_by=told)
    return PayloadSeen(sha256=mark.payload_sha256, state=PayloadState.KEPT, erased_by=None)


def _address(event_id: str) -> str:
    return f"/audit/receipts/{event_id}"
