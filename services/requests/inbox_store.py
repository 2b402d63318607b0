"""The inboxes in the requests table: `INBOX#<organisation>` / `<event id>`; ids sort by time. A year is kept."""

import os
from collections.abc import Iterable
from datetime import timedelta

from services.requests.inbox import Notice
from services.shared.dynamo import dynamodb, item_of, query_page

KEPT = timedelta(days=366)


class InboxStore:
    """What each organisation was told."""

    def __init__(self, table: str) -> None:
        self._table = table

    def put(self, organisations: Iterable[str], notice: Notice) -> None:
        """Put a notice into inboxes. Doing it again changes nothing."""
        expires = int((notice.at + KEPT).timestamp())
        for organisation in organisations:
            item = {"pk": _inbox(organisation), "sk": notice.event, "notice": notice.model_dump_json()}
            dynamodb().put_item(TableName=self._table, Item=item_of(item | {"expires_at": expires}))

    def page(self, organisation: str, *, limit: int, after: str | None) -> tuple[list[Notice], str | None]:
        """Return a page of an inbox, the latest first, and the next page's token."""
        query = {
            "TableName": self._table,
            "KeyConditionExpression": "pk = :inbox",
            "ExpressionAttributeValues": {":inbox": {"S": _inbox(organisation)}},
            "ScanIndexForward": False,
            "Limit": limit,
        }
        found, token = query_page(query, after=after, key={"pk": _inbox(organisation), "sk": None})
        return [Notice.model_validate_json(item["notice"]) for item in found], token


def _inbox(organisation: str) -> str:
    return f"INBOX#{organisation}"


def inbox_store() -> InboxStore:
    """Return the store of this function's table."""
    return InboxStore(os.environ["REQUESTS_TABLE"])
