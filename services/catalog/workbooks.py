"""Files that strangers send, read as rows of text; a formula is refused, and nothing is computed. Knows no column."""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import NamedTuple

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from services.catalog.archives import ARCHIVE, BROKEN, OLD_WORKBOOK, look_inside
from services.catalog.sheets import SHEET, unguarded
from services.catalog.uploads import Unfit

MOST_ROWS, MOST_COLUMNS = 100_000, 200
MOST_NAMED = 10  # places that a refusal names


class SheetRow(NamedTuple):
    """One row as it is numbered in the sheet, from 1: its cells' text by place, and what is wrong with a cell."""

    number: int
    cells: dict[int, str]
    faults: dict[int, str]


def read_csv(data: bytes) -> Iterator[SheetRow]:
    """Yield the rows of a CSV file in UTF-8 or GBK that are not empty. Raises Unfit."""
    table = csv.reader(io.StringIO(_decoded(data), newline=""), strict=True)
    try:
        for number, record in enumerate(table, start=1):
            yield from _bounded(number, _csv_cells(record))
    except csv.Error as error:
        raise Unfit(f"第{table.line_num}行不是CSV / line {table.line_num} is not CSV: {error}") from error


def read_xlsx(data: bytes) -> Iterator[SheetRow]:
    """Yield the rows of a workbook's table that are not empty. Raises Unfit, if need be after the last row.

    The table is the sheet of that name, or the only one. Nothing is computed, fetched or run.
    """
    look_inside(data)
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
        if hidden := [sheet.title for sheet in book.worksheets if sheet.sheet_state != "visible"]:
            raise Unfit(*(f"工作表“{title}”被隐藏 / the sheet '{title}' is hidden" for title in hidden))
        named = [sheet for sheet in book.worksheets if sheet.title == SHEET] or book.worksheets
        if len(named) != 1:
            raise Unfit(f"没有名为“{SHEET}”的工作表 / there is no sheet '{SHEET}'")
        named[0].reset_dimensions()  # what a file says of its own extent may be a lie
        yield from _rows(named[0].iter_rows())
    except (*BROKEN, InvalidFileException, DefusedXmlException, ParseError, KeyError, ValueError) as error:
        raise Unfit(f"不是可读的工作簿 / not a workbook that can be read: {error}") from error


def _rows(rows: Iterable[Iterable[object]]) -> Iterator[SheetRow]:
    formulas: list[str] = []
    for number, row in enumerate(rows, start=1):
        cells, faults = {}, {}
        for place, cell in enumerate(row):
            kind, value = getattr(cell, "data_type", "n"), getattr(cell, "value", None)
            if kind == "f":
                formulas.append(f"{getattr(cell, 'coordinate', number)}")
            elif kind == "e":
                faults[place] = f"错误值 {value} / an error value"
            elif value is not None and (text := _text(value)):
                cells[place] = text
        yield from _bounded(number, (cells, faults))
    if formulas:
        named = ", ".join(formulas[:MOST_NAMED])
        raise Unfit(f"含公式，请粘贴为数值 / it holds formulas, paste their values instead: {named}")


def _bounded(number: int, read: tuple[dict[int, str], dict[int, str]]) -> Iterator[SheetRow]:
    cells, faults = read
    if number > MOST_ROWS:
        raise Unfit(f"超过{MOST_ROWS}行 / more than {MOST_ROWS} rows")
    if max(cells, default=0) >= MOST_COLUMNS:
        raise Unfit(f"第{number}行超过{MOST_COLUMNS}列 / row {number} has more than {MOST_COLUMNS} columns")
    if cells or faults:
        yield SheetRow(number, cells, faults)


def _csv_cells(record: list[str]) -> tuple[dict[int, str], dict[int, str]]:
    cells, faults = {}, {}
    for place, said in enumerate(record):
        try:
            if text := unguarded(said).replace("\r\n", "\n").strip():
                cells[place] = text
        except ValueError as error:
            faults[place] = str(error)
    return cells, faults


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime) and (value.hour, value.minute, value.second) == (0, 0, 0):
        return value.date().isoformat()
    return value.isoformat(" ") if isinstance(value, datetime) else _plain(value)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value).replace("\r\n", "\n").strip()


def _decoded(data: bytes) -> str:
    if data.startswith((ARCHIVE, OLD_WORKBOOK)) or b"\x00" in data:
        raise Unfit("不是CSV文件 / this is not a CSV file")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unfit("编码既非UTF-8也非GBK / the text is neither UTF-8 nor GBK")
