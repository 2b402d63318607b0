"""What waits for whom: desks in their order, with a sentence why; lists, comparisons, permissions, the clocks."""

from datetime import UTC, datetime
from typing import Any

import pytest

from services.requests import api
from services.requests.sweep import sweep
from services.shared.canonical import new_id
from services.shared.organisations import LEADING_GROUP, OFFICE
from tests.negotiating import WHY, do, do_at
from tests.sharing import (
    COUNTER,
    HASH,
    PLAYERS,
    PROVIDER,
    REASON,
    REQUESTER,
    STRANGER,
    Side,
    a_published_entry,
    a_request,
    draft,
    hear,
    published_with,
)
from tests.support import call

pytestmark = pytest.mark.usefixtures("data_stack")

URGENT = {"urgency": {"work_area": "city_management", "reason": "汛期前须完成下穿通道停车疏导"}}


def submitted(day: datetime, **changes: Any) -> str:
    request_id, _, _ = a_request("INTERNAL_APPROVAL", **changes)
    do_at(request_id, "asking", "submit", day)
    return request_id


def november(day: int) -> datetime:
    return datetime(2026, 11, day, 4, tzinfo=UTC)


def desk_of(organisation: str, more: str = "") -> Any:
    return Side(organisation).get(f"/requests?awaiting=me{more}").body


def waiting_for(who: str) -> list[str]:
    """Return the cases on a player's desk, from the top."""
    return [line["case"] for line in desk_of(PLAYERS[who])["items"]]


def test_a_desk_has_the_overdue_first_then_the_urgent_then_the_next_that_is_due() -> None:
    latest, urgent = submitted(november(30)), submitted(november(30), **URGENT)
    overdue, sooner = submitted(november(23)), submitted(november(25))
    sweep(datetime(2026, 12, 8, tzinfo=UTC))
    assert waiting_for("giving") == [overdue, urgent, sooner, latest]
    lines = desk_of(PROVIDER)["items"]
    assert [(line["overdue"], line["urgent"]) for line in lines] == [
        (True, False),
        (False, True),
        (False, False),
        (False, False),
    ]


def test_a_line_says_in_a_sentence_who_since_when_until_when_and_by_which_rule() -> None:
    request_id = submitted(november(23))
    line = desk_of(PROVIDER)["items"][0]
    assert line["zh"].startswith("自2026-11-23起等待北京市石景山区有条件共享答复：")
    assert line["zh"].endswith("不晚于2026-12-07：自2026-11-23起10个工作日，规则 reply_conditional")
    assert line["en"].startswith("waiting since 2026-11-23 for Shijingshan District to reply to a request")
    assert line["en"].endswith("due 2026-12-07: 10 working days from 2026-11-23, rule reply_conditional")
    assert (line["address"], line["state"], line["party"]) == (f"/requests/{request_id}", "SUBMITTED", "provider")
    assert (line["requester"], line["provider"], line["title"]) == (REQUESTER, PROVIDER, "空余泊位发送记录")
    assert line["clock"]["due_at"] == "2026-12-07T15:59:59Z"
    sweep(datetime(2026, 12, 8, tzinfo=UTC))
    late = desk_of(PROVIDER)["items"][0]
    assert late["zh"].startswith("已逾期")
    assert late["en"].startswith("overdue; waiting since 2026-11-23")


def test_what_no_number_times_waits_all_the_same_and_says_so() -> None:
    a_request("PRO_COUNTERED")
    line = desk_of(REQUESTER)["items"][0]
    assert line["clock"]["due_at"] is None
    assert "未给出 reply_counter 的天数" in line["zh"]
    assert "gives no number for reply_counter" in line["en"]


def test_a_line_moves_to_the_desk_of_whoever_is_waited_for_and_leaves_it_at_the_end() -> None:
    request_id, _, _ = a_request("DRAFT")
    desks = [(waiting_for("asking"), waiting_for("giving"))]
    for who, action, body in (
        ("asking", "propose", {}),
        ("asking", "submit", {}),
        ("giving", "accept_for_processing", {}),
        ("giving", "counter", COUNTER),
        ("asking", "withdraw", REASON),
    ):
        assert do(request_id, who, action, body).status == 200
        desks.append((waiting_for("asking"), waiting_for("giving")))
    assert [bool(mine) for mine, _ in desks] == [True, True, False, False, True, False]
    assert [bool(theirs) for _, theirs in desks] == [False, False, True, True, False, False]


def test_where_both_must_act_each_has_it_until_it_has_acted() -> None:
    request_id, _, _ = a_request("SIGNED")
    assert (waiting_for("asking"), waiting_for("giving")) == ([request_id], [request_id])
    do(request_id, "giving", "file_result", HASH)
    assert (waiting_for("asking"), waiting_for("giving")) == ([request_id], [])
    do(request_id, "asking", "file_result", HASH)
    assert (waiting_for("asking"), waiting_for("giving")) == ([], [])


def test_the_office_has_extensions_and_disputes_on_its_desk_and_the_group_what_is_escalated() -> None:
    request_id, _, _ = a_request("SUBMITTED")
    assert waiting_for("office") == []
    do(request_id, "giving", "request_extension", WHY)
    assert waiting_for("office") == [request_id]
    do(request_id, "office", "deny_extension", WHY)
    assert waiting_for("office") == []

    disputed, escalated = a_request("COORDINATION")[0], a_request("ESCALATED")[0]

    assert (waiting_for("office"), waiting_for("group")) == ([disputed], [escalated])
    assert waiting_for("giving") == [request_id]


def test_a_desk_counts_what_waits_in_each_state_once_and_is_read_page_by_page() -> None:
    cases = {a_request("SUBMITTED")[0] for _ in range(2)} | {a_request("UNDER_REVIEW")[0]}
    first = desk_of(PROVIDER, "&limit=2")
    second = desk_of(PROVIDER, f"&limit=2&next={first['next']}")
    assert first["counts"] == {"request": {"SUBMITTED": 2, "UNDER_REVIEW": 1}}
    assert (second["counts"], second["next"]) == (None, None)
    assert {line["case"] for line in first["items"] + second["items"]} == cases
    assert desk_of(STRANGER) == {"items": [], "next": None, "counts": {}}
    theirs = Side(STRANGER).get(f"/requests?awaiting=me&next={first['next']}")
    assert (theirs.status, theirs.pointers) == (422, ["/query/next"])


@pytest.mark.parametrize(
    "path", ["/requests?awaiting=me", "/requests/inbox", "/requests/statistics", "/requests/permission?resource=x"]
)
def test_desks_inboxes_and_counts_need_a_token(path: str) -> None:
    assert call(api.handler, "GET", path).status == 401


def test_everybody_may_read_the_clocks_and_the_calendar_that_they_count_on() -> None:
    reply = call(api.handler, "GET", "/requests/clocks")
    assert reply.status == 200
    regulation = next(one for one in reply.body["clocks"]["profiles"] if one["profile"] == "reg-2025")
    assert {"reply_unconditional": 1, "reply_conditional": 10}.items() <= {
        rule["clock"]: rule["working_days"] for rule in regulation["rules"]
    }.items()
    assert reply.body["working_days"]


def test_a_list_by_state_is_for_the_offices_and_shows_no_draft() -> None:
    request_id, _, _ = a_request("SUBMITTED")
    a_request("DRAFT")
    assert [line["id"] for line in Side(OFFICE).get("/requests?state=SUBMITTED").body["items"]] == [request_id]
    for organisation in (REQUESTER, PROVIDER, LEADING_GROUP, STRANGER):
        assert Side(organisation).get("/requests?state=SUBMITTED").status == 403
    unknown = Side(OFFICE).get("/requests?state=DRAFT")
    assert (unknown.status, unknown.pointers) == (422, ["/query/state"])


def test_a_list_by_state_follows_the_case_and_is_read_page_by_page() -> None:
    cases = [a_request("SUBMITTED")[0] for _ in range(3)]
    do(cases[0], "giving", "accept_for_processing")
    office = Side(OFFICE)
    first = office.get("/requests?state=SUBMITTED&limit=1").body
    second = office.get(f"/requests?state=SUBMITTED&limit=1&next={first['next']}").body
    assert [line["id"] for line in first["items"] + second["items"]] == [cases[2], cases[1]]
    assert [line["id"] for line in office.get("/requests?state=UNDER_REVIEW").body["items"]] == [cases[0]]


@pytest.mark.parametrize(
    ("entry", "share_type", "said"),
    [
        ({"share_type": "UNCONDITIONAL"}, "UNCONDITIONAL", "by itself"),
        ({"share_type": "CONDITIONAL"}, "CONDITIONAL", "negotiate"),
        ({"share_type": "NOT_SHARED"}, "NOT_SHARED", "not shared"),
        ({"share_type": "UNCONDITIONAL", "legacy": True}, "UNCONDITIONAL", "negotiate"),
    ],
)
def test_one_may_ask_whether_one_may_have_an_entry(entry: dict[str, Any], share_type: str, said: str) -> None:
    resource = new_id()
    hear(published_with(resource, **entry))
    told = Side(REQUESTER).get(f"/requests/permission?resource={resource}").body
    assert (told["permitted"], told["agreement"], told["share_type"]) == (False, None, share_type)
    assert said in told["en"]
    assert told["zh"]


def test_an_agreement_in_force_is_a_permission_for_whoever_has_it() -> None:
    request_id, asking, _ = a_request("CONCLUDED")
    resource = asking.get(f"/requests/{request_id}").body["resource"]
    mine = asking.get(f"/requests/permission?resource={resource}").body
    assert (mine["permitted"], mine["agreement"], mine["share_type"]) == (True, request_id, None)
    theirs = Side(STRANGER).get(f"/requests/permission?resource={resource}").body
    assert (theirs["permitted"], theirs["agreement"]) == (False, None)
    assert asking.get(f"/requests/permission?resource={new_id()}").status == 404


def test_two_offers_are_compared_field_by_field() -> None:
    request_id, asking, _ = a_request("REQ_COUNTERED")
    first = asking.get(f"/requests/{request_id}/comparison").body
    assert (first["one"]["number"], first["other"]["number"]) == (1, 3)
    assert changed_in(first) == {"/validity/valid_until"}
    second = asking.get(f"/requests/{request_id}/comparison?one=1&other=2").body
    assert changed_in(second) == {"/content/items"}
    items = second["fields"][0]
    assert (items["zh"], items["en"], items["removed"], items["added"]) == ("信息项", "data items", ["车场名称"], [])
    beyond = asking.get(f"/requests/{request_id}/comparison?one=4&other=9")
    assert (beyond.status, beyond.pointers) == (422, ["/query/one", "/query/other"])
    assert Side(STRANGER).get(f"/requests/{request_id}/comparison").status == 404


def test_a_draft_lies_on_its_own_units_desk_alone() -> None:
    made = Side(REQUESTER).create(draft(a_published_entry())).body["id"]
    assert waiting_for("asking") == [made]
    assert [waiting_for(who) for who in ("giving", "office", "group")] == [[], [], []]


def changed_in(comparison: Any) -> set[str]:
    return {field["pointer"] for field in comparison["fields"] if field["changed"]}
