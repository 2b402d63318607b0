"""The empty table that officers fill in: the columns, lists to choose from, and how to fill in each. Pure."""

from collections.abc import Iterator, Sequence

from services.catalog.columns import COLUMNS, HEADERS
from services.shared.canonical import digest
from services.shared.reference import vocabulary

NAME = "信息资源目录模板.xlsx"
HEAD = ("列 / column", "分组 / group", "填写 / how to fill in")
WORDS = {  # by the coding's own name; what is not named is text
    "number": "数字，不带单位；未知留空 / a number without a unit; empty when not known",
    "yes_or_no": "是 或 否 / 是 (yes) or 否 (no)",
    "day": "日期，如 2026-11-23 / a day, 2026-11-23",
    "body": "单位名称或代码 / an organisation's name or code",
    "pairs": "每行一项：名称=值 / one element a line: name=value",
}
RULES = (
    "每个信息项一行；目录各列填在第一行，以下各行留空或重复相同内容。",
    "One row a data item; what is said of the entry stands in its first row, and below it is empty or the same.",
    "信息资源代码在发布时给出；填写代码表示修订该信息资源。",
    "A code is given at publication; a row with a code revises that entry.",
    "“来源”各列仅用于旧目录。 / The columns of the source are for older catalogues alone.",
)


def choices() -> dict[str, list[str]]:
    """Return the terms to choose from, by header, for columns that are of a list."""
    lists = {column.header: column.coding.codes for column in COLUMNS}
    return {header: [term.zh for term in getattr(vocabulary(), name).terms] for header, name in lists.items() if name}


def notes() -> Iterator[Sequence[str]]:
    """Yield how to fill in the table, and each of its columns."""
    yield from ([rule] for rule in RULES)
    yield HEAD
    for column in COLUMNS:
        told = (
            "见代码表 / see the sheet of lists" if column.coding.codes else WORDS.get(column.coding.kind, "文字 / text")
        )
        yield column.header, column.group, told


def edition() -> str:
    """Return a name for what the template says now, which changes with it."""
    return digest([list(HEADERS), [list(terms) for terms in choices().values()], [list(note) for note in notes()]])[:16]


def build() -> bytes:
    """Return the template as a workbook."""
    # What writes workbooks takes a tenth of a second to load, and most functions never write one.
    from services.catalog.sheets import write_template  # noqa: PLC0415

    return write_template(HEADERS, choices(), notes())
