"""Machine B: its table is the specification's, and no path doubles a collector or applies without a certificate."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.catalog import collection_effects as effects
from services.catalog.certificate import Certificate, Intent, Subject
from services.catalog.certificate import State as Issued
from services.catalog.collection import ENDED, HOLDING, INTERNAL, Action, Collection, State
from services.catalog.collection_acts import BODIES
from services.catalog.collection_claims import Book, Grounds, claim_of
from services.catalog.collection_guards import Given
from services.catalog.collection_statement import CollectionDraft, faults_of
from services.catalog.collection_steps import GATHERED, Change, create, take
from services.catalog.responsibility import MACHINE
from services.catalog.reviewing import Commented, Nothing
from services.shared.callers import SYSTEM, Caller, Claim
from services.shared.errors import Conflict, Forbidden, GovShareError
from services.shared.lifecycle import Act
from services.shared.organisations import LEADING_GROUP, OFFICE, STATISTICS_BUREAU
from services.shared.reference import duties_of
from services.shared.structure import faults

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
POLICE, TAX, SCHOOLS, STRANGER = "public_security_bureau", "tax_service", "education_commission", "drc"
UNITS = (POLICE, TAX, SCHOOLS)
# state-machines.md, B, row by row; `redirect` and `call_in` are what a settlement, a ruling and a contest make of
# the other claimants, `be_heard` is how one is heard.
TABLE = """
DRAFT revise unit -
DRAFT apply unit APPLIED
RETURNED revise unit -
RETURNED apply unit APPLIED
APPLIED start_review informatization_office JOINT_REVIEW
APPLIED open_coordination informatization_office COORDINATION
JOINT_REVIEW open_coordination informatization_office COORDINATION
APPLIED call_in system COORDINATION
JOINT_REVIEW call_in system COORDINATION
COORDINATION be_heard unit -
COORDINATION settle informatization_office DESIGNATED
COORDINATION redirect informatization_office REDIRECTED
COORDINATION escalate informatization_office ESCALATED
ESCALATED rule leading_group DESIGNATED
ESCALATED redirect leading_group REDIRECTED
ESCALATED remand leading_group COORDINATION
JOINT_REVIEW return informatization_office,statistics_bureau RETURNED
JOINT_REVIEW approve informatization_office,statistics_bureau DESIGNATED
JOINT_REVIEW decline informatization_office,statistics_bureau DECLINED
DECLINED contest unit COORDINATION
DECLINED accept unit REJECTED
DESIGNATED register informatization_office REGISTERED
REGISTERED publish informatization_office PUBLISHED
PUBLISHED revise unit -
PUBLISHED transfer informatization_office,statistics_bureau TRANSFERRED
PUBLISHED revoke informatization_office REVOKED
PUBLISHED expire system EXPIRED
DRAFT withdraw unit WITHDRAWN
APPLIED withdraw unit WITHDRAWN
RETURNED withdraw unit WITHDRAWN
JOINT_REVIEW withdraw unit WITHDRAWN
COORDINATION withdraw unit WITHDRAWN
DECLINED withdraw unit WITHDRAWN
"""
ROWS = [line.split() for line in TABLE.strip().splitlines()]
MOVES = {(source, target) for source, _, _, target in ROWS if target != "-"}
BOTH_KEYS = {("JOINT_REVIEW", "approve"), ("PUBLISHED", "transfer")}


# The straight way on from each state; None is the case's own unit.
FORWARD: dict[State, tuple[tuple[Action, str | None], ...]] = {
    State.DRAFT: ((Action.APPLY, None),),
    State.RETURNED: ((Action.APPLY, None),),
    State.APPLIED: ((Action.START_REVIEW, OFFICE), (Action.OPEN_COORDINATION, OFFICE)),
    State.JOINT_REVIEW: ((Action.APPROVE, OFFICE), (Action.APPROVE, STATISTICS_BUREAU)),
    State.COORDINATION: ((Action.BE_HEARD, None), (Action.SETTLE, OFFICE)),
    State.ESCALATED: ((Action.RULE, LEADING_GROUP),),
    State.DESIGNATED: ((Action.REGISTER, OFFICE),),
    State.REGISTERED: ((Action.PUBLISH, OFFICE),),
    State.PUBLISHED: ((Action.TRANSFER, OFFICE), (Action.TRANSFER, STATISTICS_BUREAU)),
}


def officer(organisation: str) -> Caller:
    return Caller(organisation=organisation, officer="o-1", claims=frozenset({Claim.OFFICER}))


def a_draft(unit: str = POLICE, **changes: Any) -> CollectionDraft:
    duty = duties_of(unit)[0]
    said = {
        "basic_class": "population",
        "item": "常住人口",
        "items": ["姓名", "住址"],
        "areas": ["110101"],
        "data_form": "database",
        "duty": duty.code,
        "legal_basis": {"instrument": duty.legal_instrument, "clause": duty.clause},
        "standard": {"id": "gb-11643", "version": "1999"},
        "update_cycle": "daily",
        "certificate": "c-1",
    }
    return CollectionDraft.model_validate(said | changes)


def a_certificate(draft: CollectionDraft, unit: str, *, days: int = 30) -> Certificate:
    subject = Subject(
        intent=Intent.COLLECTION,
        name=draft.item or "",
        basic_class=draft.basic_class,
        items=draft.items,
        areas=draft.areas,
    )
    return Certificate(
        id="c-1",
        state=Issued.ISSUED,
        changed_at=NOON,
        unit=unit,
        subject=subject,
        catalogue_version=1,
        collection_hits=(),
        catalogue_hits=(),
        issued_at=NOON,
        expires_at=NOON + timedelta(days=days),
    )


def a_case(state: State = State.DRAFT, unit: str = POLICE) -> Collection:
    case = create(a_draft(unit), officer(unit), NOON).step.record
    return case.model_copy(update={"state": state})


def test_the_table_is_the_specifications() -> None:
    written = {
        (str(state), str(action), tuple(sorted(map(str, move.parties(a_case(state))))), str(move.to or "-"))
        for (state, action), move in MACHINE.table.items()
    }
    assert written == {(source, action, tuple(who.split(",")), target) for source, action, who, target in ROWS}
    assert {key for key, move in MACHINE.table.items() if move.each_once and move.to} == BOTH_KEYS


def test_the_table_has_no_trap_and_nothing_waits_for_nobody() -> None:
    assert list(faults(MACHINE, {state: a_case(state) for state in State})) == []


def test_registration_alone_is_a_filing() -> None:
    assert [action for (_, action), move in MACHINE.table.items() if move.filing] == [Action.REGISTER]


@pytest.mark.parametrize("state", sorted(ENDED))
@pytest.mark.parametrize("action", Action)
def test_an_end_is_an_end(state: State, action: Action) -> None:
    for organisation in (POLICE, OFFICE, STATISTICS_BUREAU, LEADING_GROUP):
        with pytest.raises(Conflict):
            take(a_case(state), Act(action, Nothing(), officer(organisation), NOON, Given()))


@pytest.mark.parametrize("action", sorted(INTERNAL - {Action.REDIRECT}))
def test_what_happens_by_itself_is_nobodys_to_do(action: Action) -> None:
    for state in State:
        for organisation in (POLICE, OFFICE, STATISTICS_BUREAU, LEADING_GROUP, "system"):
            assert action not in MACHINE.actions_for(a_case(state), officer(organisation))


@pytest.mark.parametrize(
    ("day", "pointers"),
    [(date(2026, 12, 31), []), (date(2027, 1, 1), ["/valid_until"])],
)
def test_a_duty_holds_until_its_last_day_is_over(day: date, pointers: list[str]) -> None:
    said = a_draft(valid_until="2026-12-31")
    assert [fault.pointer for fault in faults_of(said, POLICE, day)] == pointers


def test_an_area_outside_the_city_and_a_repeated_item_are_told_with_their_places() -> None:
    said = a_draft(areas=["110101", "310000"], items=["姓名", "住址", "姓  名"])
    assert [fault.pointer for fault in faults_of(said, POLICE, date(2026, 11, 23))] == ["/areas/1", "/items/2"]


def test_a_key_is_given_by_a_known_party() -> None:
    approval = Act(Action.APPROVE, Commented(comment="同意"), officer(OFFICE), NOON)
    with pytest.raises(ValueError, match="whose party is known"):
        effects.approved(a_case(State.JOINT_REVIEW), approval)


def test_a_case_is_an_officers_to_draft() -> None:
    approver = Caller(organisation=POLICE, officer="o-2", claims=frozenset({Claim.APPROVER}))
    with pytest.raises(Forbidden):
        create(a_draft(), approver, NOON)


SAID: dict[Action, dict[str, Any]] = {
    Action.BE_HEARD: {"position": "意见"},
    Action.ESCALATE: {"docket": "议题"},
    Action.REMAND: {"instructions": "再议"},
    Action.RETURN: {"gaps": [{"pointer": "/items", "detail": "缺少"}]},
    Action.APPROVE: {"comment": "同意"},
    Action.DECLINE: {"reason": "理由", "evidence": "证据"},
    Action.CONTEST: {"reason": "理由"},
    Action.REVOKE: {"basis": {"instrument": "policy-2005", "clause": "三(一)"}, "reason": "理由"},
}


class Claimants(RuleBasedStateMachine):
    """Several units at one item: whatever they and the reviewers do, in whatever order."""

    def __init__(self) -> None:
        super().__init__()
        self.cases: dict[str, Collection] = {}
        self.certified: set[str] = set()
        self.held: dict[str, str] = {}
        self.heirs: dict[str, str] = {}

    @rule(
        unit=st.sampled_from(UNITS),
        areas=st.sampled_from([["110000"], ["110101"], ["110102"], ["110101", "110102"]]),
        certified=st.integers(0, 9).map(bool),
        data=st.data(),
    )
    def draft(self, unit: str, areas: list[str], certified: bool, data: st.DataObject) -> None:
        there = [None, *(case.id for case in self.cases.values() if case.state is State.PUBLISHED)]
        said = a_draft(unit, areas=areas, succeeds=data.draw(st.sampled_from(there)))
        case = create(said, officer(unit), NOON).step.record
        self.cases[case.id] = case
        self.certified |= {case.id} if certified else set()

    @precondition(lambda self: self.cases)
    @rule(data=st.data(), steps=st.integers(1, 7))
    def go_straight_on(self, data: st.DataObject, steps: int) -> None:
        case_id = data.draw(st.sampled_from(sorted(self.cases)))
        for _ in range(steps):
            for action, organisation in FORWARD.get(self.cases[case_id].state, ()):
                self.attempt(case_id, action, organisation or self.cases[case_id].unit, data)

    @precondition(lambda self: self.cases)
    @rule(data=st.data())
    def do_what_is_offered(self, data: st.DataObject) -> None:
        offered = sorted(
            (case.id, action, caller.organisation)
            for case in self.cases.values()
            for caller in (*map(officer, (case.unit, OFFICE, STATISTICS_BUREAU, LEADING_GROUP)), SYSTEM)
            for action in MACHINE.actions_for(case.under_review or case, caller)
            if action not in {Action.REDIRECT, Action.CALL_IN, Action.WITHDRAW}
        )
        if offered:
            self.attempt(*data.draw(st.sampled_from(offered)), data)

    @precondition(lambda self: self.cases)
    @rule(
        action=st.sampled_from(sorted(set(Action) - {Action.REDIRECT, Action.CALL_IN})),
        organisation=st.sampled_from([*UNITS, OFFICE, STATISTICS_BUREAU, LEADING_GROUP, STRANGER, "system"]),
        data=st.data(),
    )
    def do_anything(self, action: Action, organisation: str, data: st.DataObject) -> None:
        self.attempt(data.draw(st.sampled_from(sorted(self.cases))), action, organisation, data)

    def attempt(self, case_id: str, action: str, organisation: str, data: st.DataObject) -> None:
        case, known = self.cases[case_id], Action(action)
        caller = SYSTEM if organisation == "system" else officer(organisation)
        act = Act(known, self.body(case, known, data), caller, NOON)
        try:
            changes = take(case, replace(act, given=self.given(case, known)))
        except GovShareError:
            return
        assert organisation in {case.unit, OFFICE, STATISTICS_BUREAU, LEADING_GROUP, "system"}
        for change in changes:
            self.keep(change)

    def body(self, case: Collection, action: Action, data: st.DataObject) -> Any:
        bodies: dict[Action, Callable[[], dict[str, Any]]] = {
            Action.REVISE: lambda: case.statement.model_dump(mode="json") | {"update_cycle": "weekly"},
            Action.SETTLE: lambda: self.chosen(data) if data.draw(st.booleans()) else self.split(data),
            Action.RULE: lambda: self.chosen(data) | {"meeting": "会议"},
            Action.TRANSFER: lambda: {"successor": self.heirs.get(case.id, "nobody")},
        }
        said = bodies[action]() if action in bodies else SAID.get(action, {})
        return BODIES.get(action, Nothing).model_validate(said)

    def chosen(self, data: st.DataObject) -> dict[str, Any]:
        return {"designated": data.draw(st.sampled_from(sorted(self.cases))), "reason": "理由"}

    def split(self, data: st.DataObject) -> dict[str, Any]:
        grounds = {one: [data.draw(st.sampled_from(["110101", "110102"]))] for one in sorted(self.cases)[:2]}
        return {"split": grounds, "reason": "理由"}

    def given(self, case: Collection, action: Action) -> Given:
        claims = tuple(filter(None, (claim_of(one) for one in self.cases.values())))
        book = Book(key="", claims=claims, held=dict(self.held), heirs=dict(self.heirs))
        members = book.claimants(case, GATHERED.get(action, frozenset()))
        draft = CollectionDraft.model_validate(case.statement.model_dump(mode="json"))
        return Given(
            book=book,
            certificate=a_certificate(draft, case.unit, days=30 if case.id in self.certified else 0),
            members=tuple(self.cases[member] for member in members),
            predecessor=self.cases.get(case.statement.succeeds or ""),
            number="C-2026-000001",
        )

    def keep(self, change: Change) -> None:
        before, after = self.cases[change.step.record.id], change.step.record
        assert change.before == before
        assert after.case_seq == after.version == before.case_seq + 1 == change.step.event.case_seq
        assert before.state not in ENDED
        assert after.state is before.state or (before.state, after.state) in MOVES
        assert after.state is not State.APPLIED or before.state is State.APPLIED or after.id in self.certified
        self.cases[after.id] = after
        self.write(after.id, change.grounds)

    def write(self, case: str, grounds: Grounds) -> None:
        assert not set(self.held) & grounds.taken
        assert all(self.held[district] == case for district in grounds.freed)
        self.held |= dict.fromkeys(grounds.taken, case)
        for district in grounds.freed:
            del self.held[district]
        self.held |= dict.fromkeys(grounds.handed, str(grounds.heir))
        if grounds.heir_of:
            assert grounds.heir_of not in self.heirs
            self.heirs[grounds.heir_of] = case
        if grounds.ended:
            self.heirs.pop(case, None)

    def holders(self) -> Iterator[Collection]:
        yield from (case for case in self.cases.values() if case.state in HOLDING)

    @invariant()
    def nobody_doubles_a_collector(self) -> None:
        for district in {district for case in self.holders() for district in case.ground}:
            own = [case for case in self.holders() if district in case.ground]
            entitled = [case for case in own if case.id not in self.heirs.values()]
            assert len(entitled) <= 1
            assert [case.id for case in own if case.state is State.PUBLISHED] in ([], [self.held[district]])

    @invariant()
    def every_designated_ground_is_held_by_its_case_or_its_predecessor(self) -> None:
        for case in self.holders():
            holders = {self.held[district] for district in case.ground}
            waiting = {predecessor for predecessor, heir in self.heirs.items() if heir == case.id}
            assert holders <= {case.id} | waiting
        assert set(self.held.values()) <= {case.id for case in self.holders()}

    @invariant()
    def both_keys_are_behind_what_was_not_coordinated(self) -> None:
        for case in self.holders():
            keys = {approval.party for approval in case.reviews}
            assert len(keys) == 2 or case.heard_at is not None or case.escalated_at is not None


TestClaimants = Claimants.TestCase
