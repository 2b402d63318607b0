"""How fast batches become a log: our growth of a batch with its proofs, beside SHA-256 alone, a Merkle tree in memory that
others wrote, and the canonical JSON of the same entries. One core, in process; nothing is stored."""

import time
from collections.abc import Callable, Sequence
from functools import cache
from hashlib import sha256
from typing import NamedTuple

import pymerkle
import rfc8785

from services.audit.batch import MOST, Pending, stage
from services.audit.chain import CaseHead, admit
from services.audit.entry import Mark, mark_of
from services.audit.filings import receipt_of
from services.audit.tiles import Edge, Growth, grow, load_edge
from services.audit.verify.checkpoint import Checkpoint
from services.audit.verify.note import signed_note
from services.shared.events import Event
from tests.filing import NOON, a_case
from tests.unit.ledger_makers import LOG, ORIGIN

ROUNDS = 20
A_CASE = 5
LARGE = 1_000_077  # no boundary of a tile
AT_ONCE = 50_000
GOAL = 150_000


class Rate(NamedTuple):
    """What was made, onto a log of `size` entries, and how many of it a second."""

    what: str
    size: int
    a_second: float


def measure() -> list[Rate]:
    """Return the rates of a thousand entries, the best of some rounds each."""
    entries = [each.entry for each in _waiting()]
    limits = [
        Rate("SHA-256 of leaves and nodes alone", 0, _rate(lambda: _hashed(entries))),
        Rate("canonical JSON (rfc8785)", 0, _rate(lambda: [rfc8785.dumps(each) for each in _fields()])),
        Rate("pymerkle in memory, append", 0, _rate(lambda: _appended(entries), rounds=3)),
    ]
    ours = [rate for size in (0, LARGE) for rate in _ours(entries, _edge(size))]
    return [*limits, *ours]
