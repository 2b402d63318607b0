"""What each organisation is told, and what is counted: both from the events that the requests service hears."""

from typing import Any

import pytest

from services.requests.inbox import event_words
from services.requests.statistics import COUNTED
from services.shared.canonical import new_id
from services.shared.event_bodies import ResourceMoved
from services.shared.events import EVENT_TYPES, Origin, event_of, readers_of
from services.shared.organisations import LEADING_GROUP, OFFICE
from tests.agreements import act, an_agreement
from tests.negotiating import do, events_of, let_time_pass
from tests.objections import OBJECTION_SAID, act_now, an_objection
from tests.sharing import (
    NOON,
    PROVIDER,
    REFUSAL,
    REQUESTER,
    STRANGER,
    Side,
    a_request,
    hear,
    play,
)

pytestmark = pytest.mark.usefixtures("data_stack")

EVERYBODY = (REQUESTER, PROVIDER, OFFICE, LEADING_GROUP, STRANGER)
URGENT = {"urgency": {"work_area": "city_management", "reason": "汛期前须完成下穿通道停车疏导"}}


def hear_all(request_id: str, *, times: int = 1) -> None:
    for _ in range(times):
        assert hear(*events_of(request_id)) == {"batchItemFailures": []}


def inbox_of(organisation: str, more: str = "") -> Any:
    return Side(organisation).get(f"/requests/inbox{more}").body


def told(organisation: str) -> list[str]:
    return [notice["type"] for notice in inbox_of(organisation)["items"]]


def test_a_draft_is_told_to_nobody() -> None:
    request_id, _, _ = a_request("INTERNAL_APPROVAL")
    hear_all(request_id)
    assert [told(organisation) for organisation in EVERYBODY] == [[]] * 5


def test_everybody_who_may_read_an_event_is_told_but_who_did_it() -> None:
    request_id, _, _ = a_request("REFUSED")
    hear_all(request_id)
    assert told(REQUESTER) == ["request.refused"]
    assert told(PROVIDER) == ["request.submitted"]
    assert told(OFFICE) == ["request.refused", "request.submitted"]
    assert [told(LEADING_GROUP), told(STRANGER)] == [[], []]


def test_a_notice_says_what_happened_where_by_whom_and_what_was_filed() -> None:
    request_id, _, _ = a_request("REFUSED")
    hear_all(request_id)
    refused = inbox_of(OFFICE)["items"][0]
    assert (refused["address"], refused["by"]) == (f"/requests/{request_id}", PROVIDER)
    assert (refused["subject"], refused["filing"]) == ("空余泊位发送记录", "refusal_report")
    assert (refused["zh"], refused["en"]) == ("提供单位不予提供，已报告理由", "the provider refused, with a report")


def test_what_comes_twice_is_told_once_and_the_latest_stands_first() -> None:
    request_id, _, _ = a_request("REQ_COUNTERED")
    hear_all(request_id, times=2)
    assert told(PROVIDER) == ["request.countered", "request.submitted"]
    assert told(REQUESTER) == ["request.countered", "request.items_classified", "request.accepted_for_processing"]
    first = inbox_of(REQUESTER, "?limit=2")
    second = inbox_of(REQUESTER, f"?limit=2&next={first['next']}")
    assert [notice["type"] for notice in first["items"] + second["items"]] == told(REQUESTER)
    assert second["next"] is None
    assert Side(STRANGER).get(f"/requests/inbox?next={first['next']}").status == 422


def test_what_the_system_does_is_told_to_both_sides_and_the_office() -> None:
    request_id, _, _ = a_request("SUBMITTED")
    let_time_pass(request_id)
    hear_all(request_id)
    assert [told(organisation)[0] for organisation in (REQUESTER, PROVIDER, OFFICE)] == ["request.overdue"] * 3


def test_the_group_is_told_of_what_is_brought_before_it_and_of_nothing_earlier() -> None:
    request_id, _, _ = a_request("ESCALATED")
    hear_all(request_id)
    assert told(LEADING_GROUP) == ["request.escalated"]


def test_an_entry_that_is_withdrawn_is_told_to_its_provider_with_its_own_address() -> None:
    entry = new_id()
    body = ResourceMoved(state="WITHDRAWN", provider=PROVIDER, entry_version=1, metadata_hash="00" * 32)
    hear(event_of("resource.withdrawn", body, Origin(entry, 2, OFFICE, "o-1", NOON), parties=(PROVIDER,)))
    notice = inbox_of(PROVIDER)["items"][0]
    assert (notice["address"], notice["subject"]) == (f"/catalog/resources/{entry}", None)


def test_refusals_are_counted_by_what_they_rest_on() -> None:
    refused, _, _ = a_request("REFUSED")
    ruled, _, _ = a_request("ESCALATED")
    play(ruled, [("group", "rule_refuse", REFUSAL | {"meeting": "领导小组2026年第3次会议"})])
    for request_id in (refused, ruled):
        hear_all(request_id, times=2)
    counted = Side(STRANGER).get("/requests/statistics").body["refusals"]
    basis = {"instrument": REFUSAL["instrument"], "clause": REFUSAL["clause"]}
    assert counted == [basis | {"refusals": 3, "providers": {PROVIDER: 3}}]


def test_urgency_is_counted_by_the_unit_that_claims_it() -> None:
    for changes in ({}, URGENT, URGENT):
        request_id, _, _ = a_request("SUBMITTED", **changes)
        hear_all(request_id, times=2)
    counted = Side(STRANGER).get("/requests/statistics").body
    expected = {"requester": REQUESTER, "submitted": 3, "urgent": 2, "work_areas": {"city_management": 2}}
    assert counted["urgency"] == [expected]
    another_year = Side(STRANGER).get(f"/requests/statistics?year={counted['year'] + 1}").body
    assert (another_year["urgency"], another_year["refusals"]) == ([], [])
    assert Side(STRANGER).get("/requests/statistics?year=1900").pointers == ["/query/year"]


def test_a_request_that_is_supplemented_is_not_counted_again() -> None:
    request_id, asking, _ = a_request("RETURNED")
    again = {"resource": asking.get(f"/requests/{request_id}").body["resource"]}
    first = asking.get(f"/requests/{request_id}").body["offers"][0]["terms"]
    assert do(request_id, "asking", "supplement", again | {"duty": "parking_management", "terms": first}).status == 200
    hear_all(request_id)
    assert Side(STRANGER).get("/requests/statistics").body["urgency"][0]["submitted"] == 1


def test_every_event_of_a_negotiation_has_words_and_no_words_are_without_an_event() -> None:
    of_a_negotiation = {name for name in EVENT_TYPES if name.startswith("request.")} | {"agreement.activated"}
    assert of_a_negotiation - event_words().keys() == set()
    assert {name for name in event_words() if "requests" not in EVENT_TYPES[name].consumers} == set()
    assert all(words.zh and words.en for words in event_words().values())
    assert of_a_negotiation >= COUNTED


@pytest.mark.parametrize("state", ["CONCLUDED", "CONF_FILED", "ESCALATED", "CLOSED_REFUSED", "WITHDRAWN"])
def test_an_inbox_holds_what_its_owner_may_read_and_others_did(state: str) -> None:
    request_id, _, _ = a_request(state)
    hear_all(request_id)
    for organisation in EVERYBODY:
        others = [event for event in events_of(request_id) if event.organisation != organisation]
        mine = [event.id for event in others if organisation in readers_of(event)]
        assert [notice["event"] for notice in inbox_of(organisation, "?limit=100")["items"]] == mine[::-1]


def test_a_correction_is_told_to_everybody_who_has_the_entry_each_at_its_own_agreement() -> None:
    ours, theirs = an_agreement(), an_agreement(requester="education_commission")
    over = an_agreement(requester="sports_bureau")
    assert act(over, "office", "rule_termination").status == 200
    path = an_objection(ours)
    for action in ("verify", "confirm", "correct"):
        act_now(path, action, OBJECTION_SAID[action], "giving")
    corrected = events_of(ours)[-1]
    for _ in range(2):
        hear(corrected)
    assert corrected.type == "objection.corrected"
    (notice,) = inbox_of("education_commission")["items"]
    assert (notice["address"], notice["type"]) == (f"/agreements/{theirs}", "objection.corrected")
    (own,) = [line for line in inbox_of(REQUESTER)["items"] if line["type"] == "objection.corrected"]
    assert own["address"] == path
    assert inbox_of("sports_bureau")["items"] == []
