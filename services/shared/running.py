"""A clock that runs inside a case: started, paused, extended, overdue; its due date says why it is when it is. Pure.

Nothing is decided by a clock: a mark stops nothing, and where a profile has no number only the office can say that
somebody kept silent (ADR 8).

How a pause counts: the day of the pause is used up like any other, the day of resumption does not count (as the day of
receipt does not), and what is left is counted from there. So a pause on the day of receipt or on a rest day uses
nothing more, one that ends on its own day costs nothing, and one on the due day leaves a day to act, the first after
the resumption. What was past its due day when it was paused stays past it. Calendar days are counted likewise.
"""

from collections.abc import Iterator
from datetime import datetime

from pydantic import AwareDatetime

from services.shared.clocks import (
    ClockExtension,
    Confidence,
    Due,
    amount,
    count_from,
    due,
    profile_in_force,
    rule_of,
    sentence,
)
from services.shared.errors import Conflict, Invalid, Problem
from services.shared.model import Model
from services.shared.working_days import day_in_beijing, end_of, working_days_between

LEAST = 1  # whoever is to act after a pause has a day for it
LEAST_SURE_LAST = (Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW, Confidence.LOCAL)


class Running(Model):
    """A clock of a case, under the profile that it was started with, whichever is in force later.

    `due` is None where that profile has no number: the clock runs all the same. `allowed` is how many of the rule's
    days are counted from `since`, or from `resumed_at` after a pause; `extended` is by how many working days.
    `overdue_since` is the mark: the end of the due day, or when the office recorded the silence.
    """

    clock: str
    profile: str
    since: AwareDatetime
    due: Due | None
    allowed: int | None
    extended: int = 0
    paused_at: AwareDatetime | None = None
    resumed_at: AwareDatetime | None = None
    overdue_since: AwareDatetime | None = None


def start(clock: str, at: datetime, *, profile: str | None = None) -> Running:
    """Return a clock that runs from an aware moment, under a profile or the one in force.

    Raises KeyError for a clock or a profile that is not in the data.
    """
    under = profile or profile_in_force()
    first = due(clock, at, profile=under)
    return Running(clock=clock, profile=under, since=at, due=first, allowed=_number(first) if first else None)


def pause(running: Running, at: datetime) -> Running:
    """Return the clock stopped; nothing falls due while it is. Raises Conflict when it is paused already."""
    if running.paused_at:
        raise Conflict("期限已暂停 / the clock is paused already")
    return running.model_copy(update={"paused_at": max(at, _counted_since(running))})


def resume(running: Running, at: datetime) -> Running:
    """Return the clock running again, what was left counted from the day of resumption.

    Raises Conflict when it is not paused.
    """
    if running.paused_at is None:
        raise Conflict("期限未暂停 / the clock is not paused")
    freed = running.model_copy(update={"paused_at": None})
    if was_late(running):
        return freed
    anew = {"resumed_at": max(at, running.paused_at), "allowed": left(running)}
    return _counted_anew(freed.model_copy(update=anew))


def left(running: Running) -> int | None:
    """Return how many days a paused clock will have when it is resumed; None without a number or while it runs."""
    if running.due is None or running.allowed is None or running.paused_at is None:
        return None
    first, last = day_in_beijing(_counted_since(running)), day_in_beijing(running.paused_at)
    used = working_days_between(first, last) if running.due.days is None else (last - first).days
    return max(running.allowed - used, LEAST)


def was_late(running: Running) -> bool:
    """Return whether a paused clock was past its due day when it was paused."""
    return bool(running.due and running.paused_at and running.paused_at > running.due.due_at)


def extend(running: Running, working_days: int | None = None) -> Running:
    """Return the clock with its rule's extension, or a shorter one, counted on from the due day; it is granted once.

    The new day is as sure as the less sure of the two numbers. A mark that it was overdue stays. Raises Invalid with
    everything that speaks against it.
    """
    given, rule = running.due, _extension_of(running)
    problems = tuple(_extension_faults(running, rule, working_days))
    if problems or given is None or rule is None:
        raise Invalid("期限不能延长 / this clock cannot be extended", problems)
    added = working_days or rule.working_days
    sure = max(given.confidence, rule.confidence, key=LEAST_SURE_LAST.index)
    longer = {"extended": added, "allowed": (running.allowed or 0) + added}
    return _counted_anew(running.model_copy(update=longer | {"due": given.model_copy(update={"confidence": sure})}))


def due_at(running: Running) -> datetime | None:
    """Return when a clock is to be marked; None when it is paused, has no number or is marked already."""
    if running.paused_at or running.overdue_since:
        return None
    return running.due.due_at if running.due else None


def is_overdue(running: Running, at: datetime) -> bool:
    """Return whether a clock is marked, or past its due day at a moment; a paused one, whether it was at its pause."""
    falls_due = due_at(running)
    return running.overdue_since is not None or was_late(running) or (falls_due is not None and at > falls_due)


def mark_overdue(running: Running, at: datetime) -> Running:
    """Return the clock with the mark, which is dated with the end of its due day.

    Raises Conflict when nothing of it falls due (paused, marked already, no number), and not before it has.
    """
    falls_due = due_at(running)
    if falls_due is None:
        raise Conflict("期限已暂停、已标记或无天数 / the clock is paused, marked already, or has no number")
    if at <= falls_due:
        raise Conflict("期限未过 / the clock is not past its due day")
    return running.model_copy(update={"overdue_since": falls_due})


def record_silence(running: Running, at: datetime) -> Running:
    """Return a clock without a number with the mark: the office says that nobody acted (I3).

    Raises Invalid where there is a number, for then the clock itself tells; Conflict when it is marked or paused.
    """
    if running.due:
        raise Invalid(f"有天数，逾期自行标记：{running.due.zh} / a number tells when it is overdue: {running.due.en}")
    if running.overdue_since or running.paused_at:
        raise Conflict("期限已暂停或已标记 / the clock is paused, or marked already")
    return running.model_copy(update={"overdue_since": at})


def _number(given: Due) -> int:
    return (given.working_days if given.days is None else given.days) or 0


def _counted_since(running: Running) -> datetime:
    return running.resumed_at or running.since


def _counted_anew(running: Running) -> Running:
    if running.due is None or running.allowed is None:
        return running
    day = day_in_beijing(_counted_since(running))
    counted = count_from(day, running.allowed, in_days=running.due.days is not None)
    zh, en = sentence(counted, running.clock, *_how(running, running.due, running.allowed))
    moved = {"due_at": end_of(counted.day), "provisional": counted.provisional, "zh": zh, "en": en}
    return running.model_copy(update={"due": running.due.model_copy(update=moved)})


def _how(running: Running, given: Due, allowed: int) -> tuple[str, str]:
    """Return how the due day was counted, in Chinese and in English; what is left holds an extension already."""
    day, more, in_days = day_in_beijing(_counted_since(running)), running.extended, given.days is not None
    if running.resumed_at:
        zh, en = amount(allowed, in_days=in_days)
        longer = (f"并延长{more}个工作日", f" and an extension by {more}") if more else ("", "")
        return f"自{day}起余{zh}（曾暂停{longer[0]}）", f"{en} left from {day} after a pause{longer[1]}"
    zh, en = amount(_number(given), in_days=in_days)
    longer = (f"，延长{more}个工作日", f", extended by {more}") if more else ("", "")
    return f"自{day}起{zh}{longer[0]}", f"{en} from {day}{longer[1]}"


def _extension_faults(running: Running, rule: ClockExtension | None, wanted: int | None) -> Iterator[Problem]:
    if running.due is None:
        yield Problem(pointer="", detail="无天数可延长 / there is no number to extend")
    elif rule is None:
        yield Problem(pointer="", detail=f"规则 {running.clock} 不可延长 / rule {running.clock} has no extension")
    elif wanted is not None and not 0 < wanted <= rule.working_days:
        detail = f"应为1至{rule.working_days}个工作日 / from 1 to {rule.working_days} working days"
        yield Problem(pointer="/working_days", detail=detail)
    if running.extended:
        yield Problem(pointer="", detail="已延长过一次 / extended once already")
    if running.paused_at:
        yield Problem(pointer="", detail="期限已暂停 / the clock is paused")


def _extension_of(running: Running) -> ClockExtension | None:
    rule = rule_of(running.clock, running.profile)
    return rule.extension if rule else None
