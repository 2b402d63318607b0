"""When two units do not agree: refusals with their basis, coordination by the office, rulings of the leading group.

C.1 from REFUSED to CLOSED_REFUSED or back to terms that are agreed; I2, I3 and I4; S-013, S-081, S-085 to S-088.
"""

from typing import Any

import pytest

from services.shared.organisations import LEADING_GROUP, OFFICE
from tests.negotiating import (
    ONE_IS_PUBLIC,
    RULED,
    SIGNED_AND_FILED,
    WHY,
    do,
    events_of,
    hear_last,
    let_time_pass,
    seen,
    types_of,
)
from tests.sharing import (
    COUNTER,
    DOCKET,
    HASH,
    ITEMS,
    REFUSAL,
    RULING,
    STORIES,
    STRANGER,
    Act,
    Side,
    a_request,
    play,
    terms,
)

pytestmark = pytest.mark.usefixtures("data_stack")

MEDIATION = {"terms": terms(items=ITEMS[1:]), "comment": "先共享车场名称，泊位数另行评估。"}
CLOSING = REFUSAL | {"meeting": "领导小组2026年第3次会议"}
SECOND_FAILURE = DOCKET | {"ground": "second_failure"}


def played(*story: Act) -> str:
    """Return a request that was played through a story from its draft on."""
    request_id, _, _ = a_request("DRAFT")
    play(request_id, list(story))
    return request_id


@pytest.mark.parametrize("word", ["涉密", "数据敏感，不便提供", "confidential", "因涉密原因，按有关规定不予共享。"])
def test_the_bare_word_sensitive_is_no_reason_to_refuse(word: str) -> None:
    request_id, _, _ = a_request("SUBMITTED")
    reply = do(request_id, "giving", "refuse", REFUSAL | {"situation": word, "reason": word})
    assert (reply.status, reply.pointers) == (422, ["/reason", "/situation"])
    assert seen(request_id)["refusal"] is None


def test_a_refusal_without_basis_and_without_words_is_told_everything_at_once() -> None:
    request_id, _, _ = a_request("SUBMITTED")
    reply = do(request_id, "giving", "refuse", REFUSAL | {"clause": "1", "situation": "涉密", "reason": "内部"})
    assert (reply.status, reply.pointers) == (422, ["/clause", "/reason", "/situation"])
    empty = do(request_id, "giving", "refuse", {})
    assert (empty.status, empty.pointers) == (422, ["/clause", "/instrument", "/reason", "/situation"])


@pytest.mark.parametrize("who", ["asking", "giving", "office"])
@pytest.mark.parametrize("state", ["SUBMITTED", "UNDER_REVIEW"])
def test_nobody_is_brought_to_the_table_before_an_answer_or_a_silence(state: str, who: str) -> None:
    request_id, _, _ = a_request(state)
    early = do(request_id, who, "coordinate", WHY)
    assert (early.status, early.pointers) == (422, ["/reason"])

    let_time_pass(request_id)

    opened = do(request_id, who, "coordinate", WHY).body
    assert (opened["state"], opened["coordination"]["number"]) == ("COORDINATION", 1)


@pytest.mark.parametrize("state", ["REFUSED", "PRO_COUNTERED", "REQ_COUNTERED"])
def test_after_a_refusal_or_a_round_either_side_may_ask_for_coordination(state: str) -> None:
    request_id, _, _ = a_request(state)
    dispute = do(request_id, "giving", "coordinate", WHY).body["coordination"]
    assert (dispute["by"], dispute["reason"], dispute["number"]) == ("provider", WHY["reason"], 1)


def test_a_mediation_proposal_is_no_offer_until_the_requester_makes_it_one() -> None:
    request_id = played(*STORIES["COORDINATION"], ("office", "mediate", MEDIATION))
    proposed = seen(request_id, "giving")
    proposal = proposed["coordination"]["proposal"]
    assert (proposed["state"], len(proposed["offers"])) == ("COORDINATION", 1)
    assert proposal["comment"] == MEDIATION["comment"]
    assert events_of(request_id)[-1].body["proposal_hash"] == proposal["terms_hash"]

    countered = do(request_id, "asking", "counter", {"terms": proposal["terms"]}).body

    assert (countered["state"], countered["terms_hash"]) == ("REQ_COUNTERED", proposal["terms_hash"])
    assert countered["offers"][-1]["by"] == "requester"
    first = countered["offers"][0]["terms_hash"]
    assert do(request_id, "giving", "agree", {"terms_hash": first}).pointers == ["/terms_hash"]
    assert do(request_id, "giving", "agree", HASH).body["state"] == "TERMS_AGREED"


def test_what_the_office_proposes_or_the_group_rules_must_fit_the_entry_too() -> None:
    wrong = {"terms": terms(items=("不存在",), area="999999")}
    request_id, _, _ = a_request("COORDINATION")
    proposed = do(request_id, "office", "mediate", MEDIATION | wrong)
    play(request_id, [("office", "escalate", DOCKET)])
    ruled = do(request_id, "group", "rule_share", RULING | wrong)
    expected = (422, ["/terms/content/items/0", "/terms/scope/areas/0"])
    assert [(reply.status, reply.pointers) for reply in (proposed, ruled)] == [expected] * 2


@pytest.mark.parametrize("state", ["REFUSED", "PRO_COUNTERED"])
def test_a_refusal_that_the_office_upholds_has_a_report_of_its_own_and_is_filed(state: str) -> None:
    request_id = played(*STORIES[state], ("asking", "coordinate", WHY))
    bare = do(request_id, "office", "uphold_refusal", REFUSAL | {"reason": "涉密"})
    assert (bare.status, bare.pointers) == (422, ["/reason"])

    closed = do(request_id, "office", "uphold_refusal", REFUSAL).body

    assert closed["state"] == "CLOSED_REFUSED"
    report = closed["refusal"]
    assert (report["by"], report["clause"], report["reason"]) == (OFFICE, REFUSAL["clause"], REFUSAL["reason"])
    assert the_result_filed(request_id) == (OFFICE, "refused")


def test_an_incomplete_docket_is_told_all_of_its_gaps_at_once() -> None:
    request_id, _, _ = a_request("COORDINATION")
    empty = do(request_id, "office", "escalate", {})
    assert (empty.status, empty.pointers) == (422, sorted(f"/{field}" for field in DOCKET))
    blank = do(request_id, "office", "escalate", DOCKET | {"ground": "because", "tried": " ", "question": ""})
    assert (blank.status, blank.pointers) == (422, ["/ground", "/question", "/tried"])
    assert seen(request_id)["state"] == "COORDINATION"


def test_a_matter_is_unsettled_only_once_the_office_has_proposed_something() -> None:
    request_id, _, _ = a_request("COORDINATION")
    early = do(request_id, "office", "escalate", DOCKET | {"ground": "unsettled"})
    assert (early.status, early.pointers) == (422, ["/ground"])
    play(request_id, [("office", "mediate", MEDIATION), ("office", "escalate", DOCKET | {"ground": "unsettled"})])
    assert seen(request_id)["coordination"]["docket"]["ground"] == "unsettled"


def test_a_second_coordination_is_counted_and_its_failure_is_a_ground() -> None:
    request_id, _, _ = a_request("COORDINATION")
    early = do(request_id, "office", "escalate", SECOND_FAILURE)
    assert (early.status, early.pointers) == (422, ["/ground"])
    play(request_id, [("asking", "counter", COUNTER), ("giving", "refuse", REFUSAL), ("giving", "coordinate", WHY)])
    again = seen(request_id)["coordination"]
    assert (again["number"], again["by"], again["docket"]) == (2, "provider", None)
    play(request_id, [("office", "escalate", SECOND_FAILURE)])
    assert seen(request_id)["state"] == "ESCALATED"


def test_the_leading_group_knows_of_a_case_once_it_is_brought_before_it() -> None:
    request_id, _, _ = a_request("COORDINATION")
    group = Side(LEADING_GROUP)
    assert group.get(f"/requests/{request_id}").status == 404
    assert group.get("/requests?state=COORDINATION").status == 403

    play(request_id, [("office", "escalate", DOCKET)])

    docket = group.get(f"/requests/{request_id}").body["coordination"]["docket"]
    assert {field: docket[field] for field in DOCKET} == DOCKET
    assert [line["id"] for line in group.get("/requests?state=ESCALATED").body["items"]] == [request_id]
    told = group.get(f"/requests/{request_id}/history").body["items"][-1]
    assert group.get(told["payload"]).body["content"]["question"] == DOCKET["question"]
    assert Side(STRANGER).get(f"/requests/{request_id}").status == 404
    assert Side(STRANGER).get("/requests?state=ESCALATED").status == 403


def test_a_ruling_that_it_is_shared_is_the_offer_that_binds_both() -> None:
    request_id = played(*RULED)
    ruled = seen(request_id, "giving")
    offer, ruling = ruled["offers"][-1], ruled["coordination"]["ruling"]
    assert (ruled["state"], ruled["terms_hash"]) == ("TERMS_AGREED", offer["terms_hash"])
    assert (offer["by"], offer["number"]) == (LEADING_GROUP, 2)
    assert (ruling["outcome"], ruling["meeting"]) == ("share", RULING["meeting"])
    assert do(request_id, "giving", "refuse", REFUSAL).status == 409

    play(request_id, [("giving", "classify", ONE_IS_PUBLIC), ("giving", "draft", {})])

    for who in ("asking", "giving"):
        reply = do(request_id, who, "reopen", WHY)
        assert (reply.status, reply.pointers) == (422, ["/reason"])


def test_the_system_drafts_what_was_ruled_as_soon_as_every_item_is_classified() -> None:
    request_id = played(*RULED)
    hear_last(request_id)
    assert seen(request_id)["state"] == "TERMS_AGREED"
    play(request_id, [("giving", "classify", ONE_IS_PUBLIC)])

    hear_last(request_id)
    hear_last(request_id)

    assert seen(request_id)["state"] == "AGREEMENT_DRAFTED"
    drafted = events_of(request_id)[-1]
    assert (drafted.type, drafted.organisation) == ("request.agreement_drafted", "system")
    assert types_of(request_id).count("request.agreement_drafted") == 1


def test_what_was_not_ruled_waits_for_the_provider_to_draft_it() -> None:
    request_id, _, _ = a_request("TERMS_AGREED")
    hear_last(request_id)
    assert seen(request_id)["state"] == "TERMS_AGREED"


def test_a_ruling_that_nothing_is_shared_closes_the_case_with_a_report() -> None:
    request_id, _, _ = a_request("ESCALATED")
    bare = do(request_id, "group", "rule_refuse", CLOSING | {"situation": "涉密", "clause": "1"})
    assert (bare.status, bare.pointers) == (422, ["/clause", "/situation"])

    closed = do(request_id, "group", "rule_refuse", CLOSING).body

    assert (closed["state"], closed["refusal"]["by"]) == ("CLOSED_REFUSED", LEADING_GROUP)
    assert closed["coordination"]["ruling"]["outcome"] == "refuse"
    assert the_result_filed(request_id) == (OFFICE, "refused")
    assert closed["awaiting"] == []


def test_a_matter_that_is_sent_back_is_coordinated_further() -> None:
    request_id, _, _ = a_request("ESCALATED")
    sent_back = do(request_id, "group", "remand", {"instructions": "请先就路侧泊位协调。"}).body
    assert (sent_back["state"], sent_back["coordination"]["number"]) == ("COORDINATION", 1)
    assert seen(request_id, "giving")["coordination"]["instructions"] == "请先就路侧泊位协调。"
    play(request_id, [("office", "mediate", MEDIATION), ("office", "escalate", DOCKET | {"ground": "unsettled"})])
    play(request_id, [("group", "rule_share", RULING)])
    assert seen(request_id)["state"] == "TERMS_AGREED"


@pytest.mark.parametrize("state", ["REFUSED", "COORDINATION", "ESCALATED", "ruled"])
def test_the_requester_may_withdraw_from_a_dispute_and_that_result_is_filed(state: str) -> None:
    request_id = played(*(RULED if state == "ruled" else STORIES[state]))
    withdrawn = do(request_id, "asking", "withdraw", WHY).body
    assert (withdrawn["state"], withdrawn["awaiting"], withdrawn["actions"]) == ("WITHDRAWN", [], [])
    assert the_result_filed(request_id) == (OFFICE, "withdrawn")


def the_result_filed(request_id: str) -> tuple[str, Any]:
    """Return with whom the last event is filed as a result, and which outcome it names."""
    event = events_of(request_id)[-1]
    assert event.filing is not None
    assert event.filing.kind == "result"
    assert seen(request_id)["filing"][-1]["event_id"] == event.id
    return event.filing.authority, event.body["outcome"]


def test_the_leading_group_keeps_sight_of_what_was_once_before_it() -> None:
    request_id, _, _ = a_request("ESCALATED")
    play(request_id, [("group", "remand", {"instructions": "请先就路侧泊位协调。"}), ("asking", "counter", COUNTER)])
    again = do(request_id, "asking", "coordinate", WHY).body
    assert (again["coordination"]["number"], again["coordination"]["docket"]) == (2, None)
    assert do(request_id, "asking", "withdraw", {"reason": "不再需要"}).status == 200
    assert seen(request_id, "group")["state"] == "WITHDRAWN"
    assert LEADING_GROUP in events_of(request_id)[-1].parties


def test_the_leading_group_reads_the_negotiation_that_was_before_it_and_nothing_of_what_follows() -> None:
    request_id = played(*RULED, ("giving", "classify", ONE_IS_PUBLIC), *SIGNED_AND_FILED, ("ledger", "", {}))
    assert seen(request_id)["state"] == "CONCLUDED"
    group = Side(LEADING_GROUP).get(f"/requests/{request_id}/history").body["items"]
    read = [line["event"]["type"] for line in group]
    assert {"request.escalated", "request.signed", "request.result_filed"} <= set(read)
    assert all(name.startswith("request.") for name in read)
    office = Side(OFFICE).get(f"/requests/{request_id}/history").body["items"]
    assert "agreement.activated" in [line["event"]["type"] for line in office]
