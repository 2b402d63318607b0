"""A report period (machine D; S-089, S-090): who files, who explains, who looks into it, and what happens by itself.

The tables below are written from the rules, not from the code.
"""

from collections.abc import Callable
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from services.requests.period import PeriodAction, PeriodState
from services.requests.period_life import PERIOD, SYSTEM_ACTIONS
from services.requests.report_acts import BODIES
from services.requests.report_guards import ReportGiven
from services.requests.telling import Step
from services.shared.canonical import digest
from services.shared.errors import Conflict, Forbidden, Invalid
from services.shared.events import FilingKind, readers_of
from services.shared.lifecycle import Act, Party
from services.shared.organisations import OFFICE, SUPERVISION_BUREAU
from services.shared.structure import faults, reachable
from services.shared.working_days import day_in_beijing, working_days_between
from tests.reports import (
    MAY,
    NOTHING_PROVIDED,
    NOTHING_USED,
    PROVISION,
    QUARTER_OVER,
    USAGE,
    WHO,
    Handover,
    after_due_day,
    both_filed,
    discrepant,
    opened,
)
from tests.sharing import ITEMS, PROVIDER, REQUESTER

# Who may do what in which state, and where it leads; `-` stays.
RULES = """
OPEN              file_provision  provider            -
OPEN              file_usage      requester           -
OPEN              chase           office              -
DISCREPANT        explain         requester,provider  -
DISCREPANT        inspect         supervision,office  UNDER_INSPECTION
UNDER_INSPECTION  conclude        supervision         RECONCILED
"""
ALLOWED = {
    (PeriodState(state), PeriodAction(action), who): None if to == "-" else PeriodState(to)
    for state, action, whom, to in (line.split() for line in RULES.strip().splitlines())
    for who in whom.split(",")
}
SAID: dict[PeriodAction, dict[str, Any]] = {
    PeriodAction.FILE_PROVISION: PROVISION,
    PeriodAction.FILE_USAGE: USAGE,
    PeriodAction.CHASE: {},
    PeriodAction.EXPLAIN: {"text": "3月20日一次交付在传输中断后重传"},
    PeriodAction.INSPECT: {"reason": "连续两期行数不一致"},
    PeriodAction.CONCLUDE: {"outcome": "requester_wrong", "finding": "接收日志漏记一行"},
}
# Whom a state waits for, and which clock runs in it.
WAITS = {
    PeriodState.OPEN: ((Party.REQUESTER, Party.PROVIDER), "usage_filing"),
    PeriodState.RECONCILING: ((Party.SYSTEM,), "reconciliation"),
    PeriodState.DISCREPANT: ((Party.REQUESTER, Party.PROVIDER), "discrepancy"),
    PeriodState.UNDER_INSPECTION: ((Party.SUPERVISION,), "inspection"),
    PeriodState.RECONCILED: ((), None),
}


def inspected() -> Handover:
    handover = discrepant()
    handover.report("office", "inspect", **SAID[PeriodAction.INSPECT])
    return handover


def reconciled() -> Handover:
    handover = both_filed()
    handover.go_on(QUARTER_OVER)
    return handover


STORIES: dict[PeriodState, Callable[[], Handover]] = {
    PeriodState.OPEN: opened,
    PeriodState.RECONCILING: both_filed,
    PeriodState.DISCREPANT: discrepant,
    PeriodState.UNDER_INSPECTION: inspected,
    PeriodState.RECONCILED: reconciled,
}


def do(handover: Handover, action: PeriodAction, who: str) -> Step:
    return handover.report(who, action, MAY, **SAID[action])


@pytest.mark.parametrize(("state", "action", "who"), list(product(STORIES, BODIES, WHO)))
def test_what_the_rules_allow_happens_and_nothing_else(state: PeriodState, action: PeriodAction, who: str) -> None:
    handover = STORIES[state]()
    if (state, action, who) in ALLOWED:
        do(handover, action, who)
        assert handover.period().state is (ALLOWED[(state, action, who)] or state)
        return
    with pytest.raises((Forbidden, Conflict)):
        do(handover, action, who)


@pytest.mark.parametrize(("state", "action", "who"), list(product(STORIES, SYSTEM_ACTIONS, WHO)))
def test_what_happens_by_itself_is_nobodys_to_do(state: PeriodState, action: PeriodAction, who: str) -> None:
    with pytest.raises((Forbidden, Conflict)):
        PERIOD.advance(STORIES[state]().period(), Act(action, None, WHO[who], MAY, ReportGiven()))


def test_nothing_waits_for_nobody_and_every_state_is_reached() -> None:
    probes: dict[Any, Any] = {state: story().period() for state, story in STORIES.items()}
    assert list(faults(PERIOD, probes)) == []
    assert reachable(PERIOD) == set(PeriodState)


@pytest.mark.parametrize("state", STORIES)
def test_every_state_says_whom_it_waits_for_and_runs_its_clock(state: PeriodState) -> None:
    period = STORIES[state]().period()
    assert period.state is state
    assert (PERIOD.awaiting(period), period.clock.clock if period.clock else None) == WAITS[state]


def test_both_reports_are_due_within_ten_working_days_of_the_end_of_the_quarter() -> None:
    clock = opened().period().clock
    assert clock is not None
    assert clock.due is not None
    assert working_days_between(day_in_beijing(QUARTER_OVER), day_in_beijing(clock.due.due_at)) == 10


def test_each_side_files_once_and_the_second_of_the_two_starts_the_comparison() -> None:
    handover = opened()
    first = handover.report("requester", "file_usage", **USAGE)
    assert (handover.period().state, PERIOD.awaiting(handover.period())) == (PeriodState.OPEN, (Party.PROVIDER,))
    with pytest.raises(Conflict):
        handover.report("requester", "file_usage", **USAGE)

    second = handover.report("provider", "file_provision", **PROVISION)

    assert handover.period().state is PeriodState.RECONCILING
    assert [event.type for event in first.events] == ["report.usage_filed"]
    assert [event.type for event in second.events] == ["report.provision_filed", "report.both_filed"]
    assert [event.case_seq for event in handover.events] == [10, 11, 12, 13]
    assert handover.period().version == handover.period().case_seq == 13


def test_each_report_is_filed_with_the_office_under_the_hash_of_what_it_says() -> None:
    handover = both_filed()
    period = handover.period()
    provision, usage = (period.last_filing(kind) for kind in (FilingKind.PROVISION, FilingKind.USAGE))
    assert provision is not None
    assert usage is not None
    assert (provision.authority, usage.authority) == (OFFICE, OFFICE)
    assert (provision.terms_hash, usage.terms_hash) == (digest(period.provision), digest(period.usage))
    told = {event.id: event for event in handover.events}
    assert told[provision.event_id].body["report_hash"] == provision.terms_hash
    assert told[usage.event_id].filing is not None


def test_until_both_are_in_a_report_is_its_own_sides_and_the_offices_to_read() -> None:
    handover = both_filed()
    readers = {event.type: readers_of(event) for event in handover.events}
    assert readers["report.provision_filed"] == tuple(sorted((PROVIDER, OFFICE)))
    assert readers["report.usage_filed"] == tuple(sorted((REQUESTER, OFFICE)))
    assert readers["report.both_filed"] == tuple(sorted((PROVIDER, REQUESTER)))


def test_a_period_with_nothing_delivered_is_filed_with_zeros_and_reconciles() -> None:
    handover = both_filed(NOTHING_PROVIDED, NOTHING_USED)
    assert handover.go_on(QUARTER_OVER) == ["report.reconciled"]
    assert (handover.period().state, handover.period().wakes_at) == (PeriodState.RECONCILED, None)


def test_what_is_to_be_compared_is_due_at_once() -> None:
    handover = both_filed()
    assert handover.period().wakes_at == QUARTER_OVER


def test_a_late_report_is_marked_once_then_chased_and_filed_all_the_same() -> None:
    handover = opened()
    handover.report("provider", "file_provision", **PROVISION)
    late = after_due_day(handover)
    assert handover.go_on(late - timedelta(seconds=1)) == []

    assert handover.go_on(late) == ["report.overdue"]

    assert (handover.go_on(MAY), handover.period().wakes_at) == ([], None)
    assert handover.events[-1].body["late"] == [REQUESTER]
    assert OFFICE in handover.events[-1].parties
    chased = handover.report("office", "chase", MAY, comment="请于三日内补报")
    assert (chased.event.body["late"], chased.payload is not None) == ([REQUESTER], True)
    assert handover.period().chased_at == MAY
    handover.report("requester", "file_usage", MAY, **USAGE)
    assert handover.go_on(MAY) == ["report.reconciled"]


def test_nobody_is_chased_before_the_day_is_over() -> None:
    handover = opened()
    with pytest.raises(Invalid) as refused:
        handover.report("office", "chase")
    assert [problem.pointer for problem in refused.value.problems] == ["/period"]


def test_lateness_decides_nothing() -> None:
    handover = opened()
    handover.go_on(MAY)
    assert handover.period().state is PeriodState.OPEN
    assert PERIOD.awaiting(handover.period()) == (Party.REQUESTER, Party.PROVIDER)


def test_differences_are_told_to_both_sides_the_office_and_supervision_without_anybodys_words() -> None:
    told = discrepant().events[-1]
    assert told.parties == tuple(sorted((PROVIDER, REQUESTER, OFFICE, SUPERVISION_BUREAU)))
    assert told.body["differences"] == [{"kind": "received", "pointer": "/usage/rows"}]
    assert (told.body["round"], told.organisation) == (1, "system")


def test_both_explain_once_and_the_reports_are_compared_again() -> None:
    handover = discrepant()
    handover.report("provider", "explain", text="以交换日志为准")
    with pytest.raises(Conflict):
        handover.report("provider", "explain", text="再次说明")
    assert PERIOD.awaiting(handover.period()) == (Party.REQUESTER,)

    handover.report("requester", "explain", text="漏记一行", usage=USAGE)

    assert handover.period().state is PeriodState.RECONCILING
    assert handover.go_on(QUARTER_OVER) == ["report.reconciled"]
    assert handover.period().differences == ()
    assert [(said.by, said.round, said.corrected) for said in handover.period().explanations] == [
        (Party.PROVIDER, 1, False),
        (Party.REQUESTER, 1, True),
    ]


def test_a_corrected_report_is_filed_anew_and_the_last_one_stands() -> None:
    handover = discrepant()
    step = handover.report("requester", "explain", text="漏记一行", usage=USAGE)
    filed = handover.period().last_filing(FilingKind.USAGE)
    assert filed is not None
    assert step.event.filing is not None
    assert (filed.event_id, filed.terms_hash) == (step.event.id, digest(handover.period().usage))
    assert sum(each.kind is FilingKind.USAGE for each in handover.period().filings) == 2


def test_an_explanation_alone_is_no_filing() -> None:
    step = discrepant().report("provider", "explain", text="以交换日志为准")
    assert (step.event.filing, step.event.body["report_hash"]) == (None, None)


def test_what_still_differs_begins_another_round() -> None:
    handover = discrepant()
    for who in ("requester", "provider"):
        handover.report(who, "explain", text="维持原报告")
    assert handover.go_on(QUARTER_OVER) == ["report.discrepant"]
    assert (handover.period().state, handover.period().round) == (PeriodState.DISCREPANT, 2)
    assert PERIOD.awaiting(handover.period()) == (Party.REQUESTER, Party.PROVIDER)


def test_a_side_corrects_its_own_report_alone() -> None:
    with pytest.raises(Invalid) as refused:
        discrepant().report("provider", "explain", text="对方应为300行", usage=USAGE)
    assert [problem.pointer for problem in refused.value.problems] == ["/usage"]


def test_a_corrected_report_is_held_to_the_same_rules_as_the_first() -> None:
    with pytest.raises(Invalid) as refused:
        discrepant().report("provider", "explain", text="更正", provision=PROVISION | {"first_on": "2026-12-31"})
    assert [problem.pointer for problem in refused.value.problems] == ["/provision/first_on"]


def test_supervision_concludes_with_a_finding_and_the_reports_stay_as_they_were() -> None:
    handover = inspected()
    step = handover.report("supervision", "conclude", outcome="unclear", finding="日志已过保存期")
    period = handover.period()
    assert (period.state, step.event.body["outcome"]) == (PeriodState.RECONCILED, "unclear")
    assert (period.inspection and period.inspection.by, period.finding and period.finding.finding) == (
        Party.OFFICE,
        "日志已过保存期",
    )
    assert [each.pointer for each in period.differences] == ["/usage/rows"]


@pytest.mark.parametrize(
    ("report", "changes", "pointers"),
    [
        ("file_provision", {"items": [*ITEMS, "车牌号"]}, ["/items/2"]),
        ("file_provision", {"items": [ITEMS[0], ITEMS[0]]}, ["/incomplete", "/items/1"]),
        ("file_provision", {"items": [ITEMS[0]]}, ["/incomplete"]),
        ("file_provision", {"items": [ITEMS[0]], "incomplete": True}, ["/reason"]),
        ("file_provision", {"incomplete": True, "reason": "敏感"}, ["/reason"]),
        ("file_provision", {"first_on": None}, ["/first_on"]),
        ("file_provision", {"first_on": "2027-01-09", "last_on": "2027-04-01"}, ["/first_on", "/last_on"]),
        ("file_provision", {"first_on": "2027-03-21"}, ["/last_on"]),
        ("file_provision", {"deliveries": 0}, ["/first_on", "/items", "/last_on", "/rows"]),
        ("file_usage", {"deliveries": 0}, ["/rows"]),
        ("file_usage", {"uses": 0}, ["/purposes", "/recipients"]),
        ("file_usage", {"purposes": [], "recipients": []}, ["/purposes", "/recipients"]),
        ("file_usage", {"purposes": ["gossip", "gossip"]}, ["/purposes/0", "/purposes/1", "/purposes/1"]),
    ],
)
def test_a_report_that_contradicts_itself_is_told_everything_at_once(
    report: str, changes: dict[str, Any], pointers: list[str]
) -> None:
    who, said = ("provider", PROVISION) if report == "file_provision" else ("requester", USAGE)
    with pytest.raises(Invalid) as refused:
        opened().report(who, report, **said | changes)
    assert sorted(problem.pointer for problem in refused.value.problems) == pointers
    assert all(" / " in problem.detail for problem in refused.value.problems)


def test_a_report_that_owns_to_what_was_not_agreed_is_filed() -> None:
    usage = USAGE | {"purposes": ["audit_inspection"], "recipients": ["外部公司"], "shared_onward": True}
    handover = opened()
    handover.report("requester", "file_usage", **usage)
    assert handover.period().last_filing(FilingKind.USAGE) is not None


@pytest.mark.parametrize("period", ["2027Q2", "2026Q4"])
def test_a_period_that_is_not_there_is_pointed_at(period: str) -> None:
    with pytest.raises(Invalid) as refused:
        opened().report("provider", "file_provision", **PROVISION | {"period": period})
    assert [problem.pointer for problem in refused.value.problems] == ["/period"]
