"""How long an act may take, and when it is due: the named profiles of data/clock_profiles.json, and the arithmetic.

Silence decides nothing: what is overdue is marked and told (ADR 8). Knows no service and no case.
"""

import os
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple, Self

from pydantic import AwareDatetime, model_validator

from services.shared.model import Model
from services.shared.working_days import Counted, day_in_beijing, end_of, start_of, working_days_after

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
    """One clock's number: working days, or calendar days; `article` is null where it is not confirmed.

    What is extended is counted in working days, as its extension is.
    """

    clock: str
    working_days: int | None = None
    days: int | None = None
    article: str | None
    confidence: Confidence
    extension: ClockExtension | None = None

    @model_validator(mode="after")
    def _counts_in_one_unit(self) -> Self:
        if (self.working_days is None) is (self.days is None):
            raise ValueError("either working_days or days")
        if self.extension and self.working_days is None:
            raise ValueError("only working days are extended")
        return self


class Span(Model):
    """How long something lasts or goes ahead, where no act is timed: so many months of the year, or so many days."""

    span: str
    zh: str
    en: str
    months: Literal[1, 2, 3, 4, 6, 12] | None = None
    days: int | None = None
    confidence: Confidence


class Profile(Model):
    """The numbers that one text gives; a clock without a rule has none there."""

    profile: str
    zh: str
    en: str
    source: str
    calendar: str
    rules: tuple[Rule, ...]
    spans: tuple[Span, ...] = ()


class Profiles(Model):
    """Every clock and every profile; `local` is the city's own and runs under each of them."""

    clocks: tuple[Clock, ...]
    profiles: tuple[Profile, ...]
    local: Profile


class Period(NamedTuple):
    """A stretch of whole days, the first and the last of them included."""

    first: date
    last: date


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
    start, number = day_in_beijing(since), rule.days or rule.working_days or 0
    counted = count_from(start, number, in_days=rule.days is not None)
    zh, en = amount(number, in_days=rule.days is not None)
    zh, en = sentence(counted, clock, f"自{start}起{zh}", f"{en} from {start}")
    same = rule.model_dump(include=Due.model_fields.keys() & Rule.model_fields.keys())
    return Due(**same, due_at=end_of(counted.day), source=source, provisional=counted.provisional, zh=zh, en=en)


def rule_of(clock: str, profile: str) -> Rule | None:
    """Return a clock's rule under a profile, None where it has no number there; raises KeyError as `due` does."""
    found = _rules(profile)[clock]
    return found[0] if found else None


def count_from(day: date, number: int, *, in_days: bool) -> Counted:
    """Return the day that is so many working days (`in_days`: calendar days) after a day, which does not count."""
    if in_days:
        return Counted(day + timedelta(days=number), provisional=False)
    return working_days_after(day, number)


def amount(number: int, *, in_days: bool) -> tuple[str, str]:
    """Return a number of working days (`in_days`: calendar days) in Chinese and in English."""
    zh, en = ("日", "day") if in_days else ("个工作日", "working day")
    return f"{number}{zh}", f"{number} {en}{'' if number == 1 else 's'}"


def sentence(counted: Counted, clock: str, zh: str, en: str) -> tuple[str, str]:
    """Return why something is due on a day, in Chinese and in English; `zh` and `en` say how it was counted."""
    marks = ("，暂定", ", provisional") if counted.provisional else ("", "")
    return f"不晚于{counted.day}：{zh}，规则 {clock}{marks[0]}", f"due {counted.day}: {en}, rule {clock}{marks[1]}"


def period_of(span: str, day: date) -> Period:
    """Return the period of the calendar year that a day lies in: with three months, its quarter.

    Raises KeyError for a span that is not in the data or has no months.
    """
    months = {one.span: one.months for one in profiles().local.spans if one.months}[span]
    first = date(day.year, (day.month - 1) // months * months + 1, 1)
    years, month = divmod(first.month - 1 + months, 12)
    return Period(first, date(first.year + years, month + 1, 1) - timedelta(days=1))


def warns_at(span: str, last: date) -> datetime:
    """Return when to warn that something ends with its last day: so many days before, as that day begins in Beijing.

    Raises KeyError for a span that is not in the data or has no days.
    """
    days = {one.span: one.days for one in profiles().local.spans if one.days}[span]
    return start_of(last - timedelta(days=days))


@cache
def _rules(profile: str) -> Mapping[str, tuple[Rule, str] | None]:
    known = profiles()
    named = {one.profile: one for one in known.profiles}[profile]
    given = {rule.clock: (rule, one.source) for one in (named, known.local) for rule in one.rules}
    return {clock.code: given.get(clock.code) for clock in known.clocks}
