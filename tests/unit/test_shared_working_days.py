"""Working days: days off and make-up workdays come from a table, and a count that leaves the table says so."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.shared.working_days import (
    calendar,
    day_in_beijing,
    end_of,
    is_known,
    is_working_day,
    start_of,
    working_days_after,
    working_days_between,
)

DAYS = st.dates(date(2004, 1, 1), date(2030, 12, 31))


def naive_count(day: date, count: int) -> date:
    """Return the same by another way: list all days, leave out the rest days, take the one at the place."""
    rest = {one for year in calendar().years for one in year.rest}
    work = {one for year in calendar().years for one in year.work}
    days = (day + timedelta(days=place) for place in range(1, 5 * count + 30))
    counted = [one for one in days if one in work or (one.isoweekday() < 6 and one not in rest)]
    return counted[count - 1]


@given(DAYS, st.integers(1, 60))
def test_a_count_ends_where_an_independent_one_does(day: date, count: int) -> None:
    assert working_days_after(day, count).day == naive_count(day, count)


@given(DAYS, st.integers(1, 60))
def test_a_count_ends_on_a_working_day_and_says_whether_it_left_the_table(day: date, count: int) -> None:
    end = working_days_after(day, count)
    assert is_working_day(end.day)
    assert end.provisional is (end.day >= date(2026, 12, 29))  # the notice of 2027 may move these last days


@given(DAYS, st.integers(1, 30), st.integers(1, 30))
def test_counts_add_up(day: date, one: int, other: int) -> None:
    halfway = working_days_after(day, one).day
    assert working_days_after(halfway, other).day == working_days_after(day, one + other).day


@given(DAYS, st.integers(1, 60))
def test_as_many_working_days_lie_between_two_days_as_a_count_from_one_to_the_other_took(day: date, count: int) -> None:
    assert working_days_between(day, working_days_after(day, count).day) == count


@given(DAYS, st.integers(0, 60))
def test_nothing_lies_between_a_day_and_itself_or_one_before(day: date, earlier: int) -> None:
    assert working_days_between(day, day - timedelta(days=earlier)) == 0


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2026-01-02", False),  # a Friday, swapped with the Sunday after it
        ("2026-01-04", True),
        ("2026-02-14", True),  # a Saturday before the Spring Festival
        ("2026-02-23", False),
        ("2005-12-31", True),  # announced with the days off of 2006
        ("2020-01-31", False),  # the Spring Festival that was made longer
        ("2026-11-22", False),
        ("2026-11-23", True),
        ("2027-01-01", True),  # not announced: by its weekday alone
        ("2027-01-02", False),
    ],
)
def test_a_day_is_worked_or_not(day: str, works: bool) -> None:
    assert is_working_day(date.fromisoformat(day)) is works


def test_the_table_has_every_year_from_2004_to_2026_with_its_make_up_days_and_source() -> None:
    years = calendar().years
    assert [year.year for year in years] == list(range(2004, 2027))
    assert all(year.work and year.rest and year.source for year in years)
    assert all(day.year == year.year for year in years for day in (*year.rest, *year.work))


def test_only_weekdays_rest_by_the_table_and_only_weekends_are_made_up() -> None:
    years = calendar().years
    assert {day.isoweekday() < 6 for year in years for day in year.rest} == {True}
    assert {day.isoweekday() < 6 for year in years for day in year.work} == {False}


def test_the_last_days_of_a_year_are_known_with_the_notice_of_the_next() -> None:
    assert [is_known(date(2025, 12, day)) for day in (28, 29, 31)] == [True, True, True]
    assert [is_known(date(2026, 12, day)) for day in (28, 29, 31)] == [True, False, False]


def test_what_is_not_in_the_table_is_not_known() -> None:
    assert [is_known(date(year, 6, 1)) for year in (2003, 2004, 2026, 2027)] == [False, True, True, False]


def test_what_comes_in_after_midnight_in_beijing_came_in_on_that_day() -> None:
    evening = datetime(2026, 11, 22, 15, 59, 59, tzinfo=UTC)
    assert day_in_beijing(evening) == date(2026, 11, 22)
    assert day_in_beijing(evening + timedelta(seconds=1)) == date(2026, 11, 23)


def test_a_day_ends_a_second_before_midnight_in_beijing() -> None:
    assert end_of(date(2026, 12, 7)) == datetime(2026, 12, 7, 15, 59, 59, tzinfo=UTC)


@given(DAYS)
def test_a_day_begins_in_beijing_the_second_after_the_one_before_ended(day: date) -> None:
    assert start_of(day) == end_of(day - timedelta(days=1)) + timedelta(seconds=1)
    assert day_in_beijing(start_of(day)) == day
