"""Every row of the sample becomes a legacy entry of somebody's, small enough to keep and to file, and loses nothing.

tests/data/beijing_columns.jsonl: 来源:北京市公共数据开放平台; types and lengths as measured in the files themselves.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from services.catalog.columns import HEADERS, Row, rows_of
from services.catalog.entry import Entry
from services.catalog.import_checks import Judged, Purpose, judge
from services.catalog.import_rows import blocks_of, said_in, table_of
from services.catalog.legacy import LegacySource, Older, legacy_entry, owner_of
from services.catalog.quality import GROUPS, quality_of
from services.catalog.sheets import write_csv, write_xlsx
from services.catalog.version import Source, State
from services.catalog.workbooks import read_csv, read_xlsx
from services.shared.callers import Caller, Claim
from services.shared.organisations import OFFICE, organisations, provider_of
from services.shared.steps import Step
from tools.govshare.older import column_files, older_row, table_rows

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "data" / "beijing_catalogue.jsonl"
COLUMNS = column_files(ROOT / "tests" / "data" / "beijing_columns.jsonl")
ROWS = [older_row(json.loads(line)) for line in SAMPLE.read_text().splitlines()]
TABLE: list[Row] = [row for older in ROWS for row in table_rows(older, COLUMNS.get(older.id))]
OFFICER = Caller(organisation=OFFICE, officer="o-1", claims=frozenset({Claim.OFFICER}))
FORMATS = {"xlsx": (write_xlsx, read_xlsx), "csv": (write_csv, read_csv)}


def judged(table: list[Row], format: str = "csv") -> list[Judged]:
    """Return what is read of a table that was written to a file."""
    write, read = FORMATS[format]
    blocks = blocks_of(table_of(read(write(HEADERS, table))))
    return [judge(said_in(block), Purpose.LEGACY, OFFICE) for block in blocks]


def committed(entry: Judged) -> Step[Entry]:
    assert entry.provider is not None
    assert entry.metadata is not None
    assert entry.source is not None
    older = Older(provider=entry.provider, metadata=entry.metadata, source=entry.source, code=entry.code)
    return legacy_entry(older, OFFICER, NOON)


@pytest.fixture(scope="module")
def steps() -> list[Step[Entry]]:
    """Every row of the sample as it is committed."""
    return [committed(entry) for entry in judged(TABLE)]


def test_each_of_the_1100_rows_becomes_a_live_entry_of_an_organisation_that_exists(steps: list[Step[Entry]]) -> None:
    entries = [step.record for step in steps]
    assert (len(entries), {entry.state for entry in entries}) == (1100, {State.LIVE})
    assert [entry.provider for entry in entries] == [provider_of(row) for row in ROWS]
    assert {entry.provider for entry in entries} <= set(organisations())


@pytest.mark.parametrize("format", FORMATS)
def test_the_whole_sample_comes_out_as_it_went_in_cell_by_cell(format: str) -> None:
    entries = [committed(entry).record.live for entry in judged(TABLE, format)]
    assert [row for version in entries if version for row in rows_of(version)] == TABLE


def test_the_columns_of_the_forty_data_files_are_their_entries_items(steps: list[Step[Entry]]) -> None:
    live = {
        step.record.live.source.source_id: step.record.live
        for step in steps
        if step.record.live and step.record.live.source
    }
    assert len(COLUMNS) == 40
    for source_id, file in COLUMNS.items():
        items = {item.name: item for item in live[source_id].metadata.items}
        for column in file.columns:
            assert items[column.name].length == (column.max_len or None)
            assert (items[column.name].data_type is None) == (column.type == "empty")


def test_a_row_loses_nothing_that_an_entry_keeps(steps: list[Step[Entry]]) -> None:
    for row, step in zip(ROWS, steps, strict=True):
        assert step.record.live is not None
        source = step.record.live.source
        assert source is not None
        assert (step.record.live.metadata.title, source.source_id, source.source_url) == (
            row.title,
            row.id,
            row.source_url,
        )
        assert (source.archived, source.downloads, source.updated) == (row.archived, row.downloads, row.updated)
        assert (source.provider or "", source.provider_in_summary or "") == (row.provider, row.provider_in_summary)


def test_each_entry_is_filed_under_its_own_event(steps: list[Step[Entry]]) -> None:
    assert steps[0].record.live is not None
    assert (steps[0].record.live.filed_as, steps[0].event.case_seq) == (steps[0].event.id, 1)
    assert steps[0].event.body["legacy"] is True


def test_what_the_sample_lacks_is_shown_as_its_quality(steps: list[Step[Entry]]) -> None:
    live = steps[0].record.live
    assert live is not None
    quality = quality_of(live)
    assert (len(GROUPS), 0 < quality.score < 100) == (12, True)
    assert {"share", "resource_code", "update_cycle", "items"} <= set(quality.missing)


def test_a_source_without_a_provider_of_its_own_is_its_summarys_or_the_offices() -> None:
    said: dict[str, Any] = {"source_id": "a", "source_url": "u", "citation": "c", "updated": "2024-01-01"}
    assert owner_of(Source(**said, provider="往年开放数据", provider_in_summary="石景山区", archived=True)) == "110107"
    assert owner_of(Source(**said)) == OFFICE


@pytest.mark.parametrize(
    "wrong",
    [{"downloads": -1}, {"updated": "yesterday"}, {"source_url": "ftp://x"}, {"source_id": "a b"}, {"more": 1}],
)
def test_a_source_of_another_shape_is_none(wrong: dict[str, object]) -> None:
    good = {"source_id": "a", "source_url": "http://x", "citation": "c", "updated": "2024-01-01"}
    assert LegacySource.model_validate(good).kept().source_id == "a"
    with pytest.raises(ValidationError):
        LegacySource.model_validate(good | wrong)
