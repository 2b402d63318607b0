"""The books of who claims and who holds an item's collection, in the catalogue's table.

Items of a book share the partition `CLAIMS#collection#<item key>`: `<case id>` (a claim), `HELD#<district>`,
`HEIR#<case id>` (a holder's designated successor), `HEAD` (how often it changed who contends).
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from services.catalog.collection import Action
from services.catalog.collection_claims import Book, Claim, Grounds, claim_of
from services.catalog.collection_steps import OPENING, TOGETHER, Change
from services.shared.dynamo import dynamodb, item_of, plain, put_new

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

CHECKED = (TOGETHER - OPENING) | {Action.START_REVIEW}  # what a new claim would have decided otherwise


def book_of(table: str, key: str | None) -> Book:
    """Return the book of an item, consistently; an empty one where no item is named yet."""
    if key is None:
        return Book(key="")
    pages = (
        dynamodb()
        .get_paginator("query")
        .paginate(
            TableName=table,
            KeyConditionExpression="pk = :book",
            ExpressionAttributeValues={":book": {"S": _place(key, "")["pk"]}},
            ConsistentRead=True,
        )
    )
    return _book(key, [plain(item) for page in pages for item in page["Items"]])


def claim_writes(table: str, change: Change) -> Iterator["TransactWriteItemTypeDef"]:
    """Yield the writes that keep a case's claim as its record has it; none where nothing of it changed."""
    before, after = change.before, change.step.record
    old, new = claim_of(before) if before else None, claim_of(after)
    old_key, new_key = before.statement.item_key if before else None, after.statement.item_key
    if old and old_key and (new is None or old_key != new_key):
        yield {"Delete": {"TableName": table, "Key": item_of(_place(old_key, after.id))}}
    if new and new_key and (new != old or old_key != new_key):
        item = _place(new_key, after.id) | {"claim": new.model_dump_json()}
        yield {"Put": {"TableName": table, "Item": item_of(item)}}


def ground_writes(table: str, book: Book, change: Change) -> Iterator["TransactWriteItemTypeDef"]:
    """Yield the writes of what a step changes in who holds what; they fail when a holder is not who the book says."""
    case, grounds = change.step.record.id, change.grounds
    for district in sorted(grounds.taken):
        yield put_new(table, _held(book, district, case))
    for district in sorted(grounds.handed):
        yield _only_if(table, "Put", _held(book, district, str(grounds.heir)), holder=case)
    for district in sorted(grounds.freed - grounds.handed):
        yield _only_if(table, "Delete", _place(book.key, f"HELD#{district}"), holder=case)
    yield from _heir_writes(table, book, case, grounds)


def head_write(table: str, book: Book, action: Action) -> Iterator["TransactWriteItemTypeDef"]:
    """Yield the write that changes who contends, or the check that nobody did since the book was read."""
    if action is Action.APPLY:
        yield _head(table, book, "Update", {":one": 1}, UpdateExpression="ADD #head :one")
    if action in OPENING:
        read_and_next = {":read": book.head, ":next": book.head + 1}
        step = {"UpdateExpression": "SET #head = :next", "ConditionExpression": "#head = :read"}
        yield _head(table, book, "Update", read_and_next, **step)
    if action in CHECKED:
        yield _head(table, book, "ConditionCheck", {":read": book.head}, ConditionExpression="#head = :read")


def _head(table: str, book: Book, verb: str, values: dict[str, int], **expressions: str) -> Any:
    place = {
        "TableName": table,
        "Key": item_of(_place(book.key, "HEAD")),
        "ExpressionAttributeNames": {"#head": "head"},
    }
    return {verb: {**place, **expressions, "ExpressionAttributeValues": item_of(values)}}


def _book(key: str, items: Iterable[dict[str, Any]]) -> Book:
    found = {str(item["sk"]): item for item in items}
    return Book(
        key=key,
        head=int(found["HEAD"]["head"]) if "HEAD" in found else 0,
        claims=tuple(Claim.model_validate_json(item["claim"]) for item in found.values() if "claim" in item),
        held={sk.removeprefix("HELD#"): item["holder"] for sk, item in found.items() if sk.startswith("HELD#")},
        heirs={sk.removeprefix("HEIR#"): item["heir"] for sk, item in found.items() if sk.startswith("HEIR#")},
    )


def _heir_writes(table: str, book: Book, case: str, grounds: Grounds) -> Iterator["TransactWriteItemTypeDef"]:
    if grounds.heir_of:
        yield put_new(table, _place(book.key, f"HEIR#{grounds.heir_of}") | {"heir": case})
        inherited = min(book.holds(grounds.heir_of))
        yield _only_if(table, "ConditionCheck", _place(book.key, f"HELD#{inherited}"), holder=grounds.heir_of)
    if grounds.ended and grounds.heir:
        yield _only_if(table, "Delete", _place(book.key, f"HEIR#{case}"), heir=grounds.heir)
    if grounds.ended and not grounds.heir:
        key, missing = item_of(_place(book.key, f"HEIR#{case}")), "attribute_not_exists(pk)"
        yield {"ConditionCheck": {"TableName": table, "Key": key, "ConditionExpression": missing}}


def _only_if(table: str, verb: str, item: dict[str, str], **expected: str) -> Any:
    """Return a write that fails unless the item there has this attribute."""
    ((name, value),) = expected.items()
    named = {"Item": item_of(item)} if verb == "Put" else {"Key": item_of(item)}
    condition = {
        "ConditionExpression": "#name = :value",
        "ExpressionAttributeNames": {"#name": name},
        "ExpressionAttributeValues": {":value": {"S": value}},
    }
    return {verb: {"TableName": table, **named, **condition}}


def _held(book: Book, district: str, holder: str) -> dict[str, str]:
    return _place(book.key, f"HELD#{district}") | {"holder": holder}


def _place(key: str, name: str) -> dict[str, str]:
    return {"pk": f"CLAIMS#collection#{key}", "sk": name}
