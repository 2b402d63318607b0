"""Demands over HTTP (S-010, S-011): filed where the catalogue has nothing, ranked by who wants them, and followed."""

from collections.abc import Callable
from itertools import count
from typing import Any

import boto3
import pytest

from services.requests.acts import Nothing
from services.requests.api import handler
from services.requests.demand import Backing, Demand, DemandAction, DemandState, Merge, Triage
from services.requests.demand_steps import take
from services.requests.demand_store import demand_store
from services.requests.entry import Entry
from services.shared.callers import Caller, Claim
from services.shared.canonical import new_id, now
from services.shared.dynamo import item_of
from services.shared.errors import GovShareError, Invalid, Stale
from services.shared.lifecycle import Act
from services.shared.steps import Step
from tests.demand_routes import (
    DUTIES,
    FILER,
    OFFICE,
    OTHER,
    REASON,
    ROLES,
    STATISTICS,
    STRANGER,
    THIRD,
    TRIAGE,
    UNIT,
    URGENT,
    WANTED,
    act,
    file,
    get,
    good_writes,
    history,
    proposed,
    read,
    support,
    taken_up,
)
from tests.routes import CALLERS, Sent, Write, items_of
from tests.stack import Calls, at_once
from tests.support import Reply, call, events_in, token

KEY = "key-0001"
BUREAUS = ("secrecy_bureau", "supervision_bureau", "archives_bureau", "leading_group", STATISTICS)
HEAD, *ROWS = ROLES.strip("\n").splitlines()
CELLS = [
    (" ".join(row.split()[:2]), caller, int(status))
    for row in ROWS
    for caller, status in zip(HEAD.split(), row.split()[2:], strict=True)
]


@pytest.fixture(autouse=True)
def table(data_stack: dict[str, str]) -> str:
    """The requests' table, empty."""
    return data_stack["RequestsTable"]


def by(sent: Sent, caller: str) -> Reply:
    """Send a request as one of CALLERS."""
    named = CALLERS[caller]
    headers = {"If-Match": sent.etag} if sent.etag else {}
    return call(
        handler, sent.method, sent.path, token=token(*named) if named else None, json=sent.json, headers=headers
    )


def spoilt(write: Write, raw: str) -> Reply:
    """Send a request that would succeed with another body."""
    headers = {"If-Match": write.sent.etag} if write.sent.etag else {}
    bearer = token(*CALLERS[write.caller])
    return call(handler, write.sent.method, write.sent.path, token=bearer, raw=raw, headers=headers)


def titles(query: str = "", organisation: str = STRANGER) -> list[str]:
    reply = get(f"/demands{query}", organisation)
    assert reply.status == 200, reply.body
    return [line["title"] for line in reply.body["items"]]


def called(title: str) -> Reply:
    return file(WANTED | {"title": title})


def an_entry(table: str, *, published: bool = True) -> str:
    """Let the service know of an entry of the catalogue; return its id."""
    entry = Entry(
        id=new_id(),
        case_seq=1,
        published=published,
        provider=UNIT,
        title="居住小区充电桩",
        share_type="CONDITIONAL",
        legacy=False,
        items=(),
    )
    item = {"pk": f"RESOURCE#{entry.id}", "sk": "ENTRY", "entry": entry.model_dump_json(), "heard": 1}
    boto3.client("dynamodb").put_item(TableName=table, Item=item_of(item))
    return entry.id


def officer(organisation: str) -> Caller:
    return Caller(organisation=organisation, officer=f"o-{organisation}", claims=frozenset({Claim.OFFICER}))


def step_of(demand_id: str, action: DemandAction, organisation: str, body: Any) -> tuple[Step[Demand], Demand]:
    """Return the step that an act on the demand as it stands now would write, and that demand."""
    stands = demand_store().get(demand_id).record
    return take(stands, Act(action, body, officer(organisation), now())), stands


def saving(step: tuple[Step[Demand], Demand]) -> Callable[[], None]:
    return lambda: demand_store().save_step(*step)


def types(table: str) -> list[str]:
    return [event.type for event in events_in(table)]


def test_a_demand_goes_from_one_department_to_an_entry_of_the_catalogue(table: str) -> None:
    filed = file()
    assert (filed.status, filed.etag, filed.headers["location"]) == (201, '"1"', f"/demands/{filed.body['id']}")
    assert (filed.body["state"], filed.body["requester"], filed.body["count"]) == ("FILED", FILER, 1)
    assert filed.body["awaiting"] == [{"party": "informatization_office", "organisation": OFFICE}]
    supported = support(filed, OTHER, urgent=True)
    assert (supported.status, supported.body["count"], supported.body["urgent"]) == (200, 2, 1)
    asked = act(supported, "triage", OFFICE, TRIAGE)
    assert asked.body["awaiting"] == [{"party": "provider", "organisation": UNIT}]
    taken = act(asked, "take_up", UNIT)
    entry = an_entry(table)
    done = act(taken, "meet", UNIT, {"resource": entry})
    assert (done.status, done.body["state"], done.body["resource"]) == (200, "MET", entry)
    assert (done.body["awaiting"], done.body["actions"], done.body["due_at"]) == ([], [], None)
    assert types(table) == ["demand.filed", "demand.supported", "demand.proposed", "demand.taken_up", "demand.met"]


def test_everybody_with_a_token_sees_the_same_demand_and_their_own_actions() -> None:
    demand = support(file(WANTED | {"urgency": URGENT}), OTHER, urgent=True).body["id"]
    seen = {who: read(demand, who).body for who in (FILER, OTHER, THIRD, UNIT, OFFICE, STRANGER, *BUREAUS)}
    bare = [{name: value for name, value in body.items() if name != "actions"} for body in seen.values()]
    assert all(body == bare[0] for body in bare)
    assert [(claim["organisation"], claim["reason"]) for claim in bare[0]["urgencies"]] == [
        (FILER, URGENT["reason"]),
        (OTHER, URGENT["reason"]),
    ]
    assert seen[FILER]["actions"] == ["revise"]  # another supports it: it is not withdrawn
    assert (seen[OTHER]["actions"], seen[STRANGER]["actions"], seen[THIRD]["actions"]) == ([], [], ["support"])
    assert seen[OFFICE]["actions"] == ["support", "triage", "decline", "merge", "meet"]
    assert read(demand, None).status == 401


def test_the_list_has_what_most_want_first_then_the_urgent_then_what_waits_longest() -> None:
    called("先来")
    called("后到")
    support(called("两家要"), OTHER)
    support(called("两家要且急"), OTHER, urgent=True)
    support(support(called("三家要"), OTHER), THIRD)
    expected = ["三家要", "两家要且急", "两家要", "先来", "后到"]
    assert titles() == titles("?state=FILED", OFFICE) == expected
    first = get("/demands?limit=2", STRANGER).body
    rest = get(f"/demands?limit=9&next={first['next']}", STRANGER).body
    assert [line["title"] for page in (first, rest) for line in page["items"]] == expected
    assert rest["next"] is None


def test_the_list_is_of_one_state_or_of_the_callers_own(table: str) -> None:
    called("待办")
    asked = act(called("已转"), "triage", OFFICE, TRIAGE)
    act(called("不办"), "decline", OFFICE, REASON)
    file(WANTED | {"title": "别家的"}, OTHER)
    assert titles("?state=PROPOSED") == ["已转"]
    assert titles("?state=DECLINED") == ["不办"]
    assert titles("?state=MERGED") == []
    assert titles() == ["待办", "别家的"]
    act(asked, "take_up", UNIT)
    assert titles("?as=requester", FILER) == ["已转", "不办", "待办"]
    assert titles("?as=requester", OTHER) == ["别家的"]
    assert titles("?as=requester", STRANGER) == []


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("?state=NOWHERE", "/query/state"),
        ("?as=provider", "/query/as"),
        ("?as=requester&state=FILED", "/query/state"),
        ("?limit=0", "/query/limit"),
        ("?next=nonsense", "/query/next"),
    ],
)
def test_a_list_that_there_is_not_is_pointed_at(query: str, pointer: str) -> None:
    reply = get(f"/demands{query}", OFFICE)
    assert (reply.status, reply.pointers) == (422, [pointer])


def test_a_page_of_one_list_is_no_page_of_another() -> None:
    for _ in range(2):
        file()
    ranked, own = (get(f"/demands?limit=1{more}").body["next"] for more in ("", "&as=requester"))
    assert get(f"/demands?as=requester&next={ranked}").status == 422
    assert get(f"/demands?next={own}").status == 422
    assert get(f"/demands?state=PROPOSED&next={ranked}").status == 422


def test_a_demand_whose_filer_revises_it_keeps_its_supporters_and_its_place() -> None:
    demand = support(called("旧称"), OTHER)
    revised = act(demand, "revise", FILER, WANTED | {"title": "新称"})
    assert (revised.body["wanted"]["title"], revised.body["count"]) == ("新称", 2)
    assert titles() == ["新称"]
    assert demand.body["filed_at"] == revised.body["filed_at"] < revised.body["revised_at"]


def test_a_unit_may_hand_back_what_it_was_asked_and_even_what_it_took_up() -> None:
    for asked in (proposed(), taken_up()):
        back = act(asked, "hand_back", UNIT, REASON)
        assert (back.body["state"], back.body["handed_back"]["reason"]) == ("FILED", REASON["reason"])
        assert act(back, "take_up", UNIT).status == 409
        assert act(back, "triage", OFFICE, TRIAGE | {"unit": THIRD}).body["proposal"]["unit"] == THIRD


def test_withdrawing_what_others_support_is_refused_and_says_so(table: str) -> None:
    demand = support(file(), OTHER)
    refused = act(demand, "withdraw", FILER, REASON)
    assert refused.status == 409
    assert "others support this (1)" in refused.body["detail"]
    assert act(file(), "withdraw", FILER, REASON).body["state"] == "WITHDRAWN"


def test_a_demand_goes_on_as_another_that_has_not_ended(table: str) -> None:
    one, other, ended = file(), file(), act(file(), "decline", OFFICE, REASON)
    for into in (new_id(), ended.body["id"], one.body["id"]):
        refused = act(one, "merge", OFFICE, {"into": into, "reason": "同一需求。"})
        assert (refused.status, refused.pointers) == (422, ["/into"])
    merged = act(one, "merge", OFFICE, {"into": other.body["id"], "reason": "同一需求。"})
    assert (merged.body["state"], merged.body["merged_into"]) == ("MERGED", other.body["id"])
    assert read(other.body["id"]).etag == other.etag  # the other is not touched
    refused = act(other, "merge", OFFICE, {"into": one.body["id"], "reason": "同一需求。"})
    assert (refused.status, refused.pointers) == (422, ["/into"])


@pytest.mark.parametrize("heard", [None, False])
def test_a_demand_is_not_met_by_an_entry_that_is_not_there(heard: bool | None, table: str) -> None:
    entry = new_id() if heard is None else an_entry(table, published=heard)
    refused = act(taken_up(), "meet", UNIT, {"resource": entry})
    assert (refused.status, refused.pointers) == (422, ["/resource"])


def test_the_office_ends_a_demand_whose_entry_has_come_by_another_way(table: str) -> None:
    entry = an_entry(table)
    for demand in (file(), proposed(), taken_up()):
        assert act(demand, "meet", OFFICE, {"resource": entry}).body["state"] == "MET"


def test_the_same_key_makes_one_demand_and_another_body_is_refused(table: str) -> None:
    first, again = file(key=KEY), file(key=KEY)
    assert (again.status, again.body, again.headers["location"]) == (201, first.body, first.headers["location"])
    assert file(WANTED | {"title": "另一个"}, key=KEY).status == 422
    assert file(organisation=OTHER, key=KEY).body["id"] != first.body["id"]  # a key is its organisation's own
    assert types(table) == ["demand.filed", "demand.filed"]


def test_of_many_filings_with_one_key_at_once_one_is_made(table: str) -> None:
    replies = at_once(*[lambda: file(key=KEY)] * 6)
    made = {reply.body["id"] for reply in replies if isinstance(reply, Reply) and reply.status == 201}
    assert len(made) == 1
    assert types(table) == ["demand.filed"]


def test_of_two_supports_on_one_reading_the_second_is_412_and_counts_when_it_comes_again(table: str) -> None:
    filed = file()
    assert support(filed, OTHER).status == 200
    late = support(filed, THIRD)
    assert (late.status, late.body["title"]) == (412, "Stale")
    assert support(read(filed.body["id"]), THIRD).body["count"] == 3
    assert types(table) == ["demand.filed", "demand.supported", "demand.supported"]


def test_of_supports_at_the_same_moment_each_is_told_and_none_is_lost(table: str) -> None:
    demand = file().body["id"]
    backers = [OTHER, THIRD, UNIT, OFFICE, STATISTICS]
    waiting, rounds = set(backers), count()
    while waiting:
        assert next(rounds) < len(backers)
        steps = {who: step_of(demand, DemandAction.SUPPORT, who, Backing(duty=DUTIES[who])) for who in sorted(waiting)}
        outcomes = dict(zip(steps, at_once(*map(saving, steps.values())), strict=True))
        assert all(outcome is None or isinstance(outcome, Stale) for outcome in outcomes.values())
        done = {who for who, outcome in outcomes.items() if outcome is None}
        assert len(done) == 1
        waiting -= done
    seen = read(demand).body
    assert sorted(each["organisation"] for each in seen["supporters"]) == sorted(backers)
    assert (seen["count"], seen["version"]) == (6, 6)
    assert types(table).count("demand.supported") == 5


def test_a_second_support_of_one_organisation_is_refused_whoever_sends_it(table: str) -> None:
    demand = support(file(), OTHER)
    again = support(demand, OTHER)
    assert again.status == 409
    assert "counts once" in again.body["detail"]
    assert read(demand.body["id"]).body["count"] == 2


def test_of_two_demands_merged_into_each_other_at_once_one_goes_on() -> None:
    one, other = file().body["id"], file().body["id"]
    steps = [
        step_of(here, DemandAction.MERGE, OFFICE, Merge(into=there, reason="x"))
        for here, there in ((one, other), (other, one))
    ]
    outcomes = at_once(*map(saving, steps))
    refused = [outcome for outcome in outcomes if isinstance(outcome, GovShareError)]
    assert [type(refusal) for refusal in refused] in ([Invalid], [Stale])
    assert sorted(read(demand).body["state"] for demand in (one, other)) == ["FILED", "MERGED"]


def test_a_support_that_was_written_for_what_stood_before_is_refused(table: str) -> None:
    demand = file().body["id"]
    asked = step_of(demand, DemandAction.TRIAGE, OFFICE, Triage.model_validate(TRIAGE))
    supported = step_of(demand, DemandAction.SUPPORT, OTHER, Backing(duty=DUTIES[OTHER]))
    demand_store().save_step(*asked)
    with pytest.raises(Stale):
        demand_store().save_step(*supported)
    assert read(demand).body["count"] == 1
    assert types(table) == ["demand.filed", "demand.proposed"]


def test_the_same_step_is_not_written_twice(table: str) -> None:
    taken = step_of(proposed().body["id"], DemandAction.TAKE_UP, UNIT, Nothing())
    demand_store().save_step(*taken)
    with pytest.raises(Stale):
        demand_store().save_step(*taken)
    assert types(table).count("demand.taken_up") == 1


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("nth", [1, 2])
def test_a_crash_while_filing_leaves_one_demand_when_it_is_sent_again(
    when: str, nth: int, aws_calls: Calls, table: str
) -> None:
    with aws_calls.crash(when, nth):
        file(key=KEY)
    assert aws_calls.crashed
    again = file(key=KEY)
    assert again.status == 201
    assert [line["id"] for line in get("/demands").body["items"]] == [again.body["id"]]
    assert types(table) == ["demand.filed"]
    opened = get(history(again)[0]["payload"]).body
    assert opened["content"]["purpose"] == WANTED["purpose"]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("nth", [1, 2])
def test_a_crash_in_an_act_leaves_all_of_it_or_nothing(when: str, nth: int, aws_calls: Calls, table: str) -> None:
    filed = file()
    with aws_calls.crash(when, nth):
        act(filed, "triage", OFFICE, TRIAGE)
    assert aws_calls.crashed
    stands = read(filed.body["id"], OFFICE)
    assert stands.body["state"] == ("PROPOSED" if (when, nth) == ("after", 2) else "FILED")
    again = act(filed, "triage", OFFICE, TRIAGE)
    assert again.status == (412 if stands.body["state"] == "PROPOSED" else 200)
    assert types(table) == ["demand.filed", "demand.proposed"]
    assert get(history(filed)[-1]["payload"]).body["content"] == TRIAGE


def test_a_crash_while_merging_leaves_both_or_one(aws_calls: Calls, table: str) -> None:
    one, other = file(), file()
    with aws_calls.crash("before", 2):
        act(one, "merge", OFFICE, {"into": other.body["id"], "reason": "x"})
    assert aws_calls.crashed
    assert types(table) == ["demand.filed", "demand.filed"]
    assert act(one, "merge", OFFICE, {"into": other.body["id"], "reason": "x"}).body["state"] == "MERGED"


def test_history_and_what_was_written_are_read_by_those_concerned() -> None:
    asked = act(support(file(), OTHER, urgent=True), "triage", OFFICE, TRIAGE)
    kinds = {
        who: [line["event"]["type"] for line in history(asked, who)]
        for who in (FILER, OFFICE, OTHER, UNIT, THIRD, STRANGER)
    }
    whole = ["demand.filed", "demand.supported", "demand.proposed"]
    assert kinds == {FILER: whole, OFFICE: whole, OTHER: whole[1:], UNIT: whole[2:], THIRD: [], STRANGER: []}
    filed, supported, last = (line["payload"] for line in history(asked))
    assert get(supported, OTHER).body["content"]["urgency"] == URGENT
    assert (get(filed, OTHER).status, get(last, UNIT).status, get(last, THIRD).status) == (404, 200, 404)
    opened = get(last, UNIT).body
    assert opened["sha256"] == history(asked)[-1]["event"]["payload_sha256"]


def test_a_case_of_another_kind_is_no_demand(table: str) -> None:
    demand = file().body["id"]
    other = new_id()
    state = next(each for each in items_of(table, demand) if each["sk"] == "STATE#demand")
    put = {"pk": other, "sk": "STATE#request", "version": 1, "record": state["record"]}
    boto3.client("dynamodb").put_item(TableName=table, Item=item_of(put))
    assert (read(other).status, get(f"/demands/{other}/history").status) == (404, 404)
    assert read(new_id()).status == get(f"/demands/{new_id()}/history").status == 404
    assert get(f"/requests/{demand}").status == 404


@pytest.mark.parametrize("action", ["file", "explode", "mark_overdue", "SUPPORT", "support%20"])
def test_an_action_that_there_is_not_is_pointed_at(action: str) -> None:
    reply = act(file(), action, FILER, {})
    assert (reply.status, reply.pointers) == (422, ["/path/action"])


@pytest.mark.parametrize("tag", ['"0"', '"99"', "*", "nonsense"])
def test_an_act_on_another_version_is_412_and_one_that_names_none_428(tag: str) -> None:
    sent = Sent("POST", f"/demands/{file().body['id']}/triage", TRIAGE)
    assert by(sent._replace(etag=tag), "office").status == 412
    assert by(sent, "office").status == 428


HOSTILE: list[tuple[dict[str, Any], str]] = [
    ({"title": "泊" * 201}, "/title"),
    ({"title": "a\u202eb"}, "/title"),
    ({"title": "a\u0000b"}, "/title"),
    ({"title": 7}, "/title"),
    ({"items": ["桩"] * 51}, "/items"),
    ({"items": "桩"}, "/items"),
    ({"items": [""]}, "/items/0"),
    ({"items": []}, "/items"),
    ({"areas": ["110107"] * 21}, "/areas"),
    ({"areas": ["../110107"]}, "/areas/0"),
    ({"areas": ["440300"]}, "/areas/0"),
    ({"purpose": {"code": "city_operation"}}, "/purpose/text"),
    ({"purpose": {"code": "city_operation", "text": "泊" * 4001}}, "/purpose/text"),
    ({"searched": {}}, "/searched"),
    ({"searched": {"certificate": "a b"}}, "/searched/certificate"),
    ({"urgency": {"work_area": "city_management"}}, "/urgency/reason"),
    ({"urgency": URGENT | {"work_area": "everything"}}, "/urgency/work_area"),
    ({"urgency": URGENT | {"reason": "很急"}}, "/urgency/reason"),
    ({"urgency": {"work_area": "city_management", "reason": "急" * 201}}, "/urgency/reason"),
    ({"duty": "household_registration"}, "/duty"),
    ({"state": "TAKEN_UP"}, "/state"),
    ({"requester": OTHER}, "/requester"),
]


@pytest.mark.parametrize(("changes", "pointer"), HOSTILE)
def test_input_that_is_not_right_is_pointed_at_and_nothing_is_made(
    changes: dict[str, Any], pointer: str, table: str
) -> None:
    reply = file(WANTED | changes)
    assert (reply.status, reply.pointers) == (422, [pointer])
    assert types(table) == []


@pytest.mark.parametrize("route", ["POST /demands", "POST /demands/{demand_id}/{action}"])
@pytest.mark.parametrize("raw", ["{", "[]", "null", '{"surprise": 1}', '{"title": NaN}', "[" * 1000])
def test_a_body_that_is_none_is_refused(route: str, raw: str, table: str) -> None:
    write = good_writes()[route]
    before = types(table)
    reply = spoilt(write, raw)
    assert (reply.status, reply.headers["content-type"]) == (422, "application/problem+json")
    assert types(table) == before


@pytest.mark.parametrize("route", ["POST /demands", "POST /demands/{demand_id}/{action}"])
def test_the_requests_that_are_to_be_spoilt_are_good(route: str) -> None:
    write = good_writes()[route]
    assert by(write.sent, write.caller).status in {200, 201}


def test_no_way_takes_more_than_three_calls(aws_calls: Calls, table: str) -> None:
    counts: dict[str, list[str]] = {}

    def counted(name: str, reply: Reply) -> Reply:
        assert reply.status < 300, reply.body
        counts[name] = list(aws_calls.names)
        aws_calls.clear()
        return reply

    entry = an_entry(table)
    aws_calls.clear()
    filed = counted("file", file(key=KEY))
    counted("file again", file(key=KEY))
    counted("read", read(filed.body["id"]))
    counted("list", get("/demands"))
    counted("own", get("/demands?as=requester"))
    counted("history", get(f"/demands/{filed.body['id']}/history"))
    last = counted("support", support(filed, OTHER, urgent=True))
    last = counted("support calmly", support(last, THIRD))
    last = counted("revise", act(last, "revise", FILER, WANTED))
    last = counted("triage", act(last, "triage", OFFICE, TRIAGE))
    last = counted("take up", act(last, "take_up", UNIT))
    counted("meet", act(last, "meet", UNIT, {"resource": entry}))
    one, other = file(), file()
    aws_calls.clear()
    counted("merge", act(one, "merge", OFFICE, {"into": other.body["id"], "reason": "x"}))
    with_words = ["Query", "PutObject", "TransactWriteItems"]
    assert counts == {
        "file": ["GetItem", "PutObject", "TransactWriteItems"],
        "file again": ["GetItem", "Query"],
        "read": ["Query"],
        "list": ["Query"],
        "own": ["Query"],
        "history": ["Query", "Query"],
        "support": with_words,
        "support calmly": ["Query", "TransactWriteItems"],
        "revise": with_words,
        "triage": with_words,
        "take up": ["Query", "TransactWriteItems"],
        "meet": ["Query", "GetItem", "TransactWriteItems"],
        "merge": with_words,
    }


# Everybody tries everything over HTTP; the rules themselves are in test_requests_demand.py.
BODIES: dict[str, Any] = {
    "revise": WANTED,
    "triage": TRIAGE,
    "merge": {"into": "d-1", "reason": "x"},
    "meet": {"resource": "r-1"},
    **dict.fromkeys(("hand_back", "decline", "withdraw"), REASON),
}
STATES: dict[DemandState, Callable[[], Reply]] = {
    DemandState.FILED: file,
    DemandState.PROPOSED: proposed,
    DemandState.TAKEN_UP: taken_up,
    DemandState.DECLINED: lambda: act(file(), "decline", OFFICE, REASON),
    DemandState.WITHDRAWN: lambda: act(file(), "withdraw", FILER, REASON),
}


@pytest.mark.parametrize("state", STATES)
def test_what_is_not_offered_is_refused_and_changes_nothing(state: DemandState, table: str) -> None:
    made = STATES[state]()
    assert made.body["state"] == state
    before = items_of(table, made.body["id"])
    for organisation in (FILER, OTHER, UNIT, OFFICE, STRANGER, *BUREAUS):
        offered = read(made.body["id"], organisation).body["actions"]
        for action in (str(each) for each in DemandAction if each not in offered):
            body = BODIES.get(action, {"duty": DUTIES.get(organisation, "none")} if action == "support" else {})
            assert act(made, action, organisation, body).status in {403, 409, 422}
    assert items_of(table, made.body["id"]) == before
