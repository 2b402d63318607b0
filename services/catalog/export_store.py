"""What an export is made of, read from the catalogue's table; and who has asked for one, so that it is built once.

Item: `EXPORT#<format>#<version>` / `EXPORT`, which expires.
"""

from collections.abc import Iterator
from datetime import datetime

from services.catalog.entry import Entry
from services.catalog.exports import Format
from services.catalog.feed import Change, gone
from services.catalog.feed_store import between
from services.catalog.listing import items_of
from services.catalog.version import State, Version
from services.shared.dynamo import dynamodb, item_of, plain

ASKED_SECONDS = 900  # as long as building may take; then it may be asked for again


def ask(table: str, form: Format, version: int, at: datetime) -> bool:
    """Note that a file is wanted; return whether nobody else has asked for it of late."""
    client = dynamodb()
    item = _place(form, version) | {"expires_at": int(at.timestamp()) + ASKED_SECONDS}
    try:
        client.put_item(
            TableName=table,
            Item=item_of(item),
            ConditionExpression="attribute_not_exists(pk) OR expires_at <= :now",
            ExpressionAttributeValues=item_of({":now": int(at.timestamp())}),
        )
    except client.exceptions.ConditionalCheckFailedException:
        return False
    return True


def asked(table: str, form: Format, version: int) -> bool:
    """Return whether somebody has asked for a file."""
    return any(True for _ in items_of(table, [_place(form, version)]))


def published(table: str) -> Iterator[Version]:
    """Yield every published version, in no order."""
    keys = [{"pk": entry, "sk": "STATE#entry"} for entry in _ids(table)]
    for item in items_of(table, keys):
        live = Entry.model_validate_json(item["record"]).live
        if live is not None and live.state is State.LIVE:  # it may have been withdrawn since the index was read
            yield live


def tombstones(table: str, version: int) -> tuple[Change, ...]:
    """Return the last change of each entry that had left the catalogue by a version of it."""
    return tuple(change for change in gone(between(table, 0, version)) if change.kind == "resource")


def _ids(table: str) -> Iterator[str]:
    pages = (
        dynamodb()
        .get_paginator("query")
        .paginate(
            TableName=table,
            IndexName="published",
            KeyConditionExpression="published = :live",
            ExpressionAttributeValues={":live": {"S": "LIVE"}},
            ProjectionExpression="pk",
        )
    )
    yield from (plain(item)["pk"] for page in pages for item in page["Items"])


def _place(form: Format, version: int) -> dict[str, str]:
    return {"pk": f"EXPORT#{form}#{version}", "sk": "EXPORT"}
