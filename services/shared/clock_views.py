"""A running clock as it is shown: what is timed, by which number, until when, and why, in both languages. Pure."""

from collections.abc import Iterator
from datetime import datetime

from pydantic import AwareDatetime

from services.shared.clocks import Confidence, Due, amount, profiles
from services.shared.model import Model
from services.shared.running import Running, left, was_late
from services.shared.working_days import day_in_beijing

Said = tuple[str, str]  # in Chinese, in English


class ClockView(Model):
    """A clock as it is shown; `due_at` is null while it is paused or has no number, `zh` and `en` say why.

    `source`, `article` and `confidence` are of the number, null where there is none; `provisional` is of `due_at`.
    """

    clock: str
    name_zh: str
    name_en: str
    since: AwareDatetime
    due_at: AwareDatetime | None
    paused: bool
    overdue_since: AwareDatetime | None
    profile: str
    source: str | None = None
    article: str | None = None
    confidence: Confidence | None = None
    provisional: bool
    zh: str
    en: str


def explained(running: Running) -> ClockView:
    """Return a clock as it is shown. Raises KeyError for a clock that is not in the data."""
    name = {clock.code: clock for clock in profiles().clocks}[running.clock]
    falling_due = None if running.paused_at else running.due
    zh, en = _why(running)
    return ClockView(
        **running.model_dump(include={"clock", "since", "overdue_since", "profile"}),
        **(running.due.model_dump(include={"source", "article", "confidence"}) if running.due else {}),
        name_zh=name.zh,
        name_en=name.en,
        due_at=falling_due.due_at if falling_due else None,
        paused=running.paused_at is not None,
        provisional=falling_due.provisional if falling_due else False,
        zh=zh,
        en=en,
    )


def _why(running: Running) -> Said:
    if running.due and not running.paused_at:
        return running.due.zh, running.due.en
    said = [*_pause(running.paused_at), *(_standing(running, running.due) if running.due else _unnumbered(running))]
    return "，".join(zh for zh, _ in said), ", ".join(en for _, en in said)


def _pause(at: datetime | None) -> Iterator[Said]:
    if at:
        yield f"自{day_in_beijing(at)}起暂停", f"paused from {day_in_beijing(at)}"


def _standing(running: Running, given: Due) -> Iterator[Said]:
    """Yield how a clock with a number stands in its pause."""
    if was_late(running):
        due_day = day_in_beijing(given.due_at)
        yield f"此前已过期限{due_day}", f"past its due day {due_day} by then"
    else:
        zh, en = amount(left(running) or 0, in_days=given.days is not None)
        yield f"余{zh}", f"{en} left"
    if running.extended:
        yield f"曾延长{running.extended}个工作日", f"extended by {running.extended} before"
    yield f"规则 {running.clock}", f"rule {running.clock}"


def _unnumbered(running: Running) -> Iterator[Said]:
    """Yield how a clock without a number stands: since when it runs, who gives no number, whether silence was told."""
    since = day_in_beijing(running.since)
    yield f"{since}开始计时", f"begun {since}"
    yield f"{running.profile} 未给出 {running.clock} 的天数", f"{running.profile} gives no number for {running.clock}"
    if running.overdue_since:
        day = day_in_beijing(running.overdue_since)
        yield f"{day}记录未答复", f"silence recorded {day}"
