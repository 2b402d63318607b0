"""Metadata are submitted whole and without contradiction; every fault is told at once, with its place."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.completeness import OF_A_STUB, REQUIRED, problems_of
from services.catalog.conditions import faults_of, obstructions
from services.catalog.metadata import Draft
from services.catalog.parts import ROLES
from services.catalog.repeats import BasicEntry, repeats_basic
from services.shared.reference import find_clause, legal_instruments
from tests.catalogue import BASIC, ENTRY, STUB

ITEM = ENTRY["items"][0]
BASIS = {"instrument": "data-security-law", "clause": "38"}
CONDITIONAL = {"share_type": "CONDITIONAL", "share_condition": "仅用于执法", "legal_basis": BASIS}


def pointers_of(metadata: dict[str, Any]) -> list[str]:
    return sorted(problem.pointer for problem in problems_of(Draft.model_validate(metadata).kept()))


def pointers(**changes: Any) -> list[str]:
    return pointers_of(ENTRY | changes)


@pytest.mark.parametrize("metadata", [ENTRY, BASIC, STUB])
def test_complete_metadata_have_no_problem(metadata: dict[str, Any]) -> None:
    assert pointers_of(metadata) == []


@given(missing=st.sets(st.sampled_from(REQUIRED), min_size=1))
def test_every_missing_field_is_named_at_once_and_nothing_else(missing: set[str]) -> None:
    said = {name: value for name, value in ENTRY.items() if name not in missing}
    assert pointers_of(said) == sorted(f"/{name}" for name in missing)


@given(missing=st.sets(st.sampled_from(OF_A_STUB), min_size=1))
def test_a_stub_wants_less_and_is_told_all_of_it(missing: set[str]) -> None:
    said = {
        name: value
        for name, value in STUB.items()
        if name not in missing | {"legal_basis"} | ({"share_type"} - missing)
    }
    wanted = missing | {"share_type"}
    assert pointers_of(said) == sorted(f"/{name}" for name in wanted)


@given(missing=st.sets(st.sampled_from(ROLES), min_size=1))
def test_each_of_the_four_roles_is_asked_for(missing: set[str]) -> None:
    roles = {name: ("drc" if name not in missing else None) for name in ROLES}
    assert pointers(roles=roles) == sorted(f"/roles/{name}" for name in missing)


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"catalogue": "basic_sharing_catalog"}, ["/basic_class", "/classification/cls"]),
        ({"catalogue": "basic_sharing_catalog", "classification": BASIC["classification"]}, ["/basic_class"]),
        (BASIC | {"basic_class": "population"}, ["/classification/division"]),
        (BASIC | {"classification": {"cls": "1", "division": "04", "group": "001"}}, ["/classification/division"]),
        ({"classification": BASIC["classification"]}, ["/classification/cls"]),
        ({"basic_class": "population"}, ["/basic_class"]),
        ({"share_type": "CONDITIONAL"}, ["/legal_basis", "/share_condition"]),
        (BASIC | {"share_type": "CONDITIONAL", "share_condition": "仅用于执法"}, ["/legal_basis"]),
        ({"share_type": "NOT_SHARED"}, ["/legal_basis"]),
        (
            {"share_type": "NOT_SHARED", "legal_basis": {"instrument": "policy-2005", "clause": "三(四)"}},
            ["/legal_basis"],
        ),
        ({"share_type": "NOT_SHARED", "legal_basis": {"instrument": "decree-809", "clause": "15"}}, ["/legal_basis"]),
        ({"legal_basis": {"instrument": "decree-809", "clause": "99"}}, ["/legal_basis"]),
        ({"share_method": None}, ["/share_method"]),
        ({"formats": ["oracle", "xlsx"], "share_method": "table"}, ["/formats/1"]),
        ({"formats": ["database"], "share_method": "file"}, ["/formats/0"]),
        ({"share_method": "copy"}, ["/update_cycle"]),
        ({"open_condition": "脱敏后开放"}, ["/open_condition"]),
        ({"open_flag": True, "items": [ITEM | {"sensitivity": "PERSONAL_PRIVACY"}]}, ["/open_condition"]),
        ({"open_flag": True, "share_type": "NOT_SHARED", "legal_basis": BASIS}, ["/open_flag"]),
        ({"items": [ITEM, ITEM | {"name": "空余 泊位数"}]}, ["/items/1/name"]),
        ({"items": [ITEM | {"name": "ＰＭ２．５"}, ITEM | {"name": "pm2.5"}]}, ["/items/1/name"]),
        ({"items": [{"name": "甲", "data_type": "C", "length": 5}]}, ["/items/0/sensitivity"]),
        ({"items": [{"name": "甲", "sensitivity": "NONE"}]}, ["/items/0/data_type"]),
        ({"items": [ITEM | {"length": None}]}, ["/items/0/length"]),
        ({"assessment": ENTRY["assessment"] | {"secrecy": False}}, ["/assessment/secrecy"]),
        ({"steward": "张三丰"}, ["/steward"]),
        ({"assessment": ENTRY["assessment"] | {"signed_by": "李四"}}, ["/assessment/signed_by"]),
        ({"title": "停车诱导系统"}, ["/title"]),
    ],
)
def test_a_contradiction_is_a_problem_at_its_place(changes: dict[str, Any], wrong: list[str]) -> None:
    assert pointers(**changes) == wrong


def test_a_stub_is_shared_with_nobody() -> None:
    assert pointers_of(STUB | {"share_type": "UNCONDITIONAL"}) == ["/share_type"]


@pytest.mark.parametrize(
    "changes",
    [
        CONDITIONAL,
        BASIC | CONDITIONAL,
        {"share_condition": "使用时注明数据来源"},
        {"share_type": "NOT_SHARED", "legal_basis": {"instrument": "tax-administration-law", "clause": "8"}},
        {"formats": ["xlsx", "pdf"], "share_method": "file"},
        {"formats": ["xlsx", "oracle"], "share_method": "copy", "update_cycle": "daily"},
        {"formats": ["self_described"], "share_method": "api"},
        {"open_flag": True, "open_condition": "脱敏后开放", "items": [ITEM | {"sensitivity": "PERSONAL_PRIVACY"}]},
        {"items": [{"name": "登记日期", "data_type": "D", "sensitivity": "NONE"}]},
    ],
)
def test_what_agrees_is_no_problem(changes: dict[str, Any]) -> None:
    assert pointers(**changes) == []


# Each is one fault and touches no field of another; what is said together is told together.
SEPARATE: dict[str, tuple[dict[str, Any], str]] = {
    "catalogue": ({"classification": BASIC["classification"]}, "/classification/cls"),
    "class": ({"basic_class": "population"}, "/basic_class"),
    "basis": ({"legal_basis": {"instrument": "decree-809", "clause": "99"}}, "/legal_basis"),
    "format": ({"formats": ["xlsx"]}, "/formats/0"),
    "openness": ({"open_condition": "脱敏"}, "/open_condition"),
    "condition": ({"share_condition": "一事一议"}, "/share_condition"),
    "assessment": ({"assessment": ENTRY["assessment"] | {"secrecy": False}}, "/assessment/secrecy"),
    "person": ({"steward": "王小明"}, "/steward"),
    "system": ({"title": "停车诱导平台"}, "/title"),
    "item": ({"items": [ITEM | {"length": None}]}, "/items/0/length"),
}


@given(chosen=st.sets(st.sampled_from(sorted(SEPARATE)), min_size=1))
def test_every_contradiction_is_reported_at_once(chosen: set[str]) -> None:
    said: dict[str, Any] = dict(ENTRY)
    for name in chosen:
        said |= SEPARATE[name][0]
    assert pointers_of(said) == sorted(SEPARATE[name][1] for name in chosen)


@pytest.mark.parametrize(
    "words", ["敏感", "数据敏感", "因涉及敏感信息。", "属于内部数据", "涉 密", "Sensitive data", "!!!"]
)
def test_sensitive_alone_is_no_reason(words: str) -> None:
    assert pointers(**CONDITIONAL | {"share_condition": words}) == ["/share_condition"]


@pytest.mark.parametrize(
    "words",
    ["须支付费用", "按次收 费", "有偿使用", "一事一议", "具体条件另行商定", "经领导批准后提供", "Case by case."],
)
def test_a_condition_that_obstructs_sharing_is_refused_with_the_rule_it_breaks(words: str) -> None:
    said = list(faults_of(words))
    assert len(said) == 1
    assert "809" in said[0] or "51" in said[0]


@pytest.mark.parametrize(
    "words",
    [
        "仅用于停车收费监管",
        "无偿使用，不收费",
        "不收取任何费用，注明来源",
        "仅用于查处敏感区域违法建设",
        "核对缴费记录",
    ],
)
def test_words_about_fees_and_sensitive_places_are_conditions_like_others(words: str) -> None:
    assert list(faults_of(words)) == []


def test_each_obstruction_breaks_a_rule_that_can_be_cited() -> None:
    for each in obstructions().obstructions:
        assert each.instrument in legal_instruments()
        assert each.clause is None or find_clause(each.instrument, each.clause)


def test_an_application_entry_does_not_repeat_what_the_provider_has_as_basic_information() -> None:
    basic = BasicEntry(title="法人登记", resource_code="102001/1", items=("统一社会信用代码", "法人名称"))
    said = ENTRY | {"items": [ITEM, ITEM | {"name": "法人 名称"}, ITEM | {"name": "统一社会信用代码"}]}
    repeated = repeats_basic(Draft.model_validate(said).kept(), [basic])
    assert [problem.pointer for problem in repeated] == ["/items/1/name", "/items/2/name"]
    referring = Draft.model_validate(said | {"related_codes": ["102001/1"]}).kept()
    as_basic = Draft.model_validate(said | BASIC | {"items": said["items"]}).kept()
    assert [*repeats_basic(referring, [basic]), *repeats_basic(as_basic, [basic])] == []
