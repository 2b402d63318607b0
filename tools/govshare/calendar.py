"""The table of working days, written from the `holidays` package: a year at a time, and never a year it guesses."""

import json
from datetime import date, timedelta
from importlib.metadata import version
from pathlib import Path

from services.shared.working_days import FRIDAY, TABLE, Calendar, Year
from tools.govshare.failures import Unusable

CALENDAR = "CN-working-days"
SOURCE = "国务院办公厅关于各年部分节假日安排的通知 / the State Council General Office's yearly notices on days off"


def write_year(year: int, written: date, table: Path = TABLE) -> Year:
    """Write one year of the table, in place of what it had of it; `written` becomes the table's version.

    Raises Unusable for a year whose make-up workdays are not known: without them the year is a guess.
    """
    made = _year_of(year)
    kept = Calendar.model_validate_json(table.read_bytes()).years if table.exists() else ()
    years = sorted((*(one for one in kept if one.year != year), made), key=lambda one: one.year)
    head = {"calendar": CALENDAR, "version": written.isoformat(), "source": SOURCE}
    table.write_text(_spelt(Calendar.model_validate({**head, "years": years})), encoding="utf-8")
    return made


def _year_of(year: int) -> Year:
    # A tool for whoever keeps the table: the package is not among what the product needs.
    import holidays  # noqa: PLC0415

    package = f"holidays {version('holidays')}"
    known = holidays.country_holidays("CN", years=(year, year + 1))
    work = tuple(sorted(day for day in known.weekend_workdays if day.year == year))
    if not work:
        raise Unusable(f"{package} does not know the make-up workdays of {year}")
    first = date(year, 1, 1)
    days = [first + timedelta(days=place) for place in range((date(year + 1, 1, 1) - first).days)]
    rest = tuple(day for day in days if day in known and day.weekday() <= FRIDAY)
    return Year(year=year, source=f"{package} (PyPI)", rest=rest, work=work)


def _spelt(table: Calendar) -> str:
    # One year a line, so that a new year is one line of a diff.
    head = table.model_dump(mode="json", exclude={"years"})
    years = ",\n".join(json.dumps(one.model_dump(mode="json"), separators=(",", ":")) for one in table.years)
    return json.dumps(head, ensure_ascii=False)[:-1] + ',"years":[\n' + years + "\n]}\n"
