"""Numbers given out one after the other: no gap and no double, however many ask at once.

A number is taken in the transaction that uses it; who comes second takes the next one. Item: `COUNTER#<name>`.
"""

import random
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from services.shared.dynamo import dynamodb, item_of, plain, put_new
from services.shared.errors import Stale, TooMany

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

T = TypeVar("T")
ATTEMPTS = 40
LONGEST_WAIT = 0.2  # seconds


def last_of(table: str, name: str) -> int:
    """Return the last number that was given out under a name; 0 when none was."""
    answer = dynamodb().get_item(TableName=table, Key=item_of(_place(name)), ConsistentRead=True)
    return int(plain(answer["Item"])["last"]) if "Item" in answer else 0


def taking(table: str, name: str, number: int, *, count: int = 1) -> "TransactWriteItemTypeDef":
    """Return the write that takes a number, or `count` from it on; it fails unless the one before was the last."""
    counter = _place(name) | {"last": number + count - 1}
    if number == 1:
        return put_new(table, counter)
    return {
        "Put": {
            "TableName": table,
            "Item": item_of(counter),
            "ConditionExpression": "#last = :before",
            "ExpressionAttributeNames": {"#last": "last"},
            "ExpressionAttributeValues": {":before": {"N": str(number - 1)}},
        }
    }


def numbered(table: str, name: str, save: Callable[[int], T]) -> T:
    """Return what `save` returns with the next number; `save` writes `taking` in its own transaction.

    Raises Stale when the transaction lost for another reason than the number, TooMany when 40 others were quicker.
    """
    for _ in range(ATTEMPTS):
        number = last_of(table, name) + 1
        try:
            return save(number)
        except Stale as lost:
            if not lost.in_flight and last_of(table, name) < number:
                raise
            time.sleep(random.uniform(0, LONGEST_WAIT))  # noqa: S311 - spreads out those who wait, hides nothing
    raise TooMany("too many ask for a number at the same time; try again")


def _place(name: str) -> dict[str, str | int]:
    return {"pk": f"COUNTER#{name}", "sk": "COUNTER"}
