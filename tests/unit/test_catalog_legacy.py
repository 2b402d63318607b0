"""Every row of the sample becomes a legacy entry of somebody's, small enough to keep and to file."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from services.catalog.legacy import Row, legacy_entry
from services.catalog.quality import GIVEN, GROUPS, quality_of
from services.catalog.version import State
from services.shared.callers import Caller, Claim
from services.shared.organisations import organisations, provider_of

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
SAMPLE = Path(__file__).parents[2] / "data" / "beijing_catalogue.jsonl"
ROWS = [Row.model_validate(json.loads(line)) for line in SAMPLE.read_text().splitlines()]
OFFICER = Caller(organisation="informatization_office", officer="o-1", claims=frozenset({Claim.OFFICER}))


def test_each_of_the_1100_rows_becomes_a_live_entry_of_an_organisation_that_exists() -> None:
    entries = [legacy_entry(row, OFFICER, NOON).record for row in ROWS]
    assert (len(entries), {entry.state for entry in entries}) == (1100, {State.LIVE})
    assert [entry.provider for entry in entries] == [provider_of(row) for row in ROWS]
    assert {entry.provider for entry in entries} <= set(organisations())


def test_a_row_loses_nothing_that_an_entry_keeps() -> None:
    for row in ROWS:
        live = legacy_entry(row, OFFICER, NOON).record.live
        assert live is not None
        assert live.source is not None
        assert (live.metadata.title, live.source.source_id, live.source.source_url) == (
            row.title,
            row.id,
            row.source_url,
        )
        assert [item.name for item in live.metadata.items] == [item.name for item in row.items]


def test_each_entry_is_filed_under_its_own_event() -> None:
    step = legacy_entry(ROWS[0], OFFICER, NOON)
    assert step.record.live is not None
    assert (step.record.live.filed_as, step.event.case_seq) == (step.event.id, 1)
    assert step.event.body["legacy"] is True


def test_quality_counts_the_twelve_groups_and_names_the_missing() -> None:
    live = legacy_entry(ROWS[0], OFFICER, NOON).record.live
    assert live is not None
    quality = quality_of(live)
    assert (len(GROUPS), set(GIVEN) <= set(GROUPS)) == (12, True)
    assert quality.score == 100 * (12 - len(quality.missing)) // 12
    assert {"share", "resource_code", "update_cycle", "items"} <= set(quality.missing)


@pytest.mark.parametrize(
    "wrong",
    [
        {"archived": "no"},
        {"downloads": -1},
        {"downloads": "3"},
        {"updated": "yesterday"},
        {"source_url": "ftp://x"},
        {"more": 1},
    ],
)
def test_a_row_of_another_shape_is_no_row(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Row.model_validate(ROWS[0].model_dump(mode="json") | wrong)
