"""Reading and writing items plainly: many at once within DynamoDB's limits, one over another. Knows no item of ours."""

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from services.shared.dynamo import Attributes, dynamodb, item_of, plain

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import PutTypeDef, WriteRequestTypeDef

MOST_GETS = 100  # of one BatchGetItem
MOST_WRITES = 25  # of one BatchWriteItem
BACK_OFF_SECONDS = 0.05


def get_one(table: str, name: Attributes) -> Attributes | None:
    """Return the named item, read consistently, or None."""
    found = dynamodb().get_item(TableName=table, Key=item_of(name), ConsistentRead=True).get("Item")
    return plain(found) if found else None


def get_all(table: str, names: Sequence[Attributes]) -> Iterator[Attributes]:
    """Yield those of the named items that exist, read consistently, in no order."""
    for at in range(0, len(names), MOST_GETS):
        wanted: Any = {table: {"Keys": [item_of(name) for name in names[at : at + MOST_GETS]], "ConsistentRead": True}}
        while wanted:
            answer = dynamodb().batch_get_item(RequestItems=wanted)
            yield from (plain(item) for item in answer["Responses"].get(table, []))
            wanted = answer.get("UnprocessedKeys")
            _rest(wanted)


def write_all(table: str, requests: Sequence["WriteRequestTypeDef"]) -> None:
    """Carry out puts and deletes of different items, in any order; after a failure any of them may be done."""
    for at in range(0, len(requests), MOST_WRITES):
        left: Any = {table: requests[at : at + MOST_WRITES]}
        while left:
            left = dynamodb().batch_write_item(RequestItems=left).get("UnprocessedItems")
            _rest(left)


def put(attributes: Mapping[str, Any]) -> "WriteRequestTypeDef":
    """Return the put of an item, for `write_all`."""
    return {"PutRequest": {"Item": item_of(attributes)}}


def delete(name: Mapping[str, Any]) -> "WriteRequestTypeDef":
    """Return the deletion of an item, for `write_all`."""
    return {"DeleteRequest": {"Key": item_of(name)}}


def over(table: str, attributes: Attributes, before: Mapping[str, Any]) -> "PutTypeDef":
    """Return the put of an item over one whose attributes are as in `before`; empty: over none."""
    request: PutTypeDef = {"TableName": table, "Item": item_of(attributes)}
    if not before:
        return request | {"ConditionExpression": "attribute_not_exists(pk)"}
    return request | {
        "ConditionExpression": " AND ".join(f"#{name} = :{name}" for name in before),
        "ExpressionAttributeNames": {f"#{name}": name for name in before},
        "ExpressionAttributeValues": {f":{name}": value for name, value in item_of(before).items()},
    }


def swapped(request: "PutTypeDef") -> bool:
    """Carry out a put with a condition; False when the condition does not hold."""
    client = dynamodb()
    try:
        client.put_item(**request)
    except client.exceptions.ConditionalCheckFailedException:
        return False
    return True


def _rest(left: object) -> None:
    if left:  # DynamoDB took only a part: it is busy
        time.sleep(BACK_OFF_SECONDS)
