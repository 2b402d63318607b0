"""What a million filings cost on AWS in batches of a size, from the calls that the ledger makes and what is in them.

The calls are counted where they are sent, on the stack in memory, whose log is made to look as if it had a million
entries: proofs and tiles are as long as there. Prices are those of us-east-1 in the ledger's design.
"""

import os
from collections import defaultdict
from functools import partial
from random import Random
from typing import NamedTuple

from services.audit import listen
from services.audit.batch import CHECKPOINT, MOST, Head, Signed
from services.audit.objects import s3
from services.audit.tiles import TileTree
from services.audit.verify.checkpoint import Checkpoint
from services.audit.verify.layout import WIDTH, bundle_path, encode_entry, join_hashes, tile_path, tile_width
from services.audit.verify.merkle import leaf_hash
from services.shared.dynamo import dynamodb, item_of
from tests.bench.metering import KINDS, Meter, metered
from tests.filing import a_case, sign, take_in

SIZES = (1, 10, 100, MOST)
LOG_SIZE = 1_000_000
APART = 100_000  # the pretended logs share no tile
A_CASE = 3  # of its steps one is a filing, which is answered with a receipt
DELIVERED = 10  # messages that the intake gets at a time
MILLION = 1_000_000
DOLLARS = {  # a million of each
    "WRU": 0.625,
    "RRU": 0.125,
    "S3 PUT": 5.0,
    "S3 GET": 0.4,
    "KMS": 15.0,
    "SQS": 0.50,
    "Lambda": 0.20,
    "GB-s": 13.3,
}
SECONDS = {"DynamoDB": 0.006, "S3 PUT": 0.045, "S3 GET": 0.020, "KMS": 0.018, "SQS": 0.010, "Lambda": 0.010}
GIGABYTES = {"intake": 0.5, "sequencer": 1.0, "signer": 0.5}
COMPUTE = {"intake": 0.001, "sequencer": 0.0006, "signer": 0.0}  # seconds an entry, measured and doubled


class Cost(NamedTuple):
    """Dollars for a million filings in batches of `entries`, by what for; `other` is Lambda, SQS and reading."""

    entries: int
    intake: float
    marks: float
    by_case: float
    head: float
    receipts: float
    s3_put: float
    kms: float
    other: float

    @property
    def total(self) -> float:
        """All of it."""
        return sum(self[1:])


def measure(sizes: tuple[int, ...] = SIZES) -> list[tuple[Cost, Meter]]:
    """Return what batches of each size cost, with what was counted; wants the ledger's stack in the environment."""
    return [_measured(size, LOG_SIZE + number * APART) for number, size in enumerate(sizes)]


def _measured(size: int, log_size: int) -> tuple[Cost, Meter]:
    with metered() as meter:
        pretend_a_log(log_size)
        meter.units.clear()
        meter.calls.clear()
        _take_in(size, meter)
        meter.function = "sequencer"
        assert listen.sequencer(partial(_sign, meter)).run(goes_on=lambda: False) == size
    _charge_functions(meter, size)
    return _priced(meter, size), meter


def _take_in(size: int, meter: Meter) -> None:
    """Deliver so many events to the intake, ten at a time, as their cases take turns."""
    cases = [a_case(min(A_CASE, size - at)) for at in range(0, size, A_CASE)]
    events = [case[step] for step in range(A_CASE) for case in cases if step < len(case)]
    meter.function = "intake"
    for at in range(0, size, DELIVERED):
        assert take_in(*events[at : at + DELIVERED]) == []


def _sign(meter: Meter, size: int, root: bytes) -> str:
    meter.function = "signer"
    try:
        return sign(size, root)
    finally:
        meter.function = "sequencer"


def pretend_a_log(size: int) -> None:
    """Let the log have a million entries, as far as a sequencer and a signer look: its edge, head and signature."""
    random, client, bucket = Random(size), s3(), os.environ["LOG_BUCKET"]  # noqa: S311 - not for secrets
    width = size % WIDTH
    entries = [random.randbytes(500) for _ in range(width)]
    objects = {bundle_path(size // WIDTH, width): b"".join(map(encode_entry, entries))}
    objects[tile_path(0, size // WIDTH, width)] = join_hashes(map(leaf_hash, entries))
    for level in range(1, 3):
        index = (size >> 8 * level) // WIDTH
        wide = tile_width(size, level=level, index=index)
        objects[tile_path(level, index, wide)] = random.randbytes(32 * wide)
    root = TileTree(size, objects.__getitem__).root
    objects[CHECKPOINT] = Checkpoint(os.environ["LOG_ORIGIN"], size, root).text + b"\n"
    for path, body in objects.items():
        client.put_object(Bucket=bucket, Key=path, Body=body)
    known = {
        "HEAD": Head(version=1, size=size, root=root.hex(), published_size=size),
        "SIGNED": Signed(size=size, root=root.hex()),
    }
    for kind, value in known.items():
        item = {"pk": f"{kind}#{os.environ['LOG_ORIGIN']}", "sk": kind} | value.model_dump(mode="json")
        dynamodb().put_item(TableName=os.environ["AUDIT_TABLE"], Item=item_of(item))


def _charge_functions(meter: Meter, size: int) -> None:
    """Charge what is no call of ours: invocations with their time, what wakes them, and the key."""
    invocations = {"intake": -(-size // DELIVERED), "sequencer": 1, "signer": 1}
    for function, count in invocations.items():
        meter.units["other", "Lambda"] += count
        meter.units["other", "GB-s"] += GIGABYTES[function] * _seconds(function, meter, count, size)
        meter.units["other", "SQS"] += 0 if function == "signer" else 2 * count  # received and deleted
    meter.units["kms", "KMS"] += 1


def _seconds(function: str, meter: Meter, count: int, size: int) -> float:
    """Return how long a function runs in all, by the design's times for calls; the sequencer waits for the signer."""
    own = {operation: times for (by, operation), times in meter.calls.items() if by == function}
    called = sum(times * SECONDS[KINDS.get(operation, "DynamoDB")] for operation, times in own.items())
    waited = SECONDS["KMS"] if function == "signer" else 0
    waited += _seconds("signer", meter, 1, size) if function == "sequencer" else 0
    return called + waited + count * SECONDS["Lambda"] + size * COMPUTE[function]


def _priced(meter: Meter, size: int) -> Cost:
    dollars: defaultdict[str, float] = defaultdict(float)
    for (purpose, kind), units in meter.units.items():
        dollars[purpose] += units * DOLLARS[kind] / size
    return Cost(size, *(dollars[purpose] for purpose in Cost._fields[1:]))
