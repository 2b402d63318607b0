"""Searching before building, over HTTP: both catalogues are looked through, each strong hit is reused or justified."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from services.catalog.api import handler
from services.catalog.certificate import Certificate, Choice, Subject, certificate_faults
from services.catalog.check_store import check_store
from services.catalog.deciding import Given, Justification, Reusable, Reuse, take
from services.requests import listen
from services.requests.api import handler as requests
from services.shared.callers import Caller, Claim
from services.shared.canonical import new_id, now
from services.shared.dynamo import dynamodb, item_of
from services.shared.errors import Stale
from services.shared.lifecycle import Act
from services.shared.steps import step_of
from tests import databases
from tests.catalogue import ENTRY, OFFICE, STATISTICS
from tests.check_routes import a_check, a_justification, a_reuse
from tests.checks import DUTY, REASON, SUBJECT, UNIT, certified, decide, justify, reuse, search
from tests.collecting import POLICE, TAX, applied, statement
from tests.collecting import published as collected
from tests.resource_routes import an_entry
from tests.routes import CALLERS, Sent
from tests.sharing import PROVIDER, Side
from tests.stack import Calls, at_once
from tests.support import Pump, Reply, call, events_in, token

OTHERS = "drc"


@pytest.fixture(autouse=True)
def stack(data_stack: dict[str, str]) -> dict[str, str]:
    """The data stack, empty."""
    return data_stack


def get(path: str, organisation: str) -> Reply:
    return call(handler, "GET", path, token=token(organisation))


def hits(reply: Reply, search_name: str) -> list[tuple[str, str, bool]]:
    return [(hit["kind"], hit["id"], hit["strong"]) for hit in reply.body[search_name]]


def standing(table: str, kind: str, state: str, **line: Any) -> str:
    """Put something of another kind where the index of states shows it; return its id."""
    made = new_id()
    said = {"id": made, "title": SUBJECT["name"], "unit": OTHERS, "items": SUBJECT["items"], "areas": ["110000"]} | line
    item = {"pk": made, "sk": f"STATE#{kind}", "standing": f"{kind}#{state}", "changed_at": now().isoformat()}
    dynamodb().put_item(TableName=table, Item=item_of(item | {"line": json.dumps(said)}))
    return made


def test_a_search_finds_what_is_published_and_keeps_the_evidence(stack: dict[str, str]) -> None:
    entry = an_entry()
    made = search()
    assert (made.status, made.headers["location"]) == (201, f"/catalog/checks/{made.body['id']}")
    assert hits(made, "catalogue_hits") == [("resource", entry["id"], True)]
    hit = made.body["catalogue_hits"][0]
    assert (hit["href"], hit["provider"], hit["rank"]) == (f"/catalog/resources/{entry['id']}", PROVIDER, 1)
    assert hit["reasons"][0].startswith("名称相同")
    assert made.body["undecided"] == [entry["id"]]
    assert [event.type for event in events_in(stack["CatalogTable"])][-1] == "check.recorded"
    assert get(made.headers["location"], UNIT).body == made.body


def test_both_searches_find_what_is_published_and_what_is_under_way(stack: dict[str, str]) -> None:
    table, duty, entry = stack["CatalogTable"], collected(POLICE).body, an_entry()
    claim, plan = standing(table, "collection", "APPLIED"), standing(table, "database", "PLANNED")
    made = search(SUBJECT | {"items": duty["case"]["statement"]["items"]})
    assert {case for _, case, _ in hits(made, "collection_hits")} >= {claim}
    assert set(hits(made, "catalogue_hits")) >= {("resource", entry["id"], True), ("database", plan, True)}
    under_way = {
        h["id"] for name in ("collection_hits", "catalogue_hits") for h in made.body[name] if "正在办理" in str(h)
    }
    assert under_way == {claim, plan}


def test_a_claim_is_found_by_others_from_the_moment_it_is_made_and_is_no_hurdle_to_its_own_unit() -> None:
    claim = applied(POLICE).body["id"]
    said = statement(POLICE)
    wanted = {"intent": "collection", "name": said["item"], "basic_class": said["basic_class"], "areas": said["areas"]}
    theirs, own = search(wanted, TAX), search(wanted, POLICE)
    assert hits(theirs, "collection_hits") == [("collection", claim, True)]
    assert hits(own, "collection_hits") == [("collection", claim, False)]
    assert "正在办理" in str(theirs.body["collection_hits"][0]["reasons"])


def test_a_published_duty_is_found_with_the_items_in_common() -> None:
    duty = collected(POLICE).body["id"]
    made = search(SUBJECT | {"name": "常住人口库", "items": ["姓名", "血型"], "basic_class": "population"}, TAX)
    hit = made.body["collection_hits"][0]
    assert (hit["id"], hit["strong"], hit["href"]) == (duty, True, f"/catalog/collections/{duty}")
    assert any("姓名" in reason for reason in hit["reasons"])
    assert call(handler, "GET", hit["href"]).status == 200


def test_a_database_is_found_from_the_moment_it_is_filed() -> None:
    plan = databases.planned(POLICE)
    wanted = SUBJECT | {"name": databases.DESCRIPTION["name"], "items": list(databases.ITEMS)}
    assert search(wanted).body["catalogue_hits"] == []
    databases.go(plan, ("cases/establishment/file", POLICE))
    found = search(wanted)
    assert hits(found, "catalogue_hits") == [("database", plan.body["id"], True)]
    assert "正在办理" in str(found.body["catalogue_hits"][0]["reasons"])


def test_a_database_that_is_not_built_becomes_a_request_for_the_entry_that_serves(stack: dict[str, str]) -> None:
    to_requests = Pump(stack["CatalogTable"], listen.handler, ("resource.published", "database.redirected"))
    entry, plan = an_entry(), databases.planned()
    wish = {"resource": entry["id"], "duty": "parking_management", "purpose": "city_operation"}
    databases.go(plan, ("cases/establishment/reuse", UNIT, wish))
    to_requests.run(replays=1)
    asked = call(requests, "GET", "/requests", token=token(UNIT)).body["items"]
    assert [(line["state"], line["resource"]) for line in asked] == [("DRAFT", entry["id"])]


@pytest.mark.parametrize(
    ("kind", "state"), [("collection", "REVOKED"), ("collection", "REDIRECTED"), ("database", "DEREGISTERED")]
)
def test_what_has_ended_is_not_found(kind: str, state: str, stack: dict[str, str]) -> None:
    standing(stack["CatalogTable"], kind, state)
    made = search()
    assert (made.body["collection_hits"], made.body["catalogue_hits"]) == ([], [])


def test_a_withdrawn_entry_is_not_found() -> None:
    entry = an_entry()
    address, etag = f"/catalog/resources/{entry['id']}", f'"{entry["version"]}"'
    assert Sent("POST", f"{address}/withdraw", {"reason": "系统停用"}, etag).by("giving").status == 200
    assert search().body["catalogue_hits"] == []


def test_the_number_of_the_last_change_is_kept(stack: dict[str, str]) -> None:
    counter = {"pk": "COUNTER#CHANGES", "sk": "COUNTER", "last": 1100}
    dynamodb().put_item(TableName=stack["CatalogTable"], Item=item_of(counter))
    assert search().body["catalogue_version"] == 1100


def test_a_search_that_is_wrong_in_many_ways_is_told_all_of_them_and_keeps_nothing(stack: dict[str, str]) -> None:
    wrong = search(SUBJECT | {"areas": ["999999", "110107"], "basic_class": "weather"})
    assert (wrong.status, wrong.pointers) == (422, ["/areas/0", "/basic_class"])
    assert search(SUBJECT | {"intent": "look", "areas": []}).pointers == ["/areas", "/intent"]
    assert events_in(stack["CatalogTable"]) == []


def test_the_same_key_makes_one_certificate_and_another_body_is_refused(stack: dict[str, str]) -> None:
    first, again = search(key="key-0001"), search(key="key-0001")
    assert (again.status, again.body["id"]) == (201, first.body["id"])
    assert search(SUBJECT | {"name": "另一个"}, key="key-0001").status == 422
    assert len(events_in(stack["CatalogTable"])) == 1


def test_reuse_makes_a_sharing_request_that_the_unit_finds_under_the_id_it_was_told(stack: dict[str, str]) -> None:
    to_requests = Pump(
        stack["CatalogTable"], listen.handler, ("resource.published", "check.hit_reused", "resource.withdrawn")
    )
    entry = an_entry()
    made = search()
    done = reuse(made, entry["id"])
    assert done.status == 200, done.body
    decision = done.body["catalogue_hits"][0]["decision"]
    to_requests.run(replays=1)
    draft = Side(UNIT).get(f"/requests/{decision['request']}")
    assert (draft.status, draft.body["state"], draft.body["resource"]) == (200, "DRAFT", entry["id"])
    terms = draft.body["offers"][0]["terms"]
    assert terms["content"]["items"] == ["空余泊位数"]
    assert made.body["id"] in terms["purpose"]["text"]
    assert draft.body["duty"] == "parking_management"
    assert Side(UNIT).act(decision["request"], "propose").status == 200
    assert [event.type for event in events_in(stack["RequestsTable"])] == ["request.created", "request.proposed"]


def test_a_justification_is_sealed_and_read_by_those_who_follow() -> None:
    entry = an_entry()
    done = justify(search(), entry["id"])
    assert (done.status, done.body["undecided"]) == (200, [])
    address = f"/catalog/checks/{done.body['id']}"
    last = get(f"{address}/history", UNIT).body["items"][-1]
    assert last["event"]["type"] == "check.hit_justified"
    assert REASON not in json.dumps(last, ensure_ascii=False)
    for reader in (UNIT, OFFICE, STATISTICS):
        opened = get(last["payload"], reader)
        assert (opened.body["content"], opened.body["sha256"]) == ({"reason": REASON}, last["event"]["payload_sha256"])
    assert get(last["payload"], PROVIDER).status == 404


def test_a_certificate_is_ready_to_be_cited_once_all_is_decided() -> None:
    an_entry()
    subject = Subject.model_validate(SUBJECT)
    undecided = check_store().get(search().body["id"]).record
    assert [*certificate_faults(undecided, subject, unit=UNIT, at=now())]
    ready = check_store().get(certified(SUBJECT, UNIT)).record
    assert [*certificate_faults(ready, subject, unit=UNIT, at=now())] == []


def test_a_decision_stands_and_needs_the_version_that_stands() -> None:
    entry = an_entry()
    made = search()
    done = justify(made, entry["id"])
    assert reuse(done, entry["id"]).status == 409
    assert justify(made, entry["id"]).status == 412
    nameless = call(handler, "POST", f"/catalog/checks/{made.body['id']}/justify", token=token(UNIT), json={})
    assert nameless.status == 422


def test_an_entry_to_be_reused_must_be_published_and_anothers() -> None:
    entry = an_entry()
    made = search(SUBJECT, PROVIDER)
    assert (made.body["undecided"], len(made.body["catalogue_hits"])) == ([], 1)
    own = reuse(made, entry["id"], PROVIDER, duty="district_sharing_110107")
    assert (own.status, own.pointers) == (422, ["/resource"])
    draft = Sent("POST", "/catalog/resources", ENTRY).by("giving").body["id"]
    unpublished = reuse(search(), entry["id"], resource=draft)
    assert (unpublished.status, unpublished.pointers) == (422, ["/resource"])


def test_an_expired_certificate_is_shown_and_takes_no_decision(stack: dict[str, str]) -> None:
    entry = an_entry()
    made = check_store().get(search().body["id"]).record
    past = made.model_copy(update={"expires_at": now() - timedelta(seconds=1), "version": 2, "case_seq": 2})
    event = next(e for e in events_in(stack["CatalogTable"]) if e.type == "check.recorded")
    check_store().save_step(step_of(past, event.model_copy(update={"id": new_id(), "case_seq": 2})))
    shown = get(f"/catalog/checks/{made.id}", UNIT)
    assert (shown.body["expired"], shown.body["awaiting"], shown.body["actions"]) == (True, [], [])
    assert justify(shown, entry["id"]).status == 409


def test_a_units_list_is_its_own_and_the_reviewers(stack: dict[str, str]) -> None:
    made = [search(SUBJECT | {"name": f"数据库{n}"}).body["id"] for n in range(3)]
    search(SUBJECT, OTHERS)
    first = get("/catalog/checks?limit=2", UNIT).body
    rest = get(f"/catalog/checks?limit=2&next={first['next']}", UNIT).body
    assert [line["id"] for page in (first, rest) for line in page["items"]] == made[::-1]
    assert rest["next"] is None
    assert (
        get(f"/catalog/checks?unit={UNIT}", OFFICE).body["items"]
        == get("/catalog/checks?unit=mine", UNIT).body["items"]
    )
    assert get(f"/catalog/checks?unit={UNIT}", OTHERS).status == 403
    assert get("/catalog/checks?next=nonsense", UNIT).status == 422


# Who may decide, and who may read: everybody tries every action on the asking side's certificate.
WHO = {
    "anonymous": (401, 401),
    "asking": (200, 200),
    "asking_approver": (403, 200),
    "giving": (404, 404),
    "giving_approver": (404, 404),
    "stranger": (404, 404),
    "office": (403, 200),
    "auditor": (404, 404),
    "secrecy": (404, 404),
    "statistics": (403, 200),
    "archives": (404, 404),
}


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("made", [a_justification, a_reuse], ids=["justify", "reuse"])
def test_only_the_units_officer_decides(caller: str, made: Any, stack: dict[str, str]) -> None:
    check, hit = a_check()
    acts, reads = WHO[caller]
    before = len(events_in(stack["CatalogTable"]))
    assert made(check, hit).by(caller).status == acts
    assert len(events_in(stack["CatalogTable"])) == before + (acts == 200)
    assert Sent("GET", f"/catalog/checks/{check['id']}").by(caller).status == reads


def test_the_leading_group_reads_what_it_rules_on() -> None:
    assert get(f"/catalog/checks/{search().body['id']}", "leading_group").status == 200


def deciding(last: Reply, hit: str, choice: Choice) -> Callable[[], Certificate]:
    """Return a decision about a hit as it stands; a function answers one request at a time, the store many."""
    store, officer = check_store(), Caller(organisation=UNIT, officer="o-1", claims=frozenset({Claim.OFFICER}))
    said = {
        Choice.JUSTIFY: Justification(hit=hit, reason=REASON),
        Choice.REUSE: Reuse(hit=hit, duty=DUTY, purpose="city_operation"),
    }[choice]
    given = Given(Reusable(hit, PROVIDER, ("空余泊位数",)))
    step = take(store.get(last.body["id"]).record, Act(choice, said, officer, now(), given))

    def decided() -> Certificate:
        store.save_step(step)
        return step.record

    return decided


def test_of_many_who_decide_at_once_one_is_heard(stack: dict[str, str]) -> None:
    entry = an_entry()
    made = search()
    outcomes = at_once(*(deciding(made, entry["id"], choice) for choice in [Choice.JUSTIFY, Choice.REUSE] * 4))
    assert Counter(map(type, outcomes)) == {Certificate: 1, Stale: 7}
    decisions = check_store().get(made.body["id"]).record.decisions
    assert len(decisions) == 1
    assert len([e for e in events_in(stack["CatalogTable"]) if e.type.startswith("check.hit")]) == 1


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("nth", [1, 2])
def test_a_crash_while_justifying_leaves_one_decision_after_the_retry(when: str, nth: int, aws_calls: Calls) -> None:
    entry = an_entry()
    made = search()
    with aws_calls.crash(when, nth):
        justify(made, entry["id"])
    assert aws_calls.crashed
    last = get(f"/catalog/checks/{made.body['id']}", UNIT)
    if last.body["undecided"]:
        last = justify(last, entry["id"])
    assert (last.status, last.body["undecided"]) == (200, [])
    assert len(check_store().get(made.body["id"]).record.decisions) == 1


def test_a_read_costs_one_call_and_a_decision_three(aws_calls: Calls) -> None:
    entry = an_entry()
    made = search()
    aws_calls.clear()
    get(f"/catalog/checks/{made.body['id']}", UNIT)
    assert aws_calls.names == ["Query"]
    aws_calls.clear()
    decide(made, "justify", {"hit": entry["id"], "reason": REASON})
    assert aws_calls.names == ["Query", "PutObject", "TransactWriteItems"]


def test_two_units_that_mean_to_do_the_same_are_told_of_the_published_entry_alike() -> None:
    an_entry()
    ours, theirs = search(SUBJECT, UNIT), search(SUBJECT, OTHERS)
    assert ours.body["evidence_hash"] == theirs.body["evidence_hash"]
