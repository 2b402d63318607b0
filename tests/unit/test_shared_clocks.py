"""Clocks: a profile gives the number, the calendar the day, and both are told with the due date."""

from datetime import UTC, datetime

import pytest

from services.shared.clocks import Confidence, due, profile_in_force, profiles
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
}
LOCAL = {"search_certificate", "confirm_yearly"}


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
