"""What does not agree in a report period: both reports, what the exchange saw, and what was agreed (S-083, S-084)."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.requests.delivery_cycles import ENDS, whole_cycles
from services.requests.onward import OnwardPermission, ThirdParty, Word
from services.requests.onward import State as PermissionState
from services.requests.period_parts import Difference, Facts, Provision, Usage
from services.requests.reconciliation import Compared, differences
from services.shared.lifecycle import Party
from services.shared.reference import vocabulary
from services.shared.working_days import start_of
from tests.reports import (
    CASE,
    NOTHING_PROVIDED,
    NOTHING_USED,
    PROVISION,
    QUARTER_OVER,
    USAGE,
    Handover,
    agreed_terms,
    both_filed,
)
from tests.sharing import ITEMS, PROVIDER, REQUESTER

FIRST, LAST = date(2027, 1, 10), date(2027, 3, 31)
FACTS: dict[str, Any] = {
    "deliveries": 3,
    "rows": 300,
    "items": ITEMS,
    "first_on": "2027-01-20",
    "last_on": "2027-03-20",
}
counts = st.integers(0, 10**12)


def found(
    provision: Mapping[str, Any] = PROVISION,
    usage: Mapping[str, Any] = USAGE,
    facts: Mapping[str, Any] | None = None,
    **changes: Any,
) -> list[Difference]:
    """Return what differs between two reports, against what the exchange saw if that is given."""
    compared = Compared(
        provision=Provision.model_validate(provision),
        usage=Usage.model_validate(usage),
        terms=changes.pop("terms", agreed_terms()),
        first=FIRST,
        last=LAST,
        facts=Facts.model_validate(facts) if facts else None,
        **changes,
    )
    return list(differences(compared))


def places(differing: list[Difference]) -> list[tuple[str, str, str | None]]:
    return [(each.kind.value, each.pointer, each.against) for each in differing]


def figures(deliveries: int, rows: int) -> dict[str, int]:
    return {"deliveries": deliveries, "rows": rows if deliveries else 0}


@given(deliveries=counts, rows=counts)
def test_equal_reports_of_all_that_was_agreed_are_in_order(deliveries: int, rows: int) -> None:
    same = figures(deliveries, rows)
    assert found(PROVISION | same, USAGE | same) == []
    assert found(PROVISION | same, USAGE | same, FACTS | same) == []


@given(
    same=st.builds(figures, counts, counts),
    figure=st.sampled_from(["deliveries", "rows"]),
    report=st.sampled_from(["provision", "usage", "facts"]),
    other=counts,
)
def test_any_single_figure_that_is_changed_is_a_difference_at_its_pointer(
    same: dict[str, int], figure: str, report: str, other: int
) -> None:
    changed = {"provision": PROVISION | same, "usage": USAGE | same, "facts": FACTS | same}
    changed[report] = changed[report] | {figure: other}
    differing = found(**changed)
    assert bool(differing) is (other != same[figure])
    for each in differing:
        assert f"/{report}/{figure}" in {each.pointer, each.against}
        assert str(other) in each.zh
        assert str(other) in each.en


def test_without_facts_the_two_reports_alone_decide() -> None:
    assert places(found(usage=USAGE | {"rows": 299})) == [("received", "/usage/rows", "/provision/rows")]


def test_facts_that_differ_from_both_reports_are_told_of_each() -> None:
    assert places(found(facts=FACTS | {"deliveries": 2})) == [
        ("delivery_facts", "/provision/deliveries", "/facts/deliveries"),
        ("delivery_facts", "/usage/deliveries", "/facts/deliveries"),
    ]


def test_items_and_days_that_the_exchange_saw_are_compared_with_the_providers_in_any_order() -> None:
    assert found(PROVISION | {"items": list(reversed(ITEMS))}, facts=FACTS) == []
    assert places(found(facts=FACTS | {"items": ITEMS[:1], "last_on": "2027-03-19"})) == [
        ("delivery_facts", "/provision/items", "/facts/items"),
        ("delivery_facts", "/provision/last_on", "/facts/last_on"),
    ]


def test_a_difference_says_what_it_is_in_both_languages() -> None:
    said = found(usage=USAGE | {"deliveries": 2})[0]
    assert said.zh == "交付次数：提供单位报3，需求单位报2"
    assert said.en == "deliveries: the provider filed 3, the requester 2"


def test_agreed_items_that_were_not_provided_are_incomplete_even_when_the_provider_says_why() -> None:
    differing = found(PROVISION | {"items": ITEMS[:1], "incomplete": True, "reason": "车场名称由区里核对中"})
    assert places(differing) == [("completeness", "/provision/items", "/terms/content/items")]
    assert ITEMS[1] in differing[0].zh


def test_what_the_provider_calls_incomplete_is_so_with_all_items_too() -> None:
    differing = found(PROVISION | {"incomplete": True, "reason": "两个街道的数据缺失"})
    assert places(differing) == [("completeness", "/provision/incomplete", "/terms/content/items")]


def test_fewer_deliveries_than_agreed_are_late() -> None:
    monthly = agreed_terms(frequency="monthly")
    assert found(terms=monthly) == []
    differing = found(PROVISION | {"deliveries": 1}, USAGE | {"deliveries": 1}, terms=monthly)
    assert places(differing) == [("timeliness", "/provision/deliveries", "/terms/method/frequency")]
    assert "at least 2" in differing[0].en  # February and March are whole


def test_nothing_delivered_where_nothing_was_due_is_in_order_and_late_where_it_was() -> None:
    assert found(NOTHING_PROVIDED, NOTHING_USED) == []
    late = found(NOTHING_PROVIDED, NOTHING_USED, terms=agreed_terms(frequency="weekly"))
    assert [each.kind.value for each in late] == ["timeliness"]


def test_days_outside_the_validity_of_the_terms_are_nobodys_to_deliver_in() -> None:
    short = agreed_terms(frequency="monthly", until="2027-02-27")
    assert found(NOTHING_PROVIDED, NOTHING_USED, terms=short) == []


def test_purposes_and_recipients_that_were_not_agreed_are_each_pointed_at() -> None:
    differing = found(
        usage=USAGE | {"purposes": ["city_operation", "audit_inspection"], "recipients": ["停车管理处", "外部公司"]}
    )
    assert places(differing) == [
        ("purpose", "/usage/purposes/1", "/terms/purpose/code"),
        ("recipient", "/usage/recipients/1", "/terms/scope/recipients"),
    ]


def test_what_went_to_a_third_party_needs_the_providers_permission() -> None:
    passed_on = USAGE | {"shared_onward": True}
    assert places(found(usage=passed_on)) == [("onward_provision", "/usage/shared_onward", None)]
    assert found(usage=passed_on, onward_allowed=True) == []


@pytest.mark.parametrize(
    ("since", "until", "allowed"),
    [("2027-03-31", "2028-01-01", True), ("2027-04-01", "2028-01-01", False), ("2026-12-01", "2027-01-09", False)],
)
def test_a_permission_counts_where_it_was_good_on_a_day_of_the_period(since: str, until: str, allowed: bool) -> None:
    handover = both_filed(usage=USAGE | {"shared_onward": True})
    handover.case = handover.case.after({"onward_permission-1": a_permission(since, until)})
    assert handover.go_on(QUARTER_OVER) == ["report.reconciled" if allowed else "report.discrepant"]


def test_custody_that_is_not_confirmed_is_a_difference() -> None:
    assert places(found(usage=USAGE | {"custody_confirmed": False})) == [("custody", "/usage/custody_confirmed", None)]


def test_a_case_compares_with_what_the_exchange_saw_of_its_own_period() -> None:
    other = {"period-2026Q4": Facts.model_validate(FACTS | {"rows": 1})}
    assert both_filed(facts=other).go_on(QUARTER_OVER) == ["report.reconciled"]
    own = {"period-2027Q1": Facts.model_validate(FACTS | {"rows": 1})}
    handover: Handover = both_filed(facts=own)
    assert handover.go_on(QUARTER_OVER) == ["report.discrepant"]
    assert [each.pointer for each in handover.period().differences] == ["/provision/rows", "/usage/rows"]


def test_a_long_list_is_named_in_part_and_compared_in_full() -> None:
    many = tuple(f"数据项{number:03}" for number in range(40))
    differing = found(facts=FACTS | {"items": (*ITEMS, *many)})
    assert places(differing) == [("delivery_facts", "/provision/items", "/facts/items")]
    assert len(differing[0].zh) < 120


@pytest.mark.parametrize(
    ("frequency", "cycles"),
    [
        ("real_time", 0),
        ("irregular", 0),
        ("daily", 81),
        ("weekly", 11),
        ("ten_days", 8),
        ("monthly", 2),
        ("quarterly", 0),
        ("half_yearly", 0),
        ("yearly", 0),
    ],
)
def test_only_whole_cycles_count_from_a_sunday_to_the_end_of_the_quarter(frequency: str, cycles: int) -> None:
    assert whole_cycles(frequency, FIRST, LAST) == cycles


def test_every_code_of_the_list_of_cycles_is_known() -> None:
    codes = {term.code for term in vocabulary().update_cycles.terms}
    assert codes - ENDS.keys() == {"real_time", "irregular"}
    assert ENDS.keys() <= codes


@given(first=st.dates(date(2020, 1, 1), date(2035, 1, 1)), frequency=st.sampled_from(sorted(ENDS)))
def test_a_whole_year_has_as_many_cycles_as_its_calendar(first: date, frequency: str) -> None:
    year = first.replace(month=1, day=1)
    cycles = whole_cycles(frequency, year, year.replace(month=12, day=31))
    least = {"daily": 365, "weekly": 51, "ten_days": 36, "monthly": 12, "quarterly": 4, "half_yearly": 2, "yearly": 1}
    assert least[frequency] <= cycles <= least[frequency] + 1


@given(first=st.dates(date(2020, 1, 1), date(2035, 1, 1)), days=st.integers(0, 800), cut=st.integers(0, 800))
def test_a_stretch_never_has_fewer_cycles_than_its_parts(first: date, days: int, cut: int) -> None:
    last, middle = first + timedelta(days=days), first + timedelta(days=min(cut, days))
    for frequency in ENDS:
        parts = whole_cycles(frequency, first, middle) + whole_cycles(frequency, middle + timedelta(days=1), last)
        assert parts <= whole_cycles(frequency, first, last) <= parts + 1


def a_permission(since: str, until: str) -> OnwardPermission:
    said = start_of(date.fromisoformat(since))
    word = Word(
        party=Party.PROVIDER, officer="o-1", at=said, items=ITEMS, until=date.fromisoformat(until), conditions=()
    )
    return OnwardPermission(
        id=CASE,
        state=PermissionState.ALLOWED,
        number=1,
        requester=REQUESTER,
        provider=PROVIDER,
        resource="e-1",
        resource_title="空余泊位",
        to=ThirdParty(name="停车服务公司"),
        items=ITEMS,
        purpose=agreed_terms().purpose,
        reason="委托服务",
        until=word.until,
        confidential=False,
        words=(word,),
        asked_at=said,
        changed_at=said,
    )
