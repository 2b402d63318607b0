"""What the reports are made from, read page by page from the table's indexes."""

from collections.abc import Iterator
from datetime import date

from services.catalog import exchange
from services.catalog.catalogues import Listed, Shelf
from services.catalog.listing import BY_CATALOGUE, page_of
from services.catalog.resource_lines import LIVE
from services.catalog.search import Summary
from services.shared.dynamo import dynamodb, plain

LINES_A_PAGE = 1000


def entries(table: str) -> Iterator[Summary]:
    """Yield every published entry, in no order; a megabyte of the index a call."""
    pages = (
        dynamodb()
        .get_paginator("query")
        .paginate(
            TableName=table,
            IndexName="published",
            KeyConditionExpression="published = :live",
            ExpressionAttributeValues={":live": {"S": LIVE}},
            ProjectionExpression="summary",
        )
    )
    return (Summary.model_validate_json(plain(item)["summary"]) for page in pages for item in page["Items"])


def listed(table: str, shelf: Shelf, day: date) -> Iterator[Listed]:
    """Yield every line that stands on a shelf on a day; what is shared by agreement, while one is in force."""
    lines = _lines(table, shelf)
    if shelf is Shelf.EXCHANGE:
        return exchange.shown(map(exchange.Line.model_validate_json, lines), day)
    return map(Listed.model_validate_json, lines)


def _lines(table: str, shelf: Shelf) -> Iterator[str]:
    after = None
    while True:
        lines, after = page_of(table, BY_CATALOGUE, shelf, limit=LINES_A_PAGE, after=after)
        yield from lines
        if after is None:
            return
