"""What the ledger holds of an event: its entry, byte for byte, and the mark kept beside it.

Pure: knows no table, no bucket and no tree.
"""

import hashlib
import json
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from pydantic import JsonValue, field_validator

from services.audit.verify.layout import LONGEST_ENTRY
from services.audit.verify.merkle import leaf_hash
from services.audit.verify.spelling import HASH_LENGTH, write_base64
from services.shared.canonical import canonical
from services.shared.events import Event, Filing
from services.shared.model import Model

VERSION = 1


class NotAnEntry(ValueError):
    """An event that cannot be filed as it is; the producer made it wrongly, so it ends among the dead letters."""


class State(StrEnum):
    """How far an accepted event is: no receipt means not filed."""

    PENDING = "pending"
    FILED = "filed"


class Mark(Model):
    """Where an event's entry is: what a reader needs without the log.

    `index`, `size` and `proof` are there once it is filed: the inclusion proof (base64, the leaf's sibling first)
    leads to the checkpoint of that `size`. `accepted_at` is when the ledger took the event, never before the one before
    it in its case; it is no part of the entry. Hashes may be given in bytes too, those of a proof one after the other.
    """

    event_id: str
    type: str
    case: str
    case_seq: int
    organisation: str
    parties: tuple[str, ...]
    filing: Filing | None = None
    payload_sha256: str | None = None
    occurred_at: str
    prev_hash: str
    entry_sha256: str
    leaf_hash: str
    accepted_at: str = ""
    state: State = State.PENDING
    index: int | None = None
    size: int | None = None
    proof: tuple[str, ...] = ()

    @field_validator("prev_hash", "entry_sha256", "leaf_hash", mode="before")
    @classmethod
    def _hex(cls, kept: Any) -> Any:
        return kept if isinstance(kept, str) else bytes(kept).hex()

    @field_validator("proof", mode="before")
    @classmethod
    def _base64(cls, kept: Any) -> Any:
        if isinstance(kept, (tuple, list)):
            return kept
        raw = bytes(kept)
        return tuple(write_base64(raw[at : at + HASH_LENGTH]) for at in range(0, len(raw), HASH_LENGTH))

    def filed(self, *, index: int, size: int, proof: tuple[str, ...]) -> "Mark":
        """Return the mark once the entry stands at `index` of the log of `size` entries."""
        return self.model_copy(update={"state": State.FILED, "index": index, "size": size, "proof": proof})


def entry_of(event: Event, prev_hash: str) -> bytes:
    """Return the entry of an event: RFC 8785 JSON of at most 65,535 bytes, of strings and integers only.

    A field that is null in the event is left out, a boolean is written 1 or 0. `prev_hash` is the hex leaf hash of the
    case's previous entry, empty for the first. Raises NotAnEntry for an event outside a case's order, a fraction in
    its body, or too many bytes.
    """
    if event.case_seq is None or event.case_seq < 1:
        raise NotAnEntry(f"{event.type} has no place in its case")
    fields: dict[str, JsonValue] = {
        "v": VERSION,
        "event_id": event.id,
        "type": event.type,
        "case": event.case,
        "case_seq": event.case_seq,
        "prev_hash": prev_hash,
        "organisation": event.organisation,
        "actor": event.actor,
        "parties": [*event.parties],
        "occurred_at": written(event.at),
        "filing": event.filing.model_dump(mode="json") if event.filing else None,
        "payload_sha256": event.payload_sha256,
        "body": dict(event.body),
    }
    entry = canonical(_exact(fields))
    if len(entry) > LONGEST_ENTRY:
        raise NotAnEntry(f"the entry of {event.id} would have {len(entry)} bytes; {LONGEST_ENTRY} is the most")
    return entry


def written(moment: datetime) -> str:
    """Write 2026-01-02T03:04:05.678Z (RFC 3339); these sort as the moments do."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def mark_of(entry: bytes) -> Mark:
    """Return the mark of an entry that is accepted and not yet filed; the same bytes give the same mark."""
    kept = {name: value for name, value in json.loads(entry).items() if name in Mark.model_fields}
    hashes = {"entry_sha256": hashlib.sha256(entry).hexdigest(), "leaf_hash": leaf_hash(entry).hex()}
    return Mark.model_validate(kept | hashes)


def _exact(value: JsonValue) -> JsonValue:
    """Return a value in strings and integers: each machine must spell it in the same bytes."""
    if isinstance(value, dict):
        return {name: _exact(part) for name, part in value.items() if part is not None}
    if isinstance(value, list):
        return [_exact(part) for part in value]
    if isinstance(value, bool):
        return int(value)
    if not isinstance(value, (str, int)):
        raise NotAnEntry(f"an entry holds strings and whole numbers only, not {value!r}")
    return value
