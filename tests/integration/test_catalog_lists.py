"""The lists of those at work on entries: a unit's own, and what stands in a state for those who review it."""

from typing import Any

import pytest

from services.catalog.api import handler
from tests.catalogue import (
    BASIC,
    ENTRY,
    OFFICE,
    PROVIDER,
    STATISTICS,
    STRANGER,
    a_legacy_entry,
    act,
    create,
    published,
    put,
)
from tests.support import Reply, call, token


@pytest.fixture(autouse=True)
def table(data_stack: dict[str, str]) -> str:
    """The catalogue's table, empty."""
    return data_stack["CatalogTable"]


def listed(query: str, organisation: str | None = None) -> Reply:
    return call(handler, "GET", f"/catalog/resources?{query}", token=organisation and token(organisation))


def ids(reply: Reply) -> list[str]:
    return [line["id"] for line in reply.body["items"]]


def line_of(entry: Reply, query: str, organisation: str) -> dict[str, Any]:
    return next(line for line in listed(query, organisation).body["items"] if line["id"] == entry.body["id"])


def test_a_unit_lists_all_its_entries_by_the_version_it_is_at_work_on() -> None:
    draft, live = create(), published()
    revised = put(published(BASIC), PROVIDER, BASIC | {"title": "新标题"})
    lines = listed("unit=mine", PROVIDER).body["items"]
    told = {line["id"]: (line["title"], line["state"], line["number"], line["revises"]) for line in lines}
    assert told == {
        draft.body["id"]: (ENTRY["title"], "DRAFT", 1, False),
        live.body["id"]: (ENTRY["title"], "LIVE", 1, False),
        revised.body["id"]: ("新标题", "DRAFT", 2, True),
    }
    assert lines[0]["id"] == revised.body["id"]
    assert lines[0]["awaiting"] == [{"party": "provider", "organisation": PROVIDER}]


def test_nobody_lists_what_another_unit_is_at_work_on() -> None:
    create()
    assert ids(listed("unit=mine", STRANGER)) == []
    assert listed(f"unit={PROVIDER}", STRANGER).status == 403
    assert listed(f"unit={PROVIDER}", PROVIDER).body == listed("unit=mine", PROVIDER).body
    assert listed("unit=mine").status == 401


def test_the_office_lists_what_stands_in_a_state_and_the_statistics_bureau_the_basic_information_of_it() -> None:
    plain, basic = act(create(), "submit", PROVIDER), act(create(BASIC), "submit", PROVIDER)
    create()
    assert set(ids(listed("state=SUBMITTED", OFFICE))) == {plain.body["id"], basic.body["id"]}
    assert ids(listed("state=SUBMITTED", STATISTICS)) == [basic.body["id"]]
    assert line_of(basic, "state=SUBMITTED", STATISTICS)["catalogue"] == "basic_sharing_catalog"
    assert [listed("state=SUBMITTED", who).status for who in (PROVIDER, STRANGER, None)] == [403, 403, 401]


def test_a_draft_that_nobody_was_sent_is_in_no_list_of_the_reviewers() -> None:
    create(BASIC)
    assert [ids(listed("state=DRAFT", who)) for who in (OFFICE, STATISTICS)] == [[], []]


def test_an_entry_leaves_a_states_list_when_it_goes_on() -> None:
    sent = act(create(), "submit", PROVIDER)
    act(sent, "start_review", OFFICE)
    assert (ids(listed("state=SUBMITTED", OFFICE)), ids(listed("state=UNDER_REVIEW", OFFICE))) == (
        [],
        [sent.body["id"]],
    )


def test_a_version_beside_a_published_one_is_listed_by_its_own_state() -> None:
    live = published()
    act(put(live, PROVIDER, ENTRY), "submit", PROVIDER)
    assert ids(listed("state=SUBMITTED", OFFICE)) == [live.body["id"]]
    assert ids(listed("")) == [live.body["id"]]


def test_pages_follow_each_other_and_miss_nothing() -> None:
    made = {create().body["id"] for _ in range(5)}
    first = listed("unit=mine&limit=2", PROVIDER)
    second = listed(f"unit=mine&limit=2&next={first.body['next']}", PROVIDER)
    third = listed(f"unit=mine&limit=2&next={second.body['next']}", PROVIDER)
    assert {*ids(first), *ids(second), *ids(third)} == made
    assert third.body["next"] is None
    foreign = listed(f"unit=mine&next={first.body['next']}", STRANGER)
    assert (foreign.status, foreign.pointers) == (422, ["/query/next"])


def test_a_state_that_is_none_is_refused() -> None:
    assert listed("state=LOST", OFFICE).pointers == ["/query/state"]


@pytest.mark.parametrize(
    ("query", "pointers"),
    [
        ("state=LIVE&unit=mine&code=1", ["/query/code", "/query/unit"]),
        ("code=307001/0001&provider=drc", ["/query/provider"]),
    ],
)
def test_what_would_be_passed_over_is_refused(query: str, pointers: list[str]) -> None:
    refused = listed(query, OFFICE)
    assert (refused.status, refused.pointers) == (422, pointers)


def test_a_legacy_entry_of_no_catalogue_stands_in_the_lists_and_on_no_shelf() -> None:
    entry = a_legacy_entry(PROVIDER)
    assert (ids(listed("unit=mine", PROVIDER)), ids(listed(""))) == ([entry], [entry])
    shelves = [call(handler, "GET", f"/catalog/catalogues/{name}").body["items"] for name in ("basic", "application")]
    assert shelves == [[], []]


def test_what_is_published_stands_on_its_shelf_until_it_is_withdrawn() -> None:
    live = published(BASIC)
    shelf = "/catalog/catalogues/basic"
    before = call(handler, "GET", shelf).body["items"]
    act(live, "withdraw", PROVIDER, {"reason": "职能调整"})
    after = call(handler, "GET", shelf).body["items"]
    assert ([line["id"] for line in before], after) == ([live.body["id"]], [])
