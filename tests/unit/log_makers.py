"""Whole logs as their objects, for tests of the verifier: entries of interleaved cases, grown to several sizes."""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import pairwise

from services.audit.tiles import Edge, grow, load_edge
from services.audit.verify.checkpoint import Checkpoint
from services.audit.verify.log import LogObjects, LogVerdict, verify_log
from services.audit.verify.merkle import leaf_hash
from services.audit.verify.note import signed_note
from services.audit.verify.policy import Policy
from tests.unit.ledger_makers import LOG, ORIGIN, Signer, a_policy

Objects = dict[str, bytes]
CASES = 5


def entry_of(fields: Mapping[str, object]) -> bytes:
    """Return plain fields as canonical JSON."""
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def entries_of(count: int, *, word: str = "") -> list[bytes]:
    """Return the entries of five cases, filed in turn; another `word` makes another history."""
    last: dict[int, str] = {}
    entries: list[bytes] = []
    for index in range(count):
        case = index % CASES
        named = {"case": f"c-{case}", "case_seq": index // CASES + 1, "event_id": f"e-{index}{word}"}
        entries.append(entry_of(named | {"prev_hash": last.get(case, "")}))
        last[case] = leaf_hash(entries[-1]).hex()
    return entries


def note_of(size: int, root: bytes, *witnesses: Signer, origin: str = ORIGIN, signer: Signer = LOG) -> bytes:
    """Return the signed checkpoint of a tree."""
    text = Checkpoint(origin, size, root).text
    return signed_note(text, signer.line(text), *(witness.line(text) for witness in witnesses))


def a_log(entries: Sequence[bytes], sizes: Iterable[int], signer: Signer = LOG) -> Objects:
    """Return the objects of a log that grew to each of the sizes in turn, and archived and published its checkpoint."""
    objects: Objects = {}
    for old_size, size in pairwise((0, *sizes)):
        growth = grow(_edge(old_size, objects), entries[old_size:size])
        note = note_of(size, growth.root, signer=signer)
        objects |= growth.objects | {f"checkpoints/{size}": note, "checkpoint": note}
    return objects


def _edge(size: int, objects: Objects) -> Edge:
    return load_edge(size, objects.__getitem__)


@cache
def _small() -> Objects:
    return a_log(entries_of(600), [100, 256, 300, 511, 600])


def a_small_log() -> Objects:
    """Return a log of 600 entries that grew in five batches."""
    return dict(_small())


def judged(objects: Objects, policy: Policy | None = None, *, since: bytes | None = None) -> LogVerdict:
    """Return what the verifier says of a log."""
    return verify_log(LogObjects(objects, objects.__getitem__), policy or a_policy(), since=since)
