"""The guide's table as a file: XLSX and CSV written from rows, the same bytes for the same rows. Knows no entry.

Text never becomes a formula: in a workbook it is marked as text, in CSV an apostrophe stands before it.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

SHEET, LISTS, NOTES = "信息资源目录", "代码表", "说明"
# What a spreadsheet takes for a formula; and the apostrophes that keep it from doing so.
FORMULA_START = re.compile(r"'*[=+\-@\t\r]")
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # the first that a ZIP archive can say
MADE = datetime(1980, 1, 1)  # noqa: DTZ001 - openpyxl takes naive times
MANY = 10_000  # rows that lists of choices reach down to in an empty table
Row = Mapping[str, str]


def write_csv(headers: Sequence[str], rows: Iterable[Row]) -> bytes:
    """Return the rows as CSV (RFC 4180), UTF-8 with a mark at its start, by which spreadsheets know it."""
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(headers)
    table.writerows([guarded(row[header]) for header in headers] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def write_xlsx(headers: Sequence[str], rows: Iterable[Row]) -> bytes:
    """Return the rows as a workbook of one sheet, every cell text."""
    book = Workbook(write_only=True)
    sheet = _table(book, headers)
    for row in rows:
        sheet.append([_text(sheet, row[header]) if row[header] else None for header in headers])
    return _packed(book)


def write_template(
    headers: Sequence[str], choices: Mapping[str, Sequence[str]], notes: Iterable[Sequence[str]]
) -> bytes:
    """Return an empty table: `choices` by header, as lists to pick from and on a sheet of their own; and notes."""
    book = Workbook(write_only=True)
    sheet = _table(book, headers)
    lists, letters = book.create_sheet(LISTS), {}
    for number, (header, terms) in enumerate(choices.items(), start=1):
        letters[header] = _letter(number), len(terms) + 1
    for row in _columns_as_rows(choices):
        lists.append(row)
    for header, (letter, last) in letters.items():
        sheet.data_validations.append(
            _choice(f"'{LISTS}'!${letter}$2:${letter}${last}", _letter(headers.index(header) + 1))
        )
    told = book.create_sheet(NOTES)
    for note in notes:
        told.append(list(note))
    return _packed(book)


def guarded(text: str) -> str:
    """Return text as it stands in CSV: behind an apostrophe where a spreadsheet would take it for a formula."""
    return f"'{text}" if FORMULA_START.match(text) and not NUMBER.fullmatch(text) else text


def unguarded(text: str) -> str:
    """Return the text that a CSV cell stands for. Raises ValueError when a spreadsheet would take it for a formula."""
    if not FORMULA_START.match(text) or NUMBER.fullmatch(text):
        return text
    if not text.startswith("'"):
        raise ValueError("以 = + - @ 开头会被当作公式，请在前面加 ' / begins like a formula; put ' before it")
    return text[1:]


def _table(book: Workbook, headers: Sequence[str]) -> Worksheet:
    sheet: Worksheet = book.create_sheet(SHEET)
    sheet.freeze_panes = "A2"
    for number, header in enumerate(headers, start=1):
        sheet.column_dimensions[_letter(number)].width = max(12, 2 * len(header) + 2)
    sheet.append([_text(sheet, header, bold=True) for header in headers])
    return sheet


def _text(sheet: Worksheet, value: str, *, bold: bool = False) -> Cell:
    cell: Cell = WriteOnlyCell(sheet, value)
    cell.data_type = "s"  # openpyxl would take a text that begins with = for a formula
    if bold:
        cell.font = Font(bold=True)
    return cell


def _choice(source: str, letter: str) -> DataValidation:
    # Several codes may stand in one cell, and an officer may know a code that the list's words do not show.
    choice = DataValidation(type="list", formula1=source, allow_blank=True, showErrorMessage=False)
    choice.add(f"{letter}2:{letter}{MANY}")
    return choice


def _columns_as_rows(choices: Mapping[str, Sequence[str]]) -> Iterator[list[str]]:
    yield list(choices)
    for place in range(max(map(len, choices.values()))):
        yield [terms[place] if place < len(terms) else "" for terms in choices.values()]


def _letter(number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _packed(book: Workbook) -> bytes:
    """Return the workbook's bytes without the time at which it was made."""
    book.properties.created = book.properties.modified = MADE
    made = io.BytesIO()
    book.save(made)
    packed = io.BytesIO()
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            content = (
                _MODIFIED.sub(rb"\g<1>1980-01-01T00:00:00Z\g<2>", content) if name == "docProps/core.xml" else content
            )
            target.writestr(zipfile.ZipInfo(name, FIRST_DAY), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")
