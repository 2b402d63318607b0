"""The events that are counted, a partition a year in the requests table: `COUNTED#<year>` / `<event id>`."""

import os
from collections.abc import Iterator

from services.requests.statistics import Counted
from services.shared.dynamo import dynamodb, item_of, query_page


class StatisticsStore:
    """What is counted."""

    def __init__(self, table: str) -> None:
        self._table = table

    def put(self, counted: Counted) -> None:
        """Count an event. Doing it again changes nothing."""
        item = {"pk": _year(counted.year), "sk": counted.event, "counted": counted.model_dump_json()}
        dynamodb().put_item(TableName=self._table, Item=item_of(item))

    def of_year(self, year: int) -> Iterator[Counted]:
        """Yield everything that is counted of a year; one call a megabyte, some 4,000 events."""
        query = {
            "TableName": self._table,
            "KeyConditionExpression": "pk = :year",
            "ExpressionAttributeValues": {":year": {"S": _year(year)}},
        }
        after, more = None, True
        while more:
            found, after = query_page(query, after=after, key={"pk": _year(year), "sk": None})
            yield from (Counted.model_validate_json(item["counted"]) for item in found)
            more = after is not None


def _year(year: int) -> str:
    return f"COUNTED#{year}"


def statistics_store() -> StatisticsStore:
    """Return the store of this function's table."""
    return StatisticsStore(os.environ["REQUESTS_TABLE"])
