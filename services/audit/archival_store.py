"""Which cases are closed and due for the archives, in the audit table; it decides nothing.

| item                                      | pk                | sk                 |
|-------------------------------------------|-------------------|--------------------|
| how far the log was read for the archives | `ARCHIVE#<log>`   | `CURSOR`           |
| how a case stands to the archives         | `ARCHIVAL#<case>` | `ARCHIVAL`         |
| a closed case that waits to be packaged   | `DUE#<log>`       | `<day due>/<case>` |
"""

import os
from collections.abc import Collection, Iterator
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from services.audit.bulk import get_all, get_one, over, swapped
from services.audit.retention import Standing, due_on
from services.shared.dynamo import Attributes, dynamodb, item_of, plain, write

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef


class Due(NamedTuple):
    """A closed case that waits to be packaged, and since which day."""

    day: str
    case: str


class ArchivalStore:
    """What is kept of one log's cases for the archives, in one table."""

    def __init__(self, table: str, log: str) -> None:
        self._table = table
        self._log = log

    def cursor(self) -> int:
        """Return how many entries of the log were read for the archives."""
        return int((get_one(self._table, self._cursor()) or {"entries": 0})["entries"])

    def move_cursor(self, before: int, after: int) -> bool:
        """Note that the log was read as far as `after`; False, and nothing noted, when another run was here."""
        expected = {"entries": before} if before else {}
        return swapped(over(self._table, self._cursor() | {"entries": after}, expected))

    def standings(self, cases: Collection[str]) -> dict[str, Standing]:
        """Return how those of the cases stand that were met before, read consistently."""
        found = get_all(self._table, [_archival(case) for case in sorted(cases)])
        standings = (Standing.model_validate_json(item["standing"]) for item in found)
        return {standing.case: standing for standing in standings}

    def save(self, before: Standing | None, after: Standing) -> None:
        """Write how a case stands, and what follows for when it is due, or nothing.

        Raises Stale when another run moved it on since `before` was read.
        """
        item = _archival(after.case) | {"case_seq": after.case_seq, "standing": after.model_dump_json()}
        moved = over(self._table, item, {"case_seq": before.case_seq} if before else {})
        write([{"Put": moved}, *self._dues(before, after)])

    def due(self, day: date, *, limit: int) -> list[Due]:
        """Return cases that are due by a day, the longest due first, up to `limit`."""
        answer = dynamodb().query(
            TableName=self._table,
            KeyConditionExpression="pk = :due AND sk < :end",
            ExpressionAttributeValues=item_of({":due": f"DUE#{self._log}", ":end": f"{day.isoformat()}/~"}),
            ConsistentRead=True,
            Limit=limit,
        )
        places = (str(plain(item)["sk"]).partition("/") for item in answer["Items"])
        return [Due(day, case) for day, _, case in places]

    def drop(self, due: Due) -> None:
        """Take a case out of those that wait; again is as good."""
        dynamodb().delete_item(TableName=self._table, Key=item_of(self._place(due.day, due.case)))

    def put_off(self, due: Due, until: date) -> None:
        """Let a case wait until another day."""
        later = self._place(until.isoformat(), due.case)
        write([self._put(later), self._delete(self._place(due.day, due.case))])

    def _dues(self, before: Standing | None, after: Standing) -> Iterator["TransactWriteItemTypeDef"]:
        was, now = (due_on(before) if before else None), due_on(after)
        if was and was != now:
            yield self._delete(self._place(was.isoformat(), after.case))
        if now and (before is None or after.settled_seq > before.settled_seq):
            yield self._put(self._place(now.isoformat(), after.case))

    def _put(self, place: Attributes) -> "TransactWriteItemTypeDef":
        return {"Put": {"TableName": self._table, "Item": item_of(place)}}

    def _delete(self, place: Attributes) -> "TransactWriteItemTypeDef":
        return {"Delete": {"TableName": self._table, "Key": item_of(place)}}

    def _place(self, day: str, case: str) -> Attributes:
        return {"pk": f"DUE#{self._log}", "sk": f"{day}/{case}"}

    def _cursor(self) -> Attributes:
        return {"pk": f"ARCHIVE#{self._log}", "sk": "CURSOR"}


def _archival(case: str) -> Attributes:
    return {"pk": f"ARCHIVAL#{case}", "sk": "ARCHIVAL"}


def archival_store() -> ArchivalStore:
    """Return the store of this function's table and log."""
    return ArchivalStore(os.environ["AUDIT_TABLE"], os.environ["LOG_ORIGIN"])
