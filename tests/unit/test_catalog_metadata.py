"""A draft may be incomplete, and what it says must be of the right kind; secrets and what is too large never enter."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.catalog.entry import create, published_body
from services.catalog.metadata import CONTENT, MAX_BYTES, Draft, Metadata
from services.catalog.search import provider_mark, text_of, words_of
from services.shared.callers import Caller, Claim
from services.shared.canonical import canonical, now
from services.shared.reference import vocabulary
from tests.catalogue import BASIC, ENTRY, PROVIDER, STUB

OFFICER = Caller(organisation=PROVIDER, officer="o-1", claims=frozenset({Claim.OFFICER}))
EVENT_BYTES = 60_000


def faults(metadata: dict[str, Any]) -> list[str]:
    """Return where a draft is faulty, as pointers."""
    try:
        Draft.model_validate(metadata)
    except ValidationError as error:
        return sorted("".join(f"/{part}" for part in fault["loc"]) for fault in error.errors())
    return []


@pytest.mark.parametrize("metadata", [ENTRY, BASIC, STUB, {}])
def test_what_is_kept_of_a_draft_is_what_was_said(metadata: dict[str, Any]) -> None:
    kept = Draft.model_validate(metadata).kept()
    assert Metadata.model_validate_json(kept.model_dump_json()) == kept
    assert (
        kept.model_dump(mode="json", exclude_unset=False).items()
        >= {name: value for name, value in metadata.items() if not isinstance(value, dict | list)}.items()
    )


def test_the_classification_part_of_a_code_is_made_of_the_four_levels() -> None:
    kept = Draft.model_validate(ENTRY | {"classification": ENTRY["classification"] | {"subgroup": "a1"}}).kept()
    assert (kept.class_code, Metadata().class_code) == ("307001a1", None)


def test_the_classification_is_the_guides_in_its_order_and_the_citys_own_is_marked() -> None:
    divisions = vocabulary().classification.terms
    numbers = {cls: [term.code[1:] for term in divisions if term.code[0] == cls] for cls in "123"}
    assert numbers == {
        "1": ["01", "02", "03", "04", "05", "99"],
        "2": [f"{number:02}" for number in range(1, 13)],
        "3": [f"{number:02}" for number in range(1, 9)],
    }
    assert [term.code for term in divisions if term.source] == ["199"]
    basic = {term.basic_class for term in divisions} - {None}
    assert basic == {term.code for term in vocabulary().basic_classes.terms}


@pytest.mark.parametrize("secret", ["STATE_SECRET", "WORK_SECRET"])
def test_a_secret_never_enters_even_as_a_draft(secret: str) -> None:
    with pytest.raises(ValidationError, match="不得进入本系统"):
        Draft.model_validate({"items": [{"name": "甲", "sensitivity": secret}]})


@pytest.mark.parametrize("mark", ["绝密", "机密★20年", "秘密★长期", "机 密 ★ 10 年", "秘密☆", "秘密5年", "机密级"])
def test_a_mark_of_secrecy_is_refused_wherever_it_stands(mark: str) -> None:
    said = {"title": mark, "abstract": f"见{mark}文件", "items": [{"name": "甲", "description": mark}], "steward": mark}
    said |= {"extensions": [{"name": "说明", "value": mark}], "open_condition": mark, "department": mark}
    assert faults(said) == [
        "/abstract",
        "/department",
        "/extensions/0/value",
        "/items/0/description",
        "/open_condition",
        "/steward",
        "/title",
    ]


@pytest.mark.parametrize("words", ["企业商业秘密", "秘密10類", "不涉及国家秘密", "保密协议签订数", "机密设备台账"])
def test_everyday_words_are_no_mark(words: str) -> None:
    assert faults({"title": words}) == []


def test_beside_a_stub_nothing_of_the_content_is_said_and_all_of_it_is_told() -> None:
    said = {name: ENTRY[name] for name in CONTENT if name in ENTRY}
    said |= {"share_condition": "仅用于执法", "open_condition": "脱敏", "related_codes": ["307001/1"]}
    said |= {"database": "d-1", "collection": "c-1", "extensions": [{"name": "甲", "value": "乙"}]}
    assert faults(STUB | said) == sorted(f"/{name}" for name in CONTENT)
    assert faults(STUB) == []


def test_a_stub_is_of_a_state_or_a_work_secret() -> None:
    assert faults(STUB | {"stub": {"secret": "PERSONAL_PRIVACY", "handled_by": "保密办公室"}}) == ["/stub/secret"]
    codes = [term.code for term in vocabulary().stub_secrets.terms]
    assert [faults(STUB | {"stub": {"secret": code, "handled_by": "保密办公室"}}) for code in codes] == [[], []]


@pytest.mark.parametrize(
    ("wrong", "pointers"),
    [
        ({"title": "甲" * 201}, ["/title"]),
        ({"title": "a\u202eb"}, ["/title"]),
        ({"abstract": "\u0000"}, ["/abstract"]),
        ({"share_type": "SOMETIMES"}, ["/share_type"]),
        ({"update_cycle": "hourly"}, ["/update_cycle"]),
        ({"formats": ["xml", "exe"]}, ["/formats/1"]),
        ({"items": [{"name": "甲", "data_type": "Z"}]}, ["/items/0/data_type"]),
        (
            {"items": [{"name": "甲", "length": 0}, {"name": "乙", "length": "5"}]},
            ["/items/0/length", "/items/1/length"],
        ),
        ({"items": [{"name": "甲" * 150}] * 120}, ["/items"]),
        ({"items": "甲"}, ["/items"]),
        ({"colour": "red"}, ["/colour"]),
        ({"tags": ["doc_35_2005", "doc_36"]}, ["/tags/1"]),
        (
            {"classification": {"cls": "4", "division": "1", "group": "1"}},
            [f"/classification/{n}" for n in ("cls", "division", "group")],
        ),
        ({"classification": {"cls": "1", "division": "06", "group": "001"}}, ["/classification/division"]),
        (
            {"roles": {"producer": "nobody", "sharer": PROVIDER}, "risk_bearer": "nobody"},
            ["/risk_bearer", "/roles/producer"],
        ),
        (
            {"assessment": {"secrecy": True, "signed_by": "主任"}},
            ["/assessment/on", "/assessment/personal_information"],
        ),
        ({"related_codes": ["307001/1", "甲"]}, ["/related_codes/1"]),
        ({"open_flag": "perhaps"}, ["/open_flag"]),
    ],
)
def test_what_is_of_the_wrong_kind_is_no_draft(wrong: dict[str, Any], pointers: list[str]) -> None:
    assert faults(wrong) == pointers


@given(name=st.text(alphabet="甲a", min_size=1, max_size=150), count=st.integers(1, 500))
def test_an_entry_that_is_taken_fits_in_an_event_when_it_is_published(name: str, count: int) -> None:
    item = {"name": name, "data_type": "C", "sensitivity": "ENTERPRISE_SECRET"}
    metadata = {"title": "甲" * 200, "items": [item] * count}
    if faults(metadata):
        return
    version = create(Draft.model_validate(metadata), OFFICER, now()).record.open
    assert version is not None
    assert len(canonical(published_body(version))) < EVENT_BYTES - 4_000


def test_metadata_that_are_too_large_as_a_whole_are_refused() -> None:
    long = {"items": [{"name": f"项{n}", "description": "述" * 200} for n in range(210)]}
    assert faults(long) == [""]
    with pytest.raises(ValidationError, match=f"{MAX_BYTES} is the most"):
        Draft.model_validate(long)


@pytest.mark.parametrize(("one", "other"), [("ＰＭ２．５", "pm2.5"), ("ＡＢＣ 目录", "abc  目录"), ("㎡", "m2")])
def test_width_case_and_spaces_make_no_other_words(one: str, other: str) -> None:
    assert words_of(one) == words_of(other)


@given(st.text(max_size=50), st.text(max_size=50))
def test_no_title_carries_another_providers_mark(title: str, q: str) -> None:
    text = text_of(title + provider_mark("110107") + q, "drc", [], [])
    assert (provider_mark("110107") in text, provider_mark("drc") in text) == (False, True)
    assert all("\n" not in word for word in words_of(q))
