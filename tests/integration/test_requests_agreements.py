"""An agreement over HTTP, in memory: from its activation to the archives, with every refusal on the way."""

import hashlib
import json

import pytest

from services.requests import api
from services.requests.agreement_reading import read_back
from services.requests.odrl_model import policy_in
from services.requests.odrl_reading import terms_from
from services.requests.store import request_store
from services.requests.terms import Terms, terms_hash
from services.shared.canonical import canonical, new_id
from services.shared.organisations import OFFICE, SECRECY_BUREAU
from tests.agreements import (
    SIGNED,
    WORDS,
    a_played_agreement,
    act,
    an_agreement,
    bearer,
    get,
    hear_receipts,
    played,
)
from tests.sharing import ITEMS, PROVIDER, REQUESTER, a_request, hear, receipted
from tests.stack import Calls
from tests.support import Reply, call, events_in

pytestmark = pytest.mark.usefixtures("data_stack")

DISPOSED = ("requester record_custody", "requester fulfil", "requester dispose")


def post(case: str, action: str, *, body: object = None, **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    path = f"/agreements/{case}/{action}"
    return call(api.handler, "POST", path, token=bearer("provider"), json=body or {}, headers=named)


def test_an_activated_agreement_stands_beside_its_request() -> None:
    case = a_played_agreement()
    view = get(f"/agreements/{case}", "requester").body
    assert (view["state"], view["edition"], view["sensitive_items"]) == ("ACTIVE", 1, {})
    assert (view["responsible_unit"], view["risk_bearer"]) == (PROVIDER, REQUESTER)
    assert [filing["kind"] for filing in view["filing"]] == ["request", "result"]
    assert (view["awaiting"], view["clock"]["clock"]) == ([], "provide_after_consent")
    assert view["duty"] == "parking_management"
    assert get(f"/requests/{case}", "requester").body["agreement"] == "ACTIVE"


@pytest.mark.parametrize("who", ["stranger", "archives", "group", "secrecy"])
@pytest.mark.parametrize("part", ["", "/text", "/odrl", "/confidentiality", "/history"])
def test_an_agreement_is_not_there_for_those_it_does_not_concern(who: str, part: str) -> None:
    assert get(f"/agreements/{an_agreement()}{part}", who).status == 404


@pytest.mark.parametrize("part", ["", "/text", "/odrl", "/confidentiality", "/history"])
def test_without_a_token_nothing_is_read_and_where_there_is_none_none_is_found(part: str) -> None:
    assert get(f"/agreements/{an_agreement()}{part}", "anonymous").status == 401
    assert get(f"/agreements/{new_id()}{part}", "office").status == 404
    assert get(f"/agreements/{a_request('SUBMITTED')[0]}{part}", "office").status == 404


def test_a_story_to_the_archives() -> None:
    case = played(an_agreement(), "provider record_provision", *DISPOSED, "archives archive")
    view = get(f"/agreements/{case}", "archives").body
    assert (view["state"], view["end"]["kind"], view["custody"]["number"]) == ("ARCHIVED", "fulfilled", 1)
    assert (view["awaiting"], view["actions"]) == ([], [])
    assert [filing["kind"] for filing in view["filing"]] == ["request", "result", "disposal"]


def test_an_amendment_over_http_is_in_force_with_its_receipt_alone() -> None:
    case = played(an_agreement(), *SIGNED)
    waiting = get(f"/agreements/{case}", "requester").body
    assert (waiting["edition"], waiting["pending"]["awaiting"]) == (1, [])
    assert waiting["pending"]["filing"][0]["state"] == "pending"
    hear_receipts(case)
    amended = get(f"/agreements/{case}", "requester").body
    assert (amended["edition"], amended["terms"]["content"]["items"], amended["pending"]) == (2, [ITEMS[0]], None)


def test_receipts_in_the_other_order_or_twice_amend_once(data_stack: dict[str, str]) -> None:
    case = played(an_agreement(secret=True), *SIGNED)
    filings = get(f"/agreements/{case}", "office").body["pending"]["filing"]
    assert {filing["authority"] for filing in filings} == {OFFICE, SECRECY_BUREAU}
    for filing in [*reversed(filings), *filings]:
        hear(receipted(case, filing["event_id"], kind=filing["kind"]))
    types = [event.type for event in events_in(data_stack["RequestsTable"])]
    assert (types.count("agreement.amended"), types[-1]) == (1, "agreement.amended")


def test_what_the_ledger_has_not_receipted_is_not_in_force() -> None:
    case = played(an_agreement(secret=True), *SIGNED)
    office, _ = get(f"/agreements/{case}", "office").body["pending"]["filing"]
    hear(receipted(case, office["event_id"], kind="amendment"))
    assert get(f"/agreements/{case}", "office").body["edition"] == 1


def test_refusals_have_the_statuses_of_the_house() -> None:
    case = an_agreement()
    tag = get(f"/agreements/{case}", "office").etag
    asked = {
        "missing If-Match": post(case, "suspend", body={"reason": "排查", "review_by": "2027-06-30"}),
        "stale": act(case, "provider", "suspend", version='"1"'),
        "unknown action": post(case, "activate", If_Match=tag),
        "the system's own": post(case, "put_in_force", If_Match=tag),
        "not valid": act(case, "provider", "suspend", review_by="2020-01-01"),
        "unknown field": post(case, "suspend", body={"why": "排查"}, If_Match=tag),
        "not allowed": act(case, "requester", "suspend"),
        "not in this state": act(case, "requester", "dispose"),
        "not to be seen": act(case, "stranger", "suspend"),
        "without a token": act(case, "anonymous", "suspend"),
    }
    wanted = (428, 412, 422, 422, 422, 422, 403, 409, 404, 401)
    assert {name: reply.status for name, reply in asked.items()} == dict(zip(asked, wanted, strict=True))
    assert get(f"/agreements/{case}", "office").etag == tag


def test_each_side_lists_its_own_and_the_offices_what_stands_in_a_state() -> None:
    case = an_agreement()
    for who, query in (
        ("requester", ""),
        ("requester", "?as=requester"),
        ("provider", "?as=provider"),
        ("office", "?state=ACTIVE"),
        ("supervision", "?state=ACTIVE"),
    ):
        assert [line["id"] for line in get(f"/agreements{query}", who).body["items"]] == [case], who
    for who, query in (("provider", ""), ("stranger", ""), ("office", "?state=ENDED"), ("secrecy", "")):
        assert get(f"/agreements{query}", who).body["items"] == [], who
    for who in ("requester", "stranger", "secrecy", "archives", "group"):
        assert get("/agreements?state=ACTIVE", who).status == 403
    assert get("/agreements?state=ACTIVE&as=provider", "office").pointers == ["/query/state"]
    assert get("/agreements", "anonymous").status == 401


def test_the_archives_list_what_is_to_come_to_them() -> None:
    case = played(an_agreement(), *DISPOSED)
    assert [line["id"] for line in get("/agreements?state=DISPOSED", "archives").body["items"]] == [case]


def test_the_bureaus_docket_holds_what_is_sensitive_and_no_other_terms() -> None:
    case, _ = an_agreement(secret=True), an_agreement()
    (line,) = get("/agreements", "secrecy").body["items"]
    assert (line["id"], line["sensitive"], line["actions"]) == (case, True, ["suspend"])
    assert get(f"/agreements/{case}", "secrecy").body["terms"] is None
    assert get(f"/agreements/{case}/text", "secrecy").status == 403
    assert get(f"/agreements/{case}/odrl", "secrecy").status == 403
    said = get(f"/agreements/{case}/confidentiality", "secrecy").body
    assert (said["filing"]["authority"], said["filing"]["state"]) == (SECRECY_BUREAU, "receipted")
    assert "停车诱导" not in json.dumps(get(f"/agreements/{case}/history", "secrecy").body, ensure_ascii=False)
    played(case, "secrecy suspend")
    assert get(f"/agreements/{case}", "requester").body["suspension"]["by"] == "secrecy_bureau"


def test_the_confidentiality_agreement_is_there_before_the_agreement_is() -> None:
    case, _, _ = a_request("CONF_PENDING")
    path = f"/agreements/{case}/confidentiality"
    drafted = get(path, "provider").body
    assert (drafted["signatures"], drafted["filing"]) == ([], None)
    assert drafted["confidentiality_hash"] in drafted["text"]
    assert get(path, "office").body == drafted
    assert [get(path, who).status for who in ("secrecy", "stranger", "supervision")] == [404, 404, 404]
    filed, _, _ = a_request("CONF_FILED")
    bureau = get(f"/agreements/{filed}/confidentiality", "secrecy").body
    assert (len(bureau["signatures"]), bureau["filing"]["state"]) == (2, "pending")
    assert get(f"/agreements/{a_request('SIGNED')[0]}/confidentiality", "office").status == 404


def test_text_and_policy_say_the_terms_that_were_signed() -> None:
    case = an_agreement()
    view, text = get(f"/agreements/{case}", "office").body, get(f"/agreements/{case}/text", "provider").body
    policy = get(f"/agreements/{case}/odrl", "requester")
    assert policy.headers["content-type"] == "application/ld+json"
    agreed = Terms.model_validate(view["terms"])
    assert read_back(text["text"]) == agreed == terms_from(policy_in(policy.body))
    assert {text["terms_hash"], view["terms_hash"], policy.body["termsHash"]} == {terms_hash(agreed)}
    assert len(text["signatures"]) == 2


def test_the_version_to_come_is_read_before_it_is_signed() -> None:
    case = played(an_agreement(), "requester propose_amendment")
    text = get(f"/agreements/{case}/text?version=pending", "provider").body
    assert (text["edition"], text["signatures"]) == (2, [])
    assert read_back(text["text"]) == Terms.model_validate(WORDS["propose_amendment"]["terms"])
    assert get(f"/agreements/{case}/odrl?version=pending", "provider").body["agreementVersion"] == 2
    assert get(f"/agreements/{an_agreement()}/text?version=pending", "provider").status == 404


def test_the_history_begins_with_the_activation_and_each_reads_what_is_for_them() -> None:
    case = played(an_agreement(secret=True), "requester propose_amendment", "secrecy suspend", "office resume")
    mine = [line["event"]["type"] for line in get(f"/agreements/{case}/history", "requester").body["items"]]
    assert mine == [
        "agreement.activated",
        "agreement.amendment_proposed",
        "agreement.suspended",
        "agreement.resumed",
    ]
    assert [line["event"]["type"] for line in get(f"/agreements/{case}/history", "supervision").body["items"]] == mine
    theirs = [line["event"]["type"] for line in get(f"/agreements/{case}/history", "secrecy").body["items"]]
    assert theirs == ["agreement.suspended", "agreement.resumed"]
    first = get(f"/agreements/{case}/history?limit=1", "requester").body
    assert first["items"][0]["event"]["type"] == "agreement.activated"
    second = get(f"/agreements/{case}/history?limit=1&next={first['next']}", "requester").body
    assert second["items"][0]["event"]["type"] == "agreement.amendment_proposed"


def test_what_was_written_is_read_by_its_readers_and_proves_its_hash() -> None:
    case = played(an_agreement(), "office suspend")
    line = get(f"/agreements/{case}/history", "requester").body["items"][-1]
    opened = get(line["payload"], "requester").body
    assert opened["content"]["reason"] == "发现接口异常调用，先行暂停。"
    assert (
        hashlib.sha256(bytes.fromhex(opened["salt"]) + canonical(opened["content"])).hexdigest()
        == line["event"]["payload_sha256"]
    )
    assert [get(line["payload"], who).status for who in ("stranger", "secrecy", "archives")] == [404, 404, 404]


def test_nobody_reads_the_other_events_payloads_by_this_address() -> None:
    case = a_played_agreement()
    drafted = get(f"/requests/{case}/history", "requester").body["items"][0]
    path = drafted["payload"].replace("/requests/", "/agreements/")
    assert get(path, "provider").status == 404


def test_an_entrys_recipients_are_found_until_their_agreements_are_over() -> None:
    case = an_agreement()
    resource = get(f"/agreements/{case}", "office").body["resource"]
    assert list(request_store().recipients(resource)) == [(REQUESTER, case)]
    played(case, "requester fulfil")
    assert list(request_store().recipients(resource)) == []


def test_a_non_performance_is_settled_at_the_agreements_own_address() -> None:
    case = played(an_agreement(), "provider report_non_performance", "office mediate", "office escalate")
    dispute = get(f"/agreements/{case}", "group").body["coordination"]
    assert (dispute["state"], dispute["actions"]) == ("ESCALATED", ["rule_for", "rule_against", "remand"])
    played(case, "group remand", "requester settle", "provider settle")
    view = get(f"/agreements/{case}", "office").body
    assert (view["coordination"]["state"], view["non_performance"]) == ("SETTLED", None)
    assert act(case, "office", "mediate").status == 409


def test_reads_cost_two_calls_at_most_and_steps_three(aws_calls: Calls) -> None:
    case = an_agreement(secret=True)
    costs = {}
    for part in ("", "/text", "/odrl", "/confidentiality", "/history"):
        aws_calls.clear()
        get(f"/agreements/{case}{part}", "requester")
        costs[part or "read"] = len(aws_calls.names)
    assert costs == {"read": 1, "/text": 1, "/odrl": 1, "/confidentiality": 1, "/history": 2}
    for who, action in (
        ("requester", "propose_amendment"),
        ("provider_approver", "sign_amendment"),
        ("requester_approver", "sign_amendment"),
        ("provider", "report_non_performance"),
        ("requester", "settle"),
    ):
        sent = right(case, action)
        aws_calls.clear()
        assert send(case, who, action, sent).status == 200
        assert len(aws_calls.names) <= 3, (action, aws_calls.names)


def right(case: str, action: str) -> tuple[str, dict[str, object]]:
    """Return what an action is sent with now: the version that stands, and its body."""
    seen = get(f"/agreements/{case}", "office")
    if action != "sign_amendment":
        return seen.etag, dict(WORDS[action])
    return seen.etag, {name: seen.body["pending"][name] for name in ("terms_hash", "confidentiality_hash")}


def send(case: str, who: str, action: str, sent: tuple[str, dict[str, object]]) -> Reply:
    etag, body = sent
    path = f"/agreements/{case}/{action}"
    return call(api.handler, "POST", path, token=bearer(who), json=body, headers={"If-Match": etag})


def test_only_the_internal_body_signs() -> None:
    case = played(an_agreement(), "requester propose_amendment")
    assert send(case, "requester", "sign_amendment", right(case, "sign_amendment")).status == 403
