"""Where the change feed lies in the catalogue's table.

Items: `CHANGES#<seq // 1000>` / `<seq:012>` (a change; no partition grows without end), `<case>` / `SHELF#CHANGE` (a
thing's latest change), `CHANGES` / `COUNTS` (how many things stand on each shelf), and the counter `CHANGES`.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from services.catalog.counters import last_of, numbered, taking
from services.catalog.feed import Change, Mark, Numbered, counted, numbered_from
from services.catalog.listing import items_of
from services.shared.dynamo import Attributes, dynamodb, item_of, plain, put_new, write
from services.shared.events import Event

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

NAME = "CHANGES"
A_PARTITION = 1000
MARK = "SHELF#CHANGE"  # among what one read of a case brings
COUNTS = {"pk": NAME, "sk": "COUNTS"}


def number(table: str, events: Sequence[Event]) -> tuple[Change, ...]:
    """Number the changes that events make, all in one transaction; an event heard before makes none.

    Raises TooMany when others were quicker each time; then nothing was written.
    """
    return numbered(table, NAME, lambda first: _numbered(table, events, first)) if events else ()


def latest(table: str) -> int:
    """Return the number of the last change; 0 before the first."""
    return last_of(table, NAME)


def between(table: str, since: int, until: int) -> Iterator[Change]:
    """Yield the changes after `since` up to and with `until`, none of which may be later than `latest` told."""
    partitions = range((since + 1) // A_PARTITION, until // A_PARTITION + 1) if since < until else ()
    for partition in partitions:
        for item in _partition(table, partition, since, until):
            yield Change.model_validate_json(item["change"])


def shelved(table: str) -> tuple[dict[str, int], int]:
    """Return how many things stand on each shelf, and the number of the change after which they do."""
    found = next(items_of(table, [COUNTS]), None)
    return (_counts(found), int(found["seq"])) if found else ({}, 0)


def _numbered(table: str, events: Sequence[Event], first: int) -> tuple[Change, ...]:
    # Whoever writes meanwhile takes this number, and what was read here is read again with the next one.
    cases = dict.fromkeys(event.case for event in events)
    found = {item["pk"]: item for item in items_of(table, [*({"pk": case, "sk": MARK} for case in cases), COUNTS])}
    counts = _counts(found.pop(NAME, None))
    before = {case: Mark.model_validate_json(item["mark"]) for case, item in found.items()}
    made = numbered_from(first, events, before)
    if made.changes:
        write(_writes(table, made, counted(counts, before, made.marks)))
    return made.changes


def _writes(table: str, made: Numbered, counts: Mapping[str, int]) -> list["TransactWriteItemTypeDef"]:
    first, last = made.changes[0].seq, made.changes[-1].seq
    marks = (
        {"pk": case, "sk": MARK, "case_seq": mark.case_seq, "mark": mark.model_dump_json()}
        for case, mark in made.marks.items()
    )
    items: list[Attributes] = [*marks, {**COUNTS, "seq": last, "counts": dict(counts)}]
    puts: list[TransactWriteItemTypeDef] = [{"Put": {"TableName": table, "Item": item_of(item)}} for item in items]
    changes = (put_new(table, _place(change.seq) | {"change": change.model_dump_json()}) for change in made.changes)
    return [taking(table, NAME, first, count=len(made.changes)), *changes, *puts]


def _partition(table: str, partition: int, since: int, until: int) -> Iterator[Attributes]:
    query: Attributes = {
        "TableName": table,
        "KeyConditionExpression": "pk = :partition AND sk BETWEEN :first AND :last",
        "ExpressionAttributeValues": item_of(
            {":partition": f"{NAME}#{partition}", ":first": f"{since + 1:012}", ":last": f"{until:012}"}
        ),
        "ConsistentRead": True,
    }
    for page in dynamodb().get_paginator("query").paginate(**query):
        yield from (plain(item) for item in page["Items"])


def _place(seq: int) -> dict[str, str]:
    return {"pk": f"{NAME}#{seq // A_PARTITION}", "sk": f"{seq:012}"}


def _counts(item: Attributes | None) -> dict[str, int]:
    return {shelf: int(count) for shelf, count in item["counts"].items()} if item else {}
