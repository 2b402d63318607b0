"""How long the offline verifier takes for a whole log and for one receipt, on one core, in a process of its own.

The log is built on disk by the ledger's own code, in batches, with an archived checkpoint for each.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from services.audit.verify.checkpoint import Checkpoint
from services.audit.verify.note import signed_note
from tests.unit.ledger_makers import LOG, ORIGIN, a_policy

ROOT = Path(__file__).parents[2]
MANY, BATCH, A_CASE = 1_000_000, 1_000, 5
RECEIPTS, ROUNDS = 200, 5


class Cost(NamedTuple):
    """What a process took for so many entries: CPU seconds, the most memory in MB, and what it said at the end."""

    what: str
    entries: int
    seconds: float
    megabytes: float
    outcome: str


def measure(entries: int = MANY) -> list[Cost]:
    """Return what it takes to build a log of so many entries, and to verify all of it from its files."""
    with tempfile.TemporaryDirectory() as folder:
        return [_alone("build", folder, entries), _alone("verify", folder, entries)]


def receipt_milliseconds(size: int = MANY) -> float:
    """Return how long one receipt of a log of `size` takes to verify, the best of some rounds, in milliseconds."""
    from services.audit.verify.receipt import verify_receipt  # noqa: PLC0415 - who only builds loads none of it

    receipts, policy = [*_receipts(size)], a_policy()
    verify_receipt(*receipts[0], policy)
    return min(_timed(lambda: [verify_receipt(*each, policy) for each in receipts]) for _ in range(ROUNDS)) / RECEIPTS


def entries_of(first: int) -> Iterator[bytes]:
    """Yield a batch of entries as the ledger files them: cases of five steps each, side by side; `first` is its index.

    A batch holds its cases from beginning to end.
    """
    from services.audit.verify.merkle import leaf_hash  # noqa: PLC0415

    random = Random(first)  # noqa: S311 - a benchmark repeats itself
    cases = [_id(random) for _ in range(BATCH // A_CASE)]
    last = dict.fromkeys(cases, "")
    for number in range(1, A_CASE + 1):
        for case in cases:
            entry = _canonical(_fields(random, case, number, last[case]))
            last[case] = leaf_hash(entry).hex()
            yield entry


def _fields(random: Random, case: str, number: int, previous: str) -> dict[str, Any]:
    filing = {"filing": {"authority": "informatization_office", "kind": "request"}} if number == 1 else {}
    return filing | {
        "actor": f"o-{random.randrange(1000)}",
        "body": {"offer": number, "state": "UNDER_REVIEW", "terms_hash": random.randbytes(16).hex()},
        "case": case,
        "case_seq": number,
        "event_id": _id(random),
        "occurred_at": f"2026-11-23T04:{number:02}:00.{random.randrange(1000):03}Z",
        "organisation": "110107",
        "parties": ["110107", "transport_commission"],
        "prev_hash": previous,
        "type": "request.countered",
        "v": 1,
    }


def _id(random: Random) -> str:
    digits = random.randbytes(16).hex()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _canonical(fields: dict[str, Any]) -> bytes:
    return json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()  # as RFC 8785, of plain ASCII


def _build(folder: Path, entries: int) -> str:
    """Write a log of so many entries into a folder."""
    from services.audit.tiles import grow, load_edge  # noqa: PLC0415 - who only verifies loads none of it

    for size in range(0, entries, BATCH):
        growth = grow(load_edge(size, lambda path: (folder / path).read_bytes()), [*entries_of(size)])
        text = Checkpoint(ORIGIN, growth.size, growth.root).text
        note = signed_note(text, LOG.line(text))
        for path, body in (growth.objects | {f"checkpoints/{growth.size}": note, "checkpoint": note}).items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(body)
    return f"{growth.size} entries"


def _verify(folder: Path, _: int) -> str:
    from services.audit.verify.directory import log_in  # noqa: PLC0415 - what is measured begins here
    from services.audit.verify.log import verify_log  # noqa: PLC0415

    proven = verify_log(log_in(folder), a_policy())
    return f"{proven.size} entries, {proven.cases} cases, {proven.checkpoints} checkpoints"


def _receipts(size: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield receipts and entries of a log of `size`, of which nothing but the way up is made."""
    from services.audit.verify.merkle import leaf_hash, node_hash  # noqa: PLC0415
    from services.audit.verify.receipt import Receipt, format_receipt  # noqa: PLC0415

    random = Random(size)  # noqa: S311 - a benchmark repeats itself
    for entry in [*entries_of(0)][:RECEIPTS]:
        proof = tuple(random.randbytes(32) for _ in range((size - 1).bit_length()))
        root = leaf_hash(entry)
        for sibling in proof:
            root = node_hash(root, sibling)
        text = Checkpoint(ORIGIN, 1 << len(proof), root).text
        yield format_receipt(Receipt(0, proof, signed_note(text, LOG.line(text)))), entry


def _timed(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return (time.process_time() - started) * 1000


def _alone(what: str, folder: str, entries: int) -> Cost:
    command = [sys.executable, "-m", "tests.bench.ledger", what, folder, str(entries)]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 - our own words
    said: dict[str, Any] = json.loads(answer.stdout.splitlines()[-1])
    return Cost(what, entries, **said)


def _megabytes() -> float:
    """Return the most memory that this process has taken, in MB; what its parent took is not in it."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(status["VmHWM"].split()[0]) / 1024


if __name__ == "__main__":
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])
    outcome = {"build": _build, "verify": _verify}[sys.argv[1]](Path(sys.argv[2]), int(sys.argv[3]))
    costs = {"seconds": time.process_time(), "megabytes": _megabytes(), "outcome": outcome}
    print(json.dumps(costs))  # noqa: T201 - who asked reads it
