"""One transaction writes a case's records and its event: the version is the lock, the event item is the outbox.

Items of a case share the partition key, the case's id. Sort keys: `STATE#<record>`, `EVENT#<case_seq:08>`.
It knows no service's records, only how they lie in a table.
"""

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import boto3
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from services.shared.errors import Invalid, Problem, Stale
from services.shared.events import Event
from services.shared.lifecycle import Record

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

Attributes = dict[str, Any]
R = TypeVar("R", bound=Record)

_serialise = TypeSerializer().serialize
_deserialise = TypeDeserializer().deserialize


@cache
def dynamodb() -> "DynamoDBClient":
    """Return this process's DynamoDB client."""
    return boto3.client("dynamodb")


def item_of(attributes: Mapping[str, Any]) -> Attributes:
    """Return attributes in DynamoDB's own notation."""
    return {name: _serialise(value) for name, value in attributes.items()}


def plain(item: Mapping[str, Any]) -> Attributes:
    """Return an item's attributes as plain Python values."""
    return {name: _deserialise(value) for name, value in item.items()}


def put_record(
    table: str, case: str, name: str, record: Record, index: Mapping[str, Any]
) -> "TransactWriteItemTypeDef":
    """Return the write of a record over the version it was made from; `index` holds attributes for the indexes."""
    item = {"pk": case, "sk": f"STATE#{name}", "version": record.version, "record": record.model_dump_json()}
    unerased = "(attribute_not_exists(erasures) OR erasures = :erasures)"  # or words that were erased would come back
    return {
        "Put": {
            "TableName": table,
            "Item": item_of(item | {"erasures": record.erasures} | dict(index)),
            "ConditionExpression": f"attribute_not_exists(pk) OR (version < :version AND {unerased})",
            "ExpressionAttributeValues": item_of({":version": record.version, ":erasures": record.erasures}),
        }
    }


def put_event(table: str, event: Event, extra: Mapping[str, Any] | None = None) -> "TransactWriteItemTypeDef":
    """Return the write of an event into its own slot; a taken slot means that someone else moved the case first."""
    item = {"pk": event.case, "sk": f"EVENT#{event.case_seq:08}", "event": event.model_dump_json()}
    return put_new(table, item | dict(extra or {}))


def put_new(table: str, attributes: Mapping[str, Any]) -> "TransactWriteItemTypeDef":
    """Return a write that fails when the item is already there."""
    condition = "attribute_not_exists(pk)"
    return {"Put": {"TableName": table, "Item": item_of(attributes), "ConditionExpression": condition}}


def write(writes: Sequence["TransactWriteItemTypeDef"]) -> None:
    """Write all or nothing. Raises Stale when another writer was first; anything else is the platform's."""
    client = dynamodb()
    try:
        client.transact_write_items(TransactItems=writes)
    except client.exceptions.TransactionCanceledException as error:
        if lost := lost_race(error.response):
            detail = "someone else changed this in the meantime; read it again"
            raise Stale(detail, in_flight="TransactionConflict" in lost) from error
        raise


def lost_race(response: Mapping[str, Any]) -> set[str]:
    """Return how a cancelled transaction lost to another writer; a throttled one is cancelled too, and lost to none."""
    reasons = {str(reason.get("Code")) for reason in response.get("CancellationReasons", [])}
    return reasons & {"ConditionalCheckFailed", "TransactionConflict"}


def load_case(table: str, case: str) -> list[Attributes]:
    """Return a case's items from `RECEIPT#` to `STATE#`, consistently: what a decision rests on.

    One call, and one more for each further megabyte of what a case is linked with.
    """
    query: Attributes = {
        "TableName": table,
        "KeyConditionExpression": "pk = :case AND sk BETWEEN :first AND :last",
        "ExpressionAttributeValues": item_of({":case": case, ":first": "RECEIPT#", ":last": "STATE#~"}),
        "ConsistentRead": True,
    }
    answer = dynamodb().query(**query)
    items = answer["Items"]
    while "LastEvaluatedKey" in answer:
        answer = dynamodb().query(**query, ExclusiveStartKey=answer["LastEvaluatedKey"])
        items += answer["Items"]
    return [plain(item) for item in items]


def history(table: str, case: str, *, limit: int, after: str | None) -> tuple[list[Event], str | None]:
    """Return a page of a case's events in order, and the token of the next page or None."""
    query = {
        "TableName": table,
        "KeyConditionExpression": "pk = :case AND begins_with(sk, :event)",
        "ExpressionAttributeValues": {":case": {"S": case}, ":event": {"S": "EVENT#"}},
        "Limit": limit,
    }
    items, token = query_page(query, after=after, key={"pk": case, "sk": None})
    return [Event.model_validate_json(item["event"]) for item in items], token


def query_page(
    query: Mapping[str, Any], *, after: str | None, key: Mapping[str, str | None]
) -> tuple[list[Attributes], str | None]:
    """Return a page of a query's items, and the token of the next page or None.

    `key` names the attributes of a place in this list, with the value where all places share it. The query's own
    condition decides what is read: a forged token moves the start and opens nothing else. Raises Invalid for a token
    that is not of this list.
    """
    start: Attributes = {"ExclusiveStartKey": open_token(after, key)} if after else {}
    client = dynamodb()
    try:
        answer = client.query(**query, **start)
    except client.exceptions.ClientError as error:
        if after and error.response["Error"]["Code"] == "ValidationException":  # a place that no item could have
            raise _no_page() from error
        raise
    return [plain(item) for item in answer["Items"]], page_token(answer.get("LastEvaluatedKey"))


def record_in(items: Iterable[Attributes], name: str, model: type[R]) -> R | None:
    """Return the named record among a case's items, knowing the case's latest event number, or None."""
    states = {item["sk"]: item for item in items if item["sk"].startswith("STATE#")}
    if (item := states.get(f"STATE#{name}")) is None:
        return None
    latest = max(int(state["version"]) for state in states.values())
    record = model.model_validate_json(item["record"]).model_copy(update={"case_seq": latest})
    return record.erased_before(int(item.get("erasures", 0)))


def page_token(key: Mapping[str, Any] | None) -> str | None:
    """Return an opaque token for the place a listing stopped at, or None at its end."""
    if not key:
        return None
    return base64.urlsafe_b64encode(json.dumps(plain(key), default=str).encode()).decode().rstrip("=")


def open_token(token: str, expected: Mapping[str, str | None] | None = None) -> Attributes:
    """Return the place a page token names. Raises Invalid when the token is not one of ours.

    `expected` names the attributes that a place in this list has, with the value where it is the same for all.
    """
    try:
        key = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except ValueError as error:
        raise _no_page() from error
    if not (isinstance(key, dict) and key and all(isinstance(value, str) for value in key.values())):
        raise _no_page()
    if expected is not None and not _is_place(key, expected):
        raise _no_page()
    return item_of(key)


def _is_place(key: Mapping[str, str], expected: Mapping[str, str | None]) -> bool:
    return key.keys() == expected.keys() and all(value in {None, key[name]} for name, value in expected.items())


def _no_page() -> Invalid:
    return Invalid("not a page of this list", [Problem(pointer="/query/next", detail="not a page token")])
