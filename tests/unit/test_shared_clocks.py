"""Clocks: a profile gives the number, the calendar the day, and both are told with the due date."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.shared.clocks import Confidence, Rule, due, period_of, profile_in_force, profiles, rule_of, warns_at
from services.shared.working_days import calendar

MONDAY = datetime(2026, 11, 23, 3, tzinfo=UTC)
SUNDAY = datetime(2026, 11, 22, 3, tzinfo=UTC)
NUMBERS = {
    "reply_unconditional": (1, None),
    "reply_conditional": (10, None),
    "provide_after_consent": (20, None),
    "catalog_update": (10, None),
    "catalog_publish": (2, None),
    "correction": (10, None),
    "search_certificate": (None, 30),
    "confirm_yearly": (None, 365),
    "provision_filing": (10, None),
    "usage_filing": (10, None),
    "effect_feedback": (20, None),
}
LOCAL = {"search_certificate", "confirm_yearly", "provision_filing", "usage_filing", "effect_feedback"}
# What is awaited, by where: a clock for every state that waits for somebody.
WAITING = {
    "request, before it is sent": {"draft_request", "internal_approval", "supplement"},
    "request, to be answered": {"reply_unconditional", "reply_conditional", "reply_counter", "answer_refusal"},
    "request, in dispute or late": {"coordination", "ruling", "extension_decision", "refusal_report"},
    "request, agreed": {"draft_agreement", "sign", "filing_result", "receipt", "secrecy_filing", "activation"},
    "agreement": {"provide_after_consent", "suspension_review", "breach_inquiry", "disposal", "archiving"},
    "report": {"provision_filing", "usage_filing", "reconciliation", "discrepancy", "inspection"},
    "effect feedback": {"effect_feedback", "feedback_response", "contest_response"},
    "objection, onward permission": {"correction", "answer_rejection", "onward_permission"},
    "demand": {"demand_triage", "demand_answer"},
}


def numbers(profile: str) -> dict[str, tuple[int | None, int | None]]:
    """Return what a profile gives for each clock that has a number in it."""
    found = {clock.code: due(clock.code, MONDAY, profile=profile) for clock in profiles().clocks}
    return {code: (one.working_days, one.days) for code, one in found.items() if one}


def test_a_conditional_reply_is_due_ten_working_days_after_the_day_it_was_asked() -> None:
    found = due("reply_conditional", MONDAY, profile="reg-2025")
    assert found is not None
    assert found.due_at == datetime(2026, 12, 7, 15, 59, 59, tzinfo=UTC)
    assert found.en == "due 2026-12-07: 10 working days from 2026-11-23, rule reply_conditional"
    assert found.zh == "不晚于2026-12-07：自2026-11-23起10个工作日，规则 reply_conditional"
    assert "809" in found.source
    assert found.confidence is Confidence.HIGH


def test_what_comes_in_on_a_rest_day_starts_on_the_next_working_day() -> None:
    found = due("reply_unconditional", SUNDAY, profile="reg-2025")
    assert found is not None
    assert found.due_at == datetime(2026, 11, 23, 15, 59, 59, tzinfo=UTC)


def test_a_date_past_the_known_calendar_is_provisional_and_says_so() -> None:
    found = due("reply_conditional", datetime(2026, 12, 23, 3, tzinfo=UTC), profile="reg-2025")
    assert found is not None
    assert found.provisional
    assert found.en.endswith(", provisional")
    assert found.zh.endswith("，暂定")


def test_the_regulation_has_the_numbers_that_are_known_of_it_and_no_other() -> None:
    assert numbers("reg-2025") == NUMBERS


def test_the_policy_of_2005_has_no_number_but_the_citys_own() -> None:
    assert numbers("policy-2005").keys() == LOCAL


def test_a_number_of_the_citys_own_is_said_to_be_that() -> None:
    found = due("search_certificate", MONDAY)
    assert found is not None
    assert (found.confidence, found.en) == (
        Confidence.LOCAL,
        "due 2026-12-23: 30 days from 2026-11-23, rule search_certificate",
    )


def test_the_regulation_is_in_force_unless_the_deployment_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CLOCK_PROFILE", raising=False)
    assert profile_in_force() == "reg-2025"
    monkeypatch.setenv("CLOCK_PROFILE", "policy-2005")
    assert due("catalog_publish", MONDAY) is None


@pytest.mark.parametrize(("clock", "profile"), [("reply", "reg-2025"), ("reply_conditional", "reg-2026")])
def test_a_clock_or_a_profile_that_is_not_in_the_data_is_a_fault_of_ours(clock: str, profile: str) -> None:
    with pytest.raises(KeyError):
        due(clock, MONDAY, profile=profile)


def test_every_rule_is_of_a_clock_that_is_listed_and_has_one_number_and_a_source() -> None:
    known, every = {clock.code for clock in profiles().clocks}, (*profiles().profiles, profiles().local)
    rules = [rule for one in every for rule in one.rules]
    assert {rule.clock for rule in rules} <= known
    assert all((rule.working_days is None) is not (rule.days is None) for rule in rules)
    assert all(one.source and one.calendar == calendar().calendar for one in every)


def test_every_state_that_waits_has_a_clock_with_a_name_in_both_languages() -> None:
    known = {clock.code: clock for clock in profiles().clocks}
    assert len(known) == len(profiles().clocks)
    assert set().union(*WAITING.values()) - known.keys() == set()
    assert all(clock.zh and clock.en for clock in known.values())


def test_the_citys_own_numbers_are_said_to_be_the_citys_and_take_the_place_of_no_other() -> None:
    own = profiles().local
    assert {rule.confidence for rule in own.rules} | {span.confidence for span in own.spans} == {Confidence.LOCAL}
    assert own.source.startswith("本市配置，可由本市更改")
    assert all({rule.clock for rule in one.rules} & LOCAL == set() for one in profiles().profiles)


def test_only_what_the_regulation_extends_can_be_extended() -> None:
    rules = [rule_of(clock.code, "reg-2025") for clock in profiles().clocks]
    found = {rule.clock: rule.extension.working_days for rule in rules if rule and rule.extension}
    assert found == {"reply_conditional": 10, "catalog_update": 5}


@pytest.mark.parametrize(
    "numbers",
    [
        {},
        {"working_days": 1, "days": 1},
        {"days": 1, "extension": {"working_days": 1, "needs": [], "confidence": "local"}},
    ],
)
def test_a_rule_with_no_number_with_two_or_extended_in_another_unit_is_refused(numbers: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match=r"working_days or days|only working days are extended"):
        Rule.model_validate({"clock": "sign", "article": None, "confidence": "local", **numbers})


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        ("2026-11-23", "2026-10-01", "2026-12-31"),
        ("2027-01-01", "2027-01-01", "2027-03-31"),
        ("2028-02-29", "2028-01-01", "2028-03-31"),
        ("2027-06-30", "2027-04-01", "2027-06-30"),
    ],
)
def test_an_agreement_is_reported_on_by_the_quarter(day: str, first: str, last: str) -> None:
    found = period_of("report_period", date.fromisoformat(day))
    assert (str(found.first), str(found.last)) == (first, last)


@given(st.dates(date(2004, 1, 1), date(2030, 12, 31)))
def test_periods_follow_one_another_without_a_gap(day: date) -> None:
    found = period_of("report_period", day)
    assert found.first <= day <= found.last
    assert period_of("report_period", found.last) == found
    assert period_of("report_period", found.last + timedelta(days=1)).first == found.last + timedelta(days=1)


def test_the_end_of_an_agreement_is_warned_of_thirty_days_before() -> None:
    assert warns_at("expiry_warning", date(2026, 12, 31)) == datetime(2026, 11, 30, 16, tzinfo=UTC)


def test_a_span_that_has_no_months_makes_no_period_and_one_without_days_warns_of_nothing() -> None:
    with pytest.raises(KeyError):
        period_of("expiry_warning", date(2026, 12, 31))
    with pytest.raises(KeyError):
        warns_at("report_period", date(2026, 12, 31))
