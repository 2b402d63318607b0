"""Reports and feedback after the handover, stored: what opens by itself, who reads it, races, crashes, deliveries."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest

from services.requests.agreement import Agreement
from services.requests.case_work import go_on
from services.requests.deliveries_store import delivery_accepted
from services.requests.period import Period, PeriodState, name_of
from services.requests.period_parts import Facts
from services.requests.report_steps import next_of_the_reports
from services.requests.shelves import desks_of
from services.requests.store import request_store
from services.requests.sweep import sweep
from services.shared.canonical import now
from services.shared.errors import NotFound, Stale
from services.shared.events import FilingKind
from tests.reports import (
    EFFECTS,
    act,
    an_agreement_in_force,
    delivered,
    end_of_quarter,
    open_period,
    reading,
)
from tests.sharing import PROVIDER, REQUESTER, hear, receipted
from tests.stack import Calls, at_once
from tests.support import events_in

pytestmark = pytest.mark.usefixtures("data_stack")

FOLLOW = ("requester", "provider", "office", "supervision")
OTHERS = ("secrecy", "leading_group", "stranger")
USED = {"uses": 9, "purposes": ["city_operation"], "recipients": ["停车管理处"]}
KEPT = {"shared_onward": False, "custody_confirmed": True}
FIGURES = {"deliveries": 400, "rows": 4000}  # more than once a day


def period_of(case: str, period: str) -> Period:
    found = request_store().get(case).named(name_of(period), Period)
    assert found is not None
    return found


def provision(case: str, period: str, **figures: Any) -> dict[str, Any]:
    """Return a whole report of the provider on a period, of all that was agreed."""
    loaded = period_of(case, period)
    days = {"first_on": loaded.first.isoformat(), "last_on": loaded.last.isoformat()}
    return {"period": period, "items": list(loaded.terms.content.items)} | days | FIGURES | figures


def usage(period: str, **figures: Any) -> dict[str, Any]:
    """Return a whole report of the requester on a period."""
    return {"period": period} | USED | KEPT | FIGURES | figures


def file_both(case: str, period: str, **used: Any) -> None:
    act(case, "provider", "file_provision", provision(case, period))
    act(case, "requester", "file_usage", usage(period, **used))


def types_of(stack: Mapping[str, str]) -> list[str]:
    return [event.type for event in events_in(stack["RequestsTable"])]


@pytest.mark.parametrize("who", FOLLOW)
def test_both_sides_the_office_and_supervision_see_periods_and_feedback(who: str) -> None:
    case = an_agreement_in_force()
    period = open_period(case)
    act(case, "requester", "send_feedback", EFFECTS)
    listed = reading(who, f"/agreements/{case}/periods")
    assert [(line["period"], line["state"]) for line in listed.body["items"]] == [(period, "OPEN")]
    read = reading(who, f"/agreements/{case}/periods/{period}")
    assert (read.status, read.etag) == (200, f'"{read.body["version"]}"')
    assert [each["state"] for each in reading(who, f"/agreements/{case}/feedback").body["items"]] == ["SENT"]
    assert reading(who, f"/agreements/{case}/feedback/1").body["effects"]["decision"]["rating"] == 4


@pytest.mark.parametrize("who", OTHERS)
def test_to_everybody_else_none_of_it_is_there(who: str) -> None:
    case = an_agreement_in_force()
    period = open_period(case)
    for path in ("periods", f"periods/{period}", "feedback", "feedback/1"):
        assert reading(who, f"/agreements/{case}/{path}").status == 404


@pytest.mark.parametrize("path", ["periods/2020Q1", "periods/x", "feedback/1", "feedback/01", "feedback/x"])
def test_what_is_not_there_is_not_found(path: str) -> None:
    case = an_agreement_in_force()
    assert reading("office", f"/agreements/{case}/{path}").status == 404
    assert reading("office", "/agreements/0195d7a0-0000-7000-8000-000000000000/periods").status == 404


def test_a_period_says_what_each_may_do_and_whom_it_waits_for() -> None:
    case = an_agreement_in_force()
    path = f"/agreements/{case}/periods/{open_period(case)}"
    actions = {who: reading(who, path).body["actions"] for who in FOLLOW}
    assert actions == {
        "requester": ["file_usage"],
        "provider": ["file_provision"],
        "office": ["chase"],
        "supervision": [],
    }
    shown = reading("office", path).body
    assert [waiting["organisation"] for waiting in shown["awaiting"]] == [REQUESTER, PROVIDER]
    assert (shown["clock"]["clock"], shown["due_at"]) == ("usage_filing", shown["clock"]["due_at"])


def test_each_side_sees_the_others_report_once_both_are_in() -> None:
    case = an_agreement_in_force()
    period = open_period(case)
    path = f"/agreements/{case}/periods/{period}"
    act(case, "provider", "file_provision", provision(case, period))
    shown = {who: reading(who, path).body for who in FOLLOW}
    assert {who: body["provision"] is not None for who, body in shown.items()} == {
        "requester": False,
        "provider": True,
        "office": True,
        "supervision": True,
    }
    assert shown["requester"]["filed"] == ["provider"]

    act(case, "requester", "file_usage", usage(period))

    assert reading("requester", path).body["provision"]["rows"] == 4000
    assert reading("provider", path).body["usage"]["uses"] == 9


def test_what_a_side_wrote_first_is_not_opened_to_the_other_by_its_payload() -> None:
    case = an_agreement_in_force()
    period = open_period(case)
    filed = act(case, "provider", "file_provision", provision(case, period, note="含补传一次")).event
    assert filed.payload_sha256 is not None
    opened = request_store().payload(case, filed.id, reader=PROVIDER)
    assert isinstance(opened.content, dict)
    assert opened.content["note"] == "含补传一次"
    with pytest.raises(NotFound):
        request_store().payload(case, filed.id, reader=REQUESTER)


def test_equal_reports_reconcile_by_themselves_and_show_their_receipts() -> None:
    case = an_agreement_in_force()
    period = open_period(case)
    file_both(case, period)
    go_on(case, now())
    filed = period_of(case, period).last_filing(FilingKind.USAGE)
    assert filed is not None
    hear(receipted(case, filed.event_id, kind="usage"))
    shown = reading("supervision", f"/agreements/{case}/periods/{period}").body
    assert (shown["state"], shown["awaiting"], shown["due_at"]) == ("RECONCILED", [], None)
    assert {filing["kind"]: filing["state"] for filing in shown["filing"]} == {
        "provision": "pending",
        "usage": "receipted",
    }


def test_an_events_message_lets_the_case_go_on() -> None:
    case = an_agreement_in_force()
    period = open_period(case)
    act(case, "provider", "file_provision", provision(case, period))
    step = act(case, "requester", "file_usage", usage(period, rows=3999))
    assert hear(*step.events, *step.events) == {"batchItemFailures": []}
    shown = reading("provider", f"/agreements/{case}/periods/{period}").body
    assert (shown["state"], shown["round"]) == ("DISCREPANT", 1)
    assert [(each["kind"], each["pointer"], each["against"]) for each in shown["differences"]] == [
        ("received", "/usage/rows", "/provision/rows")
    ]


def test_a_period_is_on_the_desks_of_those_who_have_not_filed_at_an_address_that_answers() -> None:
    case = an_agreement_in_force()
    period = open_period(case)
    lines = desks_of(name_of(period), period_of(case, period))
    assert sorted(lines) == sorted([REQUESTER, PROVIDER])
    assert reading("provider", lines[PROVIDER].address).status == 200
    act(case, "provider", "file_provision", provision(case, period))
    assert sorted(desks_of(name_of(period), period_of(case, period))) == [REQUESTER]


def test_the_sweep_finds_a_period_whose_day_has_come() -> None:
    case = an_agreement_in_force()
    period = open_period(case)
    falls_due = period_of(case, period).wakes_at
    assert falls_due is not None
    sweep(falls_due + timedelta(seconds=1))
    overdue = reading("office", f"/agreements/{case}/periods/{period}").body["overdue_since"]
    assert overdue == reading("office", f"/agreements/{case}/periods/{period}").body["due_at"]
    assert period_of(case, period).state is PeriodState.OPEN


def test_an_act_on_a_report_is_one_read_one_box_and_one_transaction(aws_calls: Calls) -> None:
    case = an_agreement_in_force()
    period = open_period(case)
    file_first = provision(case, period)
    aws_calls.clear()
    act(case, "provider", "file_provision", file_first)
    act(case, "requester", "file_usage", usage(period))
    assert aws_calls.names == ["Query", "PutObject", "TransactWriteItems"] * 2
    aws_calls.clear()
    step = next_of_the_reports(request_store().get(case), now())
    assert step is not None
    request_store().save(step)
    assert aws_calls.names == ["Query", "TransactWriteItems"]


@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_crash_while_periods_open_opens_each_once(when: str, nth: int, aws_calls: Calls) -> None:
    case = an_agreement_in_force()
    later = end_of_quarter(case) + timedelta(days=100)
    with aws_calls.crash(when, nth):
        go_on(case, later)
    assert aws_calls.crashed
    go_on(case, later)
    loaded = request_store().get(case)
    periods = [period for _, period in loaded.all_of(Period)]
    assert [period.number for period in periods] == [1, 2]
    assert periods[1].first == periods[0].last + timedelta(days=1)
    agreement = loaded.named("agreement", Agreement)
    assert (agreement and agreement.reported_until) == periods[1].last


@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_crash_while_a_report_is_filed_leaves_all_of_it_or_nothing(
    when: str, nth: int, aws_calls: Calls, data_stack: dict[str, str]
) -> None:
    case = an_agreement_in_force()
    period = open_period(case)
    said = provision(case, period)
    with aws_calls.crash(when, nth):
        act(case, "provider", "file_provision", said)
    assert aws_calls.crashed
    written = period_of(case, period).provision is not None
    assert written is ((when, nth) == ("after", 2))
    assert types_of(data_stack).count("report.provision_filed") == written


def test_of_two_who_file_the_same_report_at_once_one_is_told_to_read_again(data_stack: dict[str, str]) -> None:
    case = an_agreement_in_force()
    period = open_period(case)
    said = provision(case, period)
    outcomes = at_once(*[lambda: act(case, "provider", "file_provision", said)] * 2)
    assert sum(isinstance(outcome, Stale) for outcome in outcomes) <= 1
    assert types_of(data_stack).count("report.provision_filed") == 1


def test_events_of_all_records_of_a_case_are_numbered_without_gaps(data_stack: dict[str, str]) -> None:
    case = an_agreement_in_force()
    period = open_period(case)
    file_both(case, period, rows=1)
    go_on(case, now())
    act(case, "requester", "send_feedback", EFFECTS)
    act(case, "provider", "acknowledge_feedback", {"feedback": 1})
    act(case, "supervision", "inspect", {"period": period, "reason": "行数相差悬殊"})
    numbers = [event.case_seq for event in events_in(data_stack["RequestsTable"]) if event.case == case]
    assert numbers == list(range(1, len(numbers) + 1))


def test_deliveries_are_counted_once_each_in_the_period_of_their_day() -> None:
    case = an_agreement_in_force()
    first, second = delivered(case, date(2027, 2, 3)), delivered(case, date(2027, 3, 31), rows=7)
    for event in (first, second, first, delivered(case, date(2027, 4, 1)), second):
        delivery_accepted(event)
    facts = request_store().get(case).facts
    assert sorted(facts) == ["period-2027Q1", "period-2027Q2"]
    seen = facts["period-2027Q1"]
    assert (seen.deliveries, seen.rows) == (2, 107)
    assert (seen.first_on, seen.last_on) == (date(2027, 2, 3), date(2027, 3, 31))


def test_the_same_delivery_told_twice_at_once_counts_once_and_two_of_them_twice() -> None:
    case = an_agreement_in_force()
    one, other = delivered(case, date(2027, 2, 3)), delivered(case, date(2027, 2, 4))
    outcomes = at_once(*[partial(delivery_accepted, event) for event in (one, one, other)])
    assert all(outcome is None or isinstance(outcome, Stale) for outcome in outcomes)
    delivery_accepted(one)
    delivery_accepted(other)
    assert request_store().get(case).facts["period-2027Q1"].deliveries == 2


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_delivery_whose_message_comes_again_after_a_crash_counts_once(when: str, aws_calls: Calls) -> None:
    case = an_agreement_in_force()
    event = delivered(case, date(2027, 2, 3))
    with aws_calls.crash(when, 1):
        delivery_accepted(event)
    assert aws_calls.crashed
    delivery_accepted(event)
    assert request_store().get(case).facts["period-2027Q1"] == Facts(
        deliveries=1,
        rows=100,
        items=tuple(sorted(("空余泊位数", "车场名称"))),
        first_on=date(2027, 2, 3),
        last_on=date(2027, 2, 3),
    )


def test_what_the_exchange_saw_stands_beside_both_reports_and_is_compared_with_them() -> None:
    case = an_agreement_in_force()
    period = open_period(case)
    delivery_accepted(delivered(case, period_of(case, period).last, rows=4000))
    file_both(case, period)
    go_on(case, now())
    shown = reading("office", f"/agreements/{case}/periods/{period}").body
    assert (shown["state"], shown["facts"]["deliveries"]) == ("DISCREPANT", 1)
    pointers = [each["pointer"] for each in shown["differences"] if each["kind"] == "delivery_facts"]
    assert {"/provision/deliveries", "/usage/deliveries"} <= set(pointers)
