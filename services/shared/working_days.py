"""The working days of the People's Republic: which days count, and on which day the n-th of them falls. Pure.

Days off and make-up workdays (调休) are announced year by year, so they are a table and no rule. A day of a year that
is not in the table is taken by its weekday alone.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from services.shared.model import Model

TABLE = Path(__file__).parents[2] / "data" / "working_days.json"
BEIJING = ZoneInfo("Asia/Shanghai")  # days are counted here
FRIDAY = 4
ONE_DAY = timedelta(days=1)
MIDNIGHT = time()
NEW_YEARS_NOTICE = (12, 29)
LAST_SECOND = time(23, 59, 59)


class Year(Model):
    """One year's exceptions: weekdays that are off, and Saturdays and Sundays that are worked."""

    year: int
    source: str
    rest: tuple[date, ...]
    work: tuple[date, ...]


class Calendar(Model):
    """The table: `version` is the day it was last written, each year names where it is from."""

    calendar: str
    version: date
    source: str
    years: tuple[Year, ...]


class Counted(NamedTuple):
    """Where a count ends; it is `provisional` when it went through a year that the table does not have."""

    day: date
    provisional: bool


@cache
def calendar() -> Calendar:
    """Return the table that ships with the product."""
    return Calendar.model_validate_json(TABLE.read_bytes())


def is_known(day: date) -> bool:
    """Return whether the table knows this day: its year, and of its last days what the next year's notice says of them.

    The notice of a new year has moved days at the end of the old one, from the 29th of December on.
    """
    at_the_end = (day.month, day.day) >= NEW_YEARS_NOTICE
    return day.year in _known_years() and (not at_the_end or day.year + 1 in _known_years())


def is_working_day(day: date) -> bool:
    """Return whether offices work on this day; by its weekday alone in a year that the table does not have."""
    exception = _exceptions().get(day)
    return day.weekday() <= FRIDAY if exception is None else exception


def day_in_beijing(at: datetime) -> date:
    """Return the day it is in Beijing at an aware moment."""
    return at.astimezone(BEIJING).date()


def working_days_after(day: date, count: int) -> Counted:
    """Return the working day that is `count` (from 1) after a day.

    The first day does not count; after a rest day the count starts on the next working day (民法典 第201条).
    """
    known = True
    while count > 0:
        day += ONE_DAY
        known = known and is_known(day)
        count -= is_working_day(day)
    return Counted(day, not known)


def working_days_between(day: date, last: date) -> int:
    """Return how many working days lie after a day and not after the last one; 0 when the last one comes before."""
    days = (day + timedelta(days=place) for place in range(1, (last - day).days + 1))
    return sum(is_working_day(each) for each in days)


def start_of(day: date) -> datetime:
    """Return the first moment of a day in Beijing, in UTC."""
    return datetime.combine(day, MIDNIGHT, BEIJING).astimezone(UTC)


def end_of(day: date) -> datetime:
    """Return the last second of a day in Beijing, in UTC."""
    return datetime.combine(day, LAST_SECOND, BEIJING).astimezone(UTC)


@cache
def _known_years() -> frozenset[int]:
    return frozenset(year.year for year in calendar().years)


@cache
def _exceptions() -> Mapping[date, bool]:
    rest = {day: False for year in calendar().years for day in year.rest}
    return rest | {day: True for year in calendar().years for day in year.work}
