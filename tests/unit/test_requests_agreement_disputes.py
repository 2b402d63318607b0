"""A non-performance: reported by the provider or by a clock that ran out, coordinated, ruled on (S-086 to S-088)."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from services.requests import report_steps
from services.requests.agreement import Agreement, AgreementState, agreement_of
from services.requests.agreement_life import may_see
from services.requests.agreement_views import view_of
from services.requests.case import Case
from services.requests.period import PeriodAction
from services.requests.period_parts import Facts
from services.requests.report_acts import FileProvision
from services.shared.coordination import State
from services.shared.errors import Conflict, Forbidden, Invalid
from services.shared.events import Event, FilingKind
from services.shared.lifecycle import Act, Party
from services.shared.organisations import LEADING_GROUP, OFFICE
from services.shared.working_days import day_in_beijing, start_of, working_days_after
from tests.agreements import (
    BEGUN,
    LATER,
    REPORT,
    WHO,
    a_case,
    a_concluded_request,
    agreement_of_case,
    by_itself,
    done,
    step_by,
    told,
)
from tests.sharing import ITEMS, PROVIDER, REQUESTER

QUARTER_OVER = start_of(date(2027, 4, 1))
ESCALATED = ("provider report_non_performance", "office escalate")


def after(case: Case, *acts: str, at: datetime = LATER) -> Agreement:
    return agreement_of_case(done(case, *acts, at=at))


def missed(case: Case | None = None, at: datetime = LATER) -> Case:
    """Return a case in which the provider's day has passed and nothing was provided."""
    return by_itself(case or a_case(), at)


def due_day(agreement: Agreement) -> Any:
    clock = agreement.clock
    assert clock is not None
    assert clock.due is not None
    return day_in_beijing(clock.due.due_at)


def test_the_provider_reports_situation_and_reason_to_the_office_and_the_mark_stops_nothing() -> None:
    step = step_by(a_case(), "provider", "report_non_performance")
    assert step.event.filing is not None
    assert (step.event.filing.kind, step.event.filing.authority) == (FilingKind.NON_PERFORMANCE_REPORT, OFFICE)
    marked = agreement_of_case(a_case().after(step.records))
    assert marked.state is AgreementState.ACTIVE
    assert marked.non_performance is not None
    assert (marked.non_performance.by, marked.non_performance.reason) == (Party.PROVIDER, REPORT["reason"])
    assert marked.filings[-1].kind is FilingKind.NON_PERFORMANCE_REPORT
    assert marked.coordination is not None
    seats = {seat.party: seat.organisation for seat in marked.coordination.seats}
    assert seats == {Party.REQUESTER: REQUESTER, Party.PROVIDER: PROVIDER}


@pytest.mark.parametrize("field", ["situation", "reason"])
def test_a_report_says_something(field: str) -> None:
    empty: dict[str, Any] = {field: "涉密，不便提供。"}
    with pytest.raises(Invalid) as refusal:
        step_by(a_case(), "provider", "report_non_performance", **empty)
    assert [problem.pointer for problem in refusal.value.problems] == [f"/{field}"]


def test_a_day_that_passes_is_marked_and_then_reported_by_itself() -> None:
    case = missed()
    agreement = agreement_of_case(case)
    assert agreement.clock is not None
    assert agreement.clock.overdue_since is not None
    mark = agreement.non_performance
    assert mark is not None
    assert (mark.by, mark.clock, mark.situation) == (Party.SYSTEM, "provide_after_consent", None)
    assert mark.due_at == agreement.clock.overdue_since
    assert agreement.coordination is not None
    assert [filed.kind for filed in agreement.filings] == [FilingKind.NON_PERFORMANCE_REPORT]
    assert agreement.state is AgreementState.ACTIVE


@pytest.mark.parametrize("begun", [BEGUN, BEGUN - timedelta(days=60)])
def test_the_day_is_counted_from_the_first_on_which_anything_can_be_provided(begun: datetime) -> None:
    agreement = agreement_of(a_concluded_request().model_copy(update={"changed_at": begun}))
    first = max(day_in_beijing(begun), agreement.terms.validity.valid_from)
    assert due_day(agreement) == working_days_after(first, 20).day


@pytest.mark.parametrize("before", [(), ("provider suspend", "provider resume")])
def test_what_was_provided_in_time_is_never_reported(before: tuple[str, ...]) -> None:
    case = done(a_case(), *before, "provider record_provision")
    agreement = agreement_of_case(missed(case))
    assert (agreement.non_performance, agreement.clock) == (None, None)
    assert agreement.provided_at is not None


def test_a_delivery_that_the_exchange_saw_is_a_provision() -> None:
    seen = a_case()._replace(facts={"period-2027Q1": Facts(deliveries=1)})
    agreement = agreement_of_case(missed(seen))
    assert (agreement.provided_at, agreement.clock, agreement.non_performance) == (LATER, None, None)


@pytest.mark.parametrize(("deliveries", "provided"), [(2, True), (0, False)])
def test_what_is_filed_as_provided_is_on_record_unless_it_was_nothing(deliveries: int, provided: bool) -> None:
    case = by_itself(a_case(), QUARTER_OVER)
    filed = {"period": "2027Q1", "deliveries": deliveries, "rows": deliveries, "items": ITEMS[:deliveries]}
    days = {"first_on": "2027-01-20", "last_on": "2027-03-20"} if deliveries else {}
    body = FileProvision.model_validate(filed | days)
    step = report_steps.take(case, Act(PeriodAction.FILE_PROVISION, body, WHO["provider"], QUARTER_OVER))
    agreement = agreement_of_case(by_itself(case.after(step.records), QUARTER_OVER))
    assert (agreement.provided_at == QUARTER_OVER) is provided


def test_while_it_is_suspended_the_provider_s_day_does_not_come_nearer() -> None:
    case = done(a_case(), "office suspend")
    assert agreement_of_case(missed(case)).non_performance is None
    resumed = done(case, "office resume", at=LATER)
    assert agreement_of_case(by_itself(resumed, LATER)).non_performance is None
    assert due_day(agreement_of_case(resumed)) > day_in_beijing(LATER)


def test_what_is_provided_late_is_on_record_and_the_dispute_is_for_the_two_to_settle() -> None:
    case = done(missed(), "provider record_provision")
    agreement = agreement_of_case(case)
    assert (agreement.clock, agreement.non_performance is None) == (None, False)
    settled = after(case, "requester settle", "provider settle")
    assert (settled.non_performance, settled.clock) == (None, None)


def test_once_both_have_settled_the_mark_goes_and_the_day_runs_anew() -> None:
    case = done(missed(), "requester settle", at=LATER)
    assert agreement_of_case(case).non_performance is not None
    settled = after(case, "provider settle")
    assert settled.coordination is not None
    assert (settled.coordination.state, settled.non_performance, settled.dispute_clock) == (State.SETTLED, None, None)
    assert settled.clock is not None
    assert (settled.clock.since, settled.clock.overdue_since) == (LATER, None)


def test_a_second_failure_is_reported_like_the_first() -> None:
    case = done(missed(), "requester settle", "provider settle", at=LATER)
    again = agreement_of_case(missed(case, LATER + timedelta(days=60)))
    assert again.non_performance is not None
    assert len(again.filings) == 2


@pytest.mark.parametrize(
    ("end", "acts", "marked"),
    [
        (State.UPHELD, ("office uphold",), True),
        (State.RULED_FOR, ("office escalate", "group rule_for"), True),
        (State.RULED_AGAINST, ("office escalate", "group rule_against"), False),
    ],
)
def test_each_end_says_whether_the_provider_must_provide(end: State, acts: tuple[str, ...], marked: bool) -> None:
    ended = after(missed(), *acts)
    assert ended.coordination is not None
    assert (ended.coordination.state, ended.non_performance is not None) == (end, marked)
    assert (ended.clock is None) is marked  # it need not, and nothing falls due; or it must, and the day runs anew
    assert ended.dispute_clock is None
    assert ended.state is AgreementState.ACTIVE


@pytest.mark.parametrize("end", [("office uphold",), ("office escalate", "group rule_for")])
def test_what_need_not_be_provided_is_not_reported_again_by_itself(end: tuple[str, ...]) -> None:
    case = done(missed(), *end, at=LATER)
    ended, later = agreement_of_case(case), agreement_of_case(by_itself(case, LATER + timedelta(days=100)))
    assert (later.filings, later.coordination) == (ended.filings, ended.coordination)


def test_one_report_at_a_time_and_another_after_its_end() -> None:
    case = told("DISPUTED")
    with pytest.raises(Conflict):
        step_by(case, "provider", "report_non_performance")
    again = after(done(case, "office uphold"), "provider report_non_performance")
    assert again.coordination is not None
    assert again.coordination.state is State.OPEN


def test_an_end_while_it_is_suspended_leaves_the_day_standing_still() -> None:
    stopped = done(told("DISPUTED"), "office suspend", "requester settle", "provider settle")
    agreement = agreement_of_case(stopped)
    assert agreement.held is not None
    assert agreement.held.paused_at is not None
    assert agreement.clock is not None
    assert agreement.clock.clock == "suspension_review"
    assert after(stopped, "office resume").held is None


def test_with_the_agreement_its_coordination_is_over() -> None:
    case = done(told("DISPUTED"), "requester fulfil")
    for who, action in (("office", "mediate"), ("requester", "settle"), ("office", "escalate")):
        with pytest.raises(Conflict, match="nothing is in coordination"):
            step_by(case, who, action)
    assert agreement_of_case(case).dispute_clock is None


def test_the_group_learns_of_an_agreement_when_it_is_brought_before_it_and_still_knows_of_it() -> None:
    assert not may_see(agreement_of_case(told("DISPUTED")), WHO["group"])
    case = done(a_case(), *ESCALATED)
    assert may_see(agreement_of_case(case), WHO["group"])
    later = done(case, "group rule_against", "provider report_non_performance")
    assert may_see(agreement_of_case(later), WHO["group"])
    with pytest.raises(Forbidden):
        step_by(told("DISPUTED"), "group", "rule_termination")


def parties(event: Event) -> set[str]:
    return set(event.parties)


def test_each_step_is_told_to_both_sides_the_office_and_once_escalated_the_group() -> None:
    case = told("DISPUTED")
    both = {REQUESTER, PROVIDER}
    mediated = step_by(case, "office", "mediate")
    assert parties(mediated.event) == both | {OFFICE}
    assert (mediated.event.type, mediated.payload is not None) == ("agreement.coordination_mediated", True)
    half = step_by(case, "requester", "settle")
    assert half.event.type == "agreement.coordination_agreed"
    escalated = step_by(case, "office", "escalate")
    assert parties(escalated.event) == both | {OFFICE, LEADING_GROUP}
    ruled = step_by(case.after(escalated.records), "group", "rule_for")
    assert (ruled.event.type, parties(ruled.event)) == ("agreement.coordination_ruled_for", parties(escalated.event))
    assert ruled.event.body["non_performing"] is True


def test_what_was_upheld_names_its_clause_and_an_unknown_one_is_refused() -> None:
    upheld = step_by(told("DISPUTED"), "office", "uphold")
    assert (upheld.event.body["instrument"], upheld.event.body["clause"]) == ("data-security-law", "38")
    with pytest.raises(Invalid):
        step_by(told("DISPUTED"), "office", "uphold", clause="999")


def test_the_dispute_is_shown_with_its_clock_and_what_each_may_do() -> None:
    case = told("ESCALATED")
    views = {
        who: view_of(agreement_of_case(case), case.request, case.receipts, WHO[who]) for who in ("office", "group")
    }
    dispute = views["group"].coordination
    assert dispute is not None
    assert dispute.clock is not None
    assert (dispute.clock.clock, dispute.actions) == ("ruling", ("rule_for", "rule_against", "remand"))
    assert views["office"].coordination == dispute.model_copy(update={"actions": ()})
