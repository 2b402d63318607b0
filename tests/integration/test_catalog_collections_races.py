"""Many at the same time, and a death in the middle: one collector for one item and ground, and never half a step."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.catalog import sweep
from services.catalog.claims_store import book_of, claim_writes
from services.catalog.collection import HOLDING, Action, Collection, State
from services.catalog.collection_acts import BODIES
from services.catalog.collection_claims import claim_of
from services.catalog.collection_statement import CollectionDraft
from services.catalog.collection_steps import Change
from services.catalog.collection_store import CollectionStore, collection_store
from services.shared.callers import Caller, Claim
from services.shared.canonical import now
from services.shared.catalog_bodies import CollectionMoved
from services.shared.dynamo import dynamodb, write
from services.shared.errors import Conflict
from services.shared.events import Origin, event_of
from services.shared.lifecycle import Act, Done, Party
from services.shared.organisations import organisations
from services.shared.steps import step_of
from services.shared.working_days import day_in_beijing
from tests.collecting import (
    COMMENT,
    GROUP,
    OFFICE,
    POLICE,
    REVOCATION,
    SCHOOLS,
    STATISTICS,
    TAX,
    act,
    act_now,
    applied,
    coordinated,
    create,
    designated,
    done,
    published,
    read,
    settle,
    statement,
    under_review,
)
from tests.filing import at_call
from tests.stack import Calls, at_once
from tests.support import Reply, events_in

MANY = 50
NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
POSITION = {"position": "本单位依法采集。"}


@pytest.fixture(autouse=True)
def table(data_stack: dict[str, str]) -> str:
    """The catalogue's table, empty."""
    return data_stack["CatalogTable"]


def moving(case: str, action: Action, organisation: str, **body: Any) -> Callable[[], Collection]:
    """Return an act on a case as it stands now; a function answers one request at a time, so the store is asked."""
    store = collection_store()
    caller = Caller(organisation=organisation, officer=f"o-{organisation}", claims=frozenset({Claim.OFFICER}))
    act = Act(action, BODIES[action].model_validate(body), caller, now())
    seen = store.get(case).record
    return lambda: store.move(seen, act)


def half_approved(store: CollectionStore, unit: str) -> Reply:
    """Return a case under review with the office's key, written as it is: no path lets so many come there."""
    said = CollectionDraft.model_validate(statement(POLICE)).kept()
    key = Done(action="approve", party=Party.OFFICE, officer="o-office", at=NOON)
    same = {"version": 1, "case_seq": 1, "changed_at": NOON, "since": NOON, "applied_at": NOON, "done": (key,)}
    case = Collection(id=f"case-{unit}", state=State.JOINT_REVIEW, unit=unit, statement=said, **same)
    body = CollectionMoved(
        state=case.state, unit=unit, title=case.title, basic_class=None, areas=(), edition=1, statement_hash=""
    )
    step = step_of(case, event_of("collection.applied", body, Origin(case.id, 1, unit, "o-1", NOON)))
    write([*store.writes(step, {}), *claim_writes(store.table, Change(None, step))])
    return read(case.id, OFFICE)


def all_in_order(table: str) -> list[Collection]:
    """Return every case, once it is seen that the books say what the cases say, and that nobody doubles a collector."""
    store = collection_store()
    cases = [store.get(case).record for case in sorted({event.case for event in events_in(table)} - checks(table))]
    for key in {case.statement.item_key for case in cases}:
        book, own = book_of(table, key), [case for case in cases if case.statement.item_key == key]
        assert sorted(book.claims, key=str) == sorted(filter(None, map(claim_of, own)), key=str)
        holders = {case.id: case for case in own if case.state in HOLDING}
        held = Counter(district for case in holders.values() for district in case.ground)
        heirs = set(book.heirs.values())
        assert set(book.held) == set(held)
        assert set(book.held.values()) | heirs == set(holders)
        assert all(book.held[d] in holders and d in holders[book.held[d]].ground for d in book.held)
        published_ground = Counter(d for c in holders.values() if c.state is State.PUBLISHED for d in c.ground)
        assert all(times == 1 for times in published_ground.values())
    return cases


def checks(table: str) -> set[str]:
    return {event.case for event in events_in(table) if event.type.startswith("check.")}


def test_of_fifty_designations_of_one_item_at_once_one_is_made_and_the_others_are_told_whose(table: str) -> None:
    store = collection_store()
    units = [*organisations()][:MANY]
    cases = [half_approved(store, unit) for unit in units]
    made = at_once(*(moving(case.body["id"], Action.APPROVE, STATISTICS, **COMMENT) for case in cases))
    assert Counter(map(type, made)) == {Collection: 1, Conflict: MANY - 1}
    (winner,) = [case for case in made if isinstance(case, Collection)]
    assert winner.state is State.DESIGNATED
    assert all(winner.unit in refusal.detail for refusal in made if isinstance(refusal, Conflict))
    assert [c.id for c in all_in_order(table) if c.state is State.DESIGNATED] == [winner.id]


def test_claims_made_at_the_same_moment_all_see_each_other(table: str) -> None:
    drafts = [create(unit) for unit in (POLICE, TAX, SCHOOLS, "110101", "110102", "110105", "110106", "110107")]
    made = at_once(*(moving(draft.body["id"], Action.APPLY, draft.body["unit"]) for draft in drafts))
    assert {case.state for case in made if isinstance(case, Collection)} == {State.APPLIED}
    assert len(made) == len([case for case in made if isinstance(case, Collection)])
    ids = {draft.body["id"] for draft in drafts}
    for case in ids:
        assert {rival["id"] for rival in read(case, OFFICE).body["case"]["rivals"]} == ids - {case}
        assert act_now(case, "start_review", OFFICE).status == 422
    all_in_order(table)


def test_a_review_does_not_begin_when_somebody_claims_the_item_just_before(table: str) -> None:
    first, second = applied(), create(TAX)
    with at_call("dynamodb", "TransactWriteItems", lambda: done(act(second, "apply", TAX))):
        refused = act(first, "start_review", OFFICE)
    assert refused.status == 422
    assert second.body["id"] in refused.body["errors"][0]["detail"]
    assert {case.state for case in all_in_order(table)} == {State.APPLIED}


def test_a_settlement_does_not_pass_over_who_joins_just_before(table: str) -> None:
    first, second = coordinated(POLICE, TAX)
    late = applied(SCHOOLS)
    with at_call("dynamodb", "TransactWriteItems", lambda: done(act(late, "open_coordination", OFFICE))):
        refused = settle(first, designated=second)
    assert (refused.status, late.body["id"] in refused.body["errors"][0]["detail"]) == (422, True)
    assert {case.state for case in all_in_order(table)} == {State.COORDINATION}


def test_of_two_settlements_at_once_one_stands(table: str) -> None:
    first, second = coordinated(POLICE, TAX)
    made = at_once(*(moving(case, Action.SETTLE, OFFICE, designated=case, reason="职责") for case in (first, second)))
    assert len([case for case in made if isinstance(case, Collection)]) == 1
    assert sorted(case.state for case in all_in_order(table)) == [State.DESIGNATED, State.REDIRECTED]


def test_a_settlement_and_a_withdrawal_at_once_leave_one_decision_for_each(table: str) -> None:
    first, second = coordinated(POLICE, TAX)
    settlement = moving(first, Action.SETTLE, OFFICE, designated=first, reason="一数一源。")
    settled, withdrawn = at_once(settlement, moving(second, Action.WITHDRAW, TAX))
    states = {case.id: case.state for case in all_in_order(table)}
    assert isinstance(settled, Collection)
    assert states[first] is State.DESIGNATED
    assert states[second] is (State.WITHDRAWN if isinstance(withdrawn, Collection) else State.REDIRECTED)


def test_registrations_at_once_take_numbers_without_gap_or_double(table: str) -> None:
    ready = [designated(item=f"信息{number}").body["id"] for number in range(12)]
    made = at_once(*(moving(case, Action.REGISTER, OFFICE) for case in ready))
    numbers = sorted(case.number for case in made if isinstance(case, Collection) and case.number)
    assert [number[-6:] for number in numbers] == [f"{number:06}" for number in range(1, 13)]
    all_in_order(table)


def test_a_successor_is_designated_or_its_predecessor_revoked_and_the_ground_is_never_nobodys(table: str) -> None:
    duty = published()
    heir = done(act(under_review(TAX, succeeds=duty.body["id"]), "approve", OFFICE, COMMENT))
    with at_call("dynamodb", "TransactWriteItems", lambda: done(act(duty, "revoke", OFFICE, REVOCATION))):
        named = done(act(heir, "approve", STATISTICS, COMMENT))
    assert {case.state for case in all_in_order(table)} == {State.REVOKED, State.DESIGNATED}
    assert done(act(named, "register", OFFICE)).body["state"] == "REGISTERED"


def test_a_revocation_just_after_a_successors_designation_hands_the_ground_over(table: str) -> None:
    duty = published()
    heir = done(act(under_review(TAX, succeeds=duty.body["id"]), "approve", OFFICE, COMMENT))
    with at_call("dynamodb", "TransactWriteItems", lambda: done(act(heir, "approve", STATISTICS, COMMENT))):
        done(act(duty, "revoke", OFFICE, REVOCATION))
    all_in_order(table)
    assert done(act_now(heir.body["id"], "register", OFFICE)).body["state"] == "REGISTERED"


def test_two_sweeps_at_once_end_a_duty_once(table: str) -> None:
    published(valid_until=day_in_beijing(datetime.now(UTC)).isoformat())
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    with at_call("dynamodb", "TransactWriteItems", lambda: sweep.sweep(tomorrow)):
        assert sweep.sweep(tomorrow) == {"collection.expire": 0}
    assert [event.type for event in events_in(table)].count("collection.expired") == 1
    assert {case.state for case in all_in_order(table)} == {State.EXPIRED}


def test_a_case_that_cannot_be_swept_does_not_hold_up_the_others_and_fails_the_run(table: str) -> None:
    today = day_in_beijing(datetime.now(UTC)).isoformat()
    first, second = (published(item=f"信息{number}", valid_until=today) for number in range(2))
    break_record(table, first.body["id"])
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    with pytest.raises(RuntimeError, match="1 cases"):
        sweep.sweep(tomorrow)
    assert read(second.body["id"]).body["state"] == "EXPIRED"


def break_record(table: str, case: str) -> None:
    dynamodb().update_item(
        TableName=table,
        Key={"pk": {"S": case}, "sk": {"S": "STATE#collection"}},
        UpdateExpression="SET #record = :broken",
        ExpressionAttributeNames={"#record": "record"},
        ExpressionAttributeValues={":broken": {"S": "{}"}},
    )


def opening() -> tuple[Callable[[], Reply], set[State]]:
    first = applied()
    applied(TAX)
    return lambda: act_now(first.body["id"], "open_coordination", OFFICE), {State.COORDINATION}


def settling() -> tuple[Callable[[], Reply], set[State]]:
    first, _ = coordinated(POLICE, TAX)
    return lambda: settle(first, designated=first), {State.DESIGNATED, State.REDIRECTED}


def ruling() -> tuple[Callable[[], Reply], set[State]]:
    first, _ = coordinated(POLICE, TAX)
    done(act_now(first, "escalate", OFFICE, {"docket": "议题"}))
    body = {"designated": first, "reason": "一数一源。", "meeting": "第3次会议"}
    return lambda: act_now(first, "rule", GROUP, body), {State.DESIGNATED, State.REDIRECTED}


def transferring() -> tuple[Callable[[], Reply], set[State]]:
    duty = published()
    heir = {"successor": designated(TAX, succeeds=duty.body["id"]).body["id"]}
    done(act(duty, "transfer", OFFICE, heir))
    return lambda: act_now(duty.body["id"], "transfer", STATISTICS, heir), {State.TRANSFERRED}


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("nth", [1, 2, 3])
@pytest.mark.parametrize("prepare", [opening, settling, ruling, transferring])
def test_a_death_at_any_write_leaves_all_cases_before_the_step_or_all_after_it(
    prepare: Callable[[], tuple[Callable[[], Reply], set[State]]], nth: int, when: str, table: str, aws_calls: Calls
) -> None:
    step, after = prepare()
    before = {case.id: case.version for case in all_in_order(table)}
    with aws_calls.crash(when, nth):
        step()
    left = {case.id: case for case in all_in_order(table)}
    moved = {case.state for case in left.values() if case.version != before[case.id]}
    assert moved in (set(), after)
    if not moved:
        done(step())
        assert {case.state for case in all_in_order(table) if case.version != before[case.id]} == after
