"""Pages of the table's indexes: what stands in a catalogue, what a unit is at work on, what waits in a state."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from services.shared.dynamo import Attributes, dynamodb, item_of, page_token, plain, query_page

MOST_GETS = 100  # of one BatchGetItem
CALLS_A_PAGE = 2  # a page of an index is a megabyte before the filter; the caller goes on with `next`


class Index(NamedTuple):
    """An index: its name, its key attribute, the attribute that orders it, and the one that holds a line's JSON."""

    name: str
    key: str
    order: str
    line: str


class Holding(NamedTuple):
    """A text that an attribute of an index must contain."""

    attribute: str
    text: str


BY_CATALOGUE = Index("by-catalogue", "catalogue", "pk", "listed")
BY_UNIT = Index("by-unit", "unit", "changed_at", "line")
BY_STATE = Index("by-state", "standing", "changed_at", "line")


def page_of(
    table: str, index: Index, value: str, *, limit: int, after: str | None, holding: Sequence[Holding] = ()
) -> tuple[list[str], str | None]:
    """Return a page of lines (JSON), newest first, and the next page's token. Raises Invalid for a foreign token.

    Only lines that are `holding` every text given; then two calls at most, and a page may be short though more follow.
    """
    query = _query(table, index, value, holding)
    place = {"pk": None, "sk": None, index.order: None, index.key: value}
    if not holding:
        items, token = query_page(query | {"Limit": limit}, after=after, key=place)
        return [item[index.line] for item in items], token
    found: list[Attributes] = []
    for _ in range(CALLS_A_PAGE):
        items, after = query_page(query, after=after, key=place)
        found += items
        if len(found) > limit or after is None:
            break
    if len(found) > limit:
        after = page_token(item_of({name: found[limit - 1][name] for name in place}))
    return [item[index.line] for item in found[:limit]], after


def saying(index: Index, field: str, value: str) -> Holding:
    """Return that a line's JSON has this value in a field of its own."""
    return Holding(index.line, f'"{field}":{json.dumps(value, ensure_ascii=False)}')


def items_of(table: str, keys: Sequence[Mapping[str, str]]) -> Iterator[Attributes]:
    """Yield those of the named items that exist, read consistently, 100 a call, in no order."""
    for first in range(0, len(keys), MOST_GETS):
        wanted = [item_of(key) for key in keys[first : first + MOST_GETS]]
        while wanted:
            answer = dynamodb().batch_get_item(RequestItems={table: {"Keys": wanted, "ConsistentRead": True}})
            yield from (plain(item) for item in answer["Responses"][table])
            left = answer["UnprocessedKeys"]
            wanted = list(left[table]["Keys"]) if left else []


def _query(table: str, index: Index, value: str, holding: Sequence[Holding]) -> Attributes:
    query: Attributes = {
        "TableName": table,
        "IndexName": index.name,
        "KeyConditionExpression": "#key = :value",
        "ExpressionAttributeNames": {"#key": index.key},
        "ExpressionAttributeValues": {":value": {"S": value}},
        "ScanIndexForward": False,
    }
    if holding:
        query["FilterExpression"] = " AND ".join(f"contains(#f{n}, :f{n})" for n in range(len(holding)))
        query["ExpressionAttributeNames"] |= {f"#f{n}": wanted.attribute for n, wanted in enumerate(holding)}
        query["ExpressionAttributeValues"] |= {f":f{n}": {"S": wanted.text} for n, wanted in enumerate(holding)}
    return query
