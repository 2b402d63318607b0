"""When the report periods of an agreement open: the calendar's own, cut to the time in force (S-089, S-090). Pure.

Knows no agreement: its days in force, and how far it is reported, are arguments. A period opens when it is over, one
after another, so that together they cover every day in force once.
"""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from services.shared.clocks import period_of
from services.shared.working_days import start_of

SPAN = "report_period"
ONE_DAY = timedelta(days=1)
# How a period of so many months is written between its year and its number; a quarter: 2027Q1.
LETTERS = {1: "M", 2: "B", 3: "Q", 4: "T", 6: "H", 12: "Y"}


class Window(NamedTuple):
    """The days of one report period, the first and the last of them included, and what it is called."""

    period: str
    first: date
    last: date

    @property
    def opens_at(self) -> datetime:
        """When it is over: as the day after its last begins in Beijing."""
        return start_of(self.last + ONE_DAY)


def next_window(*, active_from: date, ends: date, over: bool, reported_until: date | None) -> Window | None:
    """Return the next period that will be reported on; None while there is none to come.

    `active_from` and `ends` are the first and the last day in force: until it is `over` the agreed one, which may still
    be put off, so that the period that it cuts short is none yet; then the real one.
    """
    first = active_from if reported_until is None else reported_until + ONE_DAY
    if first > ends:
        return None
    window = Window(period_on(first), first, min(period_of(SPAN, first).last, ends))
    return window if over or window.last < ends else None


def next_opening(*, active_from: date, ends: date, over: bool, reported_until: date | None) -> datetime | None:
    """Return when the next period opens, or None as `next_window` does."""
    window = next_window(active_from=active_from, ends=ends, over=over, reported_until=reported_until)
    return window.opens_at if window else None


def period_on(day: date) -> str:
    """Return what the period is called that a day lies in."""
    first, last = period_of(SPAN, day)
    months = last.month - first.month + 1
    return f"{first.year}{LETTERS[months]}{last.month // months}"
