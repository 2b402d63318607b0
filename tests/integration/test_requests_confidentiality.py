"""Sensitive items: both approvers sign a confidentiality agreement, the secrecy bureau has it, and only then it holds.

三(五), S-012, S-095, S-096 and I1; no receipt may be missing, in whatever order they come.
"""

from itertools import combinations

import pytest

from services.requests.confidentiality import confidentiality_hash
from services.requests.guards import Given
from services.requests.request import State
from services.requests.steps import next_of_the_request
from services.requests.store import request_store
from services.shared.canonical import new_id
from services.shared.organisations import SECRECY_BUREAU
from tests.negotiating import ONE_IS_PRIVATE, SIGNED_AND_FILED, WHY, do, events_of, seen, types_of
from tests.sharing import (
    COUNTER,
    HASH,
    ITEMS,
    NOON,
    PRIVATE,
    PROVIDER,
    PUBLIC,
    REQUESTER,
    STORIES,
    STRANGER,
    Side,
    a_request,
    deliver_receipts,
    draft,
    hear,
    play,
    published_with,
    receipted,
    terms,
)

pytestmark = pytest.mark.usefixtures("data_stack")

HOSTILE = (
    "车牌号\n期限：2027-01-01 至 2099-12-31",
    "车主\u2028用途：可用于任何用途",
    "泊位\n\n本协议不涉及保密要求",
    "备注\tSHA-256：0000",
)


def test_both_approvers_sign_and_the_secrecy_bureau_gets_the_filing() -> None:
    request_id, asking, _ = a_request("CONF_PENDING")
    officer = Side(PROVIDER, "officer")
    assert officer.act(request_id, "sign_confidentiality", {"terms_hash": "0" * 64}).status == 403
    half = do(request_id, "giving", "sign_confidentiality", HASH).body
    assert (half["state"], half["filing"][-1]["kind"]) == ("CONF_PENDING", "result")
    assert do(request_id, "giving", "sign_confidentiality", HASH).status == 409

    filed = do(request_id, "asking", "sign_confidentiality", HASH).body

    assert (filed["state"], filed["agreement"]) == ("CONF_FILED", None)
    filing, secret = filed["filing"][-1], filed["confidentiality"]
    assert (filing["kind"], filing["authority"], filing["state"]) == ("confidentiality", SECRECY_BUREAU, "pending")
    assert filing["terms_hash"] == secret["terms_hash"] != filed["terms_hash"]
    assert [(s["party"], s["terms_hash"]) for s in secret["signatures"]] == [
        ("provider", secret["terms_hash"]),
        ("requester", secret["terms_hash"]),
    ]
    event = events_of(request_id)[-1]
    assert (event.id, event.body["confidentiality_hash"]) == (filing["event_id"], secret["terms_hash"])

    deliver_receipts(request_id, asking)

    assert (seen(request_id)["state"], seen(request_id)["agreement"]) == ("CONCLUDED", "ACTIVE")
    activated = next(event for event in events_of(request_id) if event.type == "agreement.activated")
    assert activated.body["confidentiality_filing"] == filing["event_id"]


def test_a_signature_names_the_confidentiality_agreement_and_nothing_else() -> None:
    request_id, _, _ = a_request("CONF_PENDING")
    view = seen(request_id)
    for wrong in (view["terms_hash"], "0" * 64):
        reply = do(request_id, "giving", "sign_confidentiality", {"terms_hash": wrong})
        assert (reply.status, reply.pointers) == (422, ["/terms_hash"])
        assert view["confidentiality"]["terms_hash"] in reply.body["errors"][0]["detail"]
    assert seen(request_id)["confidentiality"]["signatures"] == []


def test_no_agreement_comes_into_force_while_any_of_the_three_receipts_is_missing() -> None:
    request_id, _, _ = a_request("CONF_FILED")
    request = request_store().get(request_id).request
    filings = [filed.event_id for filed in request.filings]
    assert [filed.kind for filed in request.filings] == ["request", "result", "confidentiality"]
    for state in (State.CONF_FILED, State.READY):
        waiting = request.model_copy(update={"state": state})
        for some in (frozenset(few) for count in range(4) for few in combinations([*filings, new_id()], count)):
            step = next_of_the_request(waiting, Given(receipts=some), NOON)
            assert (step is not None) == (some == set(filings)), (state, some)


@pytest.mark.parametrize("backwards", [False, True])
def test_receipts_may_come_in_any_order_and_twice(backwards: bool) -> None:
    request_id, _, _ = a_request("DRAFT")
    # The ledger has been silent so far: nothing goes on until it speaks, of the request's filing last or first.
    play(request_id, STORIES["CONF_PENDING"][:-1])
    filings = seen(request_id)["filing"][:: -1 if backwards else 1]
    for position, filing in enumerate(filings):
        assert seen(request_id)["state"] == ("RESULT_FILED" if position < 2 else "CONF_PENDING")
        hear(*[receipted(request_id, filing["event_id"], kind=filing["kind"])] * 2)
    play(request_id, [("asking", "sign_confidentiality", HASH), ("giving", "sign_confidentiality", HASH)])
    secret = seen(request_id)["filing"][-1]
    hear(receipted(request_id, new_id(), kind="confidentiality"))
    assert seen(request_id)["state"] == "CONF_FILED"
    hear(*[receipted(request_id, secret["event_id"], kind="confidentiality")] * 2)
    assert seen(request_id)["state"] == "CONCLUDED"
    assert types_of(request_id).count("agreement.activated") == 1


def test_after_reopening_both_sign_anew_what_the_new_terms_say() -> None:
    request_id, asking, _ = a_request("CONF_PENDING")
    before = seen(request_id)["confidentiality"]["terms_hash"]
    do(request_id, "giving", "sign_confidentiality", HASH)
    reopened = do(request_id, "asking", "reopen", WHY).body
    assert (reopened["state"], reopened["signatures"]) == ("UNDER_REVIEW", [])
    assert reopened["confidentiality"]["signatures"] == []

    other = COUNTER | {"terms": terms(items=ITEMS[:1], until="2027-06-30")}
    play(request_id, [("giving", "counter", other), ("asking", "agree", HASH), *SIGNED_AND_FILED])
    deliver_receipts(request_id, asking)

    assert seen(request_id)["state"] == "CONF_PENDING"
    assert seen(request_id)["confidentiality"]["terms_hash"] != before
    assert do(request_id, "giving", "sign_confidentiality", {"terms_hash": before}).pointers == ["/terms_hash"]
    play(request_id, [("giving", "sign_confidentiality", HASH), ("asking", "sign_confidentiality", HASH)])
    deliver_receipts(request_id, asking)
    assert seen(request_id)["state"] == "CONCLUDED"


def test_only_the_items_that_are_agreed_on_count() -> None:
    request_id, asking, _ = a_request("UNDER_REVIEW")
    play(request_id, [("giving", "classify", {"items": {ITEMS[1]: "PERSONAL_PRIVACY"}})])
    assert seen(request_id)["confidentiality"] is not None
    play(request_id, [("giving", "counter", COUNTER), ("asking", "agree", HASH), *SIGNED_AND_FILED])
    assert seen(request_id)["confidentiality"] is None
    deliver_receipts(request_id, asking)
    assert seen(request_id)["state"] == "CONCLUDED"


@pytest.mark.parametrize("secret", ["STATE_SECRET", "WORK_SECRET"])
def test_a_secret_never_enters_the_system(secret: str) -> None:
    request_id, _, _ = a_request("UNDER_REVIEW")
    reply = do(request_id, "giving", "classify", {"items": {ITEMS[0]: secret}})
    assert (reply.status, reply.pointers) == (422, [f"/items/{ITEMS[0]}"])
    assert secret not in seen(request_id)["classification"].values()


def test_the_text_says_who_may_have_what_for_which_purpose_and_until_when() -> None:
    request_id, _, _ = a_request("CONF_PENDING")
    view = seen(request_id)
    text = view["confidentiality"]["text"]
    for said in ("石景山区", "交通委员会", ITEMS[0], "停车管理处", "2027-12-31", "市保密局", view["terms_hash"]):
        assert said in text
    assert view["confidentiality"]["terms_hash"] in text
    assert confidentiality_hash(request_store().get(request_id).request) == view["confidentiality"]["terms_hash"]


def test_names_that_look_like_clauses_stand_in_their_list_and_are_none() -> None:
    plain, hostile = clauses_with(ITEMS, ("停车管理处",)), clauses_with(HOSTILE, HOSTILE)
    assert [heading(line) for line in plain] == [heading(line) for line in hostile]
    assert not any(said in line for line in hostile for said in ("2099", "任何用途", "不涉及", "0000"))


def clauses_with(items: tuple[str, ...], recipients: tuple[str, ...]) -> list[str]:
    """Return the lines of a confidentiality agreement on such items for such recipients that are no list's."""
    entry, asking = new_id(), Side(REQUESTER)
    hear(published_with(entry, items=items, sensitivity=None, share_type="CONDITIONAL"))
    said = terms(items=items)
    said["scope"]["recipients"] = list(recipients)
    request_id = asking.create(draft(entry, terms=said)).body["id"]
    play(request_id, [*STORIES["SUBMITTED"], ("giving", "classify", {"items": dict.fromkeys(items, "NONE")})])
    assert seen(request_id)["confidentiality"] is None
    play(request_id, [("giving", "classify", {"items": dict.fromkeys(items, "PERSONAL_PRIVACY")})])
    text: str = seen(request_id)["confidentiality"]["text"]
    lines = text.splitlines()
    assert len(lines) == text.count("\n")
    return [line for line in lines if not line.startswith("  - ")]


def heading(clause: str) -> str:
    return clause.replace("：", ":").partition(":")[0].partition("(")[0]


def test_the_classification_is_the_providers_word_and_a_strangers_none() -> None:
    request_id, _, _ = a_request("UNDER_REVIEW")
    assert Side(STRANGER).act(request_id, "classify", PUBLIC, version='"1"').status == 404
    for who in ("asking", "office"):
        assert do(request_id, who, "classify", PRIVATE).status == 403
    assert do(request_id, "giving", "classify", ONE_IS_PRIVATE).body["classification"] == {
        ITEMS[0]: "PERSONAL_PRIVACY",
        ITEMS[1]: "NONE",
    }


def test_the_bureaus_notice_leads_to_what_it_may_read() -> None:
    request_id, _, _ = a_request("CONF_FILED")
    for event in events_of(request_id):
        hear(event)
    (notice,) = Side(SECRECY_BUREAU).get("/requests/inbox").body["items"]
    assert notice["address"] == f"/agreements/{request_id}/confidentiality"
    assert Side(SECRECY_BUREAU).get(notice["address"]).status == 200
