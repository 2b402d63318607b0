"""Demands that wait: they stand on the desk of whom they wait for, and the sweep marks those whose day has passed.

Nothing is decided by time (S-010).
"""

from datetime import timedelta

import boto3
import pytest

from services.requests import demand_work, sweep
from services.requests.acts import Reasoned
from services.requests.demand import Backing, DemandAction
from services.requests.demand_steps import take
from services.requests.demand_store import demand_store
from services.shared.callers import SYSTEM, Caller, Claim
from services.shared.canonical import new_id, now
from services.shared.dynamo import item_of
from services.shared.errors import NotFound, Stale
from services.shared.lifecycle import Act
from tests.demand_routes import (
    DUTIES,
    FILER,
    OFFICE,
    OTHER,
    REASON,
    THIRD,
    TRIAGE,
    UNIT,
    WANTED,
    act,
    file,
    get,
    numbered,
    proposed,
    read,
    support,
    taken_up,
)
from tests.sharing import PROVIDER, a_request
from tests.stack import Calls, at_once
from tests.support import Reply, events_in

LONG = timedelta(days=60)  # past every due day of something that was made now


@pytest.fixture(autouse=True)
def table(data_stack: dict[str, str]) -> str:
    """The requests' table, empty."""
    return data_stack["RequestsTable"]


def desk(organisation: str) -> Reply:
    return get("/requests?awaiting=me", organisation)


def on_desk(organisation: str) -> list[str]:
    return [line["address"] for line in desk(organisation).body["items"]]


def timed(made: Reply) -> str:
    """Let a demand have a number, as where the city gives one, from the next word on it; return its id."""
    store = demand_store()
    before = store.get(made.body["id"]).record
    step = take(before, Act(DemandAction.SUPPORT, Backing(duty=DUTIES[OTHER]), officer(OTHER), now()))
    store.save_step(step._replace(record=numbered(step.record)), before)
    return before.id


def officer(organisation: str) -> Caller:
    return Caller(organisation=organisation, officer="o-1", claims=frozenset({Claim.OFFICER}))


def broken(table: str, kind: str) -> None:
    """Put something that is due for ever and cannot be read into the table."""
    item = {"pk": new_id(), "sk": f"STATE#{kind}", "version": 1, "record": "{}", "clock": kind}
    client = boto3.client("dynamodb")
    client.put_item(TableName=table, Item=item_of(item | {"due_at": "2020-01-01T00:00:00+00:00"}))


def marks(table: str) -> list[str]:
    return [event.case for event in events_in(table) if event.type == "demand.overdue"]


def test_a_demand_goes_from_desk_to_desk_and_leaves_them_when_it_ends() -> None:
    filed = file()
    here = f"/demands/{filed.body['id']}"
    assert (on_desk(OFFICE), on_desk(UNIT), on_desk(FILER)) == ([here], [], [])
    asked = act(filed, "triage", OFFICE, TRIAGE)
    assert (on_desk(OFFICE), on_desk(UNIT)) == ([], [here])
    elsewhere = act(asked, "triage", OFFICE, TRIAGE | {"unit": THIRD})
    assert (on_desk(OFFICE), on_desk(UNIT), on_desk(THIRD)) == ([], [], [here])
    taken = act(elsewhere, "take_up", THIRD)
    assert on_desk(THIRD) == [here]
    back = act(taken, "hand_back", THIRD, REASON)
    assert (on_desk(THIRD), on_desk(OFFICE)) == ([], [here])
    act(back, "decline", OFFICE, REASON)
    assert (on_desk(OFFICE), on_desk(UNIT), on_desk(THIRD)) == ([], [], [])


def test_a_merged_demand_leaves_the_desk_to_the_one_that_it_goes_on_as() -> None:
    one, other = file(), file()
    act(one, "merge", OFFICE, {"into": other.body["id"], "reason": "同一需求。"})
    assert on_desk(OFFICE) == [f"/demands/{other.body['id']}"]


def test_a_desk_says_what_is_wanted_how_many_wait_and_puts_the_urgent_first() -> None:
    file()
    support(file(WANTED | {"title": "急用"}), OTHER, urgent=True)
    seen = desk(OFFICE).body
    assert [line["title"] for line in seen["items"]] == ["急用", WANTED["title"]]
    assert seen["counts"] == {"demand": {"FILED": 2}}
    line = seen["items"][0]
    assert (line["kind"], line["state"], line["requester"], line["provider"]) == ("demand", "FILED", FILER, None)
    assert (line["party"], line["urgent"], line["overdue"]) == ("informatization_office", True, False)
    assert "需求处理" in line["zh"]
    assert line["clock"]["clock"] == "demand_triage"


def test_a_request_and_a_demand_lie_on_one_desk() -> None:
    request_id, _, _ = a_request("SUBMITTED")
    demand = act(file(), "triage", OFFICE, TRIAGE | {"unit": PROVIDER}).body["id"]
    assert set(on_desk(PROVIDER)) == {f"/requests/{request_id}", f"/demands/{demand}"}
    assert set(desk(PROVIDER).body["counts"]) == {"demand", "request"}


def test_a_day_that_has_passed_is_marked_and_stands_first_on_the_desk(table: str) -> None:
    late, calm = timed(file()), file().body["id"]
    assert sweep.sweep(now()) == {"cases": 0, "steps": 0}
    assert sweep.sweep(now() + LONG) == {"cases": 1, "steps": 1}
    seen = read(late).body
    assert (seen["state"], seen["overdue_since"]) == ("FILED", seen["due_at"])
    assert [(line["address"], line["overdue"]) for line in desk(OFFICE).body["items"]] == [
        (f"/demands/{late}", True),
        (f"/demands/{calm}", False),
    ]
    assert desk(OFFICE).body["items"][0]["zh"].startswith("已逾期")
    assert marks(table) == [late]


def test_a_unit_that_does_not_answer_is_late_and_the_office_may_ask_another(table: str) -> None:
    demand = timed(proposed())
    sweep.sweep(now() + LONG)
    late = read(demand, OFFICE)
    assert late.body["overdue_since"] is not None
    asked = act(late, "triage", OFFICE, TRIAGE | {"unit": THIRD})
    assert (asked.status, asked.body["overdue_since"]) == (200, None)
    assert on_desk(THIRD) == [f"/demands/{demand}"]


def test_what_is_marked_or_answered_is_not_due_again(table: str) -> None:
    marked, answered = timed(file()), timed(proposed())
    act(read(answered, UNIT), "take_up", UNIT)
    later = now() + LONG
    assert sweep.sweep(later)["cases"] == 1
    assert sweep.sweep(later + LONG) == {"cases": 0, "steps": 0}
    assert marks(table) == [marked]


def test_where_no_number_runs_nothing_is_ever_late(table: str) -> None:
    for made in (file, proposed, taken_up):
        made()
    assert sweep.sweep(now() + timedelta(days=3_650)) == {"cases": 0, "steps": 0}
    assert marks(table) == []


def test_one_run_takes_requests_and_demands(table: str) -> None:
    request_id, _, providing = a_request("SUBMITTED")
    demand = timed(file())
    assert sweep.sweep(now() + LONG) == {"cases": 2, "steps": 2}
    assert providing.get(f"/requests/{request_id}").body["overdue_since"] is not None
    assert marks(table) == [demand]


@pytest.mark.parametrize("kind", ["request", "demand"])
def test_what_fails_holds_up_no_demand_and_the_run_says_that_it_failed(kind: str, table: str) -> None:
    broken(table, kind)
    demands = {timed(file()), timed(proposed())}
    with pytest.raises(RuntimeError, match="1 cases"):
        sweep.sweep(now() + LONG)
    assert set(marks(table)) == demands


def test_a_demand_that_fails_holds_up_no_request(table: str) -> None:
    broken(table, "demand")
    request_id, _, providing = a_request("SUBMITTED")
    with pytest.raises(RuntimeError, match="1 cases"):
        sweep.sweep(now() + LONG)
    assert providing.get(f"/requests/{request_id}").body["overdue_since"] is not None


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_crash_while_marking_leaves_one_mark_after_the_next_run(when: str, aws_calls: Calls, table: str) -> None:
    demand = timed(file())
    with aws_calls.crash(when, 1):
        sweep.sweep(now() + LONG)
    assert aws_calls.crashed
    sweep.sweep(now() + LONG)
    assert marks(table) == [demand]


def test_of_many_runs_at_once_one_marks(table: str) -> None:
    demand, at = timed(file()), now() + LONG
    at_once(*[lambda: sweep.sweep(at)] * 4)
    assert marks(table) == [demand]


def test_a_mark_that_was_made_for_what_stood_before_is_refused(table: str) -> None:
    demand = timed(proposed())
    before = demand_store().get(demand).record
    mark = take(before, Act(DemandAction.MARK_OVERDUE, None, SYSTEM, now() + LONG))
    handed = take(before, Act(DemandAction.HAND_BACK, Reasoned.model_validate(REASON), officer(UNIT), now()))
    demand_store().save_step(handed, before)
    with pytest.raises(Stale):
        demand_store().save_step(mark, before)
    assert (on_desk(OFFICE), on_desk(UNIT), marks(table)) == ([f"/demands/{demand}"], [], [])


def test_the_sweep_takes_two_calls_for_a_demand_and_one_where_nothing_is_due(aws_calls: Calls) -> None:
    demand = timed(file())
    for at, expected in (
        (now() + LONG, ["Query", "TransactWriteItems"]),
        (now() + LONG, ["Query"]),
    ):
        aws_calls.clear()
        demand_work.go_on(demand, at)
        assert aws_calls.names == expected


def test_what_is_no_demand_does_not_go_on_as_one() -> None:
    with pytest.raises(NotFound):
        demand_work.go_on(new_id(), now())
