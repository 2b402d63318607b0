"""The effect of sharing, fed back to the provider (machine D; S-091, S-007): who says what, and what happens by itself.

The tables below are written from the rules, not from the code.
"""

from itertools import product
from typing import Any

import pytest
from pydantic import ValidationError

from services.requests.feedback import FeedbackAction, FeedbackState, Occasion
from services.requests.feedback_acts import BODIES, SendFeedback
from services.requests.feedback_life import FEEDBACK, SYSTEM_ACTIONS
from services.requests.telling import Step
from services.shared.canonical import digest
from services.shared.errors import Conflict, Forbidden, Invalid
from services.shared.events import FilingKind
from services.shared.lifecycle import Act, Party
from services.shared.organisations import OFFICE
from services.shared.structure import faults, reachable
from services.shared.working_days import start_of
from tests.reports import EFFECTS, MAY, QUARTER_OVER, WHO, Handover, agreed_terms, opened
from tests.sharing import PROVIDER, REQUESTER

# Who may do what in which state, and where it leads.
RULES = """
DUE        send_feedback         requester  SENT
SENT       acknowledge_feedback  provider   ACKNOWLEDGED
SENT       contest_feedback      provider   CONTESTED
CONTESTED  respond_feedback      requester  SENT
CONTESTED  close_feedback        office     CLOSED
"""
ALLOWED = {
    (FeedbackState(state), FeedbackAction(action), who): FeedbackState(to)
    for state, action, who, to in (line.split() for line in RULES.strip().splitlines())
}
SAID: dict[FeedbackAction, dict[str, Any]] = {
    FeedbackAction.SEND: EFFECTS,
    FeedbackAction.ACKNOWLEDGE: {},
    FeedbackAction.CONTEST: {"reason": "节省工时未说明口径"},
    FeedbackAction.RESPOND: {"text": "按月度统计表计算"},
    FeedbackAction.CLOSE: {"reason": "双方口径不同，均已记录"},
}
# Whom a state waits for, and which clock runs in it.
WAITS = {
    FeedbackState.DUE: ((Party.REQUESTER,), "effect_feedback"),
    FeedbackState.SENT: ((Party.PROVIDER,), "feedback_response"),
    FeedbackState.CONTESTED: ((Party.REQUESTER,), "contest_response"),
    FeedbackState.ACKNOWLEDGED: ((), None),
    FeedbackState.CLOSED: ((), None),
}
STORIES: dict[FeedbackState, list[tuple[FeedbackAction, str]]] = {
    FeedbackState.DUE: [],
    FeedbackState.SENT: [(FeedbackAction.SEND, "requester")],
}
STORIES[FeedbackState.CONTESTED] = [*STORIES[FeedbackState.SENT], (FeedbackAction.CONTEST, "provider")]
STORIES[FeedbackState.ACKNOWLEDGED] = [*STORIES[FeedbackState.SENT], (FeedbackAction.ACKNOWLEDGE, "provider")]
STORIES[FeedbackState.CLOSED] = [*STORIES[FeedbackState.CONTESTED], (FeedbackAction.CLOSE, "office")]


def do(handover: Handover, action: FeedbackAction, who: str) -> Step:
    return handover.feed(who, action, MAY, feedback=1, **SAID[action])


def a_feedback(state: FeedbackState) -> Handover:
    """Return a case whose agreement is over, with its feedback played to a state."""
    handover = Handover(agreed_terms(until="2027-02-20"))
    handover.end(start_of(handover.agreement.terms.validity.valid_until))
    handover.go_on(QUARTER_OVER)
    for action, who in STORIES[state]:
        do(handover, action, who)
    assert handover.feedback().state is state
    return handover


@pytest.mark.parametrize(("state", "action", "who"), list(product(STORIES, BODIES, WHO)))
def test_what_the_rules_allow_happens_and_nothing_else(state: FeedbackState, action: FeedbackAction, who: str) -> None:
    handover = a_feedback(state)
    if (state, action, who) in ALLOWED:
        do(handover, action, who)
        assert handover.feedback().state is ALLOWED[(state, action, who)]
        return
    with pytest.raises((Forbidden, Conflict)):
        do(handover, action, who)


@pytest.mark.parametrize(("state", "action", "who"), list(product(STORIES, SYSTEM_ACTIONS, WHO)))
def test_what_happens_by_itself_is_nobodys_to_do(state: FeedbackState, action: FeedbackAction, who: str) -> None:
    with pytest.raises((Forbidden, Conflict)):
        FEEDBACK.advance(a_feedback(state).feedback(), Act(action, None, WHO[who], MAY))


def test_nothing_waits_for_nobody_and_every_state_is_reached() -> None:
    probes: dict[Any, Any] = {state: a_feedback(state).feedback() for state in STORIES}
    assert list(faults(FEEDBACK, probes)) == []
    assert reachable(FEEDBACK) == set(FeedbackState)


@pytest.mark.parametrize("state", STORIES)
def test_every_state_says_whom_it_waits_for_and_runs_its_clock(state: FeedbackState) -> None:
    feedback = a_feedback(state).feedback()
    assert (FEEDBACK.awaiting(feedback), feedback.clock.clock if feedback.clock else None) == WAITS[state]


def test_feedback_is_filed_with_the_office_under_its_hash_and_tells_the_ratings_without_the_words() -> None:
    handover = a_feedback(FeedbackState.DUE)
    step = do(handover, FeedbackAction.SEND, "requester")
    feedback = handover.feedback()
    filed = feedback.last_filing(FilingKind.EFFECT)
    assert filed is not None
    assert (filed.event_id, filed.terms_hash, filed.authority) == (step.event.id, digest(feedback.effects), OFFICE)
    ratings = {name: step.event.body[name] for name in ("decision", "efficiency", "service")}
    assert ratings == {"decision": 4, "efficiency": None, "service": None}
    assert step.event.parties == tuple(sorted((REQUESTER, PROVIDER)))
    assert (step.payload is not None, feedback.sent_at) == (True, MAY)


def test_a_requester_may_feed_back_without_being_asked() -> None:
    handover = opened()
    step = handover.feed("requester", "send_feedback", **EFFECTS)
    feedback = handover.feedback()
    assert (feedback.state, feedback.occasion, feedback.number) == (FeedbackState.SENT, Occasion.OWN, 1)
    assert (step.before, feedback.version, step.event.case_seq) == ({}, 11, 11)
    handover.feed("requester", "send_feedback", **EFFECTS)
    assert handover.feedback(2).state is FeedbackState.SENT


@pytest.mark.parametrize("who", sorted(set(WHO) - {"requester"}))
def test_nobody_else_feeds_back_unasked(who: str) -> None:
    with pytest.raises(Forbidden):
        opened().feed(who, "send_feedback", **EFFECTS)


def test_without_a_number_the_only_one_that_is_due_is_meant() -> None:
    handover = a_feedback(FeedbackState.DUE)
    handover.feed("requester", "send_feedback", **EFFECTS)
    assert (handover.feedback().state, "feedback-2" in handover.case.records) == (FeedbackState.SENT, False)


def test_where_several_are_due_the_number_is_asked_for() -> None:
    handover = Handover(agreed_terms(until="2029-12-31"))
    for year in (2028, 2029):
        handover.go_on(MAY.replace(year=year))
    with pytest.raises(Invalid) as refused:
        handover.feed("requester", "send_feedback", **EFFECTS)
    assert [problem.pointer for problem in refused.value.problems] == ["/feedback"]
    handover.feed("requester", "send_feedback", feedback=2, **EFFECTS)
    assert (handover.feedback(1).state, handover.feedback(2).state) == (FeedbackState.DUE, FeedbackState.SENT)


def test_a_feedback_that_is_not_there_is_pointed_at() -> None:
    with pytest.raises(Invalid) as refused:
        opened().feed("provider", "acknowledge_feedback", feedback=7)
    assert [problem.pointer for problem in refused.value.problems] == ["/feedback"]


def test_at_least_one_of_the_three_outcomes_is_named() -> None:
    nothing = {"evidence": EFFECTS["evidence"]}
    with pytest.raises(Invalid) as refused:
        a_feedback(FeedbackState.DUE).feed("requester", "send_feedback", **nothing)
    assert [problem.pointer for problem in refused.value.problems] == ["/decision"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"service": {"rating": 0, "words": "一般"}},
        {"service": {"rating": 6, "words": "很好"}},
        {"service": {"rating": 3}},
        {"evidence": " "},
        {"figures": {"saved_hours": -1}},
        {"satisfaction": {"rating": 3, "words": "一般"}},
    ],
)
def test_ratings_go_from_one_to_five_with_words_and_evidence(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SendFeedback.model_validate(EFFECTS | wrong)


def test_a_response_goes_back_to_the_provider_and_may_feed_back_anew() -> None:
    handover = a_feedback(FeedbackState.CONTESTED)
    better = EFFECTS | {"figures": {"saved_hours": 96}}
    step = handover.feed("requester", "respond_feedback", feedback=1, text="口径已统一", effects=better)
    feedback = handover.feedback()
    assert (feedback.state, FEEDBACK.awaiting(feedback)) == (FeedbackState.SENT, (Party.PROVIDER,))
    filed = feedback.last_filing(FilingKind.EFFECT)
    assert filed is not None
    assert (filed.event_id, filed.terms_hash) == (step.event.id, digest(feedback.effects))
    assert step.event.body["feedback_hash"] == filed.terms_hash
    assert [(said.text, said.corrected) for said in feedback.responses] == [("口径已统一", True)]


def test_a_response_in_words_alone_is_no_filing() -> None:
    handover = a_feedback(FeedbackState.CONTESTED)
    before = handover.feedback()
    step = do(handover, FeedbackAction.RESPOND, "requester")
    assert step.event.filing is None
    assert (handover.feedback().filings, handover.feedback().effects) == (before.filings, before.effects)


def test_a_feedback_that_is_corrected_names_an_outcome_too() -> None:
    with pytest.raises(Invalid) as refused:
        a_feedback(FeedbackState.CONTESTED).feed(
            "requester", "respond_feedback", feedback=1, text="更正", effects={"evidence": "月报"}
        )
    assert [problem.pointer for problem in refused.value.problems] == ["/effects/decision"]


def test_the_office_hears_of_a_dispute_and_of_its_end() -> None:
    handover = a_feedback(FeedbackState.CLOSED)
    told = {event.type: event.parties for event in handover.events}
    for event in ("feedback.contested", "feedback.closed"):
        assert told[event] == tuple(sorted((REQUESTER, PROVIDER, OFFICE)))
    assert handover.feedback().reason == SAID[FeedbackAction.CLOSE]["reason"]


def test_an_acknowledgement_without_a_word_seals_nothing() -> None:
    handover = a_feedback(FeedbackState.SENT)
    assert do(handover, FeedbackAction.ACKNOWLEDGE, "provider").payload is None


def test_feedback_that_is_late_is_marked_once_and_sent_all_the_same() -> None:
    handover = a_feedback(FeedbackState.DUE)
    assert handover.go_on(MAY) == ["report.overdue", "feedback.overdue"]
    assert (handover.feedback().state, handover.feedback().wakes_at) == (FeedbackState.DUE, None)
    assert handover.go_on(MAY) == []
    handover.feed("requester", "send_feedback", MAY, **EFFECTS)
    clock = handover.feedback().clock
    assert (clock and clock.clock, clock and clock.overdue_since) == ("feedback_response", None)
