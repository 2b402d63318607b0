"""Files that strangers send: what is harmless is read as text, what is not is refused before it can do anything."""

import csv
import datetime
import io
import random
import zipfile
from collections.abc import Callable, Mapping

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.archives import MOST_PARTS
from services.catalog.sheets import (
    SHEET,
    guarded,
    unguarded,
    write_csv,
    write_template,
    write_xlsx,
)
from services.catalog.uploads import Unfit
from services.catalog.workbooks import MOST_COLUMNS, MOST_ROWS, SheetRow, read_csv, read_xlsx

HEADERS = ("名称", "数", "说明")
ROWS = ({"名称": "泊位", "数": "1", "说明": "=1+1"}, {"名称": "两行\n文字", "数": "", "说明": "'-x"})
READ = [
    SheetRow(1, {0: "名称", 1: "数", 2: "说明"}, {}),
    SheetRow(2, {0: "泊位", 1: "1", 2: "=1+1"}, {}),
    SheetRow(3, {0: "两行\n文字", 2: "'-x"}, {}),
]
BOMB = b"0" * 3_000_000


def repacked(parts: Mapping[str, bytes], data: bytes | None = None) -> bytes:
    """Return a workbook with parts added or replaced."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data or write_xlsx(HEADERS, ROWS))) as source:
        kept = {name: source.read(name) for name in source.namelist()}
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in (kept | dict(parts)).items():
            target.writestr(name, content)
    return made.getvalue()


def edited(change: Callable[[openpyxl.Workbook], None]) -> bytes:
    """Return a workbook that openpyxl was asked to change."""
    book, made = openpyxl.load_workbook(io.BytesIO(write_xlsx(HEADERS, ROWS))), io.BytesIO()
    change(book)
    book.save(made)
    return made.getvalue()


def lying(data: bytes, name: str) -> bytes:
    """Return an archive whose directory says that a part is one byte long."""
    place = data.rindex(name.encode()) - 46  # the central directory's entry (APPNOTE 4.3.12)
    assert data[place : place + 4] == b"PK\x01\x02"
    return data[: place + 24] + (1).to_bytes(4, "little") + data[place + 28 :]


def refused(data: bytes) -> str:
    with pytest.raises(Unfit) as unfit:
        list(read_xlsx(data))
    assert all(" / " in fault for fault in unfit.value.faults)
    return "; ".join(unfit.value.faults)


# ---- what is written is read ----


def test_rows_are_read_as_they_were_written_in_either_format() -> None:
    assert list(read_xlsx(write_xlsx(HEADERS, ROWS))) == READ
    assert list(read_csv(write_csv(HEADERS, ROWS))) == READ


def test_the_same_rows_are_the_same_bytes_whenever_they_are_written() -> None:
    assert write_xlsx(HEADERS, ROWS) == write_xlsx(HEADERS, ROWS)
    with zipfile.ZipFile(io.BytesIO(write_xlsx(HEADERS, ROWS))) as archive:
        assert {part.date_time for part in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"1980-01-01T00:00:00Z</dcterms:modified>" in archive.read("docProps/core.xml")


def test_no_cell_of_a_workbook_or_a_csv_file_is_a_formula() -> None:
    book = openpyxl.load_workbook(io.BytesIO(write_xlsx(HEADERS, ROWS)))
    assert {cell.data_type for row in book[SHEET].iter_rows() for cell in row if cell.value} == {"s"}
    cells = [cell for row in csv.reader(io.StringIO(write_csv(HEADERS, ROWS).decode("utf-8-sig"))) for cell in row]
    assert [cell for cell in cells if cell[:1] in tuple("=+-@")] == []


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"])))
def test_text_that_is_guarded_is_read_as_it_was(text: str) -> None:
    assert unguarded(guarded(text)) == text


@pytest.mark.parametrize("text", ["=1", "+x", "-x", "@x", "\tx", "'=1", "''@"])
def test_what_begins_like_a_formula_is_guarded_and_a_number_is_not(text: str) -> None:
    assert guarded(text) == "'" + text
    assert (guarded("-5"), guarded("+86"), unguarded("-5")) == ("-5", "+86", "-5")


@pytest.mark.parametrize("cell", ["=1+1", "+x", "-x", "@SUM(A1)"])
def test_a_csv_cell_that_begins_like_a_formula_is_a_fault_of_its_row(cell: str) -> None:
    (row,) = read_csv(f"名称,{cell}\r\n".encode())
    assert (row.cells, list(row.faults)) == ({0: "名称"}, [1])


def test_a_template_offers_its_lists_and_says_how_to_fill_it_in() -> None:
    book = openpyxl.load_workbook(io.BytesIO(write_template(HEADERS, {"数": ["一", "二"]}, [["说明"]])))
    assert book.sheetnames == ["信息资源目录", "代码表", "说明"]
    (choice,) = book[SHEET].data_validations.dataValidation
    assert (str(choice.sqref), choice.formula1) == ("B2:B10000", "'代码表'!$A$2:$A$3")
    assert [cell.value for cell in book["代码表"]["A"]] == ["数", "一", "二"]


# ---- CSV ----


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
def test_csv_is_read_in_the_encodings_that_officers_have(encoding: str) -> None:
    assert [row.cells[0] for row in read_csv("信息资源名称\n泊位\n".encode(encoding))] == ["信息资源名称", "泊位"]


@pytest.mark.parametrize(
    "data", [b"a\x00b", b"\xff\xff\xff", write_xlsx(HEADERS, ROWS), b'"a"b,c\n', b'"never closed', b"x" * 200_000]
)
def test_what_is_no_csv_is_refused(data: bytes) -> None:
    with pytest.raises(Unfit):
        list(read_csv(data))


def test_an_empty_row_keeps_its_number() -> None:
    assert [row.number for row in read_csv(b"a\n\n,,\nb\n")] == [1, 4]


# ---- workbooks that do harm ----


@pytest.mark.parametrize(
    ("parts", "word"),
    [
        ({"xl/vbaProject.bin": b"x"}, "macros"),
        ({"xl/macrosheets/sheet1.xml": b"<x/>"}, "macros"),
        ({"xl/externalLinks/externalLink1.xml": b"<x/>"}, "other files"),
        ({"xl/embeddings/oleObject1.bin": b"x"}, "embedded"),
        ({"xl/activeX/activeX1.xml": b"<x/>"}, "embedded"),
        ({"xl/connections.xml": b"<x/>"}, "elsewhere"),
        ({"../evil.xml": b"<x/>"}, "file names"),
        ({"/etc/evil.xml": b"<x/>"}, "file names"),
        ({"xl/bomb.xml": BOMB}, "packed more tightly"),
        ({f"xl/{number}.xml": b"<x/>" for number in range(MOST_PARTS)}, f"more than {MOST_PARTS} files"),
        ({"xl/a.xml": b"<!DOCTYPE x [<!ENTITY a 'b'>]><x/>"}, "entities"),
        ({"xl/a.xml": b"<x/>" + b" " * 65_530 + b"<!ENTITY a 'b'>"}, "entities"),
        ({"xl/a.xml": '<?xml version="1.0" encoding="utf-16"?><x/>'.encode("utf-16")}, "UTF-8"),
        ({"xl/a.xml": b'<?xml version="1.0" encoding="UTF-7"?><x/>'}, "UTF-8"),
        ({"[Content_Types].xml": b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"}, "macros"),
        (
            {"xl/_rels/x.rels": b'<r><Relationship Type="t/image" TargetMode="External" Target="http://e/"/></r>'},
            "other files",
        ),
    ],
)
def test_a_workbook_that_could_do_harm_is_refused_before_it_is_opened(parts: dict[str, bytes], word: str) -> None:
    assert word in refused(repacked(parts))


def test_every_reason_is_told_at_once() -> None:
    told = refused(repacked({"xl/vbaProject.bin": b"x", "xl/externalLinks/a.xml": b"x", "xl/bomb.xml": BOMB}))
    assert [word in told for word in ("macros", "other files", "packed more tightly")] == [True] * 3


def test_sizes_that_an_archive_declares_are_not_believed() -> None:
    whole = random.Random(1).randbytes(1_000)  # noqa: S311 - not a secret
    told = refused(lying(repacked({"xl/zzz.bin": whole * 300}), "xl/zzz.bin"))
    assert "broken" in told


def test_links_that_a_person_may_click_are_no_harm() -> None:
    link = b'<r><Relationship Type="t/hyperlink" TargetMode="External" Target="http://e/"/></r>'
    assert list(read_xlsx(repacked({"xl/_rels/x.rels": link}))) == READ


def test_formulas_are_refused_with_their_places() -> None:
    def compute(book: openpyxl.Workbook) -> None:
        book[SHEET]["B2"], book[SHEET]["C3"] = "=1+1", '=HYPERLINK("http://e/")'

    told = refused(edited(compute))
    assert "B2" in told
    assert "C3" in told


def test_a_hidden_sheet_is_refused() -> None:
    def hide(book: openpyxl.Workbook) -> None:
        book.create_sheet("底稿").sheet_state = "veryHidden"

    assert "底稿" in refused(edited(hide))


def test_the_table_is_found_by_its_name_among_other_sheets() -> None:
    def more(book: openpyxl.Workbook) -> None:
        book.create_sheet("我的笔记", 0)["A1"] = "x"

    assert list(read_xlsx(edited(more))) == READ

    def renamed(book: openpyxl.Workbook) -> None:
        book[SHEET].title = "表一"
        book.create_sheet("表二")

    assert SHEET in refused(edited(renamed))


def test_workbooks_are_read_by_the_parser_that_refuses_what_is_hostile() -> None:
    assert (openpyxl.LXML, openpyxl.DEFUSEDXML) == (False, True)


@pytest.mark.parametrize(
    "data", [b"", b"a,b", b"PK\x03\x04", b"\xd0\xcf\x11\xe0old", repacked({"xl/workbook.xml": b"<x"})]
)
def test_what_is_no_workbook_is_refused(data: bytes) -> None:
    assert refused(data)


def test_dates_numbers_and_truths_are_read_as_a_clerk_sees_them() -> None:
    def fill(book: openpyxl.Workbook) -> None:
        sheet = book[SHEET]
        sheet["A4"], sheet["B4"], sheet["C4"] = datetime.date(2024, 1, 2), 20.0, True
        sheet["A5"], sheet["B5"], sheet["C5"] = datetime.datetime(2024, 1, 2, 3, 4), 1.5, "#REF!"  # noqa: DTZ001
        sheet["C5"].data_type = "e"

    *_, fourth, fifth = read_xlsx(edited(fill))
    assert fourth.cells == {0: "2024-01-02", 1: "20", 2: "是"}
    assert fifth.cells == {0: "2024-01-02 03:04:00", 1: "1.5"}
    assert "#REF!" in fifth.faults[2]


def test_a_cell_far_away_does_not_make_a_table_of_a_million_rows() -> None:
    def far(book: openpyxl.Workbook) -> None:
        book[SHEET].cell(MOST_ROWS + 2, 1, "x")

    def wide(book: openpyxl.Workbook) -> None:
        book[SHEET].cell(2, MOST_COLUMNS + 1, "x")

    assert "rows" in refused(edited(far))
    assert "columns" in refused(edited(wide))
