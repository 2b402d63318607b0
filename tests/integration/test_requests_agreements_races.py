"""Two at the same time, and a death in the middle: one act wins, no step is half, and a message counts once."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from services.requests import sweep
from services.requests.agreement_acts import AgreementAction
from services.requests.agreement_steps import take
from services.requests.case import Case
from services.requests.case_work import go_on
from services.requests.store import request_store
from services.requests.telling import Step
from services.shared.canonical import now
from services.shared.errors import GovShareError, Stale
from services.shared.lifecycle import Act
from services.shared.working_days import end_of
from tests.agreements import (
    SIGNED,
    WHO,
    act,
    agreement_of_case,
    an_agreement,
    body_for,
    get,
    hear_receipts,
    played,
)
from tests.routes import items_of
from tests.sharing import hear, receipted
from tests.stack import Calls, at_once, undone
from tests.support import events_in

MOST_WRITES = 6


@pytest.fixture(autouse=True)
def table(data_stack: dict[str, str]) -> str:
    """The table of the cases, empty."""
    return data_stack["RequestsTable"]


def moving(case: Case, who: str, action: str) -> Callable[[], Step]:
    """Return an act on a case as it was seen; a function answers one request at a time, so the store is asked."""
    step = take(case, Act(AgreementAction(action), body_for(case, action), WHO[who], now()))

    def save() -> Step:
        request_store().save(step)
        return step

    return save


def in_order(table: str, case: str) -> list[str]:
    """Return the types of a case's events, once it is seen that they have no gap and the record is at the last."""
    events = [event for event in events_in(table) if event.case == case]
    numbers = [event.case_seq for event in events]
    assert numbers == list(range(numbers[0] or 0, (numbers[0] or 0) + len(numbers)))
    record = agreement_of_case(request_store().get(case))
    assert record.case_seq == numbers[-1]
    return [event.type for event in events]


@pytest.mark.parametrize(
    ("story", "one", "other"),
    [
        (SIGNED[:1], "provider_approver sign_amendment", "requester_approver sign_amendment"),
        ((), "provider suspend", "office suspend"),
        ((), "requester fulfil", "provider suspect_breach"),
        ((), "requester propose_amendment", "requester_approver renew"),
        (SIGNED[:1], "requester_approver sign_amendment", "provider drop_amendment"),
        (("provider_approver terminate",), "requester_approver terminate", "office suspend"),
    ],
)
def test_of_two_acts_at_the_same_moment_one_is_made(table: str, story: tuple[str, ...], one: str, other: str) -> None:
    case = played(an_agreement(), *story)
    seen = request_store().get(case)
    before = in_order(table, case)
    moves = [moving(seen, *each.split()) for each in (one, other)]
    made = at_once(*moves)
    assert {type(outcome) for outcome in made} == {Step, Stale}
    assert len(in_order(table, case)) == len(before) + 1


def test_fifty_at_once_move_it_once(table: str) -> None:
    case = an_agreement()
    seen = request_store().get(case)
    made = at_once(*(moving(seen, "provider", "suspend") for _ in range(50)))
    assert sum(isinstance(outcome, Step) for outcome in made) == 1
    assert sum(isinstance(outcome, GovShareError) for outcome in made) == 49
    assert in_order(table, case) == ["agreement.activated", "agreement.suspended"]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    ("story", "acting"),
    [
        (SIGNED[:2], "requester_approver sign_amendment"),
        ((), "requester propose_amendment"),
        ((), "office suspend"),
        ((), "provider report_non_performance"),
        (("requester fulfil",), "requester dispose"),
    ],
)
def test_a_death_at_any_write_leaves_all_of_a_step_or_nothing(
    table: str, aws_calls: Calls, when: str, story: tuple[str, ...], acting: str
) -> None:
    case = played(an_agreement(secret=True), *story)
    who, action = acting.split()
    before, whole = in_order(table, case), set()
    for nth in range(1, MOST_WRITES):
        with undone(table, case):
            with aws_calls.crash(when, nth):
                act(case, who, action)
            if not aws_calls.crashed:
                break
            told = in_order(table, case)
            moved = len(told) > len(before)
            assert act(case, who, action).status == (409 if moved else 200)
            whole.add(tuple(in_order(table, case)))
    else:
        pytest.fail("there was always another write to die at")
    assert len(whole) == 1  # wherever it died, in the end it was done once


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_receipt_that_kills_its_listener_comes_again_and_amends_once(table: str, aws_calls: Calls, when: str) -> None:
    case = played(an_agreement(secret=True), *SIGNED)
    office, bureau = (f["event_id"] for f in get(f"/agreements/{case}", "office").body["pending"]["filing"])
    hear(receipted(case, office, kind="amendment"))
    for nth in range(1, MOST_WRITES):
        with undone(table, case):
            with aws_calls.crash(when, nth):
                hear(receipted(case, bureau, kind="amendment"))
            if not aws_calls.crashed:
                break
            hear(receipted(case, bureau, kind="amendment"))
            assert in_order(table, case).count("agreement.amended") == 1
            assert get(f"/agreements/{case}", "office").body["edition"] == 2
    else:
        pytest.fail("there was always another write to die at")


def days_later(case: str) -> datetime:
    """Return the first moment after an agreement's last day."""
    return agreement_of_case(request_store().get(case)).ends_at + timedelta(seconds=1)


def test_the_sweep_warns_and_ends_what_is_due_once_and_leaves_the_rest(table: str) -> None:
    due, other = an_agreement(), played(an_agreement(), "requester fulfil")
    at = days_later(due)
    assert sweep.sweep(now()) == {"cases": 0, "steps": 0}
    assert sweep.sweep(at)["steps"] > 0
    assert agreement_of_case(request_store().get(due)).state == "ENDED"
    told = in_order(table, due)
    assert told.count("agreement.ended") == 1
    assert in_order(table, other).count("agreement.ended") == 1
    assert sweep.sweep(at)["steps"] == 0
    assert in_order(table, due) == told


def test_a_day_that_passes_twice_is_told_once_even_when_the_sweep_dies(table: str, aws_calls: Calls) -> None:
    case = an_agreement()
    agreement = agreement_of_case(request_store().get(case))
    assert agreement.clock is not None
    assert agreement.clock.due is not None
    late = agreement.clock.due.due_at + timedelta(seconds=1)
    for nth in (1, 2):
        with undone(table, case):
            with aws_calls.crash("after", nth):
                go_on(case, late)
            assert aws_calls.crashed
            go_on(case, late)
            told = in_order(table, case)
            assert told[1:3] == ["agreement.overdue", "agreement.non_performance_reported"]


def test_a_desk_holds_what_waits_and_no_more(table: str) -> None:
    case = played(an_agreement(), *SIGNED[:1])

    def desks() -> set[str]:
        return {str(item["desk"]) for item in items_of(table, case) if item["sk"].startswith("DESK#agreement#")}

    assert desks() == {WHO["requester"].organisation, WHO["provider"].organisation}
    played(case, SIGNED[1])
    assert desks() == {WHO["requester"].organisation}
    played(case, SIGNED[2])
    assert desks() == set()
    hear_receipts(case)
    played(case, "requester fulfil")
    assert desks() == {WHO["requester"].organisation}
    assert end_of(agreement_of_case(request_store().get(case)).terms.validity.valid_until) > now()
