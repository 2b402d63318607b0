"""The words everybody may use with the catalogue: code lists, texts to cite, duties, clocks and the calendar. Pure."""

from datetime import date

from services.shared.clocks import Profiles, profile_in_force, profiles
from services.shared.model import Model
from services.shared.reference import (
    CollectionStandard,
    Duty,
    LegalInstrument,
    Vocabulary,
    collection_standards,
    duties,
    legal_instruments,
    vocabulary,
)
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


class Words(Vocabulary):
    """Every code list, with the texts that can be cited, the duties that can be named, and how time is counted."""

    legal_instruments: tuple[LegalInstrument, ...]
    duties: tuple[Duty, ...]
    collection_standards: tuple[CollectionStandard, ...]
    clocks: Clocks
    working_days: CalendarView


def words() -> Words:
    """Return all of it."""
    lists = {name: getattr(vocabulary(), name) for name in Vocabulary.model_fields}
    return Words(
        **lists,
        legal_instruments=tuple(legal_instruments().values()),
        duties=tuple(duties().values()),
        collection_standards=collection_standards(),
        clocks=Clocks(**dict(profiles()), in_force=profile_in_force()),
        working_days=_calendar_view(),
    )


def _calendar_view() -> CalendarView:
    table = calendar()
    years = [year.year for year in table.years]
    same = table.model_dump(exclude={"years"})
    return CalendarView(**same, first_year=min(years), last_year=max(years))
