"""The desks: what waits for an organisation, the overdue first, read from the index `desk` of the requests table.

Items: `<case>` / `DESK#<record>#<organisation>`, written with each step of the record that waits.
"""

import os
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from services.requests.case_record import CaseRecord
from services.requests.shelves import DeskLine, desks_of, place_of
from services.shared.dynamo import item_of, query_page

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

PLACE = {"pk": None, "sk": None, "place": None}


def desk_writes(
    table: str, name: str, before: CaseRecord | None, after: CaseRecord
) -> "Iterator[TransactWriteItemTypeDef]":
    """Yield the writes that put a record on the desks of whom it waits for, and take it from the others'.

    `before` is the record as it was read, None for a new one.
    """
    waits = desks_of(name, after)
    for desk, line in waits.items():
        item = _item(after.id, name, desk) | {"desk": desk, "place": place_of(line), "line": line.model_dump_json()}
        yield {"Put": {"TableName": table, "Item": item_of(item)}}
    for desk in (desks_of(name, before).keys() if before else set()) - waits.keys():
        yield {"Delete": {"TableName": table, "Key": item_of(_item(after.id, name, desk))}}


class DeskStore:
    """What waits for whom."""

    def __init__(self, table: str) -> None:
        self._table = table

    def page(self, organisation: str, *, limit: int, after: str | None) -> tuple[list[DeskLine], str | None]:
        """Return a page of a desk, the overdue first, then the urgent, and the next page's token."""
        query = self._query(organisation) | {"Limit": limit}
        found, token = query_page(query, after=after, key=PLACE | {"desk": organisation})
        return [DeskLine.model_validate_json(item["line"]) for item in found], token

    def counts(self, organisation: str) -> dict[str, dict[str, int]]:
        """Return how many records of each kind wait in each state; one call for each megabyte of lines."""
        counted = Counter((line.kind, line.state) for line in self._everything(organisation))
        kinds = sorted({kind for kind, _ in counted})
        return {kind: {state: n for (of, state), n in sorted(counted.items()) if of == kind} for kind in kinds}

    def _everything(self, organisation: str) -> Iterator[DeskLine]:
        after, more = None, True
        while more:
            found, after = query_page(self._query(organisation), after=after, key=PLACE | {"desk": organisation})
            yield from (DeskLine.model_validate_json(item["line"]) for item in found)
            more = after is not None

    def _query(self, organisation: str) -> dict[str, Any]:
        return {
            "TableName": self._table,
            "IndexName": "desk",
            "KeyConditionExpression": "desk = :desk",
            "ExpressionAttributeValues": {":desk": {"S": organisation}},
        }


def _item(case: str, name: str, desk: str) -> dict[str, str]:
    return {"pk": case, "sk": f"DESK#{name}#{desk}"}


def desk_store() -> DeskStore:
    """Return the store of this function's table."""
    return DeskStore(os.environ["REQUESTS_TABLE"])
