"""The difference that a reviewer sees: each change once, down to the leaf, enough to make the one from the other."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.diff import Change, How, changes
from services.catalog.metadata import Metadata
from tests.catalogue import ENTRY

NAMES = st.sampled_from("甲乙丙丁戊己")
ITEMS = st.lists(st.fixed_dictionaries({"name": NAMES, "data_type": st.sampled_from(["C", "N", None])}), max_size=8)
SAID = st.fixed_dictionaries(
    {
        "title": st.sampled_from(["停车场", "泊位", None]),
        "open_flag": st.sampled_from([True, False, None]),
        "items": ITEMS,
        "formats": st.lists(st.sampled_from(["xls", "csv", "oracle", "pdf"]), max_size=4),
        "classification": st.sampled_from(
            [None, {"cls": "3", "division": "07", "group": "001"}, {"cls": "2", "division": "01", "group": "001"}]
        ),
        "extensions": st.lists(st.fixed_dictionaries({"name": NAMES, "value": st.sampled_from("12")}), max_size=4),
    }
)


def metadata(**said: Any) -> Metadata:
    return Metadata.model_validate(ENTRY | said)


def named(*names: str) -> list[dict[str, Any]]:
    return [{"name": name, "data_type": "N", "sensitivity": "NONE"} for name in names]


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, str, Any, Any]]:
    found = changes(metadata(**before), metadata(**after))
    return [(change.pointer, change.how, change.before, change.after) for change in found]


def test_a_first_version_differs_from_nothing_that_is_published() -> None:
    assert changes(None, metadata()) == ()


def test_versions_that_say_the_same_do_not_differ() -> None:
    assert changes(metadata(), metadata()) == ()


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ({"title": "甲"}, {"title": "乙"}, [("/title", "changed", "甲", "乙")]),
        ({}, {"share_condition": "限查询"}, [("/share_condition", "added", None, "限查询")]),
        ({"open_flag": False}, {"open_flag": None}, [("/open_flag", "removed", False, None)]),
        (
            {},
            {"legal_basis": {"instrument": "decree-809", "clause": "16"}},
            [
                ("/legal_basis/instrument", "added", None, "decree-809"),
                ("/legal_basis/clause", "added", None, "16"),
            ],
        ),
        (
            {"classification": {"cls": "3", "division": "07", "group": "001"}},
            {"classification": {"cls": "3", "division": "08", "group": "001"}},
            [("/classification/division", "changed", "07", "08")],
        ),
        (
            {"formats": ["xls", "csv"]},
            {"formats": ["csv", "oracle"]},
            [("/formats/0", "removed", "xls", None), ("/formats/1", "added", None, "oracle")],
        ),
    ],
)
def test_each_field_is_told_with_what_it_was_and_what_it_is(
    before: dict[str, Any], after: dict[str, Any], found: list[tuple[str, str, Any, Any]]
) -> None:
    assert differences(before, after) == found


def test_items_are_told_apart_by_their_names() -> None:
    before, after = named("甲", "乙", "丙"), named("甲", "丙", "丁")
    after[1] |= {"data_type": "C", "length": 8}
    assert [(pointer, how) for pointer, how, _, _ in differences({"items": before}, {"items": after})] == [
        ("/items/1", "removed"),
        ("/items/1/data_type", "changed"),
        ("/items/1/length", "added"),
        ("/items/2", "added"),
    ]


def test_an_item_that_was_moved_is_told_alone_and_its_neighbours_are_not() -> None:
    moved = differences({"items": named(*"甲乙丙丁戊")}, {"items": named(*"戊甲乙丙丁")})
    assert moved == [("/items/0", "moved", 4, 0)]


def test_what_is_put_in_front_moves_nothing() -> None:
    found = differences({"items": named("甲", "乙")}, {"items": named("新", "甲", "乙")})
    assert [(pointer, how) for pointer, how, _, _ in found] == [("/items/0", "added")]


@given(before=SAID, after=SAID)
def test_the_changes_make_the_later_version_from_the_earlier(before: dict[str, Any], after: dict[str, Any]) -> None:
    old, new = Metadata.model_validate(before), Metadata.model_validate(after)
    assert Metadata.model_validate(patched(old.model_dump(mode="json"), changes(old, new))) == new


@given(before=SAID, after=SAID)
def test_no_place_is_told_twice_and_no_change_changes_nothing(before: dict[str, Any], after: dict[str, Any]) -> None:
    found = changes(Metadata.model_validate(before), Metadata.model_validate(after))
    told = [(change.pointer, change.how is How.REMOVED) for change in found if change.how is not How.MOVED]
    assert len(told) == len(set(told))
    assert all(change.before != change.after for change in found if change.how is not How.MOVED)


def patched(said: dict[str, Any], found: tuple[Change, ...]) -> dict[str, Any]:
    """Return what is said after the changes: lists are taken apart, put together again, then single fields are set."""
    for name in ("items", "formats", "extensions"):
        own = [change for change in found if change.pointer.count("/") == 2 and change.pointer.startswith(f"/{name}/")]
        said[name] = relisted(said[name], own)
    for change in found:
        path = change.pointer.split("/")[1:]
        if path[0] not in {"items", "formats", "extensions"} or len(path) > 2:
            set_at(said, path, change.after)
    if said["classification"] and not any(said["classification"].values()):
        said["classification"] = None
    return said


def relisted(before: list[Any], own: list[Change]) -> list[Any]:
    gone = {place(change) for change in own if change.how is How.REMOVED}
    moved = {int(str(change.before)): place(change) for change in own if change.how is How.MOVED}
    kept = [value for here, value in enumerate(before) if here not in gone and here not in moved]
    arrived = {place(change): change.after for change in own if change.how is How.ADDED}
    arrived |= {to: before[here] for here, to in moved.items()}
    for to in sorted(arrived):
        kept.insert(to, arrived[to])
    return kept


def place(change: Change) -> int:
    return int(change.pointer.rpartition("/")[2])


def set_at(said: Any, path: list[str], value: Any) -> None:
    for step in path[:-1]:
        if isinstance(said, list):
            said = said[int(step)]
        else:
            said[step] = said[step] or {}
            said = said[step]
    said[path[-1]] = value
