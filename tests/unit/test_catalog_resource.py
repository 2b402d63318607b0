"""Machine A0: nobody publishes what was not approved, an end is an end, and a live version stands until the next."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.catalog.entry import Entry, Former, create, take
from services.catalog.metadata import Draft
from services.catalog.resource import MACHINE
from services.catalog.resource_acts import SYSTEM_ACTIONS, Action, Assignment, Given, Withdrawal
from services.catalog.reviewing import Gap, Gaps, Noted, Nothing
from services.catalog.version import State, Version
from services.shared.callers import Caller, Claim
from services.shared.errors import Conflict, GovShareError, Invalid
from services.shared.lifecycle import Act
from services.shared.structure import faults
from tests.catalogue import BASIC, ENTRY, OFFICE, PROVIDER, STATISTICS, STRANGER

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
BODIES = {
    Action.RETURN: Gaps(gaps=(Gap(pointer="/title", detail="不清楚"),)),
    Action.APPROVE: Noted(comment="符合统一规划"),
    Action.ASSIGN: Assignment(provider=PROVIDER),
    Action.WITHDRAW: Withdrawal(reason="职能调整"),
}
ACTS = st.tuples(st.sampled_from(Action), st.sampled_from([PROVIDER, OFFICE, STATISTICS, STRANGER]))
FORWARD = [(Action.SUBMIT, PROVIDER), (Action.START_REVIEW, OFFICE), (Action.APPROVE, OFFICE), (Action.PUBLISH, OFFICE)]


def officer(organisation: str) -> Caller:
    return Caller(organisation=organisation, officer="o-1", claims=frozenset({Claim.OFFICER}))


def drafted(*, basic: bool = False) -> Entry:
    return create(Draft.model_validate(BASIC if basic else ENTRY), officer(PROVIDER), NOON).record


def moved(entry: Entry, action: Action, organisation: str, at: datetime = NOON, *, basic: bool = False) -> Entry:
    draft = Draft.model_validate(BASIC if basic else ENTRY)
    body = draft if action is Action.REVISE else BODIES.get(action, Nothing())
    return take(entry, Act(action, body, officer(organisation), at)).record


def live() -> Entry:
    entry = drafted()
    for hours, (action, organisation) in enumerate(FORWARD):
        entry = moved(entry, action, organisation, NOON + timedelta(hours=hours))
    return entry


def a_version(state: State) -> Version:
    entry = drafted(basic=True)
    assert entry.open is not None
    return entry.open.model_copy(update={"state": state})


def test_the_table_has_no_trap_and_nothing_waits_for_nobody() -> None:
    assert list(faults(MACHINE, {state: a_version(state) for state in State})) == []


# Machine A0 from the specification's text: who may do what, and where it leads; None stays.
PARTIES = {"provider": PROVIDER, "office": OFFICE, "statistics": STATISTICS}
SPECIFIED: dict[tuple[str, str], tuple[str, str | None]] = {
    ("DRAFT", "revise"): ("provider", None),
    ("DRAFT", "submit"): ("provider", "SUBMITTED"),
    ("DRAFT", "discard"): ("provider", "DISCARDED"),
    ("SUBMITTED", "start_review"): ("office", "UNDER_REVIEW"),
    ("SUBMITTED", "discard"): ("provider", "DISCARDED"),
    ("UNDER_REVIEW", "return"): ("reviewers", "RETURNED"),
    ("UNDER_REVIEW", "approve"): ("reviewers", "APPROVED"),
    ("RETURNED", "revise"): ("provider", None),
    ("RETURNED", "submit"): ("provider", "SUBMITTED"),
    ("RETURNED", "discard"): ("provider", "DISCARDED"),
    ("APPROVED", "publish"): ("office", "LIVE"),
    ("APPROVED", "discard"): ("provider", "DISCARDED"),
    ("LIVE", "revise"): ("provider", None),
    ("LIVE", "confirm"): ("provider", None),
    ("LIVE", "withdraw"): ("provider or office", "WITHDRAWN"),
}


class LifeOfAnEntry(RuleBasedStateMachine):
    """Any acts by anybody in any order, beside a model made from the specification's text."""

    def __init__(self) -> None:
        super().__init__()
        self.entry = drafted()
        self.live: str | None = None
        self.open: str | None = "DRAFT"
        self.basic = self.submitted = False
        self.keys: set[str] = set()
        self.published: Version | None = None
        self.ended: tuple[Former, ...] = ()

    @rule(
        action=st.sampled_from([action for action in Action if action not in SYSTEM_ACTIONS]),
        who=st.sampled_from([PROVIDER, OFFICE, STATISTICS, STRANGER]),
        basic=st.booleans(),
    )
    def anybody_acts(self, action: Action, who: str, basic: bool) -> None:
        allowed, before = self.allows(action, who), self.entry
        try:
            self.entry = moved(before, action, who, basic=basic)
        except GovShareError:
            assert not allowed
            return
        assert allowed, (action, who, self.open, self.live)
        self.follow(action, who, basic=basic)

    @rule(basic=st.booleans())
    def it_goes_all_the_way(self, basic: bool) -> None:
        for action, who in [(Action.REVISE, PROVIDER), *FORWARD[:-1], (Action.APPROVE, STATISTICS), FORWARD[-1]]:
            self.anybody_acts(action, who, basic)

    def allows(self, action: Action, who: str) -> bool:
        reviewers = {OFFICE, STATISTICS} if self.basic else {OFFICE}
        sees_open = self.open is not None and (who == PROVIDER or (self.submitted and who in reviewers))
        on_live = self.live is not None and (action in {Action.CONFIRM, Action.WITHDRAW} or not sees_open)
        row = SPECIFIED.get((str(self.live if on_live else self.open), action))
        if row is None or not (on_live or sees_open) or (action is Action.APPROVE and who in self.keys):
            return False
        parties = {PARTIES[name] for name in row[0].split(" or ")} if row[0] != "reviewers" else reviewers
        return who in parties

    def follow(self, action: Action, who: str, *, basic: bool) -> None:
        if action is Action.REVISE:
            self.submitted = self.submitted and self.open is not None
            self.open, self.basic = self.open or "DRAFT", basic
        elif action is Action.APPROVE:
            self.keys.add(who)
            self.open = "APPROVED" if self.keys == ({OFFICE, STATISTICS} if self.basic else {OFFICE}) else self.open
        elif action is Action.PUBLISH:
            assert self.keys >= ({OFFICE, STATISTICS} if self.basic else {OFFICE})
            self.live, self.open, self.published = "LIVE", None, self.entry.live
        elif action is Action.WITHDRAW:
            self.live, self.open = "WITHDRAWN", None
        elif action is not Action.CONFIRM:
            self.open = SPECIFIED[str(self.open), action][1]
        self.submitted = self.submitted or action is Action.SUBMIT
        if self.live and self.open == "DISCARDED":
            self.open = None
        if action in {Action.RETURN, Action.PUBLISH, Action.DISCARD, Action.WITHDRAW}:
            self.keys.clear()

    @invariant()
    def it_stands_where_the_specification_says(self) -> None:
        live, opened = self.entry.live, self.entry.open
        assert (live.state if live else None, opened.state if opened else None) == (self.live, self.open)
        assert self.entry.state == (self.live or self.open)

    @invariant()
    def the_published_version_says_what_it_said(self) -> None:
        if self.published and self.entry.live:
            said = (self.published.number, self.published.metadata_hash, self.published.reviews)
            assert (self.entry.live.number, self.entry.live.metadata_hash, self.entry.live.reviews) == said

    @invariant()
    def what_is_published_has_every_key_each_once_and_basic_information_a_comment_with_each(self) -> None:
        if version := self.entry.live:
            parties = [review.party for review in version.reviews]
            assert len(parties) == len(set(parties)) == (2 if version.is_basic else 1)
            assert not version.is_basic or all(review.comment for review in version.reviews)

    @invariant()
    def versions_are_counted_and_what_has_ended_stays_so(self) -> None:
        assert self.entry.former[: len(self.ended)] == self.ended
        self.ended = self.entry.former
        numbers = [one.number for one in (*self.entry.former, self.entry.live, self.entry.open) if one]
        assert len(numbers) == len(set(numbers))
        assert all(former.state in MACHINE.terminal for former in self.entry.former)


TestLifeOfAnEntry = LifeOfAnEntry.TestCase


@given(acts=st.lists(ACTS, max_size=40))
def test_each_step_is_counted_once(acts: list[tuple[Action, str]]) -> None:
    entry = drafted()
    for action, organisation in [*acts, *FORWARD]:
        before = entry
        try:
            entry = moved(entry, action, organisation)
        except GovShareError:
            continue
        assert entry.case_seq == entry.version == before.case_seq + 1


@pytest.mark.parametrize("state", sorted(MACHINE.terminal))
@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("organisation", [PROVIDER, OFFICE])
def test_an_end_is_an_end(state: State, action: Action, organisation: str) -> None:
    with pytest.raises(Conflict):
        MACHINE.advance(a_version(state), Act(action, None, officer(organisation), NOON))


@pytest.mark.parametrize("action", sorted(SYSTEM_ACTIONS))
def test_what_happens_by_itself_is_nobodys_to_do(action: Action) -> None:
    for state in State:
        for organisation in (PROVIDER, OFFICE, STATISTICS, "system"):
            assert action not in MACHINE.actions_for(a_version(state), officer(organisation))


def test_the_wait_for_publication_is_measured() -> None:
    entry = live()
    assert entry.live is not None
    assert entry.live.lag_seconds == 3600


def test_basic_information_is_approved_when_the_second_reviewer_agrees_and_a_return_voids_the_first() -> None:
    review = moved(moved(drafted(basic=True), Action.SUBMIT, PROVIDER), Action.START_REVIEW, OFFICE)
    half = moved(review, Action.APPROVE, STATISTICS)
    again = moved(moved(half, Action.RETURN, OFFICE), Action.SUBMIT, PROVIDER)
    assert half.open is not None
    assert (half.open.state, half.open.approved_at) == (State.UNDER_REVIEW, None)
    assert again.open is not None
    assert again.open.done == ()


def test_a_second_version_cannot_be_begun_while_one_is_under_review() -> None:
    entry = moved(moved(live(), Action.REVISE, PROVIDER), Action.SUBMIT, PROVIDER)
    with pytest.raises(Conflict, match="cannot revise while resource is SUBMITTED"):
        moved(entry, Action.REVISE, PROVIDER)


def test_a_return_takes_back_the_keys_that_were_given() -> None:
    review = moved(moved(drafted(basic=True), Action.SUBMIT, PROVIDER), Action.START_REVIEW, OFFICE)
    half = moved(review, Action.APPROVE, STATISTICS)
    returned = moved(half, Action.RETURN, OFFICE)
    assert half.open is not None
    assert [(review.party, review.comment) for review in half.open.reviews] == [("statistics_bureau", "符合统一规划")]
    assert returned.open is not None
    assert (returned.open.reviews, returned.open.returned_at) == ((), NOON)


@pytest.mark.parametrize("key", [OFFICE, STATISTICS])
def test_a_key_of_basic_information_comes_with_a_comment(key: str) -> None:
    review = moved(moved(drafted(basic=True), Action.SUBMIT, PROVIDER), Action.START_REVIEW, OFFICE)
    with pytest.raises(Invalid) as refused:
        take(review, Act(Action.APPROVE, Noted(), officer(key), NOON))
    assert [problem.pointer for problem in refused.value.problems] == ["/comment"]


@pytest.mark.parametrize("code", [None, "307001/0007"])
def test_a_code_once_given_is_kept_and_carried_by_the_event(code: str | None) -> None:
    entry = drafted()
    for action, organisation in FORWARD[:-1]:
        entry = moved(entry, action, organisation)
    first = take(entry, Act(Action.PUBLISH, Nothing(), officer(OFFICE), NOON, given=Given(code=code)))
    entry = moved(first.record, Action.REVISE, PROVIDER)
    for action, organisation in FORWARD:
        entry = moved(entry, action, organisation)
    assert (first.event.body["resource_code"], entry.resource_code) == (code, code)


def test_what_people_wrote_is_sealed_and_no_word_of_it_is_in_an_event() -> None:
    review = moved(moved(drafted(), Action.SUBMIT, PROVIDER), Action.START_REVIEW, OFFICE)
    steps = [
        take(review, Act(Action.APPROVE, Noted(comment="同意发布"), officer(OFFICE), NOON)),
        take(review, Act(Action.RETURN, BODIES[Action.RETURN], officer(OFFICE), NOON)),
        take(live(), Act(Action.WITHDRAW, Withdrawal(reason="职能调整"), officer(PROVIDER), NOON)),
    ]
    for step, words in zip(steps, ("同意发布", "不清楚", "职能调整"), strict=True):
        assert step.payload is not None
        assert step.event.payload_sha256 == step.payload.sha256
        assert words not in step.event.model_dump_json()
        assert OFFICE in step.event.parties


def test_an_event_of_a_draft_is_its_units_alone() -> None:
    step = create(Draft.model_validate(BASIC), officer(PROVIDER), NOON)
    revised = take(step.record, Act(Action.REVISE, Draft.model_validate(BASIC), officer(PROVIDER), NOON))
    assert (step.event.parties, revised.event.parties) == ((PROVIDER,), (PROVIDER,))
