"""Counts what AWS charges for, from the calls as they are sent and answered: units of writing and reading, puts, gets.

It knows how the ledger's items are named, and so what a write is for; it knows no price.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from services.audit.objects import s3
from services.shared.doorbell import sqs
from services.shared.dynamo import dynamodb

Item = Mapping[str, Any]
Key = tuple[str, str]
WRITE_UNIT, READ_UNIT = 1024, 4096
READS = frozenset({"GetItem", "BatchGetItem", "Query"})
SCALARS: dict[str, Callable[[Any], int]] = {
    "S": lambda text: len(text.encode()),
    "B": len,
    "N": lambda digits: math.ceil(len(digits) / 2) + 1,
    "BOOL": lambda _: 1,
    "NULL": lambda _: 1,
}
KINDS = {"PutObject": "S3 PUT", "ListObjectsV2": "S3 PUT", "GetObject": "S3 GET", "SendMessage": "SQS"}
PURPOSES = {"S3 PUT": "s3_put", "S3 GET": "other", "SQS": "other"}


@dataclass
class Meter:
    """Counts what AWS charges for: `units` by purpose and kind, `calls` by function and operation.

    A write is charged by the larger of the item before and after it, twice in a transaction; so is, once, each write
    that changes what the index shows of an item.
    """

    units: defaultdict[Key, float] = field(default_factory=lambda: defaultdict(float))
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
            self.units["by_case", "WRU"] += charged


@contextmanager
def metered() -> Iterator[Meter]:
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


def _units(size: int, unit: int) -> int:
    return -(-size // unit)


def _key(item: Item) -> Key:
    return item["pk"]["S"], item["sk"]["S"]
