"""Data objections over HTTP, in memory: nothing is lost, done twice, or shown to others than whom it concerns."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta

import pytest

from services.requests.api import handler
from services.requests.objection import Action, Objection, State
from services.requests.objection_acts import Raised
from services.requests.objection_steps import next_of_the_objections, raise_step, take
from services.requests.store import request_store
from services.shared.canonical import canonical, new_id, now
from services.shared.errors import Stale
from services.shared.events import Event
from services.shared.lifecycle import Act
from tests.agreements import an_agreement
from tests.objections import (
    CODES,
    OBJECTION,
    OBJECTION_SAID,
    WHO,
    act,
    act_now,
    an_objection,
    bearer,
    get,
    post,
    raised,
)
from tests.routes import items_of
from tests.sharing import ITEMS, fresh_key
from tests.stack import CALLS, at_once, undone
from tests.standing import standing_stack
from tests.support import call

HERE = "/objections"


@pytest.fixture(scope="module")
def standing() -> Iterator[tuple[str, str]]:
    """A table with an agreement in force, made once."""
    with standing_stack() as stack:
        yield stack["RequestsTable"], an_agreement()


@pytest.fixture
def agreement(standing: tuple[str, str]) -> Iterator[str]:
    """The agreement's case; what a test changes in it is put back."""
    with undone(*standing):
        yield standing[1]


def types_in(case: str) -> list[str]:
    found = (item["event"] for item in items_of(request_store().table, case) if "event" in item)
    types = [Event.model_validate_json(event).type for event in found]
    return [name for name in types if name.startswith("objection.")]


def desks_in(case: str) -> set[str]:
    return {item["sk"] for item in items_of(request_store().table, case) if item["sk"].startswith("DESK#objection-")}


def test_an_objection_is_made_with_its_address_its_clock_and_whom_it_waits_for(agreement: str) -> None:
    made = raised(agreement)
    body = made.body
    assert (made.headers["location"], body["id"], body["agreement"]) == (
        f"{HERE}/{agreement}.1",
        f"{agreement}.1",
        agreement,
    )
    assert (body["state"], body["wrong"], body["items"]) == ("RAISED", OBJECTION["wrong"], [ITEMS[0]])
    assert body["awaiting"] == [{"party": "provider", "organisation": CODES["giving"]}]
    assert body["due_at"] == body["clock"]["due_at"]
    assert body["clock"]["clock"] == "correction"
    assert desks_in(agreement) == {f"DESK#objection-1#{CODES['giving']}"}


def test_a_desk_follows_whom_it_waits_for(agreement: str) -> None:
    an_objection(agreement, "ESCALATED")
    assert desks_in(agreement) == {f"DESK#objection-1#{CODES['group']}"}


def test_everything_wrong_is_told_at_once_and_writes_nothing(agreement: str) -> None:
    reply = raised(agreement, items=["不存在", ITEMS[0], ITEMS[0]])
    assert (reply.status, reply.pointers) == (422, ["/items/0", "/items/2"])
    shapeless = post(HERE, {"agreement": agreement, "items": [], "records": " ", "price": 1}, "asking")
    assert (shapeless.status, shapeless.pointers) == (422, ["/items", "/price", "/records", "/wrong"])
    unknown = raised(new_id())
    assert (unknown.status, unknown.pointers) == (422, ["/agreement"])
    assert types_in(agreement) == []


def test_an_id_that_could_be_none_is_not_found(agreement: str) -> None:
    path = an_objection(agreement)
    assert get(path, "asking").status == 200
    wrong = (agreement, f"{agreement}.", f"{agreement}.0", f"{agreement}.01", f"{agreement}.2", f"{agreement}.x")
    for name in (*wrong, f"{agreement}.1.1", f"{new_id()}.1", "x.1", f"{agreement.upper()}.1", f"{agreement}.²"):
        assert get(f"{HERE}/{name}", "asking").status == 404, name
        assert get(f"{HERE}/{name}/history", "asking").status == 404
        assert act(f"{HERE}/{name}", "withdraw", {}, "asking", etag='"1"').status == 404


def test_the_same_key_and_body_raise_one_objection_and_find_it_again(agreement: str) -> None:
    key, other = fresh_key(), fresh_key()
    first, second = raised(agreement, key=other), raised(agreement, key=key)
    act_now(f"{HERE}/{second.body['id']}", "verify", {}, "giving")
    again = raised(agreement, key=key)
    assert (again.status, again.body["id"], again.body["state"]) == (201, f"{agreement}.2", "VERIFYING")
    assert first.body["id"] == f"{agreement}.1"
    another = raised(agreement, key=key, wrong="另一处错误。")
    assert another.status == 422
    assert types_in(agreement).count("objection.raised") == 2


def test_a_change_needs_the_version_that_stands(agreement: str) -> None:
    path = an_objection(agreement)
    assert act(path, "verify", {}, "giving", etag='"1"').status == 412
    assert call(handler, "POST", f"{path}/verify", token=bearer("giving"), json={}).status == 428
    seen = get(path, "giving").etag
    won = act(path, "reject", OBJECTION_SAID["reject"], "giving", etag=seen)
    lost = act(path, "withdraw", {}, "asking", etag=seen)
    assert (won.status, lost.status) == (200, 412)
    assert get(path, "asking").body["state"] == "REJECTED"


def test_of_two_raised_at_the_same_moment_one_is_refused_and_may_come_again(agreement: str) -> None:
    store = request_store()
    case = store.get(agreement)
    said = Raised.model_validate(OBJECTION | {"agreement": agreement})
    steps = [raise_step(said, case, caller=WHO["asking"], at=now()) for _ in range(2)]
    outcomes = at_once(*(lambda step=step: store.save(step) for step in steps))
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType", "Stale"]
    assert raised(agreement).body["id"] == f"{agreement}.2"


def test_of_two_steps_decided_at_the_same_moment_the_slower_is_refused_by_the_table(agreement: str) -> None:
    an_objection(agreement)
    store = request_store()
    case = store.get(agreement)
    verified = take(case, "objection-1", Act(Action.VERIFY, None, WHO["giving"], now()))
    said = raise_step(
        Raised.model_validate(OBJECTION | {"agreement": case.request.id}), case, caller=WHO["asking"], at=now()
    )
    store.save(verified)
    with pytest.raises(Stale):  # the case has one sequence of events, whatever moves in it
        store.save(said)
    found = store.get(agreement).named("objection-1", Objection)
    assert found is not None
    assert found.state is State.VERIFYING


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("nth", [1, 2])
def test_a_crash_while_raising_leaves_one_objection_behind_after_the_retry(when: str, nth: int, agreement: str) -> None:
    key = fresh_key()
    with CALLS.crash(when, nth):
        raised(agreement, key=key)
    assert CALLS.crashed
    assert (raised(agreement, key=key).status, raised(agreement, key=key).body["id"]) == (201, f"{agreement}.1")
    assert types_in(agreement) == ["objection.raised"]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("nth", [1, 2])
def test_a_crash_in_a_step_loses_nothing_and_does_nothing_twice(when: str, nth: int, agreement: str) -> None:
    path = an_objection(agreement, "CORRECTING")
    seen = get(path, "giving").etag
    with CALLS.crash(when, nth):
        act(path, "correct", OBJECTION_SAID["correct"], "giving", etag=seen)
    assert CALLS.crashed
    retried = act(path, "correct", OBJECTION_SAID["correct"], "giving", etag=seen)
    assert retried.status == (412 if (when, nth) == ("after", 2) else 200)
    assert get(path, "asking").body["state"] == "CORRECTED"
    assert types_in(agreement).count("objection.corrected") == 1


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_crash_while_marking_what_is_overdue_is_made_good_by_the_next_sweep(when: str, agreement: str) -> None:
    path = an_objection(agreement, "VERIFYING")
    later = now() + timedelta(days=40)

    def sweep() -> None:
        store = request_store()
        step = next_of_the_objections(store.get(agreement), later)
        if step:
            store.save(step)

    with CALLS.crash(when, 1):
        sweep()
    assert CALLS.crashed
    sweep()
    shown = get(path, "asking").body
    assert (shown["state"], shown["overdue_since"], shown["awaiting"][0]["party"]) == (
        "VERIFYING",
        shown["due_at"],
        "provider",
    )
    assert types_in(agreement).count("objection.overdue") == 1


def test_what_was_written_is_read_by_who_was_told_and_proves_its_hash(agreement: str) -> None:
    path = an_objection(agreement, "COORDINATION")
    lines = get(f"{path}/history", "asking").body["items"]
    first, last = lines[0], lines[-1]
    opened = get(first["payload"], "giving").body
    assert opened["content"]["records"] == OBJECTION["records"]
    recomputed = hashlib.sha256(bytes.fromhex(opened["salt"]) + canonical(opened["content"])).hexdigest()
    assert recomputed == opened["sha256"] == first["event"]["payload_sha256"]
    assert first["payload"].startswith(f"{path}/payloads/")
    assert get(last["payload"], "office").body["content"] == OBJECTION_SAID["coordinate"]
    statuses = {
        who: get(first["payload"], who).status for who in ("office", "supervision", "stranger", "group", "anonymous")
    }
    assert statuses == {"office": 404, "supervision": 404, "stranger": 404, "group": 404, "anonymous": 401}
    assert get(f"{path}/payloads/{new_id()}", "asking").status == 404


def test_reads_cost_two_calls_at_most_and_raising_three(agreement: str) -> None:
    path = an_objection(agreement)
    costs = {}
    for name in ("", "/history"):
        CALLS.clear()
        get(f"{path}{name}", "asking")
        costs[name] = len(CALLS.names)
    CALLS.clear()
    get(HERE, "asking")
    costs["list"] = len(CALLS.names)
    CALLS.clear()
    raised(agreement, key=fresh_key())
    assert costs | {"raise": len(CALLS.names)} == {"": 1, "/history": 2, "list": 1, "raise": 3}


def test_lists_show_each_side_its_own_and_the_offices_what_stands_in_a_state(agreement: str) -> None:
    opened, escalated, rejected = (
        an_objection(agreement, story).rpartition("/")[2] for story in ("COORDINATION", "ESCALATED", "REJECTED")
    )

    def listed(query: str, who: str) -> list[str]:
        return [line["id"] for line in get(f"{HERE}?{query}", who).body["items"]]

    assert listed("", "asking") == listed("as=provider", "giving") == [rejected, escalated, opened]
    assert listed("as=provider", "asking") == listed("", "giving") == listed("", "stranger") == []
    assert listed("state=COORDINATION", "office") == listed("state=COORDINATION", "supervision") == [escalated, opened]
    assert listed("state=COORDINATION", "group") == [escalated]
    assert listed("state=RAISED", "office") == []
    assert get(f"{HERE}?state=REJECTED", "giving").status == 403
    both = get(f"{HERE}?state=REJECTED&as=provider", "office")
    assert (both.status, both.pointers) == (422, ["/query/state"])
    assert get(HERE, "anonymous").status == 401
    first = get(f"{HERE}?limit=2", "asking").body
    second = get(f"{HERE}?limit=2&next={first['next']}", "asking").body
    assert [line["id"] for line in first["items"] + second["items"]] == [rejected, escalated, opened]
    assert second["next"] is None


def test_history_is_of_the_one_objection_and_for_those_who_see_it(agreement: str) -> None:
    other, path = an_objection(agreement, "REJECTED"), an_objection(agreement, "ESCALATED")
    for who in ("asking", "giving", "office", "supervision", "group"):
        events = [line["event"] for line in get(f"{path}/history", who).body["items"]]
        assert [event["type"] for event in events] == [
            "objection.raised",
            "objection.rejected",
            "objection.coordination_opened",
            "objection.coordination_escalated",
        ]
        assert {event["body"]["number"] for event in events} == {2}
    assert len(get(f"{other}/history", "asking").body["items"]) == 2
    assert get(f"{other}/history", "group").status == 404
