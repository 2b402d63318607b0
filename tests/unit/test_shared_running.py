"""A running clock: paused days never count, what was used stays used, a mark stops nothing, silence is for the office.

Days are compared with a count of the test's own, day by day over the raw table.
"""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.shared.clocks import Confidence, Rule, profiles
from services.shared.errors import Conflict, Invalid
from services.shared.running import (
    Running,
    due_at,
    extend,
    is_overdue,
    left,
    mark_overdue,
    pause,
    record_silence,
    resume,
    start,
    was_late,
)

TABLE = json.loads((Path(__file__).parents[2] / "data" / "working_days.json").read_text())
OFF = {day for year in TABLE["years"] for day in year["rest"]}
MADE_UP = {day for year in TABLE["years"] for day in year["work"]}
REPLY = "reply_conditional"  # 10 working days, to be extended by 10
CERTIFICATE = "search_certificate"  # 30 days
NUMBERED = [rule for one in (*profiles().profiles, profiles().local) for rule in one.rules]
LOCAL = {rule.clock for rule in profiles().local.rules}
UNNUMBERED = [clock.code for clock in profiles().clocks if clock.code not in LOCAL]  # under the policy of 2005
SECOND = timedelta(seconds=1)

# From the first year of the table to years that nobody has announced, half of them next to a festival; at any second,
# often one of those around midnight in Beijing.
DAYS = st.dates(date(2004, 1, 2), date(2030, 12, 31)) | st.sampled_from(sorted(OFF | MADE_UP)).map(date.fromisoformat)
SECONDS = st.integers(0, 86_399) | st.sampled_from([57_599, 57_600])
MOMENTS = st.builds(lambda day, second: datetime.combine(day, time(), UTC) + timedelta(seconds=second), DAYS, SECONDS)
# How long a clock runs before a pause, and how long that takes: minutes, up to some weeks.
PAUSES = st.lists(st.tuples(st.integers(0, 20_000), st.integers(0, 60_000)), max_size=5)


def works(day: date) -> bool:
    """Return whether a day is worked, by the raw table."""
    return str(day) in MADE_UP or (str(day) not in OFF and day.strftime("%a") not in {"Sat", "Sun"})


def beijing(at: datetime) -> date:
    """Return the day in Beijing, eight hours ahead."""
    return (at + timedelta(hours=8)).date()


def end(day: date) -> datetime:
    """Return the last second of a day in Beijing."""
    return datetime(day.year, day.month, day.day, 15, 59, 59, tzinfo=UTC)


def noon(day: str) -> datetime:
    """Return noon of a day in Beijing."""
    return datetime.fromisoformat(f"{day}T04:00:00+00:00")


def counts(day: date, paused: Sequence[tuple[date, date]], *, in_days: bool) -> bool:
    """Return whether a day is there to be used: worked, and no pause that began before has lasted through it."""
    return (in_days or works(day)) and not any(first < day <= last for first, last in paused)


def there(first: date, last: date, paused: Sequence[tuple[date, date]]) -> int:
    """Return how many working days there were to be used after a day, until the last one."""
    days = (first + timedelta(days=place) for place in range(1, (last - first).days + 1))
    return sum(counts(day, paused, in_days=False) for day in days)


def naive_due(first: date, number: int, paused: Sequence[tuple[date, date]] = (), *, in_days: bool = False) -> date:
    """Walk on a day at a time until enough of them counted; a day on which a pause begins is never the last."""
    day, used = first, 0
    while used < number or any(began == day for began, _ in paused) or not counts(day, paused, in_days=in_days):
        day += timedelta(days=1)
        used += counts(day, paused, in_days=in_days)
    return day


def interrupted(
    running: Running, pauses: Sequence[tuple[int, int]], at: datetime
) -> tuple[Running, list[tuple[date, date]], datetime]:
    """Return a clock after some pauses from a moment on, the days each of them was from and to, and when it is then."""
    days = []
    for ran, stood in pauses:
        began = at + timedelta(minutes=ran)
        at = began + timedelta(minutes=stood)
        running = resume(pause(running, began), at)
        days.append((beijing(began), beijing(at)))
    return running, days, at


def due_day(running: Running) -> date:
    """Return the day in Beijing on which a clock is due, which must be there."""
    assert running.due is not None
    assert running.due.due_at == end(beijing(running.due.due_at))
    return beijing(running.due.due_at)


def provisional(running: Running) -> bool:
    """Return whether a clock says that its day may still move."""
    return running.due is not None and running.due.provisional


def reply(day: str = "2026-11-23") -> Running:
    """Return a clock of ten working days, begun on a day."""
    return start(REPLY, noon(day), profile="reg-2025")


@given(st.sampled_from(NUMBERED), MOMENTS)
def test_a_clock_is_due_where_an_independent_count_of_its_rule_ends(rule: Rule, at: datetime) -> None:
    running = start(rule.clock, at, profile="reg-2025")
    expected = naive_due(beijing(at), rule.working_days or rule.days or 0, in_days=rule.days is not None)
    assert due_day(running) == expected
    assert provisional(running) is (rule.days is None and expected.year > 2026)


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        ("2026-02-12T04:00Z", "2026-03-04"),  # the Spring Festival, with a Saturday made up before and after it
        ("2026-02-13T16:00Z", "2026-03-06"),  # received on the Saturday that is worked
        ("2026-09-24T04:00Z", "2026-10-15"),  # the Mid-Autumn and the National Day, a Saturday made up
        ("2026-10-03T04:00Z", "2026-10-20"),  # received on a rest day
        ("2020-01-22T04:00Z", "2020-02-13"),  # the festival that was made longer in that year
        ("2005-12-22T04:00Z", "2006-01-06"),  # a Saturday made up for a day off of the year after
        ("2026-11-22T15:59Z", "2026-12-04"),  # a Sunday evening in Beijing
        ("2026-11-22T16:00Z", "2026-12-07"),  # Monday in Beijing
    ],
)
def test_ten_working_days_end_on_the_day_that_the_calendar_says(received: str, expected: str) -> None:
    running = start(REPLY, datetime.fromisoformat(received), profile="reg-2025")
    assert str(due_day(running)) == expected
    assert not provisional(running)


def test_a_count_into_a_year_that_is_not_announced_is_provisional() -> None:
    assert str(due_day(reply("2026-12-18"))) == "2027-01-01"
    assert [provisional(reply(day)) for day in ("2026-12-14", "2026-12-15")] == [False, True]


@pytest.mark.parametrize(
    "moved", [extend(reply("2026-12-10")), resume(pause(reply(), noon("2026-12-02")), noon("2026-12-30"))]
)
def test_a_day_that_is_moved_into_such_a_year_becomes_provisional(moved: Running) -> None:
    assert not provisional(reply("2026-12-10"))
    assert (due_day(moved).year, provisional(moved)) == (2027, True)


def test_a_day_that_is_moved_within_the_known_years_is_not_provisional() -> None:
    assert [provisional(extend(reply(), days)) for days in (10, 1)] == [False, False]


def test_a_clock_keeps_the_profile_it_was_started_under(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOCK_PROFILE", "reg-2025")
    running = start(REPLY, noon("2026-11-23"))
    monkeypatch.setenv("CLOCK_PROFILE", "policy-2005")
    resumed = resume(pause(running, noon("2026-11-24")), noon("2026-11-30"))
    assert (resumed.profile, due_day(extend(resumed))) == ("reg-2025", naive_due(date(2026, 11, 30), 19))
    assert start(REPLY, noon("2026-11-23")).due is None


def test_a_clock_lies_in_a_record_and_comes_back_the_same() -> None:
    running = extend(resume(pause(reply(), noon("2026-11-25")), noon("2026-11-30")))
    assert Running.model_validate_json(running.model_dump_json()) == running


@pytest.mark.parametrize(("clock", "profile"), [("reply", "reg-2025"), (REPLY, "reg-2026")])
def test_a_clock_or_a_profile_that_is_not_in_the_data_is_a_fault_of_ours(clock: str, profile: str) -> None:
    with pytest.raises(KeyError):
        start(clock, noon("2026-11-23"), profile=profile)


@given(MOMENTS, PAUSES)
def test_after_any_pauses_a_clock_is_due_where_an_independent_count_ends(
    at: datetime, pauses: list[tuple[int, int]]
) -> None:
    running, days, _ = interrupted(start(REPLY, at, profile="reg-2025"), pauses, at)
    assert due_day(running) == naive_due(beijing(at), 10, days)


@given(MOMENTS, PAUSES)
def test_calendar_days_are_paused_likewise(at: datetime, pauses: list[tuple[int, int]]) -> None:
    running, days, _ = interrupted(start(CERTIFICATE, at, profile="reg-2025"), pauses, at)
    assert due_day(running) == naive_due(beijing(at), 30, days, in_days=True)


@given(MOMENTS, PAUSES)
def test_the_working_days_that_are_there_in_all_are_never_fewer_than_the_rules(
    at: datetime, pauses: list[tuple[int, int]]
) -> None:
    running, days, _ = interrupted(start(REPLY, at, profile="reg-2025"), pauses, at)
    assert there(beijing(at), due_day(running), days) >= 10


@given(MOMENTS, st.integers(0, 40_000), st.integers(0, 60_000))
def test_nothing_falls_due_and_nothing_is_marked_while_a_clock_is_paused(at: datetime, ran: int, later: int) -> None:
    began = at + timedelta(minutes=ran)
    paused = pause(start(REPLY, at, profile="reg-2025"), began)
    assert due_at(paused) is None
    assert is_overdue(paused, began + timedelta(minutes=later)) is is_overdue(
        start(REPLY, at, profile="reg-2025"), began
    )
    with pytest.raises(Conflict, match="paused"):
        mark_overdue(paused, began + timedelta(minutes=later))


@given(MOMENTS, st.integers(0, 12_000), st.integers(0, 24 * 60))  # well before the due day
def test_a_pause_that_ends_on_its_own_day_costs_nothing(at: datetime, ran: int, stood: int) -> None:
    running = start(REPLY, at, profile="reg-2025")
    began = at + timedelta(minutes=ran)
    ended = min(began + timedelta(minutes=stood), end(beijing(began)))
    assert due_day(resume(pause(running, began), ended)) == due_day(running)


@pytest.mark.parametrize(
    ("paused", "resumed", "days", "expected"),
    [
        ("2026-11-23", "2026-12-01", 10, "2026-12-15"),  # the day of receipt: nothing is used
        ("2026-11-24", "2026-12-01", 9, "2026-12-14"),
        ("2026-11-28", "2026-12-01", 6, "2026-12-09"),  # a Saturday: four days are used, as on the Friday before
        ("2026-11-27", "2026-12-01", 6, "2026-12-09"),
        ("2026-11-27", "2026-11-28", 6, "2026-12-07"),  # over a rest day only
        ("2026-11-27", "2026-11-27", 6, "2026-12-07"),  # and within a day: as if it had not been
        ("2026-12-07", "2026-12-10", 1, "2026-12-11"),  # the due day: the next working day is left to act
        ("2026-12-07", "2026-12-12", 1, "2026-12-14"),
    ],
)
def test_what_was_used_up_to_the_pause_stays_used(paused: str, resumed: str, days: int, expected: str) -> None:
    stopped = pause(reply(), noon(paused))
    assert left(stopped) == days
    assert str(due_day(resume(stopped, noon(resumed)))) == expected


def test_what_was_past_its_due_day_when_it_was_paused_stays_past_it_on_the_same_due_day() -> None:
    paused = pause(reply(), noon("2026-12-09"))
    resumed = resume(paused, noon("2026-12-20"))
    assert was_late(paused)
    assert is_overdue(paused, noon("2026-12-15"))
    assert resumed == reply()
    assert is_overdue(resumed, noon("2026-12-20"))
    assert mark_overdue(resumed, noon("2026-12-20")).overdue_since == end(date(2026, 12, 7))


def test_a_pause_in_the_last_second_of_the_due_day_is_not_too_late() -> None:
    last = end(date(2026, 12, 7))
    assert not was_late(pause(reply(), last))
    assert str(due_day(resume(pause(reply(), last), noon("2026-12-10")))) == "2026-12-11"
    assert was_late(pause(reply(), last + SECOND))


def test_a_pause_does_not_clear_the_mark() -> None:
    marked = mark_overdue(reply(), noon("2026-12-08"))
    assert resume(pause(marked, noon("2026-12-09")), noon("2026-12-20")) == marked


def test_a_clock_is_paused_once_and_resumed_once() -> None:
    with pytest.raises(Conflict, match="paused already"):
        pause(pause(reply(), noon("2026-11-24")), noon("2026-11-25"))
    with pytest.raises(Conflict, match="not paused"):
        resume(reply(), noon("2026-11-24"))


def test_moments_that_come_out_of_order_give_no_day_away_and_take_none() -> None:
    early = noon("2026-11-20")
    assert resume(pause(reply(), early), early).due == resume(pause(reply(), reply().since), reply().since).due
    assert left(pause(reply(), early)) == 10


@given(MOMENTS, st.none() | st.integers(1, 10))
def test_an_extension_is_counted_on_from_the_due_day(at: datetime, wanted: int | None) -> None:
    running = start(REPLY, at, profile="reg-2025")
    longer = extend(running, wanted)
    assert due_day(longer) == naive_due(due_day(running), wanted or 10)
    assert longer.extended == (wanted or 10)
    assert provisional(longer) is (due_day(longer).year > 2026)


@given(MOMENTS, PAUSES, PAUSES, st.integers(1, 10))
def test_pauses_before_and_after_an_extension_take_none_of_it(
    at: datetime, before: list[tuple[int, int]], after: list[tuple[int, int]], wanted: int
) -> None:
    early, first, then = interrupted(start(REPLY, at, profile="reg-2025"), before, at)
    assume(all(began <= due_day(early) for began, _ in first))  # what is past its due day is not moved by a pause
    longer = extend(early, wanted)
    assert due_day(longer) == naive_due(due_day(early), wanted)
    late, second, _ = interrupted(longer, after, then)
    assert there(beijing(at), due_day(late), [*first, *second]) >= 10 + wanted


@pytest.mark.parametrize(
    ("running", "wanted", "pointer", "why"),
    [
        (reply(), 11, "/working_days", "from 1 to 10 working days"),
        (reply(), 0, "/working_days", "from 1 to 10 working days"),
        (extend(reply(), 3), None, "", "extended once already"),
        (pause(reply(), noon("2026-11-24")), None, "", "the clock is paused"),
        (start("catalog_publish", noon("2026-11-23"), profile="reg-2025"), None, "", "has no extension"),
        (start(CERTIFICATE, noon("2026-11-23"), profile="reg-2025"), None, "", "has no extension"),
        (start(REPLY, noon("2026-11-23"), profile="policy-2005"), None, "", "no number to extend"),
    ],
)
def test_an_extension_is_refused_with_the_reason(running: Running, wanted: int | None, pointer: str, why: str) -> None:
    with pytest.raises(Invalid) as refused:
        extend(running, wanted)
    (problem,) = refused.value.problems
    assert problem.pointer == pointer
    assert why in problem.detail


def test_everything_that_speaks_against_an_extension_is_said_at_once() -> None:
    with pytest.raises(Invalid) as refused:
        extend(pause(extend(reply()), noon("2026-12-09")), 11)
    assert len(refused.value.problems) == 3


def test_an_extended_day_is_as_sure_as_the_less_sure_of_its_numbers() -> None:
    sure = [one.due.confidence for one in (reply(), extend(reply())) if one.due]
    assert sure == [Confidence.HIGH, Confidence.MEDIUM]


def test_an_extension_that_comes_too_late_moves_the_day_and_leaves_the_mark() -> None:
    marked = mark_overdue(reply(), noon("2026-12-08"))
    late = extend(marked)
    assert (str(due_day(late)), late.overdue_since) == ("2026-12-21", marked.overdue_since)
    assert due_at(late) is None


@given(MOMENTS)
def test_a_clock_is_overdue_from_the_second_after_its_due_day(at: datetime) -> None:
    running = start(REPLY, at, profile="reg-2025")
    last = due_at(running)
    assert last == end(naive_due(beijing(at), 10))
    assert not is_overdue(running, last)
    with pytest.raises(Conflict, match="not past its due day"):
        mark_overdue(running, last)
    marked = mark_overdue(running, last + SECOND)
    assert is_overdue(running, last + SECOND)
    assert (marked.overdue_since, due_at(marked), marked.due) == (last, None, running.due)
    assert is_overdue(marked, at)


def test_a_clock_is_marked_once() -> None:
    with pytest.raises(Conflict, match="marked already"):
        mark_overdue(mark_overdue(reply(), noon("2026-12-08")), noon("2026-12-09"))


def test_silence_is_not_recorded_where_a_number_tells() -> None:
    with pytest.raises(Invalid, match="due 2026-12-07: 10 working days from 2026-11-23"):
        record_silence(reply(), noon("2026-12-20"))


@given(st.sampled_from(UNNUMBERED), MOMENTS, st.integers(0, 20_000_000), PAUSES)
def test_a_clock_without_a_number_is_overdue_only_when_the_office_says_so(
    clock: str, at: datetime, later: int, pauses: list[tuple[int, int]]
) -> None:
    running, _, _ = interrupted(start(clock, at, profile="policy-2005"), pauses, at)
    then = at + timedelta(minutes=later)
    assert (running.due, due_at(running), is_overdue(running, then)) == (None, None, False)
    with pytest.raises(Conflict, match="no number"):
        mark_overdue(running, then)
    silent = record_silence(running, then)
    assert (silent.overdue_since, is_overdue(silent, then), due_at(silent)) == (then, True, None)


def test_silence_is_recorded_once_and_never_of_a_paused_clock() -> None:
    running = start(REPLY, noon("2026-11-23"), profile="policy-2005")
    with pytest.raises(Conflict):
        record_silence(record_silence(running, noon("2026-12-20")), noon("2026-12-21"))
    with pytest.raises(Conflict):
        record_silence(pause(running, noon("2026-11-24")), noon("2026-12-20"))
