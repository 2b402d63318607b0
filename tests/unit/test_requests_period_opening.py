"""When report periods open: the quarters of an agreement's life, each once, and the feedback that is due with them."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.requests.feedback import FeedbackState, Occasion
from services.requests.period import Period, PeriodState
from services.requests.report_schedule import Window, next_opening, next_window, period_on
from services.shared.working_days import start_of
from tests.reports import QUARTER_OVER, Handover, agreed_terms, opened
from tests.sharing import PROVIDER, REQUESTER

ONE_DAY = timedelta(days=1)
days = st.dates(date(2026, 1, 1), date(2040, 12, 31))
YEARS = [start_of(date(2028, 1, 1)), start_of(date(2029, 1, 1))]


def windows(first: date, last: date) -> list[Window]:
    """Return every period of an agreement that is over, as they open one after another."""
    found: list[Window] = []
    reported = None
    while window := next_window(active_from=first, ends=last, over=True, reported_until=reported):
        found.append(window)
        reported = window.last
    return found


@given(first=days, length=st.integers(0, 2000))
def test_periods_cover_every_day_in_force_once_and_no_other(first: date, length: int) -> None:
    last = first + timedelta(days=length)
    covered = [day for window in windows(first, last) for day in (window.first, window.last)]
    assert (covered[0], covered[-1]) == (first, last)
    assert covered == sorted(covered)
    ends, begins = covered[1:-1:2], covered[2::2]
    assert [day + ONE_DAY for day in ends] == begins


@given(first=days, length=st.integers(0, 2000))
def test_no_period_reaches_over_a_quarters_end_and_no_two_are_called_the_same(first: date, length: int) -> None:
    found = windows(first, first + timedelta(days=length))
    assert all(period_on(window.first) == period_on(window.last) == window.period for window in found)
    assert len({window.period for window in found}) == len(found)


@given(first=days, length=st.integers(0, 2000))
def test_a_period_opens_when_it_is_over_and_each_after_the_one_before(first: date, length: int) -> None:
    found = windows(first, first + timedelta(days=length))
    opens = [window.opens_at for window in found]
    assert opens == sorted(set(opens))
    assert all(window.opens_at == start_of(window.last + ONE_DAY) for window in found)


@pytest.mark.parametrize(
    ("day", "called"),
    [
        (date(2027, 1, 1), "2027Q1"),
        (date(2027, 3, 31), "2027Q1"),
        (date(2027, 4, 1), "2027Q2"),
        (date(2027, 12, 31), "2027Q4"),
    ],
)
def test_a_period_is_called_by_its_year_and_quarter(day: date, called: str) -> None:
    assert period_on(day) == called


def test_while_an_agreement_may_still_be_renewed_the_period_that_its_end_cuts_short_is_none_yet() -> None:
    known: dict[str, Any] = {"active_from": date(2027, 1, 10), "ends": date(2027, 2, 20), "reported_until": None}
    assert next_opening(over=False, **known) is None
    assert next_opening(over=True, **known) == start_of(date(2027, 2, 21))
    assert next_opening(over=False, **known | {"ends": date(2027, 12, 31)}) == QUARTER_OVER


def test_an_agreement_that_ended_before_it_began_has_nothing_to_report() -> None:
    assert windows(date(2027, 1, 10), date(2027, 1, 9)) == []


def test_a_period_opens_as_the_next_quarter_begins_in_beijing_and_no_second_earlier() -> None:
    handover = Handover()
    assert handover.go_on(QUARTER_OVER - timedelta(seconds=1)) == []
    assert handover.go_on(QUARTER_OVER) == ["report.opened"]
    period = handover.period()
    assert (period.first, period.last) == (date(2027, 1, 10), date(2027, 3, 31))
    assert (period.state, period.number, handover.agreement.reported_until) == (PeriodState.OPEN, 1, period.last)


def test_period_and_agreement_move_in_one_step_that_tells_both_sides() -> None:
    step = opened().steps[0]
    assert set(step.records) == {"agreement", "period-2027Q1"}
    assert {record.version for record in step.records.values()} == {step.event.case_seq}
    assert step.event.parties == tuple(sorted((REQUESTER, PROVIDER)))
    assert (step.event.body["period"], step.event.body["terms_hash"]) == ("2027Q1", opened().agreement.terms_hash)


def test_opening_again_changes_nothing() -> None:
    handover = opened()
    assert handover.go_on(QUARTER_OVER) == []


def test_several_quarters_that_passed_open_one_after_another() -> None:
    handover = Handover()
    handover.go_on(start_of(date(2027, 11, 1)))
    assert [name for name, _ in handover.case.all_of(Period)] == ["period-2027Q1", "period-2027Q2", "period-2027Q3"]
    assert handover.agreement.reported_until == date(2027, 9, 30)
    assert [event.case_seq for event in handover.events] == [10, 11, 12]


def test_the_last_period_ends_with_the_agreement_and_opens_the_next_morning() -> None:
    handover = opened()
    handover.end(start_of(date(2027, 5, 20)) + timedelta(hours=9))
    assert handover.go_on(start_of(date(2027, 5, 20)) + timedelta(hours=10)) == ["report.overdue"]
    assert handover.go_on(start_of(date(2027, 5, 21))) == ["report.opened", "feedback.due"]
    last = handover.period("2027Q2")
    assert (last.first, last.last) == (date(2027, 4, 1), date(2027, 5, 20))
    assert handover.go_on(start_of(date(2029, 1, 1))) == ["report.overdue", "feedback.overdue"]


def test_an_agreement_that_is_marked_late_as_over_is_reported_to_its_agreed_end() -> None:
    handover = Handover(agreed_terms(until="2027-02-20"))
    handover.end(start_of(date(2027, 2, 21)) + timedelta(minutes=5))
    handover.go_on(start_of(date(2027, 3, 1)))
    assert handover.period().last == date(2027, 2, 20)


def test_an_agreement_that_is_not_over_yet_waits_with_its_last_period() -> None:
    handover = Handover(agreed_terms(until="2027-02-20"))
    assert handover.go_on(QUARTER_OVER) == []


def test_feedback_is_due_with_each_fourth_period() -> None:
    handover = Handover(agreed_terms(until="2030-12-31"))
    for year in YEARS:
        handover.go_on(year)
    due = [event for event in handover.events if event.type == "feedback.due"]
    assert [event.body["feedback"] for event in due] == [1, 2]
    assert (handover.feedback().state, handover.feedback().occasion) == (FeedbackState.DUE, Occasion.YEARLY)
    assert handover.feedback(2).version == due[1].case_seq


def test_feedback_is_due_once_when_the_agreement_is_over_be_its_last_period_a_fourth_or_not() -> None:
    handover = Handover(agreed_terms(until="2027-11-30"))
    handover.end(start_of(date(2027, 12, 1)))
    handover.go_on(start_of(date(2027, 12, 1)))
    assert [event.type for event in handover.events].count("feedback.due") == 1
    assert (handover.period("2027Q4").number, handover.feedback().occasion) == (4, Occasion.END)


def test_a_period_keeps_the_terms_that_stood_when_it_opened() -> None:
    handover = opened()
    later = agreed_terms(frequency="monthly")
    handover.case = handover.case.after({"agreement": handover.agreement.model_copy(update={"terms": later})})
    handover.go_on(start_of(date(2027, 7, 1)))
    assert handover.period("2027Q1").terms.method.frequency == "irregular"
    assert handover.period("2027Q2").terms.method.frequency == "monthly"
