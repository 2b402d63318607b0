"""How often something comes that is agreed to come in a cycle (S-083): whole cycles in a stretch of days. Pure."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)
SUNDAY = 6


def whole_cycles(frequency: str, first: date, last: date) -> int:
    """Return how many whole cycles of a code of the list update_cycles lie between two days, both included.

    None lie where nothing is due at a time: in real time, irregularly.
    """
    ends = ENDS.get(frequency)
    if ends is None or last < first:
        return 0
    days = (first + timedelta(days=place) for place in range((last - first).days + 1))
    begun_before = not ends(first - ONE_DAY)
    return max(0, sum(ends(day) for day in days) - begun_before)


def _month_ends(every: int) -> Callable[[date], bool]:
    """Return whether a day is the last of a month, of those that `every` so many months are over."""
    return lambda day: (day + ONE_DAY).day == 1 and day.month % every == 0


def _ten_days_end(day: date) -> bool:
    return day.day in {10, 20} or (day + ONE_DAY).day == 1  # 旬


ENDS: Mapping[str, Callable[[date], bool]] = {
    "daily": lambda _: True,
    "weekly": lambda day: day.weekday() == SUNDAY,
    "ten_days": _ten_days_end,
    "monthly": _month_ends(1),
    "quarterly": _month_ends(3),
    "half_yearly": _month_ends(6),
    "yearly": _month_ends(12),
}
