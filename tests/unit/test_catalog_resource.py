"""Machine A0: nobody publishes what was not approved, an end is an end, and a live version stands until the next."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.entry import Entry, create, take
from services.catalog.metadata import Draft
from services.catalog.resource import MACHINE
from services.catalog.resource_acts import SYSTEM_ACTIONS, Action, Approval, Assignment, Gaps, Nothing, Withdrawal
from services.catalog.version import Gap, State, Version
from services.shared.callers import Caller, Claim
from services.shared.errors import Conflict, GovShareError
from services.shared.lifecycle import Act
from services.shared.structure import faults
from tests.catalogue import BASIC, ENTRY, OFFICE, PROVIDER, STATISTICS, STRANGER

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
BODIES = {
    Action.RETURN: Gaps(gaps=(Gap(pointer="/title", detail="不清楚"),)),
    Action.APPROVE: Approval(comment="符合统一规划"),
    Action.ASSIGN: Assignment(provider=PROVIDER),
    Action.WITHDRAW: Withdrawal(reason="职能调整"),
}
ACTS = st.tuples(st.sampled_from(Action), st.sampled_from([PROVIDER, OFFICE, STATISTICS, STRANGER]))
FORWARD = [(Action.SUBMIT, PROVIDER), (Action.START_REVIEW, OFFICE), (Action.APPROVE, OFFICE), (Action.PUBLISH, OFFICE)]


def officer(organisation: str) -> Caller:
    return Caller(organisation=organisation, officer="o-1", claims=frozenset({Claim.OFFICER}))


def drafted(*, basic: bool = False) -> Entry:
    return create(Draft.model_validate(BASIC if basic else ENTRY), officer(PROVIDER), NOON).record


def moved(entry: Entry, action: Action, organisation: str, at: datetime = NOON) -> Entry:
    body = Draft.model_validate(ENTRY) if action is Action.REVISE else BODIES.get(action, Nothing())
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


@given(basic=st.booleans(), acts=st.lists(ACTS, max_size=40))
def test_no_path_leads_to_live_without_the_approval_of_every_reviewer(
    basic: bool, acts: list[tuple[Action, str]]
) -> None:
    entry, approved = drafted(basic=basic), set[str]()
    for action, organisation in [*acts, *FORWARD]:
        try:
            entry = moved(entry, action, organisation)
        except GovShareError:
            continue
        if action in {Action.RETURN, Action.REVISE}:
            approved.clear()
        if action is Action.APPROVE:
            approved.add(organisation)
        if action is Action.PUBLISH:
            assert organisation == OFFICE
            assert approved >= ({OFFICE, STATISTICS} if entry.live and entry.live.is_basic else {OFFICE})
            approved.clear()


@given(acts=st.lists(ACTS, max_size=40))
def test_an_entry_counts_each_step_once_and_has_at_most_one_live_and_one_open_version(
    acts: list[tuple[Action, str]],
) -> None:
    entry = drafted()
    for action, organisation in [*acts, *FORWARD]:
        before = entry
        try:
            entry = moved(entry, action, organisation)
        except GovShareError:
            continue
        assert entry.case_seq == entry.version == before.case_seq + 1
        assert entry.live is None or entry.live.state in {State.LIVE, State.WITHDRAWN}
        assert entry.open is None or entry.open.state is not State.LIVE
        numbers = [version.number for version in (*entry.former, entry.live, entry.open) if version]
        assert len(numbers) == len(set(numbers))


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
