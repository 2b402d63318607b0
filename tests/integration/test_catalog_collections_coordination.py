"""Two who claim one item: the conflict is shown to all, each is heard, and one settlement or ruling decides for all."""

from typing import Any

import pytest

from services.catalog.api import handler
from services.catalog.collection_acts import MAX_CLAIMANTS
from services.shared.organisations import organisations
from services.shared.reference import duties_of
from tests.collecting import (
    COMMENT,
    DECLINE,
    GROUP,
    HERE,
    OFFICE,
    POLICE,
    SCHOOLS,
    STATISTICS,
    TAX,
    act,
    act_now,
    applied,
    coordinated,
    create,
    done,
    read,
    settle,
    under_review,
)
from tests.support import call, events_in, token

POSITION = {"position": "本单位依法采集。"}
MEETING = {"meeting": "2026年第3次会议", "reason": "一数一源。"}


@pytest.fixture(autouse=True)
def table(data_stack: dict[str, str]) -> str:
    """The catalogue's table, empty."""
    return data_stack["CatalogTable"]


def rivals(case: str, organisation: str) -> list[str]:
    return [rival["id"] for rival in read(case, organisation).body["case"]["rivals"]]


def states(*cases: str) -> list[str]:
    return [read(case, OFFICE).body["state"] for case in cases]


def last_words(case: str, organisation: str) -> Any:
    lines = call(handler, "GET", f"{HERE}/{case}/history", token=token(organisation)).body["items"]
    reply = call(handler, "GET", lines[-1]["payload"], token=token(organisation))
    return reply.body["content"] if reply.status == 200 else reply.status


def test_both_claimants_and_both_reviewers_see_each_others_claim() -> None:
    first, second = applied().body["id"], applied(TAX, areas=["110101"]).body["id"]
    assert [rivals(first, who) for who in (POLICE, OFFICE, STATISTICS)] == [[second]] * 3
    assert rivals(second, TAX) == [first]
    assert read(second, TAX).body["case"]["recorded_rivals"] == [first]
    assert read(first, TAX).status == 404


@pytest.mark.parametrize(
    "apart",
    [
        {"areas": ["110102"]},
        {"item": "流动人口登记信息"},
        {"basic_class": "legal_entity", "standard": {"id": "gb-32100", "version": "2015"}},
    ],
)
def test_claims_on_another_item_or_other_ground_are_no_rivals(apart: dict[str, Any]) -> None:
    first = applied(areas=["110101"])
    applied(TAX, **({"areas": ["110101"]} | apart))
    assert rivals(first.body["id"], OFFICE) == []
    assert done(act(first, "start_review", OFFICE)).body["state"] == "JOINT_REVIEW"


def test_an_item_is_the_same_however_it_is_spaced_or_written() -> None:
    first = applied(item="ABC 登记")
    second = applied(TAX, item="ａｂｃ登记")
    assert rivals(first.body["id"], POLICE) == [second.body["id"]]


def test_a_review_does_not_begin_while_a_conflict_is_open() -> None:
    first, second = applied(), applied(TAX)
    refused = act(first, "start_review", OFFICE)
    assert refused.status == 422
    assert second.body["id"] in refused.body["errors"][0]["detail"]
    done(act(second, "withdraw", TAX))
    assert done(act(first, "start_review", OFFICE)).body["state"] == "JOINT_REVIEW"


def test_one_claim_alone_is_nothing_to_coordinate() -> None:
    assert act(applied(), "open_coordination", OFFICE).status == 422


def test_a_coordination_takes_every_claimant_of_shared_ground_and_no_other() -> None:
    reviewed = under_review(areas=["110101"])
    bridge = applied(TAX, areas=["110101", "110102"])
    far = applied(SCHOOLS, areas=["110102"])
    apart = applied(POLICE, areas=["110105"])
    done(act_now(bridge.body["id"], "open_coordination", OFFICE))
    cases = [reply.body["id"] for reply in (reviewed, bridge, far, apart)]
    assert states(*cases) == ["COORDINATION", "COORDINATION", "COORDINATION", "APPLIED"]


def test_a_settlement_waits_until_every_claimant_was_heard_and_says_for_whom() -> None:
    first, second = coordinated(POLICE, TAX, hear=False)
    done(act_now(first, "be_heard", POLICE, POSITION))
    refused = settle(first, designated=first)
    assert refused.status == 422
    assert [second in error["detail"] for error in refused.body["errors"]] == [True]
    done(act_now(second, "be_heard", TAX, POSITION))
    assert done(settle(first, designated=first)).body["state"] == "DESIGNATED"


def test_one_is_designated_the_others_are_redirected_in_one_step_and_each_reads_why(table: str) -> None:
    first, second, third = coordinated(POLICE, TAX, SCHOOLS)
    done(settle(first, designated=second))
    assert states(first, second, third) == ["REDIRECTED", "DESIGNATED", "REDIRECTED"]
    assert read(first, POLICE).body["case"]["redirected_to"] == [second]
    assert [last_words(case, who) for case, who in ((first, POLICE), (second, TAX), (third, SCHOOLS))] == [
        {"reason": "一数一源。"}
    ] * 3
    settled = [event for event in events_in(table) if event.type == "collection.settled"]
    assert {event.case for event in settled} == {first, second, third}
    assert all(event.body["designated"] == [second] for event in settled)
    assert all(event.body["redirected"] == sorted([first, third]) for event in settled)


def test_scopes_are_split_and_each_holds_its_own_part() -> None:
    first, second, third = coordinated(POLICE, TAX, SCHOOLS, areas=["110101", "110102"])
    done(settle(third, split={first: ["110101"], second: ["110102"]}))
    assert states(first, second, third) == ["DESIGNATED", "DESIGNATED", "REDIRECTED"]
    assert [read(case, OFFICE).body["areas"] for case in (first, second)] == [["110101"], ["110102"]]


def test_everything_wrong_with_a_settlement_is_told_at_once() -> None:
    first, second = coordinated(POLICE, TAX, areas=["110101", "110102"])
    split = {first: ["110101", "110105"], second: ["110101", "999999"], "elsewhere": ["110102"]}
    refused = settle(first, split=split)
    assert refused.pointers == [
        f"/split/{first}",
        *(f"/split/{second}" for _ in range(2)),
        f"/split/{second}/1",
        "/split/elsewhere",
    ]
    both = settle(first, designated=first, split={second: ["110101"]})
    nobody, stranger = settle(first), settle(first, designated="elsewhere")
    assert [reply.pointers for reply in (both, nobody, stranger)] == [[""], ["/designated"], ["/designated"]]


def test_a_claimant_is_heard_once_and_its_words_are_for_those_who_decide() -> None:
    first, _ = coordinated(POLICE, TAX)
    assert act_now(first, "be_heard", POLICE, POSITION).status == 409
    assert [last_words(first, who) for who in (POLICE, OFFICE, STATISTICS)] == [POSITION] * 3
    assert read(first, TAX).status == 404
    waiting = read(first, OFFICE).body["awaiting"]
    assert [party["organisation"] for party in waiting] == [OFFICE]


def test_who_withdraws_is_no_claimant_any_more() -> None:
    first, second, third = coordinated(POLICE, TAX, SCHOOLS)
    done(act_now(third, "withdraw", SCHOOLS))
    assert settle(first, designated=third).pointers == ["/designated"]
    done(settle(first, designated=first))
    assert states(first, second, third) == ["DESIGNATED", "REDIRECTED", "WITHDRAWN"]


def test_who_applies_later_joins_the_coordination_and_must_be_heard_too() -> None:
    first, second = coordinated(POLICE, TAX)
    late = applied(SCHOOLS)
    assert act(late, "start_review", OFFICE).status == 422
    done(act(late, "open_coordination", OFFICE))
    assert settle(first, designated=first).status == 422
    done(act_now(late.body["id"], "be_heard", SCHOOLS, POSITION))
    done(settle(first, designated=first))
    assert states(first, second, late.body["id"]) == ["DESIGNATED", "REDIRECTED", "REDIRECTED"]


def test_the_leading_group_rules_on_what_is_brought_before_it_and_sees_it_only_then() -> None:
    first, second = coordinated(POLICE, TAX)
    before = read(first, GROUP).status
    done(act_now(first, "escalate", OFFICE, {"docket": "两单位均主张采集。"}))
    assert (before, states(first, second)) == (404, ["ESCALATED", "ESCALATED"])
    assert read(second, GROUP).body["awaiting"] == [{"party": GROUP, "organisation": GROUP}]
    assert [last_words(first, who) for who in (GROUP, STATISTICS)] == [{"docket": "两单位均主张采集。"}] * 2
    done(act_now(second, "rule", GROUP, MEETING | {"designated": second}))
    assert states(first, second) == ["REDIRECTED", "DESIGNATED"]
    assert last_words(second, TAX) == MEETING


def test_the_leading_group_reads_what_was_said_in_the_coordination() -> None:
    first, _ = coordinated(POLICE, TAX)
    done(act_now(first, "escalate", OFFICE, {"docket": "议题"}))
    lines = call(handler, "GET", f"{HERE}/{first}/history", token=token(GROUP)).body["items"]
    heard = next(line for line in lines if line["event"]["type"] == "collection.heard")
    assert call(handler, "GET", heard["payload"], token=token(GROUP)).body["content"] == POSITION


def test_what_a_unit_did_before_it_applied_is_no_part_of_the_others_history() -> None:
    first, _ = coordinated(POLICE, TAX)
    done(act_now(first, "escalate", OFFICE, {"docket": "议题"}))
    path = f"{HERE}/{first}/history"
    own, *others = (
        [line["event"]["type"] for line in call(handler, "GET", path, token=token(who)).body["items"]]
        for who in (POLICE, OFFICE, STATISTICS, GROUP)
    )
    applied_at = own.index("collection.applied")
    assert applied_at > 0
    assert others == [own[applied_at:]] * 3


def test_the_leading_group_can_send_a_case_back_with_instructions() -> None:
    first, second = coordinated(POLICE, TAX)
    done(act_now(first, "escalate", OFFICE, {"docket": "议题"}))
    done(act_now(first, "remand", GROUP, {"instructions": "按行政区划分。"}))
    assert states(first, second) == ["COORDINATION", "COORDINATION"]
    assert last_words(second, OFFICE) == {"instructions": "按行政区划分。"}
    done(settle(first, designated=first))
    assert states(first, second) == ["DESIGNATED", "REDIRECTED"]


def test_what_is_before_the_leading_group_is_not_joined_and_blocks_a_review() -> None:
    first, _ = coordinated(POLICE, TAX)
    done(act_now(first, "escalate", OFFICE, {"docket": "议题"}))
    late = applied(SCHOOLS)
    assert [act(late, action, OFFICE).status for action in ("start_review", "open_coordination")] == [422, 422]


def test_a_contest_opens_a_coordination_with_the_open_rivals() -> None:
    declined = done(act(under_review(), "decline", OFFICE, DECLINE))
    rival = applied(TAX)
    done(act(rival, "start_review", OFFICE))
    contested = done(act(declined, "contest", POLICE, {"reason": "法定职责。"}))
    assert (contested.body["state"], states(rival.body["id"])) == ("COORDINATION", ["COORDINATION"])
    assert last_words(declined.body["id"], OFFICE) == {"reason": "法定职责。"}
    lines = call(handler, "GET", f"{HERE}/{rival.body['id']}/history", token=token(TAX)).body["items"]
    assert (lines[-1]["event"]["type"], lines[-1]["payload"]) == ("collection.coordination_opened", None)


@pytest.mark.parametrize(("upheld", "state"), [(True, "REDIRECTED"), (False, "DESIGNATED")])
def test_a_contest_alone_is_settled_for_the_unit_or_against_it(upheld: bool, state: str) -> None:
    case = done(act(done(act(under_review(), "decline", OFFICE, DECLINE)), "contest", POLICE, {"reason": "职责"})).body[
        "id"
    ]
    done(act_now(case, "be_heard", POLICE, POSITION))
    done(settle(case, designated=None if upheld else case))
    assert states(case) == [state]


def test_after_a_settlement_the_item_cannot_be_designated_again() -> None:
    first, _ = coordinated(POLICE, TAX)
    done(settle(first, designated=first))
    third = done(act(applied(SCHOOLS), "start_review", OFFICE))
    refused = act(done(act(third, "approve", OFFICE, COMMENT)), "approve", STATISTICS, COMMENT)
    assert (refused.status, POLICE in refused.body["detail"]) == (409, True)


def test_twenty_claimants_are_coordinated_and_settled_at_once_and_more_are_refused() -> None:
    units = [code for code in organisations() if duties_of(code)][: MAX_CLAIMANTS + 1]
    drafts = [create(unit) for unit in units]  # nobody finds another's draft
    cases = [done(act(draft, "apply", unit)).body["id"] for draft, unit in zip(drafts, units, strict=True)]
    refused = act_now(cases[0], "open_coordination", OFFICE)
    assert (refused.status, str(MAX_CLAIMANTS) in refused.body["errors"][0]["detail"]) == (422, True)
    done(act_now(cases[-1], "withdraw", units[MAX_CLAIMANTS]))
    done(act_now(cases[0], "open_coordination", OFFICE))
    for unit, case in zip(units, cases[:-1], strict=False):
        done(act_now(case, "be_heard", unit, POSITION))
    done(settle(cases[0], designated=cases[7]))
    assert states(*cases[:-1]) == ["DESIGNATED" if number == 7 else "REDIRECTED" for number in range(MAX_CLAIMANTS)]
