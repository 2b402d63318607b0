"""What must hold of the negotiation's table (C.1) by itself: for whom it waits, what is timed, told and filed."""

from enum import StrEnum
from itertools import product

import pytest

from services.requests.acts import BODIES
from services.requests.inbox import event_words
from services.requests.negotiation import BY_ITSELF, NEGOTIATION, SYSTEM_ACTIONS, TABLE, may_see
from services.requests.reply_clocks import CLOCKS, REPLIES, REPLY
from services.requests.request import Action, Request, State
from services.shared.callers import ANONYMOUS, Caller
from services.shared.clocks import due, profiles
from services.shared.errors import Conflict, Forbidden
from services.shared.events import EVENT_TYPES, FilingKind
from services.shared.lifecycle import Act, Party
from services.shared.organisations import ARCHIVES_BUREAU, OFFICE, SECRECY_BUREAU, SUPERVISION_BUREAU
from services.shared.structure import faults, reachable
from tests.negotiating import CLAIMS, a_request_in
from tests.sharing import NOON, STRANGER

PROBES: dict[StrEnum, Request] = {state: a_request_in(state) for state in State}
SYSTEM = frozenset({Party.SYSTEM})
OPEN = [state for state in State if state not in NEGOTIATION.terminal]
OUTSIDERS = [
    *(
        Caller(organisation=code, officer="o-1", claims=CLAIMS)
        for code in (STRANGER, SECRECY_BUREAU, SUPERVISION_BUREAU, ARCHIVES_BUREAU)
    ),
    ANONYMOUS,
]
# What the system does by itself: it takes up what was agreed, ruled or receipted, and decides nothing (I6).
BY_THE_SYSTEM = {
    (State.SUBMITTED, Action.ROUTE, State.TERMS_AGREED),
    (State.RESULT_FILED, Action.PROCEED, State.READY),
    (State.RESULT_FILED, Action.PROCEED_CONFIDENTIAL, State.CONF_PENDING),
    (State.CONF_FILED, Action.PROCEED, State.READY),
    (State.READY, Action.ACTIVATE, State.CONCLUDED),
}


def test_the_table_has_no_faults() -> None:
    assert list(faults(NEGOTIATION, PROBES)) == []


def test_every_state_and_every_action_that_is_named_is_in_the_table() -> None:
    assert reachable(NEGOTIATION) == set(State)
    assert {action for _, action in TABLE} == set(Action)


def test_every_action_of_a_person_has_an_input_and_the_systems_have_none() -> None:
    assert BODIES.keys() == set(Action) - set(SYSTEM_ACTIONS)
    assert {action for (_, action), move in TABLE.items() if move.by == SYSTEM} == set(SYSTEM_ACTIONS)
    assert set(BY_ITSELF) - set(SYSTEM_ACTIONS) == {Action.DRAFT}


@pytest.mark.parametrize("state", OPEN)
def test_every_state_but_an_end_waits_for_somebody_and_has_a_clock(state: State) -> None:
    assert NEGOTIATION.awaiting(PROBES[state])
    codes = REPLIES.values() if CLOCKS[state] == REPLY else [CLOCKS[state]]
    for profile, code in product(profiles().profiles, codes):
        due(code, NOON, profile=profile.profile)  # raises KeyError for a code that the profiles do not know


def test_an_end_waits_for_nobody_and_has_no_clock() -> None:
    assert NEGOTIATION.terminal == {State.CONCLUDED, State.CLOSED_REFUSED, State.WITHDRAWN}
    assert CLOCKS.keys() == set(OPEN)
    assert all(NEGOTIATION.awaiting(PROBES[state]) == () for state in NEGOTIATION.terminal)


def test_every_event_is_registered_and_has_words_and_none_is_without_a_step() -> None:
    told = {move.event for move in TABLE.values()} | {"request.created"}
    assert told == {name for name in EVENT_TYPES if name.startswith("request.")} | {"agreement.activated"}
    assert {EVENT_TYPES[name].producer for name in told} == {"requests"}
    assert told <= event_words().keys()


def test_what_is_filed_goes_to_the_office_and_the_confidentiality_agreement_to_the_secrecy_bureau() -> None:
    filed = {(move.filing.kind, move.filing.authority) for move in TABLE.values() if move.filing}
    assert filed == {
        (FilingKind.REQUEST, OFFICE),
        (FilingKind.RESULT, OFFICE),
        (FilingKind.REFUSAL_REPORT, OFFICE),
        (FilingKind.CONFIDENTIALITY, SECRECY_BUREAU),
    }


def test_every_end_that_others_know_of_is_filed_and_only_the_last_step_rests_on_filings_made_before() -> None:
    ends = {(state, action): move.filing for (state, action), move in TABLE.items() if move.to in NEGOTIATION.terminal}
    unfiled = {row for row, filing in ends.items() if filing is None}
    drafts = {(state, Action.WITHDRAW) for state in (State.DRAFT, State.INTERNAL_APPROVAL)}
    assert unfiled == drafts | {(State.READY, Action.ACTIVATE)}


def test_the_system_changes_no_state_but_on_what_was_decided_or_receipted() -> None:
    moves = {(s, a, move.to) for (s, a), move in TABLE.items() if move.by == SYSTEM and move.to is not None}
    assert moves == BY_THE_SYSTEM
    marks = {state for (state, action), move in TABLE.items() if action is Action.MARK_OVERDUE and move.to is None}
    assert marks == set(OPEN)


@pytest.mark.parametrize("caller", OUTSIDERS, ids=lambda caller: caller.organisation)
def test_outsiders_see_nothing_and_do_nothing_in_any_state(caller: Caller) -> None:
    for state, action in product(State, Action):
        assert not may_see(PROBES[state], caller)
        with pytest.raises((Conflict, Forbidden)):
            NEGOTIATION.advance(PROBES[state], Act(action, None, caller, NOON))
