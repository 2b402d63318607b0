"""How long an act may take, and when it is due: the named profiles of data/clock_profiles.json, and the arithmetic.

Silence decides nothing: what is overdue is marked and told (ADR 8). Knows no service and no case.
"""

import os
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path

from pydantic import AwareDatetime

from services.shared.model import Model
from services.shared.working_days import Counted, day_in_beijing, end_of, working_days_after

DATA = Path(__file__).parents[2] / "data" / "clock_profiles.json"
DEFAULT = "reg-2025"  # the regulation in force


class Confidence(StrEnum):
    """How sure it is that a source gives this number; a city's own is `local`."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    LOCAL = "local"


class Clock(Model):
    """What is timed."""

    code: str
    zh: str
    en: str


class ClockExtension(Model):
    """By how many working days a rule may be extended, and what that needs."""

    working_days: int
    needs: tuple[str, ...]
    confidence: Confidence


class Rule(Model):
    """One clock's number: working days, or calendar days; `article` is null where it is not confirmed."""

    clock: str
    working_days: int | None = None
    days: int | None = None
    article: str | None
    confidence: Confidence
    extension: ClockExtension | None = None


class Profile(Model):
    """The numbers that one text gives; a clock without a rule has none there."""

    profile: str
    zh: str
    en: str
    source: str
    calendar: str
    rules: tuple[Rule, ...]


class Profiles(Model):
    """Every clock and every profile; `local` is the city's own and runs under each of them."""

    clocks: tuple[Clock, ...]
    profiles: tuple[Profile, ...]
    local: Profile


class Due(Model):
    """When something is due and why; `due_at` is the last second of that day in Beijing, in UTC.

    `provisional`: counted through a year whose days off are not announced yet, so that the day may still move.
    """

    due_at: AwareDatetime
    clock: str
    working_days: int | None
    days: int | None
    source: str
    article: str | None
    confidence: Confidence
    provisional: bool
    zh: str
    en: str


@cache
def profiles() -> Profiles:
    """Return every clock and profile that ships with the product."""
    return Profiles.model_validate_json(DATA.read_bytes())


def profile_in_force() -> str:
    """Return the profile that this deployment runs under (CLOCK_PROFILE)."""
    return os.environ.get("CLOCK_PROFILE", DEFAULT)


def due(clock: str, since: datetime, *, profile: str | None = None) -> Due | None:
    """Return by when an act that is called for since an aware moment must be done; None where there is no number.

    The day of receipt does not count; what comes in on a rest day starts on the next working day. Raises KeyError for
    a clock or a profile that is not in the data.
    """
    found = _rules(profile or profile_in_force())[clock]
    if found is None:
        return None
    rule, source = found
    start = day_in_beijing(since)
    counted = _counted(start, rule)
    zh, en = _said(start, rule, counted)
    same = rule.model_dump(include=Due.model_fields.keys() & Rule.model_fields.keys())
    return Due(**same, due_at=end_of(counted.day), source=source, provisional=counted.provisional, zh=zh, en=en)


def _counted(start: date, rule: Rule) -> Counted:
    if rule.working_days is not None:
        return working_days_after(start, rule.working_days)
    return Counted(start + timedelta(days=rule.days or 0), provisional=False)


def _said(start: date, rule: Rule, counted: Counted) -> tuple[str, str]:
    number, zh, en = (rule.working_days, "个工作日", "working day") if rule.days is None else (rule.days, "日", "day")
    marks = ("，暂定", ", provisional") if counted.provisional else ("", "")
    plural = "" if number == 1 else "s"
    return (
        f"不晚于{counted.day}：自{start}起{number}{zh}，规则 {rule.clock}{marks[0]}",
        f"due {counted.day}: {number} {en}{plural} from {start}, rule {rule.clock}{marks[1]}",
    )


@cache
def _rules(profile: str) -> Mapping[str, tuple[Rule, str] | None]:
    known = profiles()
    named = {one.profile: one for one in known.profiles}[profile]
    given = {rule.clock: (rule, one.source) for one in (named, known.local) for rule in one.rules}
    return {clock.code: given.get(clock.code) for clock in known.clocks}
