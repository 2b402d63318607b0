"""How fast entries become a log: our growth of a batch and its proofs, beside SHA-256 alone, a Merkle tree in memory
that others wrote, and the canonical JSON of the same entries. In process, on one core; nothing is stored."""

import json
import time
from collections.abc import Callable, Sequence
from functools import cache
from hashlib import sha256
from random import Random
from typing import NamedTuple

import pymerkle
import rfc8785

from services.audit.batch import MOST, Pending, Staged, in_order, predecessors, stage
from services.audit.chain import CaseHead, admit
from services.audit.filings import receipt_of
from services.audit.tiles import Edge, TileTree, grow
from services.audit.verify.checkpoint import Checkpoint
from services.audit.verify.layout import HEIGHT, WIDTH, encode_entry, tile_path
from services.audit.verify.merkle import leaf_hash
from services.audit.verify.note import signed_note
from tests.filing import NOON, a_case
from tests.unit.ledger_makers import LOG, ORIGIN

ROUNDS = 20
A_CASE = 5
LOGS = (0, 1_000_077)
GOAL = 150_000  # entries a second, from canonical bytes to tiles and root


class Rate(NamedTuple):
    """What was made of a thousand entries for a log of `size`, and how many of it a second."""

    what: str
    size: int
    a_second: float


def measure() -> list[Rate]:
    """Return the best rate of some rounds for each; ours for an empty log and for one of a million."""
    entries = [each.entry for each in waiting()]
    fields = [json.loads(entry) for entry in entries]
    limits = [
        Rate("canonical JSON alone (rfc8785)", 0, _rate(lambda: [rfc8785.dumps(each) for each in fields])),
        Rate("SHA-256 of leaves and nodes alone", 0, _rate(lambda: _hashed(entries))),
        Rate("pymerkle in memory, append and root", 0, _rate(lambda: _appended(entries))),
    ]
    return [*limits, *(rate for size in LOGS for rate in _ours(size))]


def _ours(size: int) -> list[Rate]:
    edge, chosen = an_edge(size), waiting()
    entries = [each.entry for each in chosen]
    growth, staged = grow(edge, entries), stage(edge, chosen)
    marks, checkpoint = list(staged.marks()), _checkpoint(staged)
    return [
        Rate("tiles, bundles and root (goal 150,000)", size, _rate(lambda: grow(edge, entries))),
        Rate("proofs of the batch's entries", size, _rate(growth.proofs)),
        Rate("receipts, from the marks", size, _rate(lambda: [receipt_of(mark, checkpoint) for mark in marks])),
        Rate("a whole batch, from what waits to marks", size, _rate(lambda: _batch(edge))),
    ]


@cache
def waiting() -> tuple[Pending, ...]:
    """Return a thousand entries that wait, of cases of five steps, as the intake made them."""
    return tuple(each for _ in range(MOST // A_CASE) for each in _case())


def _case() -> list[Pending]:
    head, found = CaseHead(), []
    for event in a_case(A_CASE):
        accepted = admit(event, head, None, at=NOON)
        if accepted is not None:
            found.append(Pending(entry=accepted.entry, previous=head.event_id, accepted_at=accepted.mark.accepted_at))
            head = accepted.head
    return found


def an_edge(size: int) -> Edge:
    """Return the right edge of a log of a size, whose hashes are any."""
    random = Random(size)  # noqa: S311 - not for secrets
    entries = [random.randbytes(500) for _ in range(size % WIDTH)]
    rows = [[leaf_hash(entry) for entry in entries]]
    levels = range(1, -(-size.bit_length() // HEIGHT))
    rows += [[random.randbytes(32) for _ in range((size >> HEIGHT * level) % WIDTH)] for level in levels]
    indexes = [(size >> HEIGHT * level) // WIDTH for level in range(len(rows))]
    tiles = {tile_path(n, at, len(row)): b"".join(row) for n, (at, row) in enumerate(zip(indexes, rows, strict=True))}
    root = TileTree(size, tiles.__getitem__).root
    return Edge(size, root, tuple(rows) if size else (), b"".join(map(encode_entry, entries)))


def _batch(edge: Edge) -> object:
    """Do everything that a batch takes, as the sequencer does it, without storing anything."""
    fresh = [Pending(entry=each.entry, previous=each.previous, accepted_at=each.accepted_at) for each in waiting()]
    staged = stage(edge, in_order(fresh, predecessors(fresh)))
    return staged.model_dump_json().encode(), list(staged.marks())


def _checkpoint(staged: Staged) -> Callable[[str], bytes]:
    """Return a way to read the signed checkpoint of a batch."""
    text = Checkpoint(ORIGIN, staged.size, staged.root).text
    note = signed_note(text, LOG.line(text))
    return lambda _: note


def _hashed(entries: Sequence[bytes]) -> bytes:
    """Hash the leaves and every node over them, and nothing else."""
    row = [sha256(b"\x00" + entry).digest() for entry in entries]
    while len(row) > 1:
        row = [sha256(b"\x01" + left + right).digest() for left, right in zip(row[::2], row[1::2], strict=False)]
    return row[0]


def _appended(entries: Sequence[bytes]) -> bytes:
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    for entry in entries:
        tree.append_entry(entry)
    return bytes(tree.get_root())


def _rate(work: Callable[[], object]) -> float:
    """Return how many entries a second the best of some rounds makes."""
    return MOST / min(_timed(work) for _ in range(ROUNDS))


def _timed(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started
