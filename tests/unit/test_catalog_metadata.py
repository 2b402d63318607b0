"""Metadata are submitted whole and without contradiction; every fault is told at once, with its place."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.catalog.completeness import REQUIRED, problems_of
from services.catalog.metadata import Draft
from services.catalog.search import provider_mark, text_of, words_of
from tests.catalogue import BASIC, ENTRY

ITEM = ENTRY["items"][0]


def pointers(**changes: Any) -> list[str]:
    return [problem.pointer for problem in problems_of(Draft.model_validate(ENTRY | changes).kept())]


def test_complete_metadata_have_no_problem() -> None:
    assert pointers() == []
    assert list(problems_of(Draft.model_validate(BASIC).kept())) == []


@given(missing=st.sets(st.sampled_from(REQUIRED), min_size=1))
def test_every_missing_field_is_named_at_once(missing: set[str]) -> None:
    draft = Draft.model_validate({name: value for name, value in ENTRY.items() if name not in missing})
    assert missing <= {problem.pointer.removeprefix("/") for problem in problems_of(draft.kept())}


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"catalogue": "basic_sharing_catalog"}, "/basic_class"),
        ({"basic_class": "population"}, "/basic_class"),
        ({"share_type": "CONDITIONAL"}, "/share_condition"),
        ({"share_type": "NOT_SHARED"}, "/legal_basis"),
        (
            {"share_type": "NOT_SHARED", "legal_basis": {"instrument": "policy-2005", "clause": "三(四)"}},
            "/legal_basis",
        ),
        ({"share_type": "NOT_SHARED", "legal_basis": {"instrument": "decree-809", "clause": "15"}}, "/legal_basis"),
        ({"legal_basis": {"instrument": "decree-809", "clause": "99"}}, "/legal_basis"),
        ({"formats": ["oracle", "xlsx"], "share_method": "table"}, "/formats/1"),
        ({"formats": ["database"], "share_method": "file"}, "/formats/0"),
        ({"items": [ITEM, ITEM | {"name": "空余 泊位数"}]}, "/items/1/name"),
        ({"items": [ITEM | {"name": "ＰＭ２．５"}, ITEM | {"name": "pm2.5"}]}, "/items/1/name"),
        ({"items": [{"name": "甲", "data_type": "C"}]}, "/items/0/sensitivity"),
    ],
)
def test_a_contradiction_is_a_problem_at_its_place(changes: dict[str, Any], pointer: str) -> None:
    assert pointers(**changes) == [pointer]


@pytest.mark.parametrize(
    "changes",
    [
        {"share_type": "CONDITIONAL", "share_condition": "仅用于执法"},
        {"share_type": "NOT_SHARED", "legal_basis": {"instrument": "tax-administration-law", "clause": "8"}},
        {"formats": ["xlsx", "pdf"], "share_method": "file"},
        {"formats": ["xlsx", "oracle"], "share_method": "copy"},
        {"formats": ["self_described"], "share_method": "api"},
    ],
)
def test_what_agrees_is_no_problem(changes: dict[str, Any]) -> None:
    assert pointers(**changes) == []


@pytest.mark.parametrize("secret", ["STATE_SECRET", "WORK_SECRET"])
def test_a_secret_never_enters_even_as_a_draft(secret: str) -> None:
    with pytest.raises(ValidationError, match="不得进入本系统"):
        Draft.model_validate({"items": [{"name": "甲", "sensitivity": secret}]})


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": "甲" * 201},
        {"title": "a\u202eb"},
        {"abstract": "\u0000"},
        {"share_type": "SOMETIMES"},
        {"update_cycle": "hourly"},
        {"formats": ["exe"]},
        {"items": [{"name": "甲", "data_type": "Z"}]},
        {"items": [{"name": "甲" * 150}] * 100},
        {"items": "甲"},
        {"colour": "red"},
    ],
)
def test_what_is_of_the_wrong_kind_is_no_draft(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Draft.model_validate(wrong)


@pytest.mark.parametrize(("one", "other"), [("ＰＭ２．５", "pm2.5"), ("ＡＢＣ 目录", "abc  目录"), ("㎡", "m2")])
def test_width_case_and_spaces_make_no_other_words(one: str, other: str) -> None:
    assert words_of(one) == words_of(other)


@given(st.text(max_size=50), st.text(max_size=50))
def test_no_title_carries_another_providers_mark(title: str, q: str) -> None:
    text = text_of(title + provider_mark("110107") + q, "drc", [], [])
    assert (provider_mark("110107") in text, provider_mark("drc") in text) == (False, True)
    assert all("\n" not in word for word in words_of(q))
