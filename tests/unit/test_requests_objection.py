"""A data objection (machine C.4, R10): who may do what, what is timed, who is told, and what no history can break.

The tables below are written from the specification, not from the code.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.requests.agreement import AgreementState
from services.requests.by_itself import READY
from services.requests.case import Case
from services.requests.numbered import read_id
from services.requests.objection import Action, Objection, State
from services.requests.objection_acts import BODIES, Raised
from services.requests.objection_life import COORDINATION, OBJECTION, SYSTEM_ACTIONS, may_see
from services.requests.objection_steps import next_of_the_objections, raise_step, take
from services.requests.objection_views import view_of
from services.requests.shelves import desks_of
from services.requests.terms import Terms
from services.shared.callers import SYSTEM, Caller
from services.shared.errors import Conflict, Forbidden, GovShareError, Invalid, NotFound
from services.shared.lifecycle import Act
from services.shared.structure import faults, only_the_system_acts, reachable
from tests.agreements import CASE
from tests.objections import (
    CODES,
    CONTESTED,
    INSIDE,
    OBJECTION_RULES,
    OBJECTION_SAID,
    OBJECTION_STORIES,
    WHO,
    Played,
    a_case,
    with_agreement,
)
from tests.objections import OBJECTION as SAID
from tests.sharing import ITEMS, NOON, terms

# Whom it waits for, and the clock that runs for them.
WAITING = """
RAISED        provider                                    correction
VERIFYING     provider                                    correction
CORRECTING    provider                                    correction
REJECTED      requester                                   answer_rejection
COORDINATION  requester,provider,informatization_office   coordination
HALF_SETTLED  provider,informatization_office             coordination
ESCALATED     leading_group                               ruling
REMANDED      requester,provider,informatization_office   coordination
"""
# Who is told of each event beside its two sides.
TOLD = """
objection.raised
objection.verification_started
objection.confirmed
objection.corrected                    office
objection.rejected
objection.rejection_accepted
objection.withdrawn
objection.overdue                      office
objection.coordination_opened          office
objection.coordination_mediated        office
objection.coordination_agreed          office
objection.coordination_settled         office
objection.coordination_upheld          office
objection.coordination_escalated       office,group
objection.coordination_remanded        office,group
objection.coordination_ruled_for       office,group
objection.coordination_ruled_against   office,group
"""
ENDS = {"CORRECTED", "CLOSED", "WITHDRAWN"}
ACTIONS = {action.value: action for action in BODIES}
NAME = "objection-1"


def raised(case: Case, who: str = "asking", **changes: Any) -> Played:
    body = Raised.model_validate(SAID | {"agreement": CASE} | changes)
    step = raise_step(body, case, caller=WHO[who], at=NOON)
    return Played(case, ()).then(step)


def do(played: Played, action: str, who: str | Caller, *, at: datetime = NOON, name: str = NAME, **said: Any) -> Played:
    caller = WHO[who] if isinstance(who, str) else who
    body = BODIES[ACTIONS[action]].model_validate(OBJECTION_SAID[action] | said)
    return played.then(take(played.case, name, Act(ACTIONS[action], body, caller, at)))


def a_story(story: str) -> Played:
    played = raised(a_case())
    for action, who in OBJECTION_STORIES[story]:
        played = do(played, action, who)
    return played


def objection_in(played: Played, name: str = NAME) -> Objection:
    found = played.case.named(name, Objection)
    assert found is not None
    return found


def standing(story: str) -> Objection:
    return objection_in(a_story(story))


def every_step() -> Iterator[Played]:
    """Yield a story with one more step, for everything that the table allows, and with a mark."""
    for story, action, who in OBJECTION_RULES:
        yield do(a_story(story), action, who)
    yield from (a_story(story) for story in OBJECTION_STORIES)
    played = a_story("RAISED")
    late = next_of_the_objections(played.case, NOON + timedelta(days=60))
    assert late is not None
    yield played.then(late)


@pytest.mark.parametrize("story", OBJECTION_STORIES)
def test_each_story_leads_where_its_name_says(story: str) -> None:
    assert standing(story).state == INSIDE.get(story, story)


@pytest.mark.parametrize(("story", "action"), list(product(OBJECTION_STORIES, ACTIONS)))
def test_what_the_table_allows_happens_and_nothing_else(story: str, action: str) -> None:
    played = a_story(story)
    for who in WHO:
        if (target := OBJECTION_RULES.get((story, action, who))) is not None:
            assert objection_in(do(played, action, who)).state == target
            continue
        known = any(row[:2] == (story, action) for row in OBJECTION_RULES)
        twice = (story, action, who) == ("HALF_SETTLED", "settle", "asking")
        with pytest.raises(Forbidden if known and not twice else Conflict):
            do(played, action, who)


@pytest.mark.parametrize(("story", "who"), list(product(OBJECTION_STORIES, WHO)))
def test_the_actions_shown_are_those_that_are_allowed(story: str, who: str) -> None:
    shown = OBJECTION.actions_for(standing(story), WHO[who])
    allowed = {action for at, action, by in OBJECTION_RULES if (at, by) == (story, who)}
    assert set(shown) - set(SYSTEM_ACTIONS) == allowed
    assert who == "system" or set(shown) == allowed


@pytest.mark.parametrize(("story", "action"), list(product(OBJECTION_STORIES, SYSTEM_ACTIONS)))
def test_the_systems_acts_are_nobodys(story: str, action: Action) -> None:
    played = a_story(story)
    for who in WHO.keys() - {"system"}:
        with pytest.raises((Forbidden, Conflict)):
            take(played.case, NAME, Act(action, None, WHO[who], NOON + timedelta(days=60)))


def test_nothing_waits_for_nobody_and_nothing_is_a_trap() -> None:
    probe = standing("COORDINATION")
    assert list(faults(OBJECTION, {state: probe.model_copy(update={"state": state}) for state in State})) == []
    assert reachable(OBJECTION) == set(State)
    assert {state for state in State if only_the_system_acts(OBJECTION, state, probe)} == {State.COORDINATION}
    assert list(faults(COORDINATION, dict.fromkeys(("OPEN", "ESCALATED"), probe.coordination))) == []  # type: ignore[arg-type]  # probes by name


@pytest.mark.parametrize(("story", "parties", "clock"), [row.split() for row in WAITING.strip().splitlines()])
def test_every_state_that_is_no_end_has_an_owner_and_a_clock(story: str, parties: str, clock: str) -> None:
    objection = standing(story)
    assert set(OBJECTION.awaiting(objection)) == set(parties.split(","))
    assert objection.clock is not None
    assert objection.clock.clock == clock
    assert set(desks_of(NAME, objection)) == {objection.organisations[party] for party in OBJECTION.awaiting(objection)}


@pytest.mark.parametrize("story", sorted(ENDS))
def test_an_end_waits_for_nobody_and_has_no_clock(story: str) -> None:
    objection = standing(story)
    assert (OBJECTION.awaiting(objection), objection.clock, objection.wakes_at) == ((), None, None)


def test_one_clock_of_ten_working_days_runs_from_the_objection_to_its_correction() -> None:
    """R10: the table's ten working days; 23 November 2026 is a Monday."""
    played = raised(a_case())
    first = objection_in(played).clock
    assert first is not None
    assert first.due is not None
    assert first.due.due_at == datetime(2026, 12, 7, 15, 59, 59, tzinfo=UTC)
    for action in ("verify", "confirm"):
        played = do(played, action, "giving", at=NOON + timedelta(days=3))
        assert objection_in(played).clock == first


def test_what_is_ruled_for_has_a_clock_anew_and_what_is_only_talked_about_keeps_its_own() -> None:
    opened = a_story("COORDINATION")
    mediated = do(opened, "mediate", "office", at=NOON + timedelta(days=2))
    assert objection_in(mediated).clock == objection_in(opened).clock
    ruled = objection_in(do(a_story("ESCALATED"), "rule_for", "group", at=NOON + timedelta(days=9))).clock
    assert ruled is not None
    assert (ruled.clock, ruled.since) == ("correction", NOON + timedelta(days=9))


def test_a_day_that_passes_is_marked_once_and_decides_nothing() -> None:
    played = a_story("VERIFYING")
    due = objection_in(played).wakes_at
    assert due is not None
    assert next_of_the_objections(played.case, due) is None
    with pytest.raises(Invalid) as early:
        take(played.case, NAME, Act(Action.MARK_OVERDUE, None, SYSTEM, due))
    assert [problem.pointer for problem in early.value.problems] == ["/clock"]
    step = next_of_the_objections(played.case, due + timedelta(seconds=1))
    assert step is not None
    marked = played.then(step)
    after = objection_in(marked)
    assert (step.event.type, step.event.organisation, step.event.body["clock"]) == (
        "objection.overdue",
        SYSTEM.organisation,
        "correction",
    )
    assert after.clock is not None
    assert (after.state, after.clock.overdue_since, after.wakes_at) == (State.VERIFYING, due, None)
    assert next_of_the_objections(marked.case, due + timedelta(days=99)) is None
    assert objection_in(do(marked, "confirm", "giving")).state is State.CORRECTING


def test_what_is_overdue_is_looked_for_with_everything_that_happens_by_itself() -> None:
    assert next_of_the_objections in READY


def test_without_a_number_nothing_is_ever_overdue(monkeypatch: pytest.MonkeyPatch) -> None:
    """The 2005 policy gives none."""
    monkeypatch.setenv("CLOCK_PROFILE", "policy-2005")
    played = raised(a_case())
    assert objection_in(played).wakes_at is None
    assert next_of_the_objections(played.case, NOON + timedelta(days=999)) is None


@pytest.mark.parametrize("state", AgreementState)
def test_an_objection_is_raised_under_an_agreement_that_is_or_was_in_force(state: AgreementState) -> None:
    assert objection_in(raised(a_case(state=state))).state is State.RAISED


def test_an_item_that_was_agreed_first_may_be_objected_to_after_an_amendment_dropped_it() -> None:
    fewer = Terms.model_validate(terms(items=ITEMS[1:]))
    assert objection_in(raised(with_agreement(a_case(), terms=fewer))).items == ITEMS[:1]


@pytest.mark.parametrize(
    ("who", "error"),
    [(who, Forbidden) for who in ("giving", "office", "supervision", "asking_approver", "giving_approver", "anonymous")]
    + [(who, Invalid) for who in ("secrecy", "group", "archives", "stranger", "system")],
)
def test_only_an_officer_of_who_received_may_raise_one(who: str, error: type[GovShareError]) -> None:
    with pytest.raises(error):
        raised(a_case(), who)


def test_everything_wrong_is_told_at_once() -> None:
    with pytest.raises(Invalid) as refused:
        raised(a_case(), items=[ITEMS[0], "不存在", ITEMS[0]])
    assert [problem.pointer for problem in refused.value.problems] == ["/items/1", "/items/2"]


def test_there_is_no_objection_without_an_agreement() -> None:
    case = a_case()
    without = case._replace(records={"request": case.request})
    with pytest.raises(Invalid) as refused:
        raised(without)
    assert [problem.pointer for problem in refused.value.problems] == ["/agreement"]


def test_the_objections_of_a_case_are_counted_and_each_moves_alone() -> None:
    first = raised(a_case())
    second = Played(first.case, first.events).then(
        raise_step(
            Raised.model_validate(SAID | {"agreement": CASE, "items": [ITEMS[1]]}),
            first.case,
            caller=WHO["asking"],
            at=NOON,
        )
    )
    moved = do(second, "verify", "giving", name="objection-2")
    assert [(o.number, o.state) for _, o in moved.case.all_of(Objection)] == [(1, State.RAISED), (2, State.VERIFYING)]
    assert [(event.case_seq, event.body["number"]) for event in moved.events] == [(15, 1), (16, 2), (17, 2)]
    with pytest.raises(NotFound):
        do(moved, "verify", "giving", name="objection-3")


@pytest.mark.parametrize("reason", ["敏感", "涉密", "Sensitive.", "不便提供", "数据涉及安全,不便公开"])
@pytest.mark.parametrize(
    ("story", "action", "who"), [("RAISED", "reject", "giving"), ("REJECTED", "coordinate", "asking")]
)
def test_a_bare_word_is_no_reason(story: str, action: str, who: str, reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        do(a_story(story), action, who, reason=reason)
    assert [problem.pointer for problem in refused.value.problems] == ["/reason"]


def test_nothing_is_corrected_on_a_day_to_come() -> None:
    played = a_story("CORRECTING")
    late_evening = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)  # the 24th in Beijing
    with pytest.raises(Invalid) as refused:
        do(played, "correct", "giving", corrected_on="2026-11-24")
    assert [problem.pointer for problem in refused.value.problems] == ["/corrected_on"]
    done = do(played, "correct", "giving", at=late_evening, corrected_on="2026-11-24")
    assert objection_in(done).state is State.CORRECTED


def test_a_correction_says_what_every_other_recipient_must_know() -> None:
    event = a_story("CORRECTED").events[-1]
    assert event.body == {
        "state": "CORRECTED",
        "number": 1,
        "requester": CODES["asking"],
        "provider": CODES["giving"],
        "resource": a_case().request.entry.id,
        "items": [ITEMS[0]],
        "corrected_on": "2026-11-20",
    }


def test_who_is_told_of_each_event_is_as_the_table_says() -> None:
    rows = (row.split() for row in TOLD.strip().splitlines())
    told = {name: {CODES[who] for who in more[0].split(",")} if more else set() for name, *more in rows}
    seen = {event.type: set(event.parties) for played in every_step() for event in played.events}
    assert seen == {name: more | {CODES["asking"], CODES["giving"]} for name, more in told.items()}


def test_what_people_wrote_is_sealed_and_stands_in_no_event() -> None:
    texts = {text for said in (SAID, *OBJECTION_SAID.values()) for text in said.values() if isinstance(text, str)}
    texts -= {"policy-2005", "三(二)", "2026-11-20"}
    for played in every_step():
        for event in played.events:
            written = event.model_dump_json()
            assert not [text for text in texts if text in written]


def test_what_says_nothing_has_no_payload_and_what_says_something_has_one() -> None:
    said = {event.type: event.payload_sha256 is not None for played in every_step() for event in played.events}
    silent = {"objection.verification_started", "objection.rejection_accepted", "objection.overdue"}
    assert {name for name, has in said.items() if not has} == silent
    wordless = do(a_story("RAISED"), "withdraw", "asking", comment=None).events[-1]
    assert wordless.payload_sha256 is None


def test_the_basis_of_what_is_upheld_stands_in_its_event() -> None:
    body = do(a_story("COORDINATION"), "uphold", "office").events[-1].body
    assert (body["state"], body["coordination"], body["instrument"], body["clause"]) == (
        "CLOSED",
        "UPHELD",
        "policy-2005",
        "三(二)",
    )


@pytest.mark.parametrize("story", OBJECTION_STORIES)
def test_both_sides_the_office_and_supervision_see_it_and_the_group_what_was_brought_before_it(story: str) -> None:
    seeing = {who for who in WHO if may_see(standing(story), WHO[who])}
    always = {"asking", "asking_approver", "giving", "giving_approver", "office", "supervision", "supervision_auditor"}
    assert seeing == always | ({"group"} if story in {"ESCALATED", "REMANDED"} else set())


def test_a_view_shows_what_was_said_and_by_which_rule_it_is_due() -> None:
    view = view_of(standing("HALF_SETTLED"), WHO["giving"])
    assert (view.id, view.agreement, view.state) == (f"{CASE}.1", CASE, State.COORDINATION)
    assert view.rejection is not None
    assert view.rejection.text == OBJECTION_SAID["reject"]["reason"]
    assert view.position is not None
    assert view.position.text == CONTESTED["reason"]
    assert view.coordination is not None
    assert view.coordination.settled_by == ("requester",)
    assert view.actions == ("settle",)
    timed = view_of(standing("RAISED"), WHO["giving"])
    assert timed.clock is not None
    assert "10" in timed.clock.zh
    assert timed.due_at == timed.clock.due_at


@pytest.mark.parametrize(
    "text", [CASE, f"{CASE}.", f"{CASE}.0", f"{CASE}.01", f"{CASE}.1.1", f"{CASE}.²", f"{CASE.upper()}.1", "x.1", ".1"]
)
def test_what_could_be_no_id_is_not_found(text: str) -> None:
    with pytest.raises(NotFound, match="no such objection"):
        read_id(text, "objection")


def test_an_id_names_the_case_and_the_record_in_it() -> None:
    assert read_id(f"{CASE}.12", "objection") == (CASE, "objection-12")


def test_a_correction_keeps_its_day_and_who_made_it() -> None:
    made = standing("CORRECTED").correction
    assert made is not None
    assert (made.corrected_on, made.officer) == (date(2026, 11, 20), WHO["giving"].officer)


class Contested(RuleBasedStateMachine):
    """One objection in the hands of everybody at once, with right and wrong input."""

    @initialize()
    def raise_it(self) -> None:
        """The requester raises it."""
        self.played = raised(a_case())

    @rule(
        action=st.sampled_from(sorted(ACTIONS)),
        who=st.sampled_from(sorted(WHO)),
        reason=st.sampled_from(["敏感", "原始记录与登记一致。"]),
        days=st.integers(0, 30),
    )
    def act(self, action: str, who: str, reason: str, days: int) -> None:
        """Somebody tries something."""
        said = {"reason": reason} if "reason" in OBJECTION_SAID[action] else {}
        self._keep(action, who, days, **said)

    @rule(data=st.data())
    def go_on(self, data: st.DataObject) -> None:
        """Somebody does what they may."""
        before = objection_in(self.played)
        offered = [(who, action) for who in sorted(WHO) for action in OBJECTION.actions_for(before, WHO[who])]
        wanted = [each for each in offered if each[1] in ACTIONS]
        if wanted:
            who, action = data.draw(st.sampled_from(wanted))
            self._keep(action, who, 1)

    @rule()
    def wait(self) -> None:
        """Every day passes."""
        step = next_of_the_objections(self.played.case, NOON + timedelta(days=4000))
        if step:
            before = objection_in(self.played)
            self.played = self.played.then(step)
            assert objection_in(self.played).state is before.state  # I6

    def _keep(self, action: str, who: str, days: int, **said: Any) -> None:
        before = objection_in(self.played)
        try:
            after = do(self.played, action, who, at=NOON + timedelta(days=days), **said)
        except GovShareError:
            return
        assert before.state not in OBJECTION.terminal  # I9
        assert may_see(before, WHO[who])
        self.played = after

    @invariant()
    def its_events_are_gapless(self) -> None:
        """I10: one event a step, and the record stands at the last."""
        seqs = [event.case_seq for event in self.played.events]
        assert seqs == list(range(15, 15 + len(seqs)))
        assert objection_in(self.played).version == seqs[-1]

    @invariant()
    def somebody_can_always_act_until_the_end(self) -> None:
        """Whom it waits for, and a clock, are there until the end and not after it."""
        objection = objection_in(self.played)
        ended = objection.state in OBJECTION.terminal
        assert bool(OBJECTION.awaiting(objection)) is not ended
        assert (objection.clock is None) is ended

    @invariant()
    def nothing_is_corrected_without_a_word_for_it(self) -> None:
        """A finding of the provider, or the end of a coordination for who raised it."""
        objection = objection_in(self.played)
        if objection.state in {State.CORRECTING, State.CORRECTED}:
            end = objection.coordination.state if objection.coordination else None
            assert objection.finding is not None or end in {"SETTLED", "RULED_FOR"}

    @invariant()
    def nobody_rules_on_what_was_not_rejected(self) -> None:
        """I3: coordination only after a rejection, escalation only after that."""
        objection = objection_in(self.played)
        assert objection.coordination is None or objection.rejection is not None
        if objection.coordination and objection.coordination.ruling:
            assert objection.coordination.docket is not None


TestCase = Contested.TestCase
TestCase.settings = settings(max_examples=50, stateful_step_count=30, deadline=None)
