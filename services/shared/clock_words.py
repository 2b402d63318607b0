"""What everybody may read of the clocks: what is timed, by which numbers, and the table of working days. Pure."""

from datetime import date

from services.shared.clocks import Profiles, profile_in_force, profiles
from services.shared.model import Model
from services.shared.working_days import calendar


class Clocks(Profiles):
    """What is timed and by which numbers; `in_force` is the profile that this deployment runs under."""

    in_force: str


class CalendarView(Model):
    """Which table of working days is in use; a due date past `last_year` is provisional."""

    calendar: str
    version: date
    source: str
    first_year: int
    last_year: int


def clocks() -> Clocks:
    """Return everything that is timed, under every profile."""
    return Clocks(**dict(profiles()), in_force=profile_in_force())


def calendar_view() -> CalendarView:
    """Return which table of working days is in use."""
    table = calendar()
    years = [year.year for year in table.years]
    same = table.model_dump(exclude={"years"})
    return CalendarView(**same, first_year=min(years), last_year=max(years))
