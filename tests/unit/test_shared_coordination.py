"""Machine G, coordination: what may be done at the table, by whom, and where it leads; as the specification has it."""

from datetime import UTC, datetime
from itertools import product
from typing import Any

import pytest

from services.shared import structure
from services.shared.callers import Caller, Claim
from services.shared.coordination import BODIES as MODELS
from services.shared.coordination import ENDS, FOR_WHO_ASKED, Action, Coordination, Proposal, Seat, State, machine
from services.shared.errors import Conflict, Forbidden, GovShareError, Invalid
from services.shared.lifecycle import Act, Party
from services.shared.organisations import LEADING_GROUP, OFFICE, STATISTICS_BUREAU

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
UNIT, STRANGER = "transport_commission", "drc"
G = machine("matter.coordination")
# From the specification; `-` stays, `settle` stays until all parties have.
TABLE = """
OPEN       mediate       office      -
OPEN       settle        unit        -
OPEN       settle        statistics  -
OPEN       uphold        office      UPHELD
OPEN       escalate      office      ESCALATED
ESCALATED  rule_for      group       RULED_FOR
ESCALATED  rule_against  group       RULED_AGAINST
ESCALATED  remand        group       OPEN
"""
ALLOWED = {tuple(row.split()[:3]): row.split()[3] for row in TABLE.strip().splitlines()}
WHO = {
    "unit": UNIT,
    "office": OFFICE,
    "statistics": STATISTICS_BUREAU,
    "group": LEADING_GROUP,
    "stranger": STRANGER,
    "nobody": "",
}
BODIES: dict[Action, dict[str, Any]] = {
    Action.MEDIATE: {"proposal": "合并建设"},
    Action.SETTLE: {},
    Action.UPHOLD: {"instrument": "policy-2005", "clause": "三(二)", "reason": "应当统建"},
    Action.ESCALATE: {"docket": "请领导小组决定"},
    Action.RULE_FOR: {"meeting": "第4次会议", "reason": "确有需要"},
    Action.RULE_AGAINST: {"meeting": "第4次会议", "reason": "应当统建"},
    Action.REMAND: {"instructions": "再行协商"},
}


def a_coordination(state: State = State.OPEN) -> Coordination:
    seats = (
        Seat(party=Party.UNIT, organisation=UNIT),
        Seat(party=Party.STATISTICS, organisation=STATISTICS_BUREAU),
    )
    return Coordination(id="g-1", state=state, seats=seats, changed_at=NOON)


def an_act(action: Action, who: str, claim: Claim = Claim.OFFICER, **changes: Any) -> Act:
    caller = Caller(organisation=WHO[who], officer="o-1", claims=frozenset({claim}))
    return Act(action, MODELS[action](**BODIES[action] | changes), caller, NOON)


@pytest.mark.parametrize(("state", "action", "who"), list(product(State, Action, WHO)))
def test_every_act_in_every_state_by_everyone_is_as_the_table_says(state: State, action: Action, who: str) -> None:
    before = a_coordination(state)
    if (target := ALLOWED.get((state, action, who))) is not None:
        moved = G.advance(before, an_act(action, who))
        assert moved.record.state == (state if target == "-" else target)
        return
    known = any((state, action) == row[:2] for row in ALLOWED)
    with pytest.raises(Forbidden if known else Conflict):
        G.advance(before, an_act(action, who))


def test_it_is_settled_when_each_party_has_said_so_once() -> None:
    half = G.advance(a_coordination(), an_act(Action.SETTLE, "unit"))
    assert (half.complete, half.record.state) == (False, State.OPEN)
    assert G.awaiting(half.record) == (Party.OFFICE, Party.STATISTICS)
    with pytest.raises(Conflict, match="already"):
        G.advance(half.record, an_act(Action.SETTLE, "unit"))

    whole = G.advance(half.record, an_act(Action.SETTLE, "statistics"))
    assert (whole.complete, whole.record.state) == (True, State.SETTLED)


def test_what_the_office_upholds_rests_on_a_clause_that_exists() -> None:
    with pytest.raises(Invalid) as refused:
        G.advance(a_coordination(), an_act(Action.UPHOLD, "office", clause="九(九)"))
    assert [problem.pointer for problem in refused.value.problems] == ["/clause"]


def test_the_last_of_each_thing_that_was_said_is_kept() -> None:
    last = a_coordination()
    for action, who in ((Action.MEDIATE, "office"), (Action.ESCALATE, "office"), (Action.REMAND, "group")):
        last = G.advance(last, an_act(action, who)).record
    assert (last.proposal, last.docket, last.instructions) == ("合并建设", "请领导小组决定", "再行协商")
    again = G.advance(last, an_act(Action.MEDIATE, "office", proposal="分区建设")).record
    assert (again.proposal, again.docket, again.case_seq) == ("分区建设", "请领导小组决定", 4)


@pytest.mark.parametrize("claim", [claim for claim in Claim if claim is not Claim.OFFICER])
def test_only_officers_act(claim: Claim) -> None:
    with pytest.raises(Forbidden, match="officer"):
        G.advance(a_coordination(), an_act(Action.MEDIATE, "office", claim))


def test_nobody_waits_for_nobody_and_every_way_ends() -> None:
    assert list(structure.faults(G, {state: a_coordination(state) for state in State})) == []
    assert structure.reachable(G) == set(State)
    assert FOR_WHO_ASKED < ENDS


def test_its_events_carry_the_name_of_the_parent() -> None:
    assert {move.event.partition("_")[0] for move in G.table.values()} == {"matter.coordination"}


def test_an_end_stays_an_end() -> None:
    for end, action in product(ENDS, Action):
        with pytest.raises(GovShareError):
            G.advance(a_coordination(end), Act(action, Proposal(proposal="x"), an_act(action, "office").caller, NOON))
