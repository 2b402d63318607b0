"""What reviewers decide about two things that look alike, over HTTP: kept once, shown where the two come up (S-055)."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from services.catalog.adjudication import Action, Adjudication, Judgement, judge, take
from services.catalog.adjudication import Side as OneSide
from services.catalog.adjudication_store import adjudication_store
from services.catalog.api import handler
from services.catalog.likeness import Verdict
from services.catalog.similarity import WEAKEST
from services.shared.callers import Caller, Claim
from services.shared.canonical import now
from services.shared.errors import Stale
from services.shared.lifecycle import Act
from tests import databases
from tests.catalogue import ENTRY, OFFICE, PROVIDER, STATISTICS, act, create, published, read
from tests.checks import SUBJECT, UNIT, search
from tests.collecting import POLICE, TAX, applied, statement
from tests.collecting import create as drafted
from tests.collecting import published as collected
from tests.filing import at_call
from tests.resource_routes import an_entry
from tests.sharing import PROVIDER as DISTRICT
from tests.stack import Calls, at_once
from tests.support import Reply, call, events_in, token

HERE = "/catalog/adjudications"
STRANGERS = ("drc", "supervision_bureau", "leading_group", "archives_bureau")
REASON, SECOND = "数据项与更新周期相同,系同一登记簿。", "经核实,一为路侧泊位,一为公共停车场。"
KEY = "key-0001"
WANTED = SUBJECT | {"name": "停车场空余泊位"}


@pytest.fixture(autouse=True)
def table(data_stack: dict[str, str]) -> str:
    """The catalogue's table, empty."""
    return data_stack["CatalogTable"]


def get(path: str, organisation: str | None, *roles: str) -> Reply:
    return call(handler, "GET", path, token=organisation and token(organisation, *roles))


def side(thing: str, kind: str = "resource") -> dict[str, str]:
    return {"kind": kind, "id": thing}


def pair(one: Mapping[str, str], other: Mapping[str, str], verdict: str = "same", **changes: str) -> dict[str, Any]:
    return {"one": one, "other": other, "verdict": verdict, "reason": REASON} | changes


def decide(asked: Mapping[str, Any], who: str = OFFICE, key: str | None = None) -> Reply:
    headers = {"Idempotency-Key": key} if key else {}
    return call(handler, "POST", HERE, token=token(who), json=asked, headers=headers)


def revise(last: Reply, verdict: str = "related", who: str = STATISTICS, reason: str = SECOND) -> Reply:
    path, body = f"{HERE}/{last.body['id']}/revise", {"verdict": verdict, "reason": reason}
    return call(handler, "POST", path, token=token(who), json=body, headers={"If-Match": last.etag})


def two_entries() -> tuple[dict[str, str], dict[str, str]]:
    """Return two published entries of one name, the transport commission's and a district's."""
    return side(published().body["id"]), side(an_entry()["id"])


def decided(verdict: str = "same") -> Reply:
    made = decide(pair(*two_entries(), verdict))
    assert made.status == 201, made.body
    return made


def happened(table: str) -> list[str]:
    """Return what happened to adjudications, in order."""
    return [event.type for event in events_in(table) if event.type.startswith("adjudication.")]


def clusters() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = get("/catalog/reports/consolidation", OFFICE).body["items"]
    return found


def hit(reply: Reply, thing: str) -> dict[str, Any]:
    hits = (*reply.body["collection_hits"], *reply.body["catalogue_hits"])
    return next(found for found in hits if found["id"] == thing)


def told(found: Mapping[str, Any]) -> tuple[str, str | None, bool]:
    return found["verdict"], found["judged"], found["strong"]


def test_a_reviewer_decides_about_two_published_entries_and_it_is_kept(table: str) -> None:
    one, other = two_entries()
    made = decide(pair(one, other, "related"))
    assert (made.status, made.etag, made.headers["location"]) == (201, '"1"', f"{HERE}/{made.body['id']}")
    assert [(s["kind"], s["id"], s["unit"]) for s in (made.body["one"], made.body["other"])] == [
        ("resource", one["id"], PROVIDER),
        ("resource", other["id"], DISTRICT),
    ]
    assert made.body["other"]["href"] == f"/catalog/resources/{other['id']}"
    assert (made.body["verdict"], made.body["by"], made.body["awaiting"]) == ("related", OFFICE, [])
    assert (made.body["state"], made.body["actions"]) == ("JUDGED", ["revise"])
    assert get(made.headers["location"], STATISTICS).body == made.body
    assert happened(table) == ["adjudication.made"]


def test_units_whose_things_were_judged_read_it_and_may_not_change_it(table: str) -> None:
    made = decided()
    for unit in (PROVIDER, DISTRICT):
        seen = get(f"{HERE}/{made.body['id']}", unit)
        assert (seen.status, seen.body) == (200, made.body | {"actions": []})
        assert revise(made, who=unit).status == 403
    for stranger in STRANGERS:
        assert get(f"{HERE}/{made.body['id']}", stranger).status == 404
        assert get(f"{HERE}/{made.body['id']}/history", stranger).status == 404
        assert revise(made, who=stranger).status == 404
    assert happened(table) == ["adjudication.made"]


def test_a_verdict_about_what_one_unit_means_to_build_is_told_to_the_next_that_means_the_same() -> None:
    entry = an_entry()["id"]
    first = search(WANTED)
    assert told(hit(first, entry)) == (hit(first, entry)["verdict"], None, True)
    made = decide(pair(side(first.body["id"], "check"), side(entry), "related"))
    assert (made.status, made.body["one"]["href"]) == (201, f"/catalog/checks/{first.body['id']}")
    again = search(WANTED | {"name": "停車場　空余泊位", "items": []}, "drc")
    assert told(hit(again, entry)) == ("related", made.body["id"], False)
    assert hit(again, entry)["reasons"][0] == "评审已认定:相关而不重复 / reviewers have decided: related"
    assert (again.body["undecided"], again.body["awaiting"]) == ([], [])
    kept = get(f"/catalog/checks/{first.body['id']}", UNIT).body
    assert kept == first.body  # what was found then stays what was found


@pytest.mark.parametrize("changes", [{"areas": ["110107"]}, {"name": "停车场空余泊位2026年"}])
def test_a_verdict_says_nothing_about_other_areas_or_another_name(changes: dict[str, Any]) -> None:
    entry = an_entry()["id"]
    decide(pair(side(search(WANTED).body["id"], "check"), side(entry), "related"))
    found = hit(search(WANTED | changes, "drc"), entry)
    assert (found["judged"], found["strong"]) == (None, True)


def test_what_was_judged_is_shown_however_unlike_it_is_for_as_long_as_it_is_published() -> None:
    unlike = published(ENTRY | {"title": "渣土车违法违规信息", "items": [ENTRY["items"][0] | {"name": "车牌号"}]})
    case = unlike.body["id"]
    first = search(WANTED, DISTRICT)
    assert first.body["catalogue_hits"] == []
    made = decide(pair(side(first.body["id"], "check"), side(case)))
    after = search(WANTED, DISTRICT)
    assert (told(hit(after, case)), after.body["undecided"]) == (("same", made.body["id"], True), [case])
    assert hit(after, case)["score"] < WEAKEST
    act(unlike, "withdraw", PROVIDER, {"reason": "不再更新"})
    assert search(WANTED, DISTRICT).body["catalogue_hits"] == []


def test_what_is_under_way_is_judged_like_what_is_published() -> None:
    said = statement(POLICE)
    subject = {"intent": "collection", "name": said["item"], "items": said["items"], "areas": said["areas"]}
    for kind, case, unit, asked in (
        ("collection", applied(POLICE), POLICE, subject),
        ("database", databases.filed(), UNIT, WANTED | {"name": databases.DESCRIPTION["name"]}),
    ):
        thing = case.body["id"]
        first = search(asked, TAX)
        assert hit(first, thing)["strong"] is True
        made = decide(pair(side(thing, kind), side(first.body["id"], "check"), "different"))
        assert (made.status, made.body["one"]["unit"]) == (201, unit)
        assert told(hit(search(asked, "drc"), thing)) == ("different", made.body["id"], False)


def test_an_entry_under_review_is_not_judged_for_the_other_unit_would_read_of_it(table: str) -> None:
    submitted = side(act(create(), "submit", PROVIDER).body["id"])
    reply = decide(pair(submitted, side(an_entry()["id"])))
    assert (reply.status, reply.pointers) == (422, ["/one/id"])
    assert happened(table) == []


def test_what_is_meant_is_its_own_units_to_read_and_not_the_other_sides() -> None:
    check = side(search(WANTED).body["id"], "check")
    made = decide(pair(check, side(an_entry()["id"])))
    address = made.headers["location"]
    payload = get(f"{address}/history", OFFICE).body["items"][0]["payload"]
    for reader in (OFFICE, STATISTICS, UNIT):
        assert {get(path, reader).status for path in (address, f"{address}/history", payload)} == {200}
    assert revise(made, who=UNIT).status == 403
    for stranger in (DISTRICT, *STRANGERS):
        assert {get(path, stranger).status for path in (address, f"{address}/history", payload)} == {404}
        assert revise(made, who=stranger).status == 404


def test_a_verdict_that_was_revised_is_told_as_it_stands_now() -> None:
    entry = an_entry()["id"]
    last = decide(pair(side(search(WANTED).body["id"], "check"), side(entry), "related"))
    revise(last, "contains")
    assert told(hit(search(WANTED, "drc"), entry)) == ("contains", last.body["id"], True)


def test_a_verdict_makes_a_hit_strong_that_is_not_by_its_score_and_never_a_units_own() -> None:
    entry = an_entry()["id"]
    wanted = WANTED | {"areas": ["110108"], "name": "海淀区停车场空余泊位"}
    first = search(wanted)
    assert hit(first, entry)["strong"] is False
    made = decide(pair(side(entry), side(first.body["id"], "check"), "same"))
    after = search(wanted)
    assert (told(hit(after, entry)), after.body["undecided"]) == (("same", made.body["id"], True), [entry])
    assert told(hit(search(wanted, DISTRICT), entry)) == ("same", made.body["id"], False)


def test_a_collection_duty_is_judged_like_an_entry() -> None:
    duty, said = collected(POLICE).body["id"], statement(POLICE)
    subject = {"intent": "collection", "name": said["item"], "items": said["items"], "areas": said["areas"]}
    first = search(subject, TAX)
    made = decide(pair(side(duty, "collection"), side(first.body["id"], "check"), "different"))
    assert (made.status, made.body["one"]["href"]) == (201, f"/catalog/collections/{duty}")
    assert told(hit(search(subject, "drc"), duty)) == ("different", made.body["id"], False)


def test_two_entries_that_reviewers_hold_apart_leave_the_report_until_they_decide_again() -> None:
    one, other = two_entries()
    (before,) = clusters()
    assert ({member["id"] for member in before["members"]}, before["bonds"][0]["judged"]) == (
        {one["id"], other["id"]},
        None,
    )
    last = decide(pair(one, other, "different"))
    assert clusters() == []
    assert revise(last, "other_period").status == 200
    (after,) = clusters()
    bond = after["bonds"][0]
    assert (after["score"], bond["score"], bond["verdict"]) == (100, 100, "other_period")
    assert bond["judged"] == last.body["id"]


def test_two_entries_of_other_names_that_reviewers_hold_for_one_come_into_the_report() -> None:
    one, other = side(published(ENTRY | {"title": "出租车企业"}).body["id"]), side(an_entry()["id"])
    assert clusters() == []
    made = decide(pair(one, other))
    for reader in (OFFICE, PROVIDER, DISTRICT):
        (cluster,) = get("/catalog/reports/consolidation", reader).body["items"]
        assert {member["id"] for member in cluster["members"]} == {one["id"], other["id"]}
        assert (cluster["score"], cluster["bonds"][0]["judged"]) == (100, made.body["id"])
    assert get("/catalog/reports/consolidation", "drc").body["items"] == []


def test_what_is_judged_already_is_told_with_its_address_whichever_comes_first(table: str) -> None:
    one, other = two_entries()
    first = decide(pair(one, other))
    for again in (decide(pair(one, other)), decide(pair(other, one, "different"), STATISTICS)):
        assert again.status == 409
        assert first.headers["location"] in again.body["detail"]
    assert get(first.headers["location"], OFFICE).body == first.body
    assert happened(table) == ["adjudication.made"]


def test_the_same_key_decides_once_and_another_body_is_refused(table: str) -> None:
    one, other = two_entries()
    first, again = (decide(pair(one, other), key=KEY) for _ in range(2))
    assert (again.status, again.body, again.headers["location"]) == (201, first.body, first.headers["location"])
    assert decide(pair(one, other, "related"), key=KEY).status == 422
    third = side(published(ENTRY | {"title": "出租车企业"}).body["id"])
    assert decide(pair(one, third), key=KEY).status == 422
    assert decide(pair(one, other), STATISTICS, KEY).status == 409
    assert happened(table) == ["adjudication.made"]


def test_the_same_key_still_answers_when_one_of_the_two_is_withdrawn(table: str) -> None:
    one, other = two_entries()
    first = decide(pair(one, other), key=KEY)
    act(read(one["id"], PROVIDER), "withdraw", PROVIDER, {"reason": "不再更新"})
    again = decide(pair(one, other), key=KEY)
    assert (again.status, again.body, again.headers["location"]) == (201, first.body, first.headers["location"])
    assert happened(table) == ["adjudication.made"]


def test_a_decision_needs_the_version_that_stands(table: str) -> None:
    made = decided()
    after = revise(made)
    assert (after.status, after.etag, after.body["version"]) == (200, '"2"', 2)
    assert (after.body["verdict"], after.body["by"]) == ("related", STATISTICS)
    assert revise(made, "different").status == 412
    path, said = f"{HERE}/{made.body['id']}/revise", {"verdict": "same", "reason": REASON}
    assert call(handler, "POST", path, token=token(OFFICE), json=said).status == 428
    assert get(f"{HERE}/{made.body['id']}", OFFICE).body == after.body
    assert happened(table) == ["adjudication.made", "adjudication.revised"]


def test_things_that_are_not_there_are_named_together_and_nothing_is_kept(table: str) -> None:
    draft, entry = side(create().body["id"]), side(an_entry()["id"])
    duty, plan = side(drafted().body["id"], "collection"), side(databases.planned().body["id"], "database")
    for one, other, pointers in (
        (draft, side("k-0", "check"), ["/one/id", "/other/id"]),
        (side("c-0", "collection"), side("d-0", "database"), ["/one/id", "/other/id"]),
        (entry, side(entry["id"], "collection"), ["/other/id"]),
        (entry, side(entry["id"], "check"), ["/other/id"]),
        (duty, plan, ["/one/id", "/other/id"]),
    ):
        reply = decide(pair(one, other))
        assert (reply.status, reply.pointers) == (422, pointers)
        assert decide(pair(one, other), PROVIDER).status == 403
    assert happened(table) == []


def test_what_has_ended_is_not_there_to_be_judged() -> None:
    gone = published(ENTRY | {"title": "出租车企业"})
    act(gone, "withdraw", PROVIDER, {"reason": "不再更新"})
    assert decide(pair(side(gone.body["id"]), side(an_entry()["id"]))).status == 422


def test_everything_wrong_with_a_decision_is_told_at_once(table: str) -> None:
    one, other = two_entries()
    wrong = pair(one, side("", "figure"), "perhaps", reason="  ")
    assert decide(wrong).pointers == ["/other/id", "/other/kind", "/reason", "/verdict"]
    assert decide(pair(one, other, officer="o-1")).pointers == ["/officer"]
    assert decide({"one": one}).pointers == ["/other", "/reason", "/verdict"]
    assert happened(table) == []
    made = decide(pair(one, other))
    assert revise(made, "perhaps", reason="").pointers == ["/reason", "/verdict"]
    address = f"{HERE}/{made.body['id']}"
    unknown = call(handler, "POST", f"{address}/judge", token=token(OFFICE), json={"verdict": "same", "reason": REASON})
    assert unknown.pointers == ["/path/action"]
    assert happened(table) == ["adjudication.made"]


def test_there_is_nothing_to_decide_between_a_thing_and_itself(table: str) -> None:
    entry = side(an_entry()["id"])
    ours, theirs = (side(search(WANTED, unit).body["id"], "check") for unit in (PROVIDER, "drc"))
    for one, other in ((entry, entry), (ours, ours), (ours, theirs)):
        reply = decide(pair(one, other))
        assert (reply.status, reply.pointers) == (422, ["/other"])
    assert happened(table) == []


@pytest.mark.parametrize("who", [OFFICE, STATISTICS])
def test_a_reviewer_decides_as_an_officer_only(who: str, table: str) -> None:
    asked = pair(*two_entries())
    for sides in (asked, pair(side("r-0"), side("k-0", "check")), pair(asked["one"], asked["one"])):
        assert call(handler, "POST", HERE, token=token(who, "approver", "auditor"), json=sides).status == 403
    assert decide(asked, who).status == 201
    assert happened(table) == ["adjudication.made"]


def test_reasons_are_read_by_those_who_review_and_the_units_concerned_and_by_nobody_else() -> None:
    last = revise(decided())
    lines = get(f"{HERE}/{last.body['id']}/history", DISTRICT).body["items"]
    assert [line["event"]["type"] for line in lines] == ["adjudication.made", "adjudication.revised"]
    for written, line in zip((REASON, SECOND), lines, strict=True):
        assert written not in json.dumps(lines, ensure_ascii=False)
        assert line["receipt"] == f"/audit/receipts/{line['event']['id']}"
        for reader in (OFFICE, STATISTICS, PROVIDER, DISTRICT):
            opened = get(line["payload"], reader)
            assert opened.body["content"] == {"reason": written}
            assert opened.body["sha256"] == line["event"]["payload_sha256"]
        assert {get(line["payload"], stranger).status for stranger in STRANGERS} == {404}
        assert get(line["payload"], None).status == 401


def test_the_history_is_read_page_by_page() -> None:
    last = revise(revise(decided()), "different", OFFICE)
    address = f"{HERE}/{last.body['id']}/history?limit=2"
    first = get(address, STATISTICS).body
    rest = get(f"{address}&next={first['next']}", STATISTICS).body
    verdicts = [line["event"]["body"]["verdict"] for page in (first, rest) for line in page["items"]]
    assert (verdicts, rest["next"]) == (["same", "related", "different"], None)


def test_reviewers_list_what_was_decided_the_latest_change_first() -> None:
    entry = side(an_entry()["id"])
    others = [side(published(ENTRY | {"title": f"停车场{n}"}).body["id"]) for n in range(3)]
    made = [decide(pair(entry, other)) for other in others]
    revise(made[0])
    first = get(f"{HERE}?limit=2", OFFICE).body
    rest = get(f"{HERE}?limit=2&next={first['next']}", STATISTICS).body
    found = [*first["items"], *rest["items"]]
    assert [line["id"] for line in found] == [made[n].body["id"] for n in (0, 2, 1)]
    assert (found[0]["one"], found[0]["other_title"], found[0]["verdict"]) == (entry["id"], "停车场0", "related")
    assert rest["next"] is None
    assert get(f"{HERE}?next=nonsense", OFFICE).status == 422


def test_what_was_decided_stands_when_one_of_the_two_is_withdrawn() -> None:
    made = decided()
    entry = read(made.body["one"]["id"], PROVIDER)
    assert act(entry, "withdraw", PROVIDER, {"reason": "不再更新"}).status == 200
    assert get(f"{HERE}/{made.body['id']}", DISTRICT).status == 200
    assert revise(made).status == 200
    assert clusters() == []


# A function answers one request at a time, so that those who race ask the store.
REVIEWERS = {
    code: Caller(organisation=code, officer=f"o-{code}", claims=frozenset({Claim.OFFICER}))
    for code in (OFFICE, STATISTICS)
}
VERDICTS = dict(zip(REVIEWERS, (Verdict.SAME, Verdict.DIFFERENT), strict=True))


def judging(who: str, one: Mapping[str, str], other: Mapping[str, str]) -> Callable[[], None]:
    """Return a reviewer's decision about two things as they stand now."""
    store = adjudication_store()
    both = [store.side(OneSide.model_validate(each)) for each in (one, other)]
    compared = [each for each in both if each]
    step = judge(compared[0], compared[1], Judgement(verdict=VERDICTS[who], reason=REASON), REVIEWERS[who], now())
    return lambda: store.save_step(step)


def revising(who: str, seen: Adjudication) -> Callable[[], None]:
    """Return a reviewer's second thought about a version."""
    said = Judgement(verdict=VERDICTS[who], reason=SECOND)
    step = take(seen, Act(Action.REVISE, said, REVIEWERS[who], now()))
    return lambda: adjudication_store().save_step(step)


def assert_one_won(outcomes: list[Any], case: str, version: int) -> None:
    assert [type(outcome) for outcome in outcomes].count(Stale) == len(outcomes) - 1
    winner = list(REVIEWERS)[outcomes.index(None) % 2]
    record = adjudication_store().get(case).record
    assert (record.by, record.verdict, record.version) == (winner, VERDICTS[winner], version)


def test_of_many_who_decide_about_the_same_two_at_once_one_is_heard(table: str) -> None:
    one, other = two_entries()
    moves = [judging(who, one, other) if n % 2 else judging(who, other, one) for n in range(4) for who in REVIEWERS]
    outcomes = at_once(*moves)
    (made,) = [event for event in events_in(table) if event.type.startswith("adjudication.")]
    assert_one_won(outcomes, made.case, 1)
    assert made.body["by"] == adjudication_store().get(made.case).record.by


def test_of_many_who_decide_again_at_once_one_is_heard(table: str) -> None:
    made = decided("related").body["id"]
    seen = adjudication_store().get(made).record
    assert_one_won(at_once(*(revising(who, seen) for _ in range(4) for who in REVIEWERS)), made, 2)
    assert happened(table) == ["adjudication.made", "adjudication.revised"]


def test_whoever_decides_a_moment_too_late_is_told_where_the_decision_is(table: str) -> None:
    one, other = two_entries()
    first: list[Reply] = []
    with at_call("dynamodb", "TransactWriteItems", lambda: first.append(decide(pair(other, one), STATISTICS))):
        late = decide(pair(one, other, "different"), key=KEY)
    assert (first[0].status, late.status) == (201, 409)
    assert first[0].headers["location"] in late.body["detail"]
    with at_call("dynamodb", "TransactWriteItems", lambda: revise(first[0], "contains", OFFICE)):
        assert revise(first[0], "different").status == 412
    assert get(first[0].headers["location"], OFFICE).body["verdict"] == "contains"
    assert happened(table) == ["adjudication.made", "adjudication.revised"]


def assert_said_once(address: str, *reasons: str) -> None:
    """Assert that a history holds each reason once, in order, and that each can be opened."""
    lines = get(f"{address}/history", OFFICE).body["items"]
    assert [line["event"]["case_seq"] for line in lines] == list(range(1, len(reasons) + 1))
    assert [get(line["payload"], OFFICE).body["content"]["reason"] for line in lines] == [*reasons]
    assert get(address, OFFICE).body["version"] == len(reasons)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize("key", [KEY, None])
def test_a_death_while_deciding_leaves_one_decision_after_the_same_request(
    when: str, nth: int, key: str | None, aws_calls: Calls
) -> None:
    asked = pair(*two_entries(), "different")
    with aws_calls.crash(when, nth):
        decide(asked, key=key)
    assert aws_calls.crashed
    kept = (when, nth) == ("after", 2)
    assert len(get(HERE, OFFICE).body["items"]) == kept
    again = decide(asked, key=key)
    assert again.status == (409 if kept and key is None else 201)
    (line,) = get(HERE, OFFICE).body["items"]
    assert line["verdict"] == "different"
    assert_said_once(f"{HERE}/{line['id']}", REASON)
    assert clusters() == []


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("nth", [1, 2])
def test_a_death_while_deciding_again_leaves_one_second_decision_after_the_same_request(
    when: str, nth: int, aws_calls: Calls
) -> None:
    made = decided()
    address = made.headers["location"]
    with aws_calls.crash(when, nth):
        revise(made)
    assert aws_calls.crashed
    kept = (when, nth) == ("after", 2)
    assert get(address, OFFICE).body["verdict"] == ("related" if kept else "same")
    assert revise(made).status == (412 if kept else 200)
    assert get(address, OFFICE).body["verdict"] == "related"
    assert_said_once(address, REASON, SECOND)


def test_a_read_costs_one_call_and_a_decision_two_writes(aws_calls: Calls) -> None:
    one, other = two_entries()
    aws_calls.clear()
    made = decide(pair(one, other))
    assert aws_calls.names == ["BatchGetItem", "BatchGetItem", "PutObject", "TransactWriteItems"]
    aws_calls.clear()
    revise(made)
    assert aws_calls.names == ["Query", "BatchGetItem", "BatchGetItem", "PutObject", "TransactWriteItems"]
    aws_calls.clear()
    get(f"{HERE}/{made.body['id']}", OFFICE)
    assert aws_calls.names == ["Query"]
