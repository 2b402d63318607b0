"""The vocabulary says every code list, and how time is counted: the profile in force and the calendar's version."""

from datetime import UTC, datetime

import pytest

from services.catalog.words import words
from services.shared.clocks import profiles
from services.shared.reference import Vocabulary, duties, legal_instruments
from services.shared.working_days import calendar

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_every_code_list_is_there_with_both_languages() -> None:
    said = words(AT).model_dump()
    terms = [term for name in Vocabulary.model_fields for term in said[name]["terms"]]
    assert terms
    assert all(term["zh"] and term["en"] for term in terms)


def test_every_text_and_every_duty_can_be_named() -> None:
    assert (len(words(AT).legal_instruments), len(words(AT).duties)) == (len(legal_instruments()), len(duties()))


def test_the_clocks_are_told_with_the_profile_in_force(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOCK_PROFILE", "policy-2005")
    assert words(AT).clocks.in_force == "policy-2005"
    assert words(AT).clocks.profiles == profiles().profiles


def test_the_calendar_is_told_with_its_version_and_how_far_it_goes() -> None:
    told = words(AT).working_days
    assert (told.version, told.first_year, told.last_year) == (calendar().version, 2004, 2026)


def test_the_areas_are_the_city_and_its_sixteen_districts_by_name() -> None:
    areas = {area.code: area.zh for area in words(AT).areas}
    assert (len(areas), areas["110000"], areas["110107"]) == (17, "全市", "北京市石景山区")


def test_for_how_long_what_is_updated_at_a_cycle_stays_fresh_is_told_with_its_source() -> None:
    told = words(AT).staleness
    assert told.source
    assert {term.cycle for term in told.cycles} < {term.code for term in words(AT).update_cycles.terms}


def test_the_profiles_of_resource_codes_are_told_with_the_one_in_force(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODE_PROFILE", "gbt_21063_5")
    told = words(AT).resource_codes
    assert told.in_force == "gbt_21063_5"
    assert "guide_2017" in {profile.profile for profile in told.profiles}
