"""A negotiation over HTTP, in memory: from the draft to the agreement in force, and to the refusal that is accepted."""

import hashlib

import pytest

from services.requests import api, listen
from services.requests.acts import Nothing, Reasoned
from services.requests.guards import Given
from services.requests.request import Action, State
from services.requests.steps import take
from services.requests.store import request_store
from services.shared.callers import Caller, Claim
from services.shared.canonical import canonical, new_id
from services.shared.dynamo import load_case
from services.shared.errors import Stale
from services.shared.lifecycle import Act
from services.shared.organisations import OFFICE
from tests.negotiating import ONE_IS_PUBLIC, RULED, desk_of, do, events_of, seen, types_of
from tests.sharing import (
    COUNTER,
    DOCKET,
    GAPS,
    HASH,
    ITEMS,
    NOON,
    PROVIDER,
    REFUSAL,
    REQUESTER,
    RULING,
    STORIES,
    STRANGER,
    Side,
    a_published_entry,
    a_request,
    deliver_receipts,
    draft,
    fresh_key,
    hear,
    play,
    published,
    receipted,
    terms,
)
from tests.sharing import Act as PlayersAct
from tests.stack import Calls
from tests.support import Context, call, events_in, sqs_batch


def an_officer(organisation: str) -> Caller:
    return Caller(organisation=organisation, officer="o-1", claims=frozenset({Claim.OFFICER}))


pytestmark = pytest.mark.usefixtures("data_stack")


def test_a_draft_is_seen_by_the_requester_alone() -> None:
    request_id, asking, giving = a_request("DRAFT")
    assert asking.get(f"/requests/{request_id}").body["state"] == "DRAFT"
    for other in (giving, Side(OFFICE), Side(STRANGER)):
        assert other.get(f"/requests/{request_id}").status == 404
    assert giving.get("/requests?as=provider").body["items"] == []


def test_a_submitted_request_is_seen_by_provider_and_office_and_no_stranger() -> None:
    request_id, _, giving = a_request("SUBMITTED")
    for side in (giving, Side(OFFICE)):
        assert side.get(f"/requests/{request_id}").body["state"] == "SUBMITTED"
    assert Side(STRANGER).get(f"/requests/{request_id}").status == 404
    assert [line["id"] for line in giving.get("/requests?as=provider").body["items"]] == [request_id]


@pytest.mark.parametrize("state", STORIES)
def test_every_state_is_reached_by_a_story_of_real_calls(state: str) -> None:
    request_id, asking, _ = a_request(state)
    assert asking.get(f"/requests/{request_id}").body["state"] == state


def test_an_agreement_is_active_only_once_both_receipts_are_there() -> None:
    request_id, asking, _ = a_request("RESULT_FILED")
    request_filing, result_filing = asking.get(f"/requests/{request_id}").body["filing"]
    hear(receipted(request_id, request_filing["event_id"]))
    waiting = asking.get(f"/requests/{request_id}").body
    assert (waiting["state"], waiting["agreement"]) == ("RESULT_FILED", None)

    hear(receipted(request_id, result_filing["event_id"], kind="result"))

    concluded = asking.get(f"/requests/{request_id}").body
    assert (concluded["state"], concluded["agreement"]) == ("CONCLUDED", "ACTIVE")
    assert [filing["state"] for filing in concluded["filing"]] == ["receipted", "receipted"]


def test_receipts_in_the_other_order_or_twice_activate_once(data_stack: dict[str, str]) -> None:
    request_id, asking, _ = a_request("RESULT_FILED")
    filings = asking.get(f"/requests/{request_id}").body["filing"]
    for filing in [*reversed(filings), *filings]:
        hear(receipted(request_id, filing["event_id"], kind=filing["kind"]))
    types = [event.type for event in events_in(data_stack["RequestsTable"])]
    assert types.count("agreement.activated") == 1


def test_a_sensitive_item_waits_for_a_confidentiality_agreement_and_says_so() -> None:
    request_id, asking, giving = a_request("UNDER_REVIEW")
    giving.act(request_id, "classify", {"items": {ITEMS[0]: "PERSONAL_PRIVACY"}})
    agreed = asking.get(f"/requests/{request_id}").body["terms_hash"]
    for side, action, body in (
        (giving, "agree", {"terms_hash": agreed}),
        (giving, "draft", {}),
        (giving, "sign", {"terms_hash": agreed}),
        (asking, "sign", {"terms_hash": agreed}),
        (giving, "file_result", {"terms_hash": agreed}),
        (asking, "file_result", {"terms_hash": agreed}),
    ):
        assert side.act(request_id, action, body).status == 200
    deliver_receipts(request_id, asking)
    pending = asking.get(f"/requests/{request_id}").body
    assert (pending["state"], pending["agreement"]) == ("CONF_PENDING", None)
    assert "安全保密协议" in pending["confidentiality"]["text"]
    assert {"reopen", "sign_confidentiality"} <= set(pending["actions"])


def test_a_refusal_closes_only_after_its_report_reached_the_office() -> None:
    request_id, asking, _ = a_request("REFUSED")
    early = asking.act(request_id, "accept_refusal")
    assert (early.status, early.pointers) == (422, ["/filings"])
    deliver_receipts(request_id, asking)
    closed = asking.act(request_id, "accept_refusal").body
    assert closed["state"] == "CLOSED_REFUSED"
    assert [(filing["kind"], filing["state"]) for filing in closed["filing"]] == [
        ("request", "receipted"),
        ("refusal_report", "receipted"),
        ("result", "pending"),
    ]


def test_a_refusal_without_a_clause_that_excludes_sharing_is_refused() -> None:
    request_id, _, giving = a_request("SUBMITTED")
    weak = giving.act(request_id, "refuse", REFUSAL | {"instrument": "decree-809", "clause": "15"})
    unknown = giving.act(request_id, "refuse", REFUSAL | {"instrument": "no-such-law"})
    assert [(reply.status, reply.pointers) for reply in (weak, unknown)] == [(422, ["/clause"])] * 2


def test_agreement_must_name_the_latest_offer_of_the_other_side() -> None:
    request_id, asking, giving = a_request("UNDER_REVIEW")
    first = asking.get(f"/requests/{request_id}").body["terms_hash"]
    giving.act(request_id, "counter", {"terms": terms(items=ITEMS[:1])})
    assert asking.act(request_id, "agree", {"terms_hash": first}).status == 422
    assert giving.act(request_id, "agree", {"terms_hash": first}).status == 403


def test_after_reopening_the_provider_cannot_agree_to_its_own_last_offer() -> None:
    request_id, asking, giving = a_request("PRO_SIGNED")
    reopened = asking.act(request_id, "reopen", {"reason": "范围需要调整"}).body
    assert (reopened["state"], reopened["signatures"]) == ("UNDER_REVIEW", [])
    own = giving.act(request_id, "agree", {"terms_hash": reopened["terms_hash"]})
    assert (own.status, own.body["errors"][0]["detail"][:16]) == (422, "the latest offer")


def test_each_side_files_the_result_once() -> None:
    request_id, asking, giving = a_request("SIGNED")
    agreed = {"terms_hash": asking.get(f"/requests/{request_id}").body["terms_hash"]}
    assert giving.act(request_id, "file_result", agreed).body["state"] == "SIGNED"
    assert giving.act(request_id, "file_result", agreed).status == 409
    assert "file_result" not in giving.get(f"/requests/{request_id}").body["actions"]
    assert asking.act(request_id, "file_result", agreed).body["state"] == "RESULT_FILED"


def test_a_draft_that_is_wrong_in_many_ways_is_told_all_of_them_and_writes_nothing(data_stack: dict[str, str]) -> None:
    entry_id = a_published_entry()
    wrong = terms(items=("空余泊位数", "不存在", "空余泊位数"), area="999999", until="2026-01-01")
    wrong["method"]["channel"] = "telepathy"
    reply = Side(REQUESTER).create(draft(entry_id, terms=wrong, duty="district_sharing_110101"))
    assert reply.status == 422
    assert reply.pointers == [
        "/duty",
        "/terms/content/items/1",
        "/terms/content/items/2",
        "/terms/method/channel",
        "/terms/scope/areas/0",
        "/terms/validity/valid_until",
    ]
    assert events_in(data_stack["RequestsTable"]) == []


def test_an_organisation_cannot_ask_itself() -> None:
    reply = Side(PROVIDER).create(draft(a_published_entry(), duty="district_sharing_110107"))
    assert (reply.status, reply.pointers) == (422, ["/resource"])


def test_an_unknown_or_withdrawn_entry_cannot_be_asked_for() -> None:
    assert Side(REQUESTER).create(draft(new_id())).pointers == ["/resource"]


def test_the_same_key_and_body_make_one_request_and_another_body_is_refused() -> None:
    side, body, key = Side(REQUESTER), draft(a_published_entry()), fresh_key()
    first, again = side.create(body, key), side.create(body, key)
    assert (first.status, again.status) == (201, 200)
    assert first.body["id"] == again.body["id"]
    assert side.create(body | {"terms": terms(until="2028-01-01")}, key).status == 422
    assert len(side.get("/requests").body["items"]) == 1


def test_a_change_needs_the_version_that_stands() -> None:
    request_id, asking, _ = a_request("DRAFT")
    assert asking.act(request_id, "propose", version='"9"').status == 412
    missing = call(api.handler, "POST", f"/requests/{request_id}/propose", token=asking.token, json={})
    assert missing.status == 428
    assert asking.get(f"/requests/{request_id}").body["state"] == "DRAFT"


def test_of_two_decisions_on_one_version_the_second_is_refused(data_stack: dict[str, str]) -> None:
    request_id, asking, giving = a_request("SUBMITTED")
    seen = giving.get(f"/requests/{request_id}").etag
    won = giving.act(request_id, "refuse", REFUSAL, version=seen)
    lost = asking.act(request_id, "withdraw", {"reason": "不再需要"}, version=seen)
    assert (won.status, lost.status) == (200, 412)


def test_of_two_steps_decided_at_the_same_moment_the_slower_is_refused_by_the_table() -> None:
    request_id, _, _ = a_request("SUBMITTED")
    store = request_store()
    request, given = store.get(request_id).request, Given()
    taken_up = take(request, Act(Action.ACCEPT_FOR_PROCESSING, Nothing(), an_officer(PROVIDER), NOON, given))
    withdrawn = take(request, Act(Action.WITHDRAW, Reasoned(reason="不再需要"), an_officer(REQUESTER), NOON, given))
    store.save(taken_up)
    with pytest.raises(Stale):
        store.save(withdrawn)
    assert store.get(request_id).request.state is State.UNDER_REVIEW


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("nth", [1, 2])
def test_a_crash_while_submitting_loses_nothing_and_files_nothing_twice(
    when: str, nth: int, data_stack: dict[str, str], aws_calls: Calls
) -> None:
    request_id, asking, _ = a_request("INTERNAL_APPROVAL")
    seen = asking.get(f"/requests/{request_id}").etag
    with aws_calls.crash(when, nth):
        asking.act(request_id, "submit", version=seen)

    retried = asking.act(request_id, "submit", version=seen)

    assert retried.status in (200, 412)
    types = [event.type for event in events_in(data_stack["RequestsTable"])]
    assert types == ["request.created", "request.proposed", "request.submitted"]
    assert asking.get(f"/requests/{request_id}").body["state"] == "SUBMITTED"


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("nth", [1, 2])
def test_a_crash_while_drafting_leaves_one_request_behind_after_the_retry(
    when: str, nth: int, data_stack: dict[str, str], aws_calls: Calls
) -> None:
    side, body, key = Side(REQUESTER), draft(a_published_entry()), fresh_key()
    with aws_calls.crash(when, nth):
        side.create(body, key)
    assert aws_calls.crashed
    assert side.create(body, key).status in (200, 201)
    assert [event.type for event in events_in(data_stack["RequestsTable"])] == ["request.created"]


# What each act writes: a payload's box, where words were written, and then everything else in one transaction.
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    ("state", "nth", "act", "told"),
    [
        ("SUBMITTED", 1, ("office", "return", GAPS), "request.returned"),
        ("SUBMITTED", 2, ("office", "return", GAPS), "request.returned"),
        ("SUBMITTED", 2, ("giving", "refuse", REFUSAL), "request.refused"),
        ("UNDER_REVIEW", 1, ("giving", "counter", COUNTER), "request.countered"),
        ("UNDER_REVIEW", 2, ("giving", "counter", COUNTER), "request.countered"),
        ("COORDINATION", 1, ("office", "escalate", DOCKET), "request.escalated"),
        ("COORDINATION", 2, ("office", "escalate", DOCKET), "request.escalated"),
        ("ESCALATED", 1, ("group", "rule_share", RULING), "request.ruled_to_share"),
        ("ESCALATED", 2, ("group", "rule_share", RULING), "request.ruled_to_share"),
        ("CONF_PENDING", 1, ("giving", "sign_confidentiality", HASH), "request.confidentiality_signed"),
    ],
)
def test_a_crash_at_any_write_of_an_act_is_made_good_by_its_retry(
    state: str, nth: int, act: PlayersAct, told: str, when: str, aws_calls: Calls
) -> None:
    request_id, _, _ = a_request(state)
    before, desk = types_of(request_id), desk_of(request_id)
    with aws_calls.crash(when, nth):
        do(request_id, *act)
    assert aws_calls.crashed
    if types_of(request_id) == before:  # nothing was written, and nothing half
        assert (seen(request_id)["state"], desk_of(request_id)) == (state, desk)
        assert do(request_id, *act).status == 200
    assert types_of(request_id) == [*before, told]
    assert do(request_id, *act).status in (403, 409)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("nth", [1, 2, 3])
@pytest.mark.parametrize("state", ["RESULT_FILED", "CONF_FILED"])
def test_a_crash_while_hearing_the_last_receipt_is_made_good_by_its_redelivery(
    state: str, nth: int, when: str, aws_calls: Calls
) -> None:
    request_id, _, _ = a_request(state)
    *others, last = seen(request_id)["filing"]
    for filing in others:
        hear(receipted(request_id, filing["event_id"], kind=filing["kind"]))
    final = receipted(request_id, last["event_id"], kind=last["kind"])
    with aws_calls.crash(when, nth):
        hear(final)
    assert aws_calls.crashed

    hear(final, final)

    assert seen(request_id)["state"] == "CONCLUDED"
    assert types_of(request_id)[-2:] == ["request.filings_receipted", "agreement.activated"]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("nth", [1, 2, 3, 4])  # three inboxes, and the draft that the system makes of a ruling
def test_a_crash_while_hearing_a_ruling_leaves_one_draft_and_one_notice_each(
    nth: int, when: str, aws_calls: Calls
) -> None:
    request_id, _, _ = a_request("DRAFT")
    told, classified = len(STORIES["SUBMITTED"]), ("giving", "classify", ONE_IS_PUBLIC)
    play(request_id, [*RULED[:told], classified, *RULED[told:]])
    ruling = events_of(request_id)[-1]
    with aws_calls.crash(when, nth):
        hear(ruling)
    assert aws_calls.crashed

    hear(ruling, ruling)

    assert types_of(request_id)[-2:] == ["request.ruled_to_share", "request.agreement_drafted"]
    for organisation in (REQUESTER, PROVIDER, OFFICE):
        notices = Side(organisation).get("/requests/inbox").body["items"]
        assert [notice["event"] for notice in notices].count(ruling.id) == 1


def test_what_was_written_can_be_read_by_its_readers_and_proves_its_hash() -> None:
    request_id, asking, giving = a_request("REFUSED")
    history = asking.get(f"/requests/{request_id}/history").body["items"]
    refused = history[-1]
    opened = giving.get(refused["payload"]).body
    assert opened["content"]["reason"] == REFUSAL["reason"]
    recomputed = hashlib.sha256(bytes.fromhex(opened["salt"]) + canonical(opened["content"])).hexdigest()
    assert recomputed == opened["sha256"] == refused["event"]["payload_sha256"]
    assert Side(OFFICE).get(refused["payload"]).status == 200
    assert Side(STRANGER).get(refused["payload"]).status == 404
    assert giving.get(history[0]["payload"]).status == 404


def test_history_shows_the_provider_nothing_from_before_the_submission() -> None:
    request_id, asking, giving = a_request("SUBMITTED")
    assert len(asking.get(f"/requests/{request_id}/history").body["items"]) == 3
    theirs = giving.get(f"/requests/{request_id}/history").body["items"]
    assert [line["event"]["type"] for line in theirs] == ["request.submitted"]


def test_an_older_word_on_an_entry_does_not_overwrite_a_newer_one(data_stack: dict[str, str]) -> None:
    entry_id = new_id()
    hear(published(entry_id, items=("新",), seq=5))
    hear(published(entry_id, items=("旧",), seq=3))
    reply = Side(REQUESTER).create(draft(entry_id, terms=terms(items=("新",))))
    assert reply.status == 201


def test_a_message_that_cannot_be_heard_is_reported_and_the_others_are_heard() -> None:
    unknown, known = receipted(new_id(), new_id()), published(new_id())
    answer = listen.handler(sqs_batch([unknown, known]), Context())
    assert len(answer["batchItemFailures"]) == 1
    assert Side(REQUESTER).create(draft(known.case)).status == 201


def test_reads_cost_two_calls_and_steps_three_at_most(data_stack: dict[str, str], aws_calls: Calls) -> None:
    request_id, asking, giving = a_request("UNDER_REVIEW")
    seen = giving.get(f"/requests/{request_id}").etag
    costs = {}
    for name, path in {"read": "", "history": "/history"}.items():
        aws_calls.clear()
        asking.get(f"/requests/{request_id}{path}")
        costs[name] = len(aws_calls.names)
    aws_calls.clear()
    giving.act(request_id, "counter", {"terms": terms(items=ITEMS[:1])}, version=seen)
    assert costs | {"counter": len(aws_calls.names)} == {"read": 1, "history": 2, "counter": 3}


def test_a_case_partition_holds_what_the_readme_says(data_stack: dict[str, str]) -> None:
    request_id, _, _ = a_request("CONCLUDED")
    kinds = {item["sk"].split("#")[0] for item in load_case(data_stack["RequestsTable"], request_id)}
    assert kinds == {"STATE", "RECEIPT"}


def test_the_agreement_text_says_what_was_signed() -> None:
    request_id, asking, _ = a_request("SIGNED")
    agreement = asking.get(f"/requests/{request_id}/agreement").body
    for said in ("空余泊位数", "石景山区", "停车诱导与路侧停车管理", "2027-12-31", agreement["terms_hash"]):
        assert said in agreement["text"]
    assert [signature["party"] for signature in agreement["signatures"]] == ["provider", "requester"]


def test_a_list_is_read_page_by_page_and_a_forged_place_opens_nothing() -> None:
    asking = Side(REQUESTER)
    entry_id = a_published_entry()
    made = {asking.create(draft(entry_id)).body["id"] for _ in range(3)}
    first = asking.get("/requests?limit=2").body
    second = asking.get(f"/requests?limit=2&next={first['next']}").body
    assert {line["id"] for line in first["items"] + second["items"]} == made
    assert second["next"] is None
    theirs = Side(STRANGER).get(f"/requests?next={first['next']}")
    forged = asking.get("/requests?next=eyJwayI6IngifQ")
    assert (theirs.status, forged.status) == (422, 422)


def test_the_provider_reads_its_list_page_by_page() -> None:
    ids = {a_request("SUBMITTED")[0] for _ in range(2)}
    giving = Side(PROVIDER)
    first = giving.get("/requests?as=provider&limit=1").body
    second = giving.get(f"/requests?as=provider&limit=1&next={first['next']}").body
    assert {line["id"] for line in first["items"] + second["items"]} == ids


def test_a_draft_cannot_be_turned_to_another_entry() -> None:
    request_id, asking, _ = a_request("DRAFT")
    path, other = f"/requests/{request_id}", a_published_entry()
    headers = {"If-Match": asking.get(path).etag}
    reply = call(api.handler, "PUT", path, token=asking.token, json=draft(other), headers=headers)
    assert (reply.status, reply.pointers) == (422, ["/resource"])
    assert asking.get(path).etag == headers["If-Match"]


def test_terms_that_one_event_could_not_tell_are_refused_before_anybody_agrees() -> None:
    entry = a_published_entry(items=())  # listed without its items: any may be asked for
    many = tuple(f"{number}" + "泊" * 197 for number in range(100))
    reply = Side(REQUESTER).create(draft(entry, terms=terms(items=many)))
    assert (reply.status, reply.pointers) == (422, ["/terms"])


def test_offers_go_on_until_one_record_could_not_hold_them_and_then_it_is_said() -> None:
    large = [terms(items=tuple(f"{side}{number}" + "泊" * 190 for number in range(60))) for side in "ab"]
    request_id, asking, giving = a_request(
        "UNDER_REVIEW", resource=a_published_entry(items=()), terms=terms(items=ITEMS)
    )
    sides = ((giving, large[0]), (asking, large[1])) * 10
    replies = [side.act(request_id, "counter", {"terms": offered}) for side, offered in sides]
    statuses = [reply.status for reply in replies]
    assert statuses.index(422) > 5
    assert replies[statuses.index(422)].pointers == ["/terms"]
    assert len(asking.get(f"/requests/{request_id}").body["offers"]) == statuses.index(422) + 1
