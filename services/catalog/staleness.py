"""When something has been heard of too long ago for its update cycle: a mark, which stops nothing (S-067). Pure.

The terms are data/staleness.json; what has no cycle, or none that says when, is asked for once a year.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path

from services.catalog.version import State, Version
from services.shared.clocks import due
from services.shared.model import Model
from services.shared.working_days import BEIJING, day_in_beijing, end_of

DATA = Path(__file__).parents[2] / "data" / "staleness.json"


class Freshness(Model):
    """For how many days what has this cycle is fresh, and how many more before it counts as stale."""

    cycle: str
    days: int
    grace_days: int


class FreshnessTerms(Model):
    """Every cycle that says when, and where the numbers are from."""

    source: str
    note: str
    cycles: tuple[Freshness, ...]


@cache
def freshness_terms() -> FreshnessTerms:
    """Return for how long what is updated at each cycle stays fresh."""
    return FreshnessTerms.model_validate_json(DATA.read_bytes())


def stale_since(cycle: str | None, last: datetime, at: datetime) -> datetime | None:
    """Return since when something last heard of at `last` has been stale at `at`; None while it is not.

    `cycle` is a code of the list update_cycles; None and cycles that name no time are held to the yearly confirmation.
    """
    until = fresh_until(cycle, last)
    return until if until is not None and until < at else None


def fresh_until(cycle: str | None, last: datetime) -> datetime | None:
    """Return the last moment at which something is not stale yet; None where nothing says when."""
    term = _terms().get(cycle or "")
    if term is not None:
        return end_of(day_in_beijing(last) + timedelta(days=term.days + term.grace_days))
    yearly = due("confirm_yearly", last)
    return yearly.due_at if yearly else None


def last_heard(version: Version) -> datetime:
    """Return when a published version was last confirmed or published; a legacy entry, on its source's own day."""
    if version.confirmed_at:
        return version.confirmed_at
    if version.source and version.source.updated:
        return start_of(date.fromisoformat(version.source.updated))
    return version.published_at or version.changed_at


def version_stale_since(version: Version, at: datetime) -> datetime | None:
    """Return since when a published version has been stale; None for one that is not stale or not published."""
    live = version.state is State.LIVE
    return stale_since(version.metadata.update_cycle, last_heard(version), at) if live else None


def start_of(day: date) -> datetime:
    """Return the first moment of a day in Beijing, in UTC."""
    return datetime.combine(day, time(), BEIJING).astimezone(UTC)


@cache
def _terms() -> Mapping[str, Freshness]:
    return {term.cycle: term for term in freshness_terms().cycles}
