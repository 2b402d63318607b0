"""An accurate figure (S-030): who may define it, who approves it, and what everybody reads.

The table below is written from the rules, not from the code.
"""

from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import event as note_end
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from pydantic import ValidationError

from services.catalog.figure import Figure, Meaning, State, Version, claims_of, differences
from services.catalog.figure_life import MACHINE, SYSTEM_ACTIONS, Action, FigureGiven
from services.catalog.figure_steps import create, follows, open_for, take
from services.catalog.figure_views import view_of
from services.catalog.reviewing import Commented, Gaps, Nothing, Reasoned
from services.shared.callers import ANONYMOUS, Caller, Claim
from services.shared.errors import Conflict, Forbidden, GovShareError, Invalid, NotFound
from services.shared.lifecycle import Act, Party
from services.shared.steps import Step
from services.shared.structure import faults
from tests.figures import COMMENT, FIGURE, GAPS, OFFICE, REASON, STATISTICS, STRANGER, UNIT
from tests.sharing import NOON

MEANING = Meaning.model_validate(FIGURE)
# Who may do what in which state, and where it leads; `-` stays, `*` when both have approved.
RULES = """
DRAFT         revise    unit                    -
DRAFT         submit    unit                    UNDER_REVIEW
DRAFT         discard   unit                    DISCARDED
UNDER_REVIEW  return    office,statistics       RETURNED
UNDER_REVIEW  approve   office,statistics       -
UNDER_REVIEW  discard   unit                    DISCARDED
RETURNED      revise    unit                    -
RETURNED      submit    unit                    UNDER_REVIEW
RETURNED      discard   unit                    DISCARDED
APPROVED      publish   office,statistics       PUBLISHED
APPROVED      discard   unit                    DISCARDED
PUBLISHED     revise    unit                    -
PUBLISHED     withdraw  unit,office,statistics  WITHDRAWN
"""
ALLOWED = {
    (State(state), Action(action), who): None if to == "-" else State(to)
    for state, action, whom, to in (line.split() for line in RULES.strip().splitlines())
    for who in whom.split(",")
}
PUBLIC_ACTIONS = [action for action in Action if action not in SYSTEM_ACTIONS]


def officer(organisation: str, *claims: Claim) -> Caller:
    return Caller(organisation=organisation, officer=f"o-{organisation}", claims=frozenset(claims or (Claim.OFFICER,)))


WHO = {
    "unit": officer(UNIT),
    "unit_approver": officer(UNIT, Claim.APPROVER),
    "office": officer(OFFICE),
    "statistics": officer(STATISTICS),
    "statistics_approver": officer(STATISTICS, Claim.APPROVER),
    "stranger": officer(STRANGER),
    "leading_group": officer("leading_group"),
    "anonymous": ANONYMOUS,
}
BODIES: dict[Action, Any] = {
    Action.REVISE: MEANING,
    Action.RETURN: Gaps.model_validate(GAPS),
    Action.APPROVE: Commented.model_validate(COMMENT),
    Action.WITHDRAW: Reasoned.model_validate(REASON),
}
STORIES: dict[State, list[tuple[Action, str]]] = {
    State.DRAFT: [],
    State.UNDER_REVIEW: [(Action.SUBMIT, "unit")],
    State.RETURNED: [(Action.SUBMIT, "unit"), (Action.RETURN, "office")],
    State.APPROVED: [(Action.SUBMIT, "unit"), (Action.APPROVE, "office"), (Action.APPROVE, "statistics")],
}
STORIES[State.PUBLISHED] = [*STORIES[State.APPROVED], (Action.PUBLISH, "statistics")]
STORIES[State.WITHDRAWN] = [*STORIES[State.PUBLISHED], (Action.WITHDRAW, "unit")]
STORIES[State.DISCARDED] = [(Action.DISCARD, "unit")]


def do(figure: Figure, action: Action, who: str, **changes: Any) -> Step[Figure]:
    said: dict[str, Any] = {"body": BODIES.get(action, Nothing()), "at": NOON, "given": FigureGiven()} | changes
    return take(figure, Act(action, caller=WHO[who], **said))


def a_figure(state: State, meaning: Meaning = MEANING) -> Figure:
    figure = create(meaning, WHO["unit"], NOON).record
    for action, who in STORIES[state]:
        figure = do(figure, action, who).record
    assert figure.state is state
    return figure


@pytest.mark.parametrize(("state", "action", "who"), list(product(STORIES, PUBLIC_ACTIONS, WHO)))
def test_what_the_rules_allow_happens_and_nothing_else(state: State, action: Action, who: str) -> None:
    figure = a_figure(state)
    if (state, action, who) in ALLOWED:
        after = do(figure, action, who).record
        to = ALLOWED[(state, action, who)]
        assert after.state is (to or state)
        return
    with pytest.raises((Forbidden, Conflict, NotFound)):
        do(figure, action, who)


@pytest.mark.parametrize(("state", "action"), list(product(STORIES, sorted(SYSTEM_ACTIONS))))
@pytest.mark.parametrize("who", WHO)
def test_what_happens_by_itself_is_nobodys_to_do(state: State, action: Action, who: str) -> None:
    with pytest.raises((Forbidden, Conflict, NotFound)):
        do(a_figure(state), action, who)


def test_nothing_waits_for_nobody_and_nothing_is_a_trap() -> None:
    probe = a_figure(State.DRAFT).open
    assert probe is not None
    assert list(faults(MACHINE, dict.fromkeys(State, probe))) == []


def test_both_approve_once_each_and_their_comments_stand() -> None:
    half = do(a_figure(State.UNDER_REVIEW), Action.APPROVE, "office").record
    assert half.state is State.UNDER_REVIEW
    with pytest.raises(Conflict, match="already done"):
        do(half, Action.APPROVE, "office")
    whole = do(half, Action.APPROVE, "statistics", at=NOON + timedelta(hours=1)).record.open
    assert whole is not None
    assert [(r.party, r.comment) for r in whole.reviews] == [
        (Party.OFFICE, COMMENT["comment"]),
        (Party.STATISTICS, COMMENT["comment"]),
    ]
    assert whole.approved_at == NOON + timedelta(hours=1)


def test_a_return_voids_the_approval_that_was_there() -> None:
    half = do(a_figure(State.UNDER_REVIEW), Action.APPROVE, "office").record
    back = do(half, Action.RETURN, "statistics").record
    again = do(back, Action.SUBMIT, "unit").record.open
    assert again is not None
    assert (again.reviews, again.gaps, again.done) == ((), (), ())


def test_the_lag_from_approval_to_publication_is_measured() -> None:
    live = do(a_figure(State.APPROVED), Action.PUBLISH, "office", at=NOON + timedelta(hours=30)).record.live
    assert live is not None
    assert live.lag_seconds == 30 * 3600


@pytest.mark.parametrize(
    "missing",
    ["definition", "unit_of_measure", "method", "sources", "authority", "cycle", "period", "legal_basis"],
)
def test_a_draft_may_wait_with_a_field_and_a_submission_may_not(missing: str) -> None:
    draft = create(Meaning.model_validate(FIGURE | {missing: () if missing == "sources" else None}), WHO["unit"], NOON)
    with pytest.raises(Invalid) as refused:
        do(draft.record, Action.SUBMIT, "unit")
    assert [problem.pointer for problem in refused.value.problems] == [f"/{missing}"]


def test_everything_wrong_is_told_at_once() -> None:
    meaning = Meaning.model_validate({"name": "停车泊位总数", "sources": [{"kind": "database", "id": "d-1"}]})
    with pytest.raises(Invalid) as refused:
        do(create(meaning, WHO["unit"], NOON).record, Action.SUBMIT, "unit")
    found = sorted(problem.pointer for problem in refused.value.problems)
    assert found == [
        "/authority",
        "/cycle",
        "/definition",
        "/legal_basis",
        "/method",
        "/period",
        "/sources/0",
        "/unit_of_measure",
    ]


def test_a_source_of_the_catalogue_must_stand_there() -> None:
    meaning = Meaning.model_validate(FIGURE | {"sources": [{"kind": "resource", "id": "r-1"}]})
    draft = create(meaning, WHO["unit"], NOON).record
    with pytest.raises(Invalid):
        do(draft, Action.SUBMIT, "unit")
    given = FigureGiven(sources=frozenset({("resource", "r-1")}))
    assert do(draft, Action.SUBMIT, "unit", given=given).record.state is State.UNDER_REVIEW


@pytest.mark.parametrize(
    "source", [{}, {"kind": "resource"}, {"id": "r-1"}, {"kind": "resource", "id": "r-1", "text": "台账"}]
)
def test_a_source_is_of_the_catalogue_or_in_words(source: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Meaning.model_validate(FIGURE | {"sources": [source]})


@pytest.mark.parametrize(
    ("proposer", "authority", "allowed"),
    [("unit", UNIT, True), ("unit", STRANGER, False), ("statistics", STRANGER, True), ("statistics", "nobody", False)],
)
def test_whose_number_counts_is_ones_own_unless_statistics_names_another(
    proposer: str, authority: str, *, allowed: bool
) -> None:
    meaning = Meaning.model_validate(FIGURE | {"authority": authority})
    if allowed:
        assert create(meaning, WHO[proposer], NOON).record.state is State.DRAFT
        return
    with pytest.raises(Invalid) as refused:
        create(meaning, WHO[proposer], NOON)
    assert [problem.pointer for problem in refused.value.problems] == ["/authority"]


def test_a_name_that_another_figure_holds_cannot_be_published() -> None:
    with pytest.raises(Conflict, match="f-9"):
        do(a_figure(State.APPROVED), Action.PUBLISH, "statistics", given=FigureGiven(holder="f-9"))


def test_a_new_version_is_made_beside_the_published_one_and_takes_its_place_when_published() -> None:
    figure = a_figure(State.PUBLISHED)
    changed = MEANING.model_copy(update={"method": "抽样推算"})
    opened = do(figure, Action.REVISE, "unit", body=changed).record
    assert opened.live == figure.live
    assert opened.open is not None
    assert (opened.open.number, opened.open.meaning.method) == (2, "抽样推算")
    for action, who in STORIES[State.PUBLISHED]:
        opened = do(opened, action, who).record
    assert opened.live is not None
    assert (opened.live.number, opened.open) == (2, None)
    assert [(former.number, former.state) for former in opened.former] == [(1, State.SUPERSEDED)]


def test_discarding_the_open_version_leaves_the_published_one() -> None:
    opened = do(a_figure(State.PUBLISHED), Action.REVISE, "unit").record
    after = do(opened, Action.DISCARD, "unit").record
    assert (after.state, after.open) == (State.PUBLISHED, None)


def test_withdrawing_takes_the_open_version_along_and_leaves_a_tombstone() -> None:
    opened = do(a_figure(State.PUBLISHED), Action.REVISE, "unit").record
    after = do(opened, Action.WITHDRAW, "statistics").record
    assert (after.state, after.open, after.published) == (State.WITHDRAWN, None, None)
    assert after.live is not None
    assert after.live.meaning == MEANING


def test_a_draft_is_its_units_and_a_submission_the_reviewers_too() -> None:
    draft, submitted = a_figure(State.DRAFT), a_figure(State.UNDER_REVIEW)
    assert [who for who in WHO if open_for(draft, WHO[who])] == ["unit", "unit_approver"]
    seeing = ["unit", "unit_approver", "office", "statistics", "statistics_approver"]
    assert [who for who in WHO if open_for(submitted, WHO[who])] == seeing
    assert [who for who in WHO if follows(a_figure(State.PUBLISHED), WHO[who])] == seeing


def test_what_reviewers_wrote_is_not_for_everybody() -> None:
    figure = a_figure(State.PUBLISHED)
    for who, shown in (("anonymous", 0), ("stranger", 0), ("unit", 2), ("office", 2)):
        face = view_of(figure, (), WHO[who], NOON).live
        assert face is not None
        assert len(face.reviews) == shown


def test_words_are_sealed_and_events_bind_what_the_figure_says() -> None:
    step = do(a_figure(State.UNDER_REVIEW), Action.RETURN, "office")
    assert step.payload is not None
    assert step.event.payload_sha256 == step.payload.sha256
    assert GAPS["gaps"][0]["detail"] not in step.event.model_dump_json()
    assert step.event.body["definition_hash"] == a_figure(State.DRAFT).open.definition_hash  # type: ignore[union-attr]
    assert step.event.parties == tuple(sorted((UNIT, OFFICE, STATISTICS)))
    assert create(MEANING, WHO["unit"], NOON).event.parties == (UNIT,)


def test_what_is_published_or_submitted_claims_its_name_and_what_ended_does_not() -> None:
    key = MEANING.key
    expected = {
        State.DRAFT: set(),
        State.UNDER_REVIEW: {(key, "open")},
        State.RETURNED: {(key, "open")},
        State.APPROVED: {(key, "open")},
        State.PUBLISHED: {(key, "live")},
        State.WITHDRAWN: set(),
        State.DISCARDED: set(),
    }
    assert {state: set(claims_of(a_figure(state))) for state in STORIES} == expected
    dropped = do(a_figure(State.UNDER_REVIEW), Action.DISCARD, "unit").record
    assert claims_of(dropped) == {}


def test_rivals_are_all_shown_to_reviewers_and_to_the_unit_the_published_ones() -> None:
    mine = a_figure(State.UNDER_REVIEW)
    other = MEANING.model_copy(update={"definition": "含居住小区内部泊位。", "unit_of_measure": "万个"})
    claims = [
        claim for state in (State.UNDER_REVIEW, State.PUBLISHED) for claim in claims_of(a_figure(state, other)).values()
    ]
    seen = {who: view_of(mine, claims, WHO[who], NOON).rivals for who in ("unit", "office", "statistics")}
    assert [rival.published for rival in seen["office"]] == [False, True]
    assert seen["office"] == seen["statistics"]
    assert [rival.published for rival in seen["unit"]] == [True]
    assert seen["unit"][0].differs == ("definition", "unit_of_measure")
    own = list(claims_of(mine).values())
    assert view_of(mine, own, WHO["office"], NOON).rivals == ()


def test_spaces_and_widths_make_no_difference_between_two_definitions() -> None:
    assert differences(MEANING, MEANING.model_copy(update={"unit_of_measure": " 个"})) == ()
    assert Meaning(name="ＧＤＰ 总量").key == Meaning(name="gdp总量").key


class Life(RuleBasedStateMachine):
    """One figure in the hands of everybody at once."""

    @initialize()
    def propose(self) -> None:
        step = create(MEANING, WHO["unit"], NOON)
        self.figure, self.events = step.record, [step.event]
        self.ended: dict[int, State] = {}

    @rule(data=st.data(), who=st.sampled_from([*("unit", "office", "statistics") * 3, *WHO]))
    def act(self, data: st.DataObject, who: str) -> None:
        versions = [version for version in (open_for(self.figure, WHO[who]), self.figure.live) if version]
        offered = [Action(a) for version in versions for a in MACHINE.actions_for(version, WHO[who])]
        action = data.draw(st.sampled_from([*offered * 3, *Action]))
        if action in {Action.WITHDRAW, Action.DISCARD} and data.draw(st.integers(0, 4)):
            return  # most histories go on
        text = data.draw(st.sampled_from(["逐级汇总", "抽样推算"]))
        body = MEANING.model_copy(update={"method": text}) if action is Action.REVISE else BODIES.get(action)
        before = self.figure
        try:
            step = do(before, action, who, body=body or Nothing())
        except GovShareError:
            return
        self._keep(before, step)

    def _keep(self, before: Figure, step: Step[Figure]) -> None:
        self.figure = step.record
        self.events.append(step.event)
        if step.event.type == "figure.published":
            assert before.open is not None
            assert before.open.state is State.APPROVED
            assert {review.party for review in before.open.reviews} == {Party.OFFICE, Party.STATISTICS}
        elif step.event.type != "figure.withdrawn":
            assert self.figure.live == before.live  # untouched until the next is published

    @invariant()
    def events_are_gapless(self) -> None:
        assert [event.case_seq for event in self.events] == list(range(1, len(self.events) + 1))
        assert self.figure.version == self.figure.case_seq == len(self.events)

    @invariant()
    def what_is_published_was_approved_by_both(self) -> None:
        live = self.figure.published
        assert live is None or len(live.reviews) == 2

    @invariant()
    def an_end_is_an_end(self) -> None:
        now = {former.number: former.state for former in self.figure.former}
        assert {number: now[number] for number in self.ended} == self.ended
        assert set(now.values()) <= MACHINE.terminal
        self.ended = now

    @invariant()
    def versions_are_numbered_once_each(self) -> None:
        standing = [v.number for v in (self.figure.live, self.figure.open, *self.figure.former) if v]
        assert len(standing) == len(set(standing)) == max(standing)

    @invariant()
    def somebody_can_always_act_until_the_end(self) -> None:
        version: Version | None = self.figure.open or self.figure.live
        assert version is not None
        at_rest = version.state in MACHINE.terminal | MACHINE.resting
        assert bool(MACHINE.awaiting(version)) is not at_rest

    def teardown(self) -> None:
        note_end(f"ended {self.figure.state}")


TestLife = Life.TestCase
TestLife.settings = settings(stateful_step_count=40, deadline=None)
