"""The retention schedule (归档范围与保管期限表): of which class a case is, what closes it, how long it is kept, and by
when it is handed over (S-036; Archives Law Art. 36 and 37). Pure.

The schedule is data. A case has threads, such as a request, the agreement that came of it and each objection; it is
closed once none of them is open. What the archives' own doings add to a case opens nothing.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import AwareDatetime, Field, JsonValue

from services.shared.clocks import Confidence
from services.shared.model import Model
from services.shared.working_days import day_in_beijing

TABLE = Path(__file__).parents[2] / "data" / "retention_schedule.json"
FOR_EVER = 0


class Thread(Model):
    """One thread of a case: the event types `of` it (`request.*`), and which of them close it, by type or by state.

    With a `key` there is one for each value of that field of the body; `until` names a field that says until when a
    closing event still counts.
    """

    name: str
    of: tuple[str, ...]
    key: str | None = None
    closing_types: tuple[str, ...] = ()
    closing_states: tuple[str, ...] = ()
    until: str | None = None

    def holds(self, event_type: str) -> bool:
        """Return whether events of a type belong to this thread."""
        return any(fnmatchcase(event_type, pattern) for pattern in self.of)

    def closed_by(self, event_type: str, body: Mapping[str, JsonValue]) -> bool:
        """Return whether an event ends the thread."""
        return event_type in self.closing_types or body.get("state") in self.closing_states


class Period(Model):
    """For how many years a case is kept, 0 for ever, once it has an event of the types `when`; none: every case."""

    years: Annotated[int, Field(ge=0)]
    when: tuple[str, ...]
    source: str
    confidence: Confidence


class RetentionClass(Model):
    """One class of the schedule: the first words of its event types, its periods, its threads.

    `archival` are types by which another service tells that the archives have a case: they open nothing. What is not
    `packaged` stays in the ledger alone.
    """

    code: str
    zh: str
    en: str
    prefixes: tuple[str, ...]
    packaged: bool
    periods: tuple[Period, ...]
    threads: tuple[Thread, ...]
    archival: tuple[str, ...] = ()


class Handover(Model):
    """By when a closed case is handed over: by this day, so many years after the year in which it was closed."""

    years: int
    month: int
    day: int
    source: str
    confidence: Confidence


class Schedule(Model):
    """The schedule as a whole; `source` is what it was drawn up from."""

    source: str
    note: str
    handover: Handover
    classes: tuple[RetentionClass, ...]


class Step(Model):
    """What the schedule looks at in an entry."""

    case: str
    case_seq: int
    type: str
    occurred_at: AwareDatetime
    body: dict[str, JsonValue]


class Standing(Model):
    """How a case stands to the archives after its entry `case_seq`.

    `open` are its open threads; `settled_seq` is its last entry that was not the archives' own doing, `closing` the
    latest moment at which an entry closed something, `years` how long it is kept.
    """

    case: str
    retention_class: str
    case_seq: int = 0
    settled_seq: int = 0
    open: tuple[str, ...] = ()
    closing: AwareDatetime | None = None
    years: int

    @property
    def closed_at(self) -> datetime | None:
        """When the case was closed, or will be by itself; None while something in it is open."""
        return None if self.open else self.closing


@cache
def schedule() -> Schedule:
    """Return the schedule that ships with the product."""
    return Schedule.model_validate_json(TABLE.read_bytes())


def class_of(event_type: str) -> RetentionClass:
    """Return the class of the cases that an event of a type belongs to. Raises LookupError for a type of no class."""
    return class_named(_by_prefix()[event_type.partition(".")[0]])


def class_named(code: str) -> RetentionClass:
    """Return the class with this code. Raises LookupError."""
    return _by_code()[code]


def standing_of(steps: Iterable[Step]) -> Standing | None:
    """Return how a case stands after its entries in their order; None when there is none."""
    standing: Standing | None = None
    for step in steps:
        standing = after(standing, step)
    return standing


def after(standing: Standing | None, step: Step) -> Standing:
    """Return how a case stands after one more entry; one that it has seen already changes nothing."""
    before = standing or _beginning(step)
    if step.case_seq <= before.case_seq:
        return before
    kind = class_named(before.retention_class)
    seen = before.model_copy(update={"case_seq": step.case_seq})
    if step.type in kind.archival:
        return seen
    years = longest(before.years, *(period.years for period in kind.periods if step.type in period.when))
    return _threaded(seen, kind, step).model_copy(update={"settled_seq": step.case_seq, "years": years})


def longest(*years: int) -> int:
    """Return the longest of periods in years, 0 being for ever."""
    return FOR_EVER if FOR_EVER in years else max(years)


def due_on(standing: Standing) -> date | None:
    """Return the day by which a case is handed over; None while it is open, or when its class is in no package."""
    if standing.closed_at is None or not class_named(standing.retention_class).packaged:
        return None
    rule = schedule().handover
    return date(day_in_beijing(standing.closed_at).year + rule.years, rule.month, rule.day)


def _beginning(step: Step) -> Standing:
    kind = class_of(step.type)
    years = longest(*(period.years for period in kind.periods if not period.when))
    return Standing(case=step.case, retention_class=kind.code, years=years)


def _threaded(standing: Standing, kind: RetentionClass, step: Step) -> Standing:
    """Return the standing with each thread that the entry belongs to open or closed."""
    opened, closing = set(standing.open), standing.closing
    for thread in kind.threads:
        if not thread.holds(step.type):
            continue
        name = f"{thread.name} {step.body.get(thread.key)}" if thread.key else thread.name
        if thread.closed_by(step.type, step.body):
            opened.discard(name)
            closing = max(filter(None, (closing, _until(thread, step))))
        else:
            opened.add(name)
    return standing.model_copy(update={"open": tuple(sorted(opened)), "closing": closing})


def _until(thread: Thread, step: Step) -> datetime:
    """Return when an entry closes its thread: at once, or where it says until when it counts, then."""
    said = step.body.get(thread.until) if thread.until else None
    return datetime.fromisoformat(said) if isinstance(said, str) else step.occurred_at


@cache
def _by_code() -> Mapping[str, RetentionClass]:
    return {each.code: each for each in schedule().classes}


@cache
def _by_prefix() -> Mapping[str, str]:
    return {prefix: each.code for each in schedule().classes for prefix in each.prefixes}
