"""Which terms fit an entry: its items, areas of the city, codes of the lists, nothing twice, no fee, no obstruction.

And what names a set of terms, and when terms ask for no more than an entry offers to everybody.
"""

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given

from services.requests.entry import Entry, published_entry
from services.requests.standard_terms import FREQUENCIES, beyond_standard_terms
from services.requests.terms import Terms, class_of_format, faults_in, free_texts, terms_hash
from services.shared.reference import vocabulary
from tests.agreeing import TERMS, some_terms
from tests.sharing import ITEMS, published

ENTRY: Entry = published_entry(published("0195d7a0-0000-7000-8000-00000000000a"))
OFFER: dict[str, Any] = {"items": ITEMS, "share_method": "api", "formats": ("xml",), "update_cycle": "daily"}


def pointers(terms: Terms, entry: Entry = ENTRY) -> list[str]:
    """Return where terms are wrong."""
    return [fault.pointer.removeprefix("/terms") for fault in faults_in(terms, entry)]


def beyond(terms: Terms, **offer: Any) -> list[str]:
    """Return in what terms go beyond an offer."""
    return [fault.pointer.removeprefix("/terms") for fault in beyond_standard_terms(terms, **OFFER | offer)]


def test_terms_that_fit_have_no_fault() -> None:
    assert pointers(some_terms()) == []


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"content": {"items": ["空余泊位数", "车位价"]}}, ["/content/items/1"]),
        ({"content": {"items": ["车场名称", "空余泊位数", "车场名称"]}}, ["/content/items/2"]),
        ({"scope": {"areas": ["110107", "110107"]}}, ["/scope/areas/1"]),
        ({"scope": {"areas": ["110000"]}}, []),
        ({"scope": {"areas": ["310000", "sports_bureau"]}}, ["/scope/areas/0", "/scope/areas/1"]),
        ({"scope": {"recipients": ["停车管理处", "执法队", "停车管理处"]}}, ["/scope/recipients/2"]),
        ({"scope": {"period_from": "2026-02-01", "period_until": "2026-01-31"}}, ["/scope/period_until"]),
        ({"scope": {"period_from": "2026-01-31", "period_until": "2026-01-31"}}, []),
        ({"purpose": {"code": "curiosity"}}, ["/purpose/code"]),
        (
            {"method": {"channel": "API", "frequency": "hourly", "format": "tape"}},
            ["/method/channel", "/method/frequency", "/method/format"],
        ),
        ({"method": {"format": "self_described"}}, []),
        ({"validity": {"valid_from": "2027-01-02", "valid_until": "2027-01-01"}}, ["/validity/valid_until"]),
        ({"scope": {"rows": "每条收费0.5元"}}, ["/scope/rows"]),
        ({"scope": {"recipients": ["停车管理处", "付费用户：按次计费"]}}, ["/scope/recipients/1"]),
        ({"purpose": {"text": "停车诱导，服务费另计"}}, ["/purpose/text"]),
        ({"scope": {"rows": "停车收费记录"}, "purpose": {"text": "核查停车收费标准执行情况"}}, []),
        ({"scope": {"rows": "具体范围另行商定"}}, ["/scope/rows"]),
    ],
)
def test_each_fault_is_told_at_its_place(changes: dict[str, Any], wrong: list[str]) -> None:
    assert pointers(some_terms(**changes)) == wrong


def test_everything_wrong_is_told_at_once_and_in_both_languages() -> None:
    terms = some_terms(
        content={"items": ["其他"]},
        scope={"areas": ["1"], "rows": "有偿"},
        method={"channel": "x"},
        purpose={"code": "y"},
    )
    assert len(pointers(terms)) == 5
    assert all(" / " in fault.detail for fault in faults_in(terms, ENTRY))


def test_of_an_entry_without_items_any_may_be_asked_for_once() -> None:
    entry = ENTRY.model_copy(update={"items": ()})
    assert pointers(some_terms(content={"items": ["甲", "乙"]}), entry) == []
    assert pointers(some_terms(content={"items": ["甲", "甲"]}), entry) == ["/content/items/1"]


@given(TERMS)
def test_any_terms_can_be_checked(terms: Terms) -> None:
    assert all(pointer.split("/")[1] in Terms.model_fields for pointer in pointers(terms))


@given(TERMS)
def test_terms_are_named_by_the_hash_of_their_canonical_json(terms: Terms) -> None:
    # RFC 8785 sorts names by UTF-16 and escapes what JSON must: for texts and null that is json's own shortest form.
    plain = json.dumps(terms.model_dump(mode="json"), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert terms_hash(terms) == hashlib.sha256(plain.encode()).hexdigest()
    assert terms_hash(Terms.model_validate_json(terms.model_dump_json())) == terms_hash(terms)


def test_the_same_items_in_another_order_are_other_terms() -> None:
    one, other = (some_terms(content={"items": items}) for items in (ITEMS, ITEMS[::-1]))
    assert terms_hash(one) != terms_hash(other)


def test_no_price_can_be_expressed() -> None:
    with pytest.raises(ValueError, match="price"):
        some_terms(method={"price": 1})


def test_every_free_text_of_terms_is_looked_at() -> None:
    terms = some_terms(scope={"recipients": ["甲", "乙"]})
    assert dict(free_texts(terms)) == {
        "/terms/scope/rows": "路侧与公共停车场",
        "/terms/scope/recipients/0": "甲",
        "/terms/scope/recipients/1": "乙",
        "/terms/purpose/text": "停车诱导与路侧停车管理",
    }


def test_terms_as_offered_are_within_the_standard_terms() -> None:
    assert beyond(some_terms()) == []


@pytest.mark.parametrize(
    ("offer", "wrong"),
    [
        ({"items": ITEMS[:1]}, ["/content/items/1"]),
        ({"items": ()}, ["/content/items/0", "/content/items/1"]),
        ({"share_method": "table"}, ["/method/channel"]),
        ({"share_method": None}, ["/method/channel"]),
        ({"update_cycle": None}, ["/method/frequency"]),
        ({"update_cycle": "weekly"}, ["/method/frequency"]),
        ({"update_cycle": "real_time"}, []),
        ({"formats": ()}, ["/method/format"]),
        ({"formats": ("pdf",)}, []),
        ({"formats": ("document",)}, []),
        ({"formats": ("xlsx", "csv")}, ["/method/format"]),
        ({"formats": ("链接",)}, ["/method/format"]),
    ],
)
def test_what_goes_beyond_an_offer_is_told(offer: dict[str, Any], wrong: list[str]) -> None:
    assert beyond(some_terms(), **offer) == wrong


@pytest.mark.parametrize("cycle", [term.code for term in vocabulary().update_cycles.terms])
@pytest.mark.parametrize("frequency", [term.code for term in vocabulary().update_cycles.terms])
def test_nothing_is_had_more_often_than_it_is_updated(cycle: str, frequency: str) -> None:
    within = not beyond(some_terms(method={"frequency": frequency}), update_cycle=cycle)
    if "irregular" in (cycle, frequency):
        assert within is (cycle == frequency)
    else:
        assert within is (FREQUENCIES.index(frequency) >= FREQUENCIES.index(cycle))


def test_frequencies_are_those_of_the_vocabulary() -> None:
    assert (*FREQUENCIES, "irregular") == tuple(term.code for term in vocabulary().update_cycles.terms)


def test_a_format_an_older_entry_calls_by_its_own_name_is_offered_as_such() -> None:
    assert beyond(some_terms(method={"format": "wms"}), formats=("wms",)) == []
    assert class_of_format("wms") is None
