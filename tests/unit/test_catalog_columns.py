"""What stands in the guide's table is read as what was written: every value, every code, every entry."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog import cell_codes, cells
from services.catalog.columns import COLUMNS, HEADERS, column_named, header_at, rows_of
from services.catalog.import_rows import Said, blocks_of, said_in, table_of
from services.catalog.legacy import LegacyDraft
from services.catalog.metadata import Draft, Metadata
from services.catalog.version import Source, State, Version
from services.shared.organisations import organisations
from services.shared.reference import Vocabulary, legal_instruments, vocabulary
from tests.catalogue import BASIC, ENTRY, PROVIDER

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
WHOLE: dict[str, Any] = ENTRY | {
    "department": "信息处",
    "tags": ["doc_35_2005"],
    "key_domain": "public_security",
    "open_flag": True,
    "open_condition": "注册后使用",
    "related_codes": ["307001/0001", "307001/0002"],
    "legal_basis": {"instrument": "data-security-law", "clause": "38"},
    "database": "db-1",
    "collection": "co-1",
    "extensions": [{"name": "坐标系", "value": "CGCS2000=国家\\大地"}, {"name": "备注", "value": "两行\n文字"}],
    "items": [
        {"name": "空余泊位数", "data_type": "N", "length": 5, "sensitivity": "NONE", "description": "实时"},
        {"name": "车场名称"},
    ],
}
LISTS = [name for name in Vocabulary.model_fields if name != "formats"]


def a_version(metadata: Metadata, source: Source | None = None, code: str | None = None) -> Version:
    return Version(
        id="v",
        state=State.LIVE,
        number=1,
        provider=PROVIDER,
        metadata=metadata,
        source=source,
        resource_code=code,
        changed_at=NOON,
        published_at=NOON,
    )


def read_back(version: Version) -> Said:
    """Return what is read from the rows that a version is written as."""
    sheet = [dict(enumerate(HEADERS)), *({n: t for n, t in enumerate(row.values()) if t} for row in rows_of(version))]
    (block,) = blocks_of(table_of((number, cells, {}) for number, cells in enumerate(sheet, start=1)))
    return said_in(block)


@pytest.mark.parametrize("metadata", [ENTRY, BASIC, WHOLE, {"title": "泊位"}], ids=["entry", "basic", "whole", "bare"])
def test_an_entry_is_read_as_it_was_written(metadata: dict[str, Any]) -> None:
    kept = Draft.model_validate(metadata).kept()
    said = read_back(a_version(kept, code="307001/0001"))
    assert Draft.model_validate(said.metadata).kept() == kept
    assert (said.provider, said.code, said.problems) == (PROVIDER, "307001/0001", ())


def test_a_stub_is_read_as_it_was_written() -> None:
    stub = Metadata.model_validate(
        {"title": "某事项", "share_type": "NOT_SHARED", "stub": {"secret": "WORK_SECRET", "handled_by": "机要室"}}
    )
    assert Draft.model_validate(read_back(a_version(stub)).metadata).kept() == stub


def test_where_a_legacy_entry_comes_from_is_read_as_it_was_written() -> None:
    source = Source(
        source_id="bj-1",
        source_url="http://example.org/1",
        citation="来源",
        updated="2024-01-02",
        source="bj",
        published_on="2020-02-03",
        provider="石景山区",
        provider_in_summary="石景山",
        archived=False,
        downloads=0,
        update_frequency="年更",
    )
    said = read_back(a_version(Metadata(title="泊位", formats=("png", "csv", "rar")), source))
    assert Source.model_validate(said.source) == source
    assert LegacyDraft.model_validate(said.metadata).formats == ("png", "csv", "rar")


def test_the_day_of_publication_is_the_sources_own_or_ours() -> None:
    (ours,) = rows_of(a_version(Metadata(title="泊位")))
    assert ours["发布日期"] == "2026-11-22"


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Cn", "Co"]), min_size=1, max_size=30)


@given(st.lists(st.tuples(TEXT, TEXT), max_size=5))
def test_extended_elements_survive_every_sign(pairs: list[tuple[str, str]]) -> None:
    elements = [{"name": f"n{name}n", "value": f"v{value}v"} for name, value in pairs]
    coding = cells.pairs()
    assert coding.read(coding.write(elements)) == elements if elements else coding.write(elements) == ""


@pytest.mark.parametrize("name", LISTS)
def test_a_code_of_a_list_is_read_from_its_term_and_from_itself(name: str) -> None:
    for term in getattr(vocabulary(), name).terms:
        coding = cell_codes.listed(name)
        assert (coding.read(coding.write(term.code)), coding.read(term.code)) == (term.code, term.code)


def test_every_format_and_class_of_formats_is_read_as_it_is_written() -> None:
    coding = cell_codes.fmt()
    known = [code for term in vocabulary().formats.terms for code in (term.code, *term.values)]
    assert [coding.read(coding.write(code)) for code in known] == known
    assert coding.read("SQL Server") == "sql_server"


def test_every_organisation_and_instrument_is_read_as_it_is_written() -> None:
    for coding, codes in ((cell_codes.body(), organisations()), (cell_codes.instrument(), legal_instruments())):
        assert [coding.read(coding.write(code)) for code in codes] == list(codes)


@pytest.mark.parametrize("said", ["C", "字符型", "字符型C", "字符型（C）", "c 字符型", " 字符型 "])
def test_a_type_is_known_in_every_spelling_of_the_guides_copies(said: str) -> None:
    assert cell_codes.listed("item_types").read(said) == "C"


@pytest.mark.parametrize(
    "said", ["2024-01-02", "2024/1/2", "2024.01.02", "2024年1月2日", "20240102", "2024-01-02 00:00"]
)
def test_a_day_is_known_in_every_spelling(said: str) -> None:
    assert cells.day().read(said) == "2024-01-02"


@given(st.dates(min_value=date(1900, 1, 1)))
def test_every_day_is_read_as_it_is_written(day: date) -> None:
    assert cells.day().read(cells.day().write(day.isoformat())) == day.isoformat()


@pytest.mark.parametrize(
    ("coding", "said"),
    [
        (cells.number(), "20位"),
        (cells.number(), "-1"),
        (cells.number(), "1.5"),
        (cells.yes_or_no(), "也许"),
        (cells.day(), "昨天"),
        (cells.day(), "2024-02-30"),
        (cell_codes.listed("item_types"), "文本"),
        (cell_codes.body(), "没有的单位"),
        (cell_codes.instrument(), "没有的法"),
        (cells.pairs(), "没有等号"),
    ],
)
def test_what_cannot_be_read_is_refused_in_both_languages(coding: cells.Coding, said: str) -> None:
    with pytest.raises(ValueError, match=r"[\u4e00-\u9fff].* / \w"):
        coding.read(said)


@pytest.mark.parametrize(("cls", "said", "division"), [("3", "7", "07"), ("3", "307", "07"), ("2", "公共服务", "01")])
def test_a_division_is_known_by_number_or_name_in_its_class(cls: str, said: str, division: str) -> None:
    assert cell_codes.division_in(cls, said) == division


def test_headers_are_known_however_they_are_spaced_or_marked() -> None:
    assert len({column.place for column in COLUMNS}) == len(COLUMNS) == len(set(HEADERS))
    for said in ("信息资源 名称", "信息资源名称（必填）", "*信息资源名称", "目录名称"):
        column = column_named(said)
        assert column is not None
        assert column.header == "信息资源名称"
    assert column_named("名称") is None


def test_every_place_in_metadata_has_its_column() -> None:
    places = {column.place.split(".")[0] for column in COLUMNS}
    assert set(Metadata.model_fields) <= places
    assert {f"source.{name}" for name in Source.model_fields} - {column.place for column in COLUMNS} == {
        "source.published_on"  # stands under 发布日期
    }
    assert (header_at("legal_basis"), header_at("items.length"), header_at("nothing")) == (
        "依据文件",
        "数据长度",
        "信息资源名称",
    )
