"""What is stored in a world of the ledger, read by nothing but paths and names, and what must be stored there."""

import json
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from services.audit.batch import Staged
from services.audit.entry import Mark
from services.audit.filings import receipt_of
from services.audit.verify.checkpoint import Checkpoint, parse_checkpoint
from services.audit.verify.layout import (
    WIDTH,
    bundle_path,
    decode_bundle,
    encode_entry,
    growing_tiles,
    join_hashes,
    tile_path,
    tile_width,
)
from services.audit.verify.merkle import leaf_hash, root_of
from services.audit.verify.note import ED25519, Key, parse_note
from services.audit.verify.policy import Policy, trust_log
from services.shared.dynamo import plain
from services.shared.events import Event
from tests.ledger_harness import ORIGIN, STAGING, World


def policy(world: World) -> Policy:
    """Return the policy of a verifier who trusts this world's key."""
    return _policy(world.cloud.key.public_key().public_bytes_raw())


@cache
def _policy(public: bytes) -> Policy:
    return trust_log(Key(ORIGIN, ED25519, public).vkey)


def entries_at(world: World, size: int) -> list[bytes]:
    """Return the first entries of the log. Raises LookupError when a bundle of that size is missing."""
    widths = [(index, tile_width(size, level=0, index=index)) for index in range(-(-size // WIDTH))]
    return [entry for each in widths for entry in _decoded(world.read(bundle_path(*each)))]


@cache
def _decoded(bundle: bytes) -> list[bytes]:
    return decode_bundle(bundle)


@cache
def fields(entry: bytes) -> dict[str, Any]:
    """Return what an entry says."""
    return dict(json.loads(entry))


def event_of(entry: bytes) -> str:
    """Return the event that an entry is of."""
    return str(fields(entry)["event_id"])


def is_of(entry: bytes, event: Event) -> bool:
    """Say whether an entry is of this event, and not of one that contradicts it."""
    said = fields(entry)
    return (said["event_id"], said["case"], said["actor"]) == (event.id, event.case, event.actor)


@cache
def root(log: tuple[bytes, ...]) -> bytes:
    """Return the root over all entries."""
    return root_of(map(leaf_hash, log))


def begins(checkpoint: Checkpoint, log: Sequence[bytes]) -> bool:
    """Say whether a log begins with the tree of a checkpoint."""
    return checkpoint.size <= len(log) and checkpoint.root == root(tuple(log[: checkpoint.size]))


def grown(log: Sequence[bytes], old_size: int, size: int) -> Iterator[tuple[str, bytes]]:
    """Yield each tile and bundle that a batch writes, made from the log's entries."""
    for index, width in growing_tiles(old_size, size, 0):
        part = log[index * WIDTH : index * WIDTH + width]
        yield bundle_path(index, width), b"".join(map(encode_entry, part))
        yield tile_path(0, index, width), join_hashes(map(leaf_hash, part))
    for index, width in growing_tiles(old_size, size, 1):
        spans = range(index * WIDTH, index * WIDTH + width)
        yield tile_path(1, index, width), join_hashes(root(tuple(log[n * WIDTH : (n + 1) * WIDTH])) for n in spans)


def size_of(note: bytes) -> int:
    """Return the size in a signed checkpoint, unverified."""
    return parse_checkpoint(parse_note(note).text).size


def mark_of(world: World, event: str) -> Mark | None:
    """Return the mark of an event."""
    item = world.cloud.items.get(f"EVT#{event}", {}).get("EVT")
    if item is None:
        return None
    return Mark.model_validate({name: value for name, value in plain(item).items() if name in Mark.model_fields})


def receipt_for(world: World, event: str) -> bytes:
    """Return the receipt of an event. Raises Conflict while it is not filed, LookupError when it is not known."""
    mark = mark_of(world, event)
    if mark is None:
        raise LookupError(f"there is no mark of {event}")
    return receipt_of(mark, world.read).encode()


def waiting_names(world: World) -> list[str]:
    """Return the names of all entries that wait."""
    return [name for key, items in world.cloud.items.items() if key.startswith("PEND#") for name in items]


def committed(world: World) -> list[bytes]:
    """Return the entries of the log as it is committed, whether it is written out or not. Raises LookupError."""
    head = world.cloud.items.get(f"HEAD#{ORIGIN}", {}).get("HEAD")
    if head is None:
        return []
    said = plain(head)
    if said["applied"]:
        return entries_at(world, int(said["size"]))
    body = world.cloud.latest(STAGING, said["staged_key"])
    if body is None:
        raise LookupError(f"there is no {said['staged_key']}")
    staged = Staged.model_validate_json(body)
    return [*entries_at(world, staged.old_size), *staged.entries]
