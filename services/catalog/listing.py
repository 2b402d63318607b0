"""Pages of the table's indexes: what stands in a catalogue, what a unit is at work on, what waits in a state."""

from typing import NamedTuple

from services.shared.dynamo import query_page


class Index(NamedTuple):
    """An index: its name, its key attribute, the attribute that orders it, and the one that holds a line's JSON."""

    name: str
    key: str
    order: str
    line: str


BY_CATALOGUE = Index("by-catalogue", "catalogue", "pk", "listed")
BY_UNIT = Index("by-unit", "unit", "changed_at", "line")
BY_STATE = Index("by-state", "standing", "changed_at", "line")


def page_of(table: str, index: Index, value: str, *, limit: int, after: str | None) -> tuple[list[str], str | None]:
    """Return a page of lines (JSON), newest first, and the next page's token. Raises Invalid for a foreign token."""
    query = {
        "TableName": table,
        "IndexName": index.name,
        "KeyConditionExpression": "#key = :value",
        "ExpressionAttributeNames": {"#key": index.key},
        "ExpressionAttributeValues": {":value": {"S": value}},
        "ScanIndexForward": False,
        "Limit": limit,
    }
    place = {"pk": None, "sk": None, index.order: None, index.key: value}
    items, token = query_page(query, after=after, key=place)
    return [item[index.line] for item in items], token
