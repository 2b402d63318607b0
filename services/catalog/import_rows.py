"""Rows of the guide's table, read into what they say of entries: each fault with its row and column, none thrown.

Knows what a table can say, not what the catalogue holds. An entry begins in a row that says something of it; rows that
say nothing of it, or the same again, belong to the entry above.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from services.catalog import columns
from services.catalog.cell_codes import division_in, format_classes
from services.catalog.columns import CODE, CREDIT_CODE, FORMATS, PROVIDER, TITLE, Column
from services.catalog.uploads import Unfit
from services.shared.model import Model
from services.shared.organisations import organisation

SEARCHED = 10  # rows in which the headers are looked for; a table may have a heading
SAME = (TITLE, CODE, PROVIDER, "来源标识")  # what tells one entry from another
ITEM_NAME = "信息项名称"


class Weight(StrEnum):
    """Whether a row with such a problem can be committed."""

    ERROR = "error"
    WARNING = "warning"


class RowProblem(Model):
    """One thing wrong with a row, numbered as in the sheet: the column's header, and words, zh / en."""

    row: int
    column: str
    detail: str
    weight: Weight = Weight.ERROR


class TableRow(NamedTuple):
    """One row by the headers of its columns, its cells never empty, and what could not be read of it."""

    number: int
    cells: Mapping[str, str]
    faults: Mapping[str, str]


@dataclass
class Block:
    """The rows of one entry, the first of which says what it is."""

    first: TableRow
    rows: list[TableRow] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)


class Said(NamedTuple):
    """What a block says: metadata as a caller would send them, whose they are, and where they came from.

    `items` are the numbers of the rows in which the data items stand.
    """

    row: int
    items: tuple[int, ...]
    metadata: dict[str, Any]
    provider: str | None
    code: str | None
    source: dict[str, Any]
    problems: tuple[RowProblem, ...]


def table_of(rows: Iterable[tuple[int, Mapping[int, str], Mapping[int, str]]]) -> Iterator[TableRow]:
    """Yield the rows under the headers, each cell by its column's header. Raises Unfit where there are none."""
    headers: dict[int, str] = {}
    for seen, (number, cells, faults) in enumerate(rows, start=1):
        if headers:
            named = {headers[place]: text for place, text in cells.items() if place in headers}
            yield TableRow(number, named, {headers[place]: told for place, told in faults.items() if place in headers})
        elif TITLE in (found := _headers(cells)).values():
            headers = found
        elif seen == SEARCHED:
            break
    if not headers:
        raise Unfit(f"前{SEARCHED}行中没有“{TITLE}”列 / no column '{TITLE}' in the first {SEARCHED} rows")


def blocks_of(rows: Iterable[TableRow]) -> Iterator[Block]:
    """Yield the rows entry by entry."""
    block: Block | None = None
    for row in rows:
        of_entry = {header: text for header, text in row.cells.items() if header not in ITEM_HEADERS}
        if block is not None and _continues(block.first.cells, row, of_entry):
            block.problems += _differences(block, row.number, of_entry)
            block.rows.append(row)
            continue
        if block is not None:
            yield block
        block = Block(row, [row])
    if block is not None:
        yield block


def said_in(block: Block) -> Said:
    """Return what a block says; what cannot be read is a problem and otherwise left out."""
    facts: dict[str, Any] = {}
    problems = list(block.problems)
    for column in columns.OF_ENTRY:
        _read(column, block.first, facts, problems)
    read = [(row.number, _item(row, problems)) for row in block.rows]
    numbers = [number for number, item in read if item]
    problems += [
        RowProblem(row=row.number, column=h, detail=told) for row in block.rows for h, told in row.faults.items()
    ]
    facts["items"] = [item for _, item in read if item]
    return _sorted(block.first, facts, numbers, problems)


def _item(row: TableRow, problems: list[RowProblem]) -> dict[str, Any]:
    facts: dict[str, dict[str, Any]] = {"items": {}}
    for column in columns.OF_ITEM:
        _read(column, row, facts, problems)
    return facts["items"]


def _headers(cells: Mapping[int, str]) -> dict[int, str]:
    known = {place: column.header for place, text in cells.items() if (column := columns.column_named(text))}
    if TITLE in known.values() and (twice := {h for h in known.values() if list(known.values()).count(h) > 1}):
        raise Unfit(*(f"“{header}”列不止一个 / more than one column '{header}'" for header in sorted(twice)))
    if TITLE in known.values() and (other := [text for place, text in cells.items() if place not in known]):
        raise Unfit(*(f"不认识的列“{text[:40]}” / an unknown column '{text[:40]}'" for text in other))
    return known


def _continues(above: Mapping[str, str], row: TableRow, of_entry: Mapping[str, str]) -> bool:
    """Whether a row is of the entry above: it says nothing of an entry, or names the same one again."""
    if TITLE in row.faults:
        return False
    if not of_entry:
        return True
    if row.cells.get(ITEM_NAME) in {above.get(ITEM_NAME), None}:
        return False  # the entry begins once more, with its first data item, or is one without
    return all(of_entry.get(header, above.get(header)) == above.get(header) for header in SAME)


def _differences(block: Block, number: int, of_entry: Mapping[str, str]) -> Iterator[RowProblem]:
    for header, text in of_entry.items():
        if text != block.first.cells.get(header):
            told = f"与第{block.first.number}行不一致 / not what row {block.first.number} says of the same entry"
            yield RowProblem(row=number, column=header, detail=told)


def _read(column: Column, row: TableRow, facts: dict[str, Any], problems: list[RowProblem]) -> None:
    if (text := row.cells.get(column.header)) is None:
        return
    try:
        value = column.coding.read(text)
    except ValueError as error:
        problems.append(RowProblem(row=row.number, column=column.header, detail=str(error)))
        return
    *way, last = column.place.split(".")
    for step in way:
        facts = facts.setdefault(step, {})
    facts[last] = value


def _sorted(first: TableRow, facts: dict[str, Any], items: list[int], problems: list[RowProblem]) -> Said:
    """Return what was read with each part where it belongs, and what two columns say differently."""
    if place := facts.get("classification"):
        place["division"] = division_in(place.get("cls", ""), place.get("division", ""))
    provider, source = facts.pop("provider", None), facts.pop("source", {})
    code, published = facts.pop("resource_code", None), facts.pop("published_on", None)
    problems += [
        RowProblem(row=first.number, column=column, detail=told)
        for column, told in (*_credit_code(provider, facts.pop("credit_code", None)), *_formats(facts))
    ]
    said = source | {"published_on": published} if source and published else source
    return Said(first.number, tuple(items), facts, provider, code, said, tuple(problems))


def _credit_code(provider: str | None, credit: str | None) -> Iterator[tuple[str, str]]:
    known = organisation(provider).uscc if provider and organisation(provider) else None  # type: ignore[union-attr]
    if credit and known and credit.upper() != known:
        yield CREDIT_CODE, f"不是{provider}的统一社会信用代码 / not the credit code of {provider}"


def _formats(facts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what class and format say differently; a class alone stands for any format of it."""
    classes, formats = facts.pop("format_classes", []), facts.get("formats", [])
    if not formats:
        facts["formats"] = classes
        return
    of_formats = format_classes(tuple(formats))
    if classes and set(of_formats) - set(classes):
        told = ", ".join(sorted(set(of_formats) - set(classes)))
        yield FORMATS, f"格式类型与格式分类不一致 / the formats are of another class: {told}"


ITEM_HEADERS = frozenset(column.header for column in columns.OF_ITEM)
