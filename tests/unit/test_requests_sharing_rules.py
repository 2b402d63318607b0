"""The sharing rules of the four basic databases are held against terms, and every fault cites its rule (S-023)."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.requests.entry import Sensitivity
from services.requests.sharing_rules import SharingRule, rule_faults, sharing_rules
from services.requests.terms import Terms
from services.shared.clocks import Confidence
from services.shared.reference import find_clause, legal_instruments, vocabulary
from tests.agreeing import TERMS, some_terms
from tests.sharing import ITEMS

PRIVATE = dict.fromkeys(ITEMS, Sensitivity.PERSONAL_PRIVACY)
HARMLESS = dict.fromkeys(ITEMS, Sensitivity.NONE)
CLASSES = [term.code for term in vocabulary().basic_classes.terms]
FOR_PERSONS: dict[str, Any] = {"purpose": {"code": "identity_verification"}}


def pointers(terms: Terms, basic_class: str | None, known: Mapping[str, Sensitivity | None]) -> list[str]:
    """Return where terms break a rule."""
    return [fault.pointer.removeprefix("/terms") for fault in rule_faults(terms, basic_class, known)]


def lasting(days: int) -> dict[str, Any]:
    """Return a validity of so many days."""
    first = date(2027, 1, 1)
    return {"valid_from": first.isoformat(), "valid_until": (first + timedelta(days=days - 1)).isoformat()}


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        (FOR_PERSONS, []),
        (FOR_PERSONS | {"scope": {"rows": None}}, ["/scope/rows"]),
        (FOR_PERSONS | {"method": {"channel": "table"}}, []),
        (FOR_PERSONS | {"method": {"channel": "mail"}}, ["/method/channel"]),
        (FOR_PERSONS | {"method": {"channel": "copy"}}, ["/method/channel"]),
        ({"purpose": {"code": "statistical_analysis"}}, ["/purpose/code"]),
        (FOR_PERSONS | {"validity": lasting(366)}, []),
        (FOR_PERSONS | {"validity": lasting(367)}, ["/validity/valid_until"]),
        (FOR_PERSONS | {"scope": {"recipients": [f"{place}处" for place in range(10)]}}, []),
        (FOR_PERSONS | {"scope": {"recipients": [f"{place}处" for place in range(11)]}}, ["/scope/recipients"]),
    ],
)
def test_what_touches_personal_privacy_is_shared_for_what_the_duty_needs(
    changes: dict[str, Any], wrong: list[str]
) -> None:
    assert pointers(some_terms(**changes), "population", PRIVATE) == wrong


EVERYTHING: dict[str, Any] = {
    "scope": {"rows": None, "recipients": [f"{place}处" for place in range(11)]},
    "method": {"channel": "mail"},
    "validity": lasting(1_000),
    "purpose": {"code": "city_operation"},
}


@pytest.mark.parametrize(
    ("basic_class", "known", "wrong"),
    [
        ("population", HARMLESS, []),
        ("population", {}, []),
        ("population", dict.fromkeys(ITEMS), []),
        (
            "population",
            HARMLESS | {ITEMS[1]: Sensitivity.PERSONAL_PRIVACY},
            ["/scope/rows", "/method/channel", "/purpose/code", "/validity/valid_until", "/scope/recipients"],
        ),
        ("population", HARMLESS | {"身份证号": Sensitivity.PERSONAL_PRIVACY}, []),
        ("legal_entity", PRIVATE, ["/method/channel", "/validity/valid_until"]),
        ("geospatial_natural", PRIVATE, ["/method/channel"]),
        ("macro_social", PRIVATE, ["/purpose/code"]),
        (None, PRIVATE, []),
        ("no_such_class", PRIVATE, []),
    ],
)
def test_a_rule_bears_on_its_class_and_on_the_items_that_are_asked_for(
    basic_class: str | None, known: dict[str, Sensitivity | None], wrong: list[str]
) -> None:
    assert pointers(some_terms(**EVERYTHING), basic_class, known) == wrong


@pytest.mark.parametrize("basic_class", CLASSES)
@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"scope": {"rows": "须经我局同意"}}, ["/scope/rows"]),
        ({"scope": {"rows": "签订承诺书后方可使用"}}, ["/scope/rows"]),
        ({"scope": {"recipients": ["停车管理处", "其他单位须经提供单位批准"]}}, ["/scope/recipients/1"]),
        ({"purpose": {"text": "Subject to our approval"}}, ["/purpose/text"]),
        ({"scope": {"rows": "经批准设立的企业"}}, []),
    ],
)
def test_basic_information_is_shared_without_further_conditions(
    basic_class: str, changes: dict[str, Any], wrong: list[str]
) -> None:
    assert pointers(some_terms(**changes), basic_class, HARMLESS) == wrong


def test_a_fault_cites_its_rule_and_its_source_in_both_languages() -> None:
    (fault,) = rule_faults(some_terms(**FOR_PERSONS, scope={"rows": None}), "population", PRIVATE)
    assert "个人信息保护法 第34条" in fault.detail
    assert "no more than the duty needs" in fault.detail
    (other,) = rule_faults(some_terms(scope={"rows": "前提是签约"}), "legal_entity", HARMLESS)
    assert "国发〔2016〕51号" in other.detail
    assert "unconditionally" in other.detail


@given(TERMS, st.sampled_from(CLASSES), st.sampled_from(list(Sensitivity)))
def test_any_terms_can_be_held_against_the_rules(terms: Terms, basic_class: str, kind: Sensitivity) -> None:
    known = dict.fromkeys(terms.content.items, kind)
    for fault in rule_faults(terms, basic_class, known):
        assert fault.pointer.startswith("/terms/")
        assert " / " in fault.detail


def test_every_basic_class_has_rules() -> None:
    assert {rule.basic_class for rule in sharing_rules().rules} == set(CLASSES)


def test_no_code_stands_for_two_rules() -> None:
    codes = [rule.code for rule in sharing_rules().rules]
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("rule", sharing_rules().rules, ids=lambda rule: str(rule.code))
def test_a_rule_limits_something_by_codes_that_exist_and_says_where_it_is_from(rule: SharingRule) -> None:
    lists = vocabulary()
    assert all(lists.share_methods.has(code) for code in rule.limits.channels)
    assert all(lists.purposes.has(code) for code in rule.limits.purposes)
    assert rule.limits.model_dump(exclude={"sensitivities"}, exclude_defaults=True)
    assert rule.source
    assert rule.instrument is None or rule.instrument in legal_instruments()
    assert rule.clause is None or find_clause(str(rule.instrument), rule.clause)


def test_what_no_text_says_is_the_citys_own() -> None:
    assert all((rule.instrument is None) is (rule.confidence is Confidence.LOCAL) for rule in sharing_rules().rules)
