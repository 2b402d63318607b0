"""What a million filings cost on AWS in batches of a size, from the calls that the ledger makes and what is in them.

The calls are counted where they are sent, on the stack in memory, whose log is made to look as if it had a million
entries: proofs and tiles are as long as there. Prices are those of us-east-1 in the ledger's design.
"""

import math
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any, NamedTuple

from services.audit import listen
from services.audit.batch import CHECKPOINT, MOST, Head, Signed
from services.audit.objects import s3
from services.audit.tiles import TileTree
from services.audit.verify.checkpoint import Checkpoint
from services.audit.verify.layout import WIDTH, bundle_path, encode_entry, join_hashes, tile_path, tile_width
from services.audit.verify.merkle import leaf_hash
from services.shared.doorbell import sqs
from services.shared.dynamo import dynamodb, item_of
from tests.filing import a_case, sign, take_in

SIZES = (1, 10, 100, MOST)
LOG_SIZE = 1_000_000
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
WRITE_UNIT, READ_UNIT = 1024, 4096
READS = frozenset({"GetItem", "BatchGetItem", "Query"})

Item = Mapping[str, Any]
Key = tuple[str, str]


class Cost(NamedTuple):
    """Dollars for a million filings in batches of a size, by what they are for; `other` is Lambda, SQS and reading."""

    size: int
    intake: float
    marks: float
    index: float
    head: float
    receipts: float
    s3_put: float
    kms: float
    other: float

    @property
    def total(self) -> float:
        """All of it."""
        return sum(self[1:])


@dataclass
class Meter:
    """Counts what AWS charges for: `units` by purpose and kind, `calls` by function and operation.

    A write is charged by the larger of the item before and after it, twice in a transaction; so is, once, each write
    that changes what the index shows of an item.
    """

    units: Counter[Key] = field(default_factory=Counter)
    calls: Counter[Key] = field(default_factory=Counter)
    items: dict[Key, Item] = field(default_factory=dict)
    function: str = ""

    def note(self, operation: str, params: Mapping[str, Any]) -> None:
        """Count a call that is sent."""
        self.calls[self.function, operation] += 1
        if operation == "TransactWriteItems":
            for each in params["TransactItems"]:
                self._put(each["Put"]["Item"], "intake", times=2)
        elif operation == "PutItem":
            self._put(params["Item"], "head")
        elif operation == "BatchWriteItem":
            ((_, requests),) = params["RequestItems"].items()
            for each in requests:
                self._batched(each)
        elif operation in KINDS:
            self.units[PURPOSES[KINDS[operation]], KINDS[operation]] += 1

    def note_read(self, operation: str, answer: Mapping[str, Any], keys: int) -> None:
        """Count what a read found; each key that is asked for is charged, also when there is nothing."""
        found = answer.get("Items", [])
        if operation == "Query":
            self.units["other", "RRU"] += max(1, _units(sum(map(size_of, found)), READ_UNIT))
            return
        found = (
            [answer["Item"]] if "Item" in answer else [i for each in answer.get("Responses", {}).values() for i in each]
        )
        self.units["other", "RRU"] += sum(_units(size_of(item), READ_UNIT) for item in found) + keys - len(found)

    def _batched(self, request: Mapping[str, Any]) -> None:
        if "DeleteRequest" in request:
            gone = self.items.pop(_key(request["DeleteRequest"]["Key"]), {})
            self.units["marks", "WRU"] += max(1, _units(size_of(gone), WRITE_UNIT))
            return
        item = request["PutRequest"]["Item"]
        self._put(item, "receipts" if item["sk"]["S"].startswith("EVENT#") else "marks")

    def _put(self, item: Item, purpose: str, *, times: int = 1) -> None:
        before = self.items.get(_key(item), {})
        self.items[_key(item)] = item
        charged = _units(max(size_of(item), size_of(before)), WRITE_UNIT)
        self.units[purpose, "WRU"] += times * charged
        if "case_id" in item:  # all of it is in the index by case
            self.units["index", "WRU"] += charged


KINDS = {"PutObject": "S3 PUT", "ListObjectsV2": "S3 PUT", "GetObject": "S3 GET", "SendMessage": "SQS"}
PURPOSES = {"S3 PUT": "s3_put", "S3 GET": "other", "SQS": "other"}


def measure(sizes: tuple[int, ...] = SIZES) -> list[tuple[Cost, Meter]]:
    """Return what batches of each size cost, with what was counted; wants the ledger's stack in the environment."""
    return [_measured(size) for size in sizes]


def _measured(size: int) -> tuple[Cost, Meter]:
    with _metered() as meter:
        pretend_a_log()
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


def pretend_a_log(size: int = LOG_SIZE) -> None:
    """Let the log have a million entries, as far as a sequencer and a signer look: its right edge, head and signature."""
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
    """Return how long a function runs in all, by the design's times for its calls; the sequencer waits for the signer."""
    own = {operation: times for (by, operation), times in meter.calls.items() if by == function}
    called = sum(times * SECONDS[KINDS.get(operation, "DynamoDB")] for operation, times in own.items())
    waited = SECONDS["KMS"] if function == "signer" else 0
    waited += _seconds("signer", meter, 1, size) if function == "sequencer" else 0
    return called + waited + count * SECONDS["Lambda"] + size * COMPUTE[function]


def _priced(meter: Meter, size: int) -> Cost:
    dollars: Counter[str] = Counter()
    for (purpose, kind), units in meter.units.items():
        dollars[purpose] += units * DOLLARS[kind] / size
    return Cost(size, *(dollars[purpose] for purpose in Cost._fields[1:]))


@contextmanager
def _metered() -> Iterator[Meter]:
    """Count every call inside the block, as it is sent and as it is answered."""
    meter, asked = Meter(), Counter[str]()

    def sent(params: dict[str, Any], model: Any, **_: object) -> None:
        meter.note(model.name, params)
        if model.name == "BatchGetItem":
            asked[model.name] = len(next(iter(params["RequestItems"].values()))["Keys"])

    def answered(parsed: dict[str, Any], model: Any, **_: object) -> None:
        if model.name in READS:
            meter.note_read(model.name, parsed, asked.pop(model.name, 1))

    clients: list[Any] = [dynamodb(), s3(), sqs()]
    for client in clients:
        client.meta.events.register("provide-client-params.*.*", sent)
        client.meta.events.register("after-call.*.*", answered)
    try:
        yield meter
    finally:
        for client in clients:
            client.meta.events.unregister("provide-client-params.*.*", sent)
            client.meta.events.unregister("after-call.*.*", answered)


def size_of(item: Item) -> int:
    """Return how many bytes DynamoDB counts for an item in its own notation."""
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _value_size(value: Mapping[str, Any]) -> int:
    ((kind, held),) = value.items()
    if kind == "L":
        return 3 + sum(1 + _value_size(each) for each in held)
    if kind == "M":
        return 3 + size_of(held) + len(held)
    return SCALARS[kind](held)


SCALARS: dict[str, Any] = {
    "S": lambda text: len(text.encode()),
    "B": len,
    "N": lambda digits: math.ceil(len(digits) / 2) + 1,
    "BOOL": lambda _: 1,
    "NULL": lambda _: 1,
}


def _units(size: int, unit: int) -> int:
    return -(-size // unit)


def _key(item: Item) -> Key:
    return item["pk"]["S"], item["sk"]["S"]
