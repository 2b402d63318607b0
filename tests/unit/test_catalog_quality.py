"""Quality says how much of the guide's twelve groups is there, and what to do about the rest, in both languages."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.metadata import Draft
from services.catalog.quality import GIVEN, GROUPS, OF_A_STUB, TO_DO, quality_of
from services.catalog.version import Source, State, Version
from tests.catalogue import ENTRY, STUB

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
FIELD = {"format": "formats", "share": "share_type", "open": "open_flag"}
SAID = ("classification", "title", "abstract", "format", "items", "share", "open", "update_cycle")


def a_version(metadata: dict[str, Any], **changes: Any) -> Version:
    """Return a published version of an organisation with a credit code."""
    said = Draft.model_validate(metadata).kept()
    state = {"state": State.LIVE, "number": 1, "changed_at": NOON, "published_at": NOON}
    return Version.model_validate(
        {"id": "r-1", "provider": "culture_tourism_bureau", "metadata": said} | state | changes
    )


def missing(metadata: dict[str, Any], **changes: Any) -> set[str]:
    return set(quality_of(a_version(metadata, **changes)).missing)


@given(lacking=st.sets(st.sampled_from(SAID)))
def test_each_group_that_is_not_said_is_missing_and_no_other(lacking: set[str]) -> None:
    said = {name: value for name, value in ENTRY.items() if name not in {FIELD.get(group, group) for group in lacking}}
    assert missing(said) - missing(ENTRY) == lacking


def test_the_score_is_the_share_of_the_groups_and_each_missing_one_says_what_to_do() -> None:
    quality = quality_of(a_version({"title": "甲"}))
    assert quality.score == 100 * (12 - len(quality.missing)) // 12
    assert tuple(each.group for each in quality.improve) == quality.missing
    assert all(each.zh and each.en for each in quality.improve)
    assert set(TO_DO) == set(GROUPS) == set(GIVEN)


def test_items_without_a_type_are_counted() -> None:
    items = [{"name": "甲", "data_type": "C"}, {"name": "乙"}, {"name": "丙"}]
    told = {each.group: each.zh for each in quality_of(a_version(ENTRY | {"items": items})).improve}
    assert told["items"] == "3个信息项中有2个缺数据类型"


@pytest.mark.parametrize(
    ("changes", "whole"),
    [
        ({"share_type": "CONDITIONAL"}, False),
        ({"share_type": "CONDITIONAL", "share_condition": "仅用于执法"}, True),
        ({"share_method": None}, False),
        ({"share_type": "NOT_SHARED", "share_method": None}, False),
        ({"share_type": "NOT_SHARED", "legal_basis": {"instrument": "decree-809", "clause": "3"}}, True),
    ],
)
def test_sharing_is_said_when_its_terms_are(changes: dict[str, Any], *, whole: bool) -> None:
    assert ("share" not in missing(ENTRY | changes)) is whole


def test_what_came_from_a_catalogue_of_open_data_is_open_and_an_unpublished_version_is_not_published() -> None:
    source = Source(source_id="bj-1", source_url="https://x.test", citation="x", updated="2020-01-01")
    said = {name: value for name, value in ENTRY.items() if name != "open_flag"}
    assert "open" not in missing(said, source=source)
    assert "publication" in missing(ENTRY, published_at=None)


def test_an_entry_that_is_whole_and_coded_has_every_group() -> None:
    quality = quality_of(a_version(ENTRY, resource_code="307001/1"))
    assert (quality.score, quality.missing, quality.improve) == (100, (), ())
    assert missing(ENTRY) == {"resource_code"}


def test_a_stub_is_measured_by_what_it_may_say() -> None:
    quality = quality_of(a_version(STUB))
    assert set(quality.missing) <= set(OF_A_STUB)
    assert quality.score == 100 * (len(OF_A_STUB) - len(quality.missing)) // len(OF_A_STUB)
