"""What goes by itself, what flows back, what is urgent, and what no offer may say.

C.1 `route` (R3, R4); districts (S-126 to S-129; 回流); urgency (S-011); no fee and no obstacle (S-082); S-023.
"""

from typing import Any

import pytest

from services.shared.canonical import new_id
from services.shared.organisations import OFFICE
from tests.negotiating import SIGNED_AND_FILED, WHY, do, events_of, hear_last, seen, types_of
from tests.sharing import (
    HASH,
    ITEMS,
    REQUESTER,
    RULING,
    Side,
    a_published_entry,
    a_request,
    deliver_receipts,
    draft,
    hear,
    play,
    published_with,
    redraft,
    terms,
)
from tests.support import Reply

pytestmark = pytest.mark.usefixtures("data_stack")

CITY, DISTRICT, ANOTHER = "transport_commission", "110107", "110101"
OWN_DUTY = {
    CITY: "parking_management",
    DISTRICT: f"district_sharing_{DISTRICT}",
    ANOTHER: f"district_sharing_{ANOTHER}",
}


def an_entry(**said: Any) -> str:
    entry = new_id()
    hear(published_with(entry, **said))
    return entry


def with_method(**said: str) -> dict[str, Any]:
    """Return whole terms whose method says something else."""
    whole = terms()
    whole["method"] |= said
    return whole


def filed(entry: str, **changes: Any) -> str:
    """Return a request for an entry whose filing has its receipt."""
    request_id, asking, _ = a_request("SUBMITTED", resource=entry, **changes)
    deliver_receipts(request_id, asking)
    return request_id


def test_an_unconditional_entry_on_its_own_terms_is_agreed_and_drafted_once_it_is_filed() -> None:
    request_id, asking, _ = a_request("SUBMITTED", resource=an_entry())
    hear_last(request_id)
    assert (seen(request_id)["state"], seen(request_id)["routed"]) == ("SUBMITTED", False)

    deliver_receipts(request_id, asking)
    deliver_receipts(request_id, asking)

    routed = seen(request_id)
    assert (routed["state"], routed["routed"], len(routed["offers"])) == ("AGREEMENT_DRAFTED", True, 1)
    assert types_of(request_id)[-2:] == ["request.routed", "request.agreement_drafted"]
    assert {event.organisation for event in events_of(request_id)[-2:]} == {"system"}


def test_what_is_routed_is_signed_and_filed_all_the_same() -> None:
    request_id = filed(an_entry())
    play(request_id, SIGNED_AND_FILED[1:])
    assert seen(request_id)["state"] == "RESULT_FILED"
    deliver_receipts(request_id, Side(REQUESTER))
    concluded = seen(request_id)
    assert [(filing["kind"], filing["authority"]) for filing in concluded["filing"]] == [
        ("request", OFFICE),
        ("result", OFFICE),
    ]
    assert (concluded["state"], concluded["agreement"]) == ("CONCLUDED", "ACTIVE")


def test_what_is_routed_waits_for_the_word_on_items_that_nobody_has_classified() -> None:
    request_id = filed(an_entry(sensitivity=None))
    assert (seen(request_id)["state"], seen(request_id)["routed"]) == ("TERMS_AGREED", True)
    play(request_id, [("giving", "classify", {"items": dict.fromkeys(ITEMS, "NONE")})])
    hear_last(request_id)
    assert seen(request_id)["state"] == "AGREEMENT_DRAFTED"


def test_what_is_routed_may_be_negotiated_after_all() -> None:
    request_id = filed(an_entry())
    reopened = do(request_id, "giving", "reopen", WHY).body
    assert (reopened["state"], reopened["routed"]) == ("UNDER_REVIEW", False)
    deliver_receipts(request_id, Side(REQUESTER))
    assert seen(request_id)["state"] == "UNDER_REVIEW"


@pytest.mark.parametrize(
    "beyond",
    [
        {"frequency": "real_time"},
        {"channel": "file"},
        {"format": "xls"},
    ],
    ids=lambda said: next(iter(said)),
)
def test_whatever_goes_beyond_the_standard_terms_waits_for_the_provider(beyond: dict[str, str]) -> None:
    request_id = filed(an_entry(), terms=with_method(**beyond))
    assert seen(request_id)["state"] == "SUBMITTED"
    assert do(request_id, "giving", "accept_for_processing").status == 200


@pytest.mark.parametrize("within", [{"frequency": "yearly"}, {"format": "pdf"}], ids=lambda said: next(iter(said)))
def test_less_often_and_another_format_of_the_same_class_are_within_them(within: dict[str, str]) -> None:
    assert seen(filed(an_entry(), terms=with_method(**within)))["routed"]


@pytest.mark.parametrize(
    "said",
    [{"share_type": "CONDITIONAL"}, {"share_type": "NOT_SHARED"}, {"share_type": None}, {"legacy": True}],
    ids=lambda said: str(next(iter(said.items()))),
)
def test_what_is_not_shared_unconditionally_by_a_reviewed_entry_is_negotiated(said: dict[str, Any]) -> None:
    assert seen(filed(an_entry(**said)))["state"] == "SUBMITTED"


def revised(entry: str, **said: Any) -> None:
    """Let the requests service hear of an entry that was published anew."""
    hear(published_with(entry, **said).model_copy(update={"id": new_id(), "case_seq": 9}))


def test_what_counts_is_the_entry_as_it_stands_when_the_request_leaves_the_house() -> None:
    entry = an_entry()
    request_id, asking, _ = a_request("INTERNAL_APPROVAL", resource=entry)
    revised(entry, share_type="CONDITIONAL", sensitivity="PERSONAL_PRIVACY")
    play(request_id, [("asking", "submit", {})])
    deliver_receipts(request_id, asking)
    view = seen(request_id)
    assert (view["state"], view["share_type"], view["routed"]) == ("SUBMITTED", "CONDITIONAL", False)
    assert view["clock"]["clock"] == "reply_conditional"
    assert set(view["classification"].values()) == {"PERSONAL_PRIVACY"}


def test_an_entry_that_was_given_to_another_provider_is_asked_of_that_one() -> None:
    entry = an_entry()
    request_id, _, _ = a_request("INTERNAL_APPROVAL", resource=entry)
    revised(entry, provider=ANOTHER)
    play(request_id, [("asking", "submit", {})])
    assert [line["id"] for line in Side(ANOTHER).get("/requests?as=provider").body["items"]] == [request_id]
    assert Side(DISTRICT).get(f"/requests/{request_id}").status == 404


def test_a_draft_that_the_entry_has_outgrown_does_not_leave_the_house() -> None:
    entry = an_entry()
    request_id, _, _ = a_request("INTERNAL_APPROVAL", resource=entry)
    revised(entry, items=ITEMS[1:], provider=REQUESTER)
    refused = do(request_id, "asking", "submit")
    assert (refused.status, refused.pointers) == (422, ["/resource", "/terms/content/items/0"])
    withdrawn = published_with(entry).model_copy(update={"type": "resource.withdrawn", "case_seq": 10})
    hear(withdrawn)
    gone = do(request_id, "asking", "submit")
    assert (gone.status, gone.pointers) == (422, ["/resource"])


def test_a_provider_that_was_quicker_than_the_receipt_is_not_overtaken() -> None:
    request_id, asking, _ = a_request("SUBMITTED", resource=an_entry())
    play(request_id, [("giving", "accept_for_processing", {})])
    deliver_receipts(request_id, asking)
    assert (seen(request_id)["state"], seen(request_id)["routed"]) == ("UNDER_REVIEW", False)


def ask(asking: str, giving: str, **changes: Any) -> Reply:
    """Let a unit draft a request for an entry of another."""
    entry = an_entry(provider=giving, share_type="CONDITIONAL")
    return Side(asking).create(draft(entry, duty=OWN_DUTY[asking], **changes))


@pytest.mark.parametrize(
    ("asking", "giving", "tiers"),
    [
        (DISTRICT, CITY, {"requester": "district", "provider": "municipal"}),
        (DISTRICT, ANOTHER, {"requester": "district", "provider": "district"}),
        (CITY, DISTRICT, {"requester": "municipal", "provider": "district"}),
    ],
)
def test_districts_ask_by_the_same_rules_and_file_with_the_city(
    asking: str, giving: str, tiers: dict[str, str]
) -> None:
    request_id, side = ask(asking, giving).body["id"], Side(asking)
    for action in ("propose", "submit"):
        assert side.act(request_id, action).status == 200
    view = Side(giving).get(f"/requests/{request_id}").body
    assert (view["tiers"], view["state"]) == (tiers, "SUBMITTED")
    assert [(filing["kind"], filing["authority"]) for filing in view["filing"]] == [("request", OFFICE)]
    assert Side(OFFICE).get(f"/requests/{request_id}").status == 200


def test_what_the_city_holds_flows_back_to_a_district() -> None:
    reply = ask(DISTRICT, CITY, kind="return_flow")
    assert (reply.status, reply.body["kind"]) == (201, "return_flow")


@pytest.mark.parametrize(("asking", "giving"), [(DISTRICT, ANOTHER), (CITY, DISTRICT)])
def test_nothing_else_is_a_return_flow(asking: str, giving: str) -> None:
    reply = ask(asking, giving, kind="return_flow")
    assert (reply.status, reply.pointers) == (422, ["/kind"])


def test_a_draft_is_not_made_a_return_flow_by_revising_it() -> None:
    request_id, asking, _ = a_request("DRAFT")
    reply = asking.act(request_id, "revise", redraft(asking, request_id) | {"kind": "return_flow"})
    assert (reply.status, reply.pointers) == (422, ["/kind"])


@pytest.mark.parametrize(
    ("urgency", "pointers"),
    [
        ({"work_area": "city_management"}, ["/urgency/reason"]),
        ({"reason": "汛期前须完成疏导"}, ["/urgency/work_area"]),
        ({"work_area": "everything", "reason": " "}, ["/urgency/reason", "/urgency/work_area"]),
        ({"work_area": "city_management", "reason": "工作需要"}, ["/urgency/reason"]),
        ({"work_area": "city_management", "reason": "急急急急"}, ["/urgency/reason"]),
    ],
)
def test_urgency_is_claimed_for_a_work_area_and_with_a_reason(urgency: dict[str, str], pointers: list[str]) -> None:
    reply = Side(REQUESTER).create(draft(a_published_entry(), urgency=urgency))
    assert (reply.status, reply.pointers) == (422, pointers)
    request_id, asking, _ = a_request("DRAFT")
    again = asking.act(request_id, "revise", redraft(asking, request_id) | {"urgency": urgency})
    assert (again.status, again.pointers) == (422, pointers)


def test_an_urgent_request_says_so_wherever_it_is_listed() -> None:
    urgency = {"work_area": "city_management", "reason": "汛期前须完成下穿通道停车疏导"}
    request_id, _, giving = a_request("SUBMITTED", urgency=urgency)
    assert seen(request_id)["urgency"] == urgency
    assert [line["urgent"] for line in giving.get("/requests?as=provider").body["items"]] == [True]


FEES = ("按次收费提供，每次调用0.1元", "须先缴纳数据服务费", "charges apply for each call")
OBSTACLES = ("一事一议", "每次使用须领导批准", "条件成熟时提供", "in exchange for your data")


@pytest.mark.parametrize("words", [*FEES, *OBSTACLES])
def test_no_offer_asks_for_a_fee_or_puts_an_obstacle_in_the_way(words: str) -> None:
    request_id, _, _ = a_request("UNDER_REVIEW")
    obstructive = terms()
    obstructive["scope"] |= {"rows": words, "recipients": ["停车管理处", words]}
    obstructive["purpose"]["text"] = words
    reply = do(request_id, "giving", "counter", {"terms": obstructive})
    assert reply.status == 422
    assert set(reply.pointers) == {"/terms/purpose/text", "/terms/scope/recipients/1", "/terms/scope/rows"}
    assert len(seen(request_id)["offers"]) == 1


@pytest.mark.parametrize(
    ("state", "who", "action", "said"),
    [
        ("COORDINATION", "office", "mediate", {"comment": "按成本分担"}),
        ("ESCALATED", "group", "rule_share", {"meeting": RULING["meeting"], "reason": RULING["reason"]}),
    ],
)
def test_neither_the_office_nor_the_group_can_put_a_fee_into_the_terms(
    state: str, who: str, action: str, said: dict[str, Any]
) -> None:
    request_id, _, _ = a_request(state)
    paid = terms()
    paid["purpose"]["text"] = FEES[0]
    reply = do(request_id, who, action, said | {"terms": paid})
    assert (reply.status, set(reply.pointers)) == (422, {"/terms/purpose/text"})


def test_a_price_has_no_field() -> None:
    reply = Side(REQUESTER).create(draft(a_published_entry(), terms=terms() | {"price": 100}))
    assert (reply.status, reply.pointers) == (422, ["/terms/price"])


def test_the_rules_of_a_basic_class_hold_at_each_offer_and_again_once_its_items_are_classified() -> None:
    entry = an_entry(basic_class="population", sensitivity=None, share_type="CONDITIONAL")
    unstated = terms()
    unstated["scope"]["rows"] = None
    unstated["purpose"]["code"] = "social_assistance"
    request_id, _, _ = a_request("SUBMITTED", resource=entry, terms=unstated)
    play(request_id, [("giving", "accept_for_processing", {})])
    play(request_id, [("giving", "classify", {"items": dict.fromkeys(ITEMS, "PERSONAL_PRIVACY")})])
    refused = do(request_id, "giving", "agree", HASH)
    countered = do(request_id, "giving", "counter", {"terms": unstated})
    for reply in (refused, countered):
        assert (reply.status, reply.pointers) == (422, ["/terms/scope/rows"])
    stated = unstated | {"scope": terms()["scope"]}
    assert do(request_id, "giving", "counter", {"terms": stated}).status == 200
    assert do(request_id, "asking", "agree", HASH).body["state"] == "TERMS_AGREED"


def test_terms_that_a_later_classification_shows_to_break_a_rule_are_not_drafted_and_can_be_negotiated_anew() -> None:
    entry = an_entry(basic_class="population", sensitivity=None, share_type="CONDITIONAL")
    unstated = terms()
    unstated["scope"]["rows"] = None
    unstated["purpose"]["code"] = "social_assistance"
    request_id, _, _ = a_request("SUBMITTED", resource=entry, terms=unstated)
    play(request_id, [("giving", "accept_for_processing", {}), ("giving", "agree", HASH)])
    play(request_id, [("giving", "classify", {"items": dict.fromkeys(ITEMS, "PERSONAL_PRIVACY")})])
    refused = do(request_id, "giving", "draft", {})
    assert (refused.status, refused.pointers) == (422, ["/terms/scope/rows"])
    assert do(request_id, "giving", "reopen", {"reason": "须写明记录范围。"}).body["state"] == "UNDER_REVIEW"
    stated = unstated | {"scope": terms()["scope"]}
    assert do(request_id, "giving", "counter", {"terms": stated}).status == 200
