"""Onward permissions over HTTP, in memory: nothing is lost, allowed twice, or shown to others than whom it concerns."""

import hashlib
from collections.abc import Iterator

import pytest

from services.requests.api import handler
from services.requests.onward import Action, OnwardPermission
from services.requests.onward_acts import Allowed
from services.requests.onward_steps import take
from services.requests.store import request_store
from services.shared.canonical import canonical, new_id, now
from services.shared.events import Event
from services.shared.lifecycle import Act
from tests.agreements import an_agreement
from tests.objections import (
    CODES,
    PERMISSION,
    PERMISSION_SAID,
    WHO,
    a_permission,
    act,
    act_now,
    asked,
    bearer,
    get,
    post,
)
from tests.routes import items_of
from tests.sharing import ITEMS, STRANGER, fresh_key
from tests.stack import CALLS, at_once, undone
from tests.standing import standing_stack
from tests.support import call

HERE = "/onward-permissions"
Agreements = dict[bool, str]  # whether a confidentiality agreement exists, and the agreement's case


@pytest.fixture(scope="module")
def agreements() -> Iterator[Agreements]:
    """Two agreements in force, made once in a stack of their own: a plain one and one with a sensitive item."""
    with standing_stack():
        yield {secret: an_agreement(secret=secret) for secret in (False, True)}


@pytest.fixture
def agreement(agreements: Agreements) -> Iterator[str]:
    """The plain agreement's case; what a test changes in it is put back."""
    with undone(request_store().table, agreements[False]):
        yield agreements[False]


@pytest.fixture
def secret(agreements: Agreements) -> Iterator[str]:
    """The case of the agreement with a sensitive item; what a test changes in it is put back."""
    with undone(request_store().table, agreements[True]):
        yield agreements[True]


def types_in(case: str) -> list[str]:
    found = (item["event"] for item in items_of(request_store().table, case) if "event" in item)
    types = [Event.model_validate_json(event).type for event in found]
    return [name for name in types if name.startswith("onward_permission.")]


def test_a_permission_is_made_with_its_address_its_clock_and_whom_it_waits_for(secret: str) -> None:
    made = asked(secret)
    assert (made.headers["location"], made.body["agreement"]) == (f"{HERE}/{secret}.1", secret)
    assert [waiting["organisation"] for waiting in made.body["awaiting"]] == [CODES["giving"], CODES["secrecy"]]
    assert (made.body["clock"]["clock"], made.body["due_at"], made.body["limits"]) == ("onward_permission", None, None)
    desks = {sk for item in items_of(request_store().table, secret) if (sk := item["sk"]).startswith("DESK#onward")}
    assert desks == {f"DESK#onward_permission-1#{CODES[who]}" for who in ("giving", "secrecy")}


def test_what_both_allow_is_allowed_and_the_third_party_is_told_to_ask_for_itself(secret: str) -> None:
    path = a_permission(secret)
    half = act_now(path, "allow", {"until": "2027-04-30"}, "giving_approver").body
    assert (half["state"], half["limits"], half["next"]) == ("ASKED", None, None)
    whole = act_now(path, "allow", {"items": [ITEMS[1]], "conditions": "用后即删。"}, "secrecy_approver").body
    assert whole["limits"] == {"items": [ITEMS[1]], "until": "2027-04-30", "conditions": ["用后即删。"]}
    assert [word["party"] for word in whole["words"]] == ["provider", "secrecy_bureau"]
    assert STRANGER in whole["next"]["zh"]
    assert whole["resource"] in whole["next"]["en"]
    desks = [item for item in items_of(request_store().table, secret) if item["sk"].startswith("DESK#onward")]
    assert desks == []


def test_everything_wrong_is_told_at_once_and_writes_nothing(agreement: str) -> None:
    reply = asked(agreement, items=["不存在"], reason="工作需要", until="2029-01-01", to={"organisation": "nobody"})
    assert (reply.status, reply.pointers) == (422, ["/items/0", "/reason", "/to/organisation", "/until"])
    shapeless = post(HERE, {"agreement": agreement, "to": {}, "items": [], "price": 1}, "asking")
    assert (shapeless.status, shapeless.pointers) == (422, ["/items", "/price", "/purpose", "/reason", "/to", "/until"])
    assert asked(new_id()).pointers == ["/agreement"]
    assert types_in(agreement) == []


def test_an_id_that_could_be_none_is_not_found(agreement: str) -> None:
    a_permission(agreement)
    for name in (agreement, f"{agreement}.", f"{agreement}.0", f"{agreement}.2", f"{new_id()}.1", "x.1"):
        assert get(f"{HERE}/{name}", "asking").status == 404, name
        assert act(f"{HERE}/{name}", "withdraw", {}, "asking", etag='"1"').status == 404


def test_the_same_key_and_body_ask_once_and_find_it_again(agreement: str) -> None:
    key, other = fresh_key(), fresh_key()
    first, second = asked(agreement, key=other), asked(agreement, key=key)
    act_now(f"{HERE}/{second.body['id']}", "withdraw", {}, "asking")
    again = asked(agreement, key=key)
    assert (again.status, again.body["id"], again.body["state"]) == (201, f"{agreement}.2", "WITHDRAWN")
    assert first.body["id"] == f"{agreement}.1"
    assert asked(agreement, key=key, reason="另一个理由说明。").status == 422
    assert types_in(agreement).count("onward_permission.asked") == 2


def test_a_change_needs_the_version_that_stands(agreement: str) -> None:
    path = a_permission(agreement)
    assert act(path, "allow", {}, "giving_approver", etag='"1"').status == 412
    assert call(handler, "POST", f"{path}/allow", token=bearer("giving_approver"), json={}).status == 428
    seen = get(path, "giving").etag
    won = act(path, "withdraw", {}, "asking", etag=seen)
    lost = act(path, "allow", {}, "giving_approver", etag=seen)
    assert (won.status, lost.status, get(path, "asking").body["state"]) == (200, 412, "WITHDRAWN")


def test_of_two_words_given_at_the_same_moment_one_is_refused_and_comes_again(secret: str) -> None:
    path, store = a_permission(secret), request_store()
    case = store.get(secret)
    steps = [
        take(case, "onward_permission-1", Act(Action.ALLOW, Allowed(), WHO[who], now()))
        for who in ("giving_approver", "secrecy_approver")
    ]
    outcomes = at_once(*(lambda step=step: store.save(step) for step in steps))
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType", "Stale"]
    found = store.get(secret).named("onward_permission-1", OnwardPermission)
    assert found is not None
    assert (found.state, len(found.words), found.limits) == ("ASKED", 1, None)
    missing = "secrecy_approver" if found.words[0].party == "provider" else "giving_approver"
    assert act_now(path, "allow", {}, missing).body["state"] == "ALLOWED"


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("nth", [1, 2])
def test_a_crash_while_asking_leaves_one_permission_behind_after_the_retry(when: str, nth: int, agreement: str) -> None:
    key = fresh_key()
    with CALLS.crash(when, nth):
        asked(agreement, key=key)
    assert CALLS.crashed
    assert [asked(agreement, key=key).body["id"] for _ in range(2)] == [f"{agreement}.1"] * 2
    assert types_in(agreement) == ["onward_permission.asked"]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("nth", [1, 2])
def test_a_crash_while_allowing_loses_nothing_and_allows_nothing_twice(when: str, nth: int, agreement: str) -> None:
    path = a_permission(agreement)
    seen = get(path, "giving").etag
    with CALLS.crash(when, nth):
        act(path, "allow", PERMISSION_SAID["allow"], "giving_approver", etag=seen)
    assert CALLS.crashed
    retried = act(path, "allow", PERMISSION_SAID["allow"], "giving_approver", etag=seen)
    assert retried.status == (412 if (when, nth) == ("after", 2) else 200)
    shown = get(path, "asking").body
    assert (shown["state"], len(shown["words"])) == ("ALLOWED", 1)
    assert types_in(agreement) == ["onward_permission.asked", "onward_permission.allowed"]


def test_lists_show_each_side_its_own_and_the_offices_what_stands_in_a_state(agreement: str, secret: str) -> None:
    plain, confidential = (a_permission(case).rpartition("/")[2] for case in (agreement, secret))

    def listed(query: str, who: str) -> list[str]:
        return [line["id"] for line in get(f"{HERE}?{query}", who).body["items"]]

    assert listed("", "asking") == listed("as=provider", "giving") == [confidential, plain]
    assert listed("as=provider", "asking") == listed("", "giving") == listed("", "stranger") == []
    assert listed("state=ASKED", "office") == listed("state=ASKED", "supervision") == [confidential, plain]
    assert listed("state=ASKED", "secrecy") == [confidential]
    assert listed("state=ALLOWED", "office") == []
    assert [get(f"{HERE}?state=ASKED", who).status for who in ("giving", "group", "stranger")] == [403] * 3
    both = get(f"{HERE}?state=ASKED&as=provider", "office")
    assert (both.status, both.pointers) == (422, ["/query/state"])
    first = get(f"{HERE}?limit=1", "asking").body
    second = get(f"{HERE}?limit=1&next={first['next']}", "asking").body
    assert [line["id"] for line in first["items"] + second["items"]] == [confidential, plain]


def test_what_was_written_is_read_by_who_was_told_and_proves_its_hash(secret: str) -> None:
    path = a_permission(secret, "DENIED")
    asking, denied = get(f"{path}/history", "secrecy").body["items"]
    assert [line["event"]["type"] for line in (asking, denied)] == [
        "onward_permission.asked",
        "onward_permission.denied",
    ]
    opened = get(asking["payload"], "secrecy").body
    assert opened["content"]["reason"] == PERMISSION["reason"]
    recomputed = hashlib.sha256(bytes.fromhex(opened["salt"]) + canonical(opened["content"])).hexdigest()
    assert recomputed == opened["sha256"] == asking["event"]["payload_sha256"]
    assert get(denied["payload"], "asking").body["content"] == PERMISSION_SAID["deny"]
    statuses = {who: get(asking["payload"], who).status for who in ("office", "stranger", "anonymous")}
    assert statuses == {"office": 404, "stranger": 404, "anonymous": 401}


def test_reads_cost_two_calls_at_most_and_asking_three(agreement: str) -> None:
    path, costs = a_permission(agreement), {}
    for name, read in (("one", path), ("history", f"{path}/history"), ("list", HERE)):
        CALLS.clear()
        get(read, "asking")
        costs[name] = len(CALLS.names)
    CALLS.clear()
    asked(agreement, key=fresh_key())
    assert costs | {"ask": len(CALLS.names)} == {"one": 1, "history": 2, "list": 1, "ask": 3}
