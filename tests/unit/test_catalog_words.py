"""The vocabulary says every code list, and how time is counted: the profile in force and the calendar's version."""

import pytest

from services.catalog.words import words
from services.shared.clocks import profiles
from services.shared.reference import Vocabulary, duties, legal_instruments
from services.shared.working_days import calendar


def test_every_code_list_is_there_with_both_languages() -> None:
    said = words().model_dump()
    terms = [term for name in Vocabulary.model_fields for term in said[name]["terms"]]
    assert terms
    assert all(term["zh"] and term["en"] for term in terms)


def test_every_text_and_every_duty_can_be_named() -> None:
    assert (len(words().legal_instruments), len(words().duties)) == (len(legal_instruments()), len(duties()))


def test_the_clocks_are_told_with_the_profile_in_force(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOCK_PROFILE", "policy-2005")
    assert words().clocks.in_force == "policy-2005"
    assert words().clocks.profiles == profiles().profiles


def test_the_calendar_is_told_with_its_version_and_how_far_it_goes() -> None:
    told = words().working_days
    assert (told.version, told.first_year, told.last_year) == (calendar().version, 2004, 2026)
