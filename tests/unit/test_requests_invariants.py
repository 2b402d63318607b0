"""What no history of a sharing request can break, whoever acts, in whatever order, with right and wrong input.

The invariants' names (I1 …) are those of the state machines' specification. Everything here is pure: requester,
provider, office, leading group and secrecy bureau, two impostors, a ledger that answers when it likes, and time.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from services.requests import acts
from services.requests.agreement import Agreement
from services.requests.by_itself import next_step
from services.requests.case import Case
from services.requests.confidentiality import confidentiality_hash, is_sensitive
from services.requests.entry import OFF_SYSTEM
from services.requests.guards import Given
from services.requests.negotiation import NEGOTIATION, SYSTEM_ACTIONS, TABLE, may_see
from services.requests.request import Action, Request, State
from services.requests.steps import first_step, next_of_the_request, take
from services.requests.telling import Step
from services.shared.callers import ANONYMOUS, Caller, Claim
from services.shared.errors import GovShareError
from services.shared.events import Event, FilingKind
from services.shared.lifecycle import Act, Party
from services.shared.organisations import LEADING_GROUP, OFFICE, SECRECY_BUREAU
from tests.negotiating import CLAIMS, INPUTS, TIMELESS, entries_of_each_kind
from tests.sharing import ITEMS, NOON, PROVIDER, REQUESTER, STRANGER, draft, terms

ENTRIES = entries_of_each_kind()
ASKING, GIVING, MEDIATING, RULING = (
    Caller(organisation=code, officer="o-1", claims=CLAIMS) for code in (REQUESTER, PROVIDER, OFFICE, LEADING_GROUP)
)
WHO_MAY_ACT = [ASKING, GIVING, MEDIATING, RULING]
PLAYERS = [
    *WHO_MAY_ACT,
    Caller(organisation=REQUESTER, officer="o-2", claims=frozenset({Claim.OFFICER})),
    Caller(organisation=PROVIDER, officer="o-2", claims=frozenset({Claim.APPROVER})),
    Caller(organisation=SECRECY_BUREAU, officer="o-1", claims=CLAIMS),
]
IMPOSTORS = [Caller(organisation=STRANGER, officer="o-1", claims=CLAIMS), ANONYMOUS]
PROFILES = ["reg-2025", "reg-2025", "policy-2005"]
SELDOM = {Action.REVISE: 4, Action.SEND_BACK: 5, Action.WITHDRAW: 6}  # with luck of one in ten
TWO_RIGHT_INPUTS = {Action.CLASSIFY, Action.COUNTER, Action.MEDIATE, Action.RULE_SHARE}
ANSWERS = {"request.countered", "request.refused", "request.overdue", "request.silence_recorded"}
RESTS_ON_THE_RESULT = {State.RESULT_FILED, State.CONF_PENDING, State.CONF_FILED, State.READY, State.CONCLUDED}


class Negotiation(RuleBasedStateMachine):
    """One request after another in the hands of everybody at once."""

    steps = 0  # of all histories

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        self.now = NOON

    @initialize(data=st.data())
    def draft(self, data: st.DataObject) -> None:
        """The requester drafts, under a profile with numbers or without."""
        self.patch.setenv("CLOCK_PROFILE", data.draw(st.sampled_from(PROFILES)))
        self.entry, self.events = data.draw(st.sampled_from(ENTRIES)), list[Event]()
        self.case = Case({}, {})
        body = acts.Draft.model_validate(draft(self.entry.id, terms=terms(items=ITEMS[:1])))
        self._keep(None, first_step(body, self.entry, caller=ASKING, at=self.now))

    @rule(data=st.data(), times=st.integers(1, 4))
    def go_on(self, data: st.DataObject, times: int) -> None:
        """Those who may do something do it, mostly with right input, and the ledger answers now and then.

        What has ended stays as it is; the next request is another case.
        """
        if self.request.state in NEGOTIATION.terminal:
            self.draft(data)
        for _ in range(times):
            luck = data.draw(st.integers(0, 9))
            offered = self._offered(luck)
            if offered:
                player, action = data.draw(st.sampled_from(offered))
                right = self._right_input(action, luck % 2)
                self._try(action, right if luck < 8 else self._input(data, action), player)
            self._hear(self._filed() if luck % 2 else ())

    @rule(data=st.data(), player=st.sampled_from(PLAYERS), action=st.sampled_from(Action))
    def act(self, data: st.DataObject, player: Caller, action: Action) -> None:
        """Somebody tries something."""
        self._try(action, self._input(data, action), player)
        self.go_on(data, 1)

    @rule(data=st.data(), days=st.integers(1, 40))
    def time_passes(self, data: st.DataObject, days: int) -> None:
        """The scheduler comes by when some days have gone."""
        self.now += timedelta(days=days)
        self._hear(())
        self.go_on(data, 1)

    @rule(data=st.data())
    def receipts_arrive(self, data: st.DataObject) -> None:
        """The ledger answers for every filing, in its own order, and again for those that it answered for."""
        self._hear(data.draw(st.permutations(self._filed())))
        self.go_on(data, 1)

    @rule(data=st.data(), impostor=st.sampled_from(IMPOSTORS), action=st.sampled_from(Action))
    def intrude(self, data: st.DataObject, impostor: Caller, action: Action) -> None:
        """Somebody to whom the request is nothing tries anything."""
        assert not may_see(self.request, impostor)
        assert not self._try(action, self._input(data, action), impostor)
        self.go_on(data, 1)

    @rule(data=st.data(), player=st.sampled_from(PLAYERS), action=st.sampled_from(SYSTEM_ACTIONS))
    def forge(self, data: st.DataObject, player: Caller, action: Action) -> None:
        """Somebody who is not the system tries the system's own steps."""
        assert not self._try(action, None, player)
        self.go_on(data, 1)

    @property
    def request(self) -> Request:
        return self.case.request

    def teardown(self) -> None:
        self.patch.undo()

    def _offered(self, luck: int) -> list[tuple[Caller, Action]]:
        """Return who may do what: what is waited for on both sides, for draws come from the ends more often."""
        may = [(p, Action(action)) for p in WHO_MAY_ACT for action in NEGOTIATION.actions_for(self.request, p)]
        open_to = [(p, a) for p, a in may if a not in SELDOM or luck == SELDOM[a]]
        leads_on = [(p, a) for p, a in open_to if TABLE[self.request.state, a].awaited]
        return [*leads_on * 2, *open_to, *leads_on * 2]

    def _right_input(self, action: Action, choice: int = 0) -> Any:
        if acts.BODIES[action] is not acts.Named:
            return INPUTS[action][choice if action in TWO_RIGHT_INPUTS else 0]
        secret = action is Action.SIGN_CONFIDENTIALITY
        named = confidentiality_hash(self.request) if secret else self.request.latest.terms_hash
        return acts.Named(terms_hash=named)

    def _input(self, data: st.DataObject, action: Action) -> Any:
        if action in SYSTEM_ACTIONS:
            return None
        if acts.BODIES[action] is not acts.Named:
            return data.draw(st.sampled_from(INPUTS[action]))
        wrong = acts.Named(terms_hash=self.request.offers[0].terms_hash)
        return data.draw(st.sampled_from([self._right_input(action), wrong]))

    def _filed(self) -> list[str]:
        return [filed.event_id for filed in self.request.filings]

    def _hear(self, event_ids: Iterable[str]) -> None:
        """Let the case go on by itself, after each receipt and without one."""
        for event_id in (*(one for one in event_ids if one not in self.case.seen), None):
            receipts = {**self.case.receipts, event_id: 7} if event_id else self.case.receipts
            self.case = self.case._replace(receipts=receipts)
            while step := next_step(self.case, self.now):
                self._check_system(step)
                self._keep(self.request, step)

    def _try(self, action: Action, body: Any, player: Caller) -> bool:
        """Return whether the table let somebody do something."""
        before, given = self.request, Given(receipts=self.case.seen, entry=self.entry)
        try:
            step = take(before, Act(action, body, player, self.now, given))
        except GovShareError:
            return False
        assert may_see(before, player)
        self._keep(before, step)
        return True

    def _keep(self, before: Request | None, step: Step) -> None:
        self.case = self.case.after(step.records)
        self.events += step.events
        if before is not None and "request" in step.records:
            self._check_step(before, self.request, step.event)

    def _check_step(self, before: Request, after: Request, event: Event) -> None:
        """I3, I4, I5 and I9 speak of a step, not of a state."""
        assert before.state not in NEGOTIATION.terminal  # I9
        if before.latest.terms_hash != after.latest.terms_hash:  # I5
            assert (after.signatures, after.confidentiality) == ((), ())
        if after.state is State.TERMS_AGREED and before.state is not State.TERMS_AGREED:
            self._check_agreed(before, after, event)
        if event.type == "request.coordination_opened":  # I3
            assert ANSWERS & {told.type for told in self.events}
        if event.type == "request.escalated":  # I3
            assert before.state is State.COORDINATION
            assert after.coordination is not None
            assert after.coordination.docket is not None

    def _check_agreed(self, before: Request, after: Request, event: Event) -> None:
        """I4: terms are agreed by the other side, by a ruling, or by the entry's own standing offer."""
        if event.type == "request.terms_agreed":
            agreeing = Party.REQUESTER if event.organisation == REQUESTER else Party.PROVIDER
            assert before.latest.by is not agreeing
            assert after.latest == before.latest
        elif event.type == "request.ruled_to_share":
            assert (after.latest.by, event.organisation) == (Party.LEADING_GROUP, LEADING_GROUP)
        else:
            assert (event.type, after.routed) == ("request.routed", True)
            assert self.entry.is_unconditional

    def _check_system(self, step: Step) -> None:
        """I6: what the system does to a request is a mark, or would be done had no time passed at all."""
        before, after = self.request, step.records.get("request")
        if after is None or after.state is before.state:
            return
        assert step.event.type in TIMELESS
        at_once = next_of_the_request(before, Given(receipts=self.case.seen), before.changed_at)
        assert at_once is not None
        assert at_once.records["request"].state is after.state

    @invariant()
    def events_are_gapless(self) -> None:
        """I10: the case's events are numbered without gaps, and the request knows the last of them."""
        type(self).steps += 1
        assert [event.case_seq for event in self.events] == list(range(1, len(self.events) + 1))
        assert self.request.version <= self.request.case_seq == len(self.events)

    @invariant()
    def an_agreement_rests_on_receipts(self) -> None:
        """I1."""
        agreement, request = self.case.named("agreement", Agreement), self.request
        assert (agreement is not None) == (request.state is State.CONCLUDED)
        if agreement:
            needed = [FilingKind.REQUEST, FilingKind.RESULT]
            needed += [FilingKind.CONFIDENTIALITY] if is_sensitive(request) else []
            filed = {kind: request.last_filing(kind) for kind in needed}
            assert {one.event_id for one in filed.values() if one} <= self.case.seen
            assert all(filed.values())
            assert [s.party for s in request.signatures] == [Party.PROVIDER, Party.REQUESTER]

    @invariant()
    def a_closed_refusal_has_a_report_that_reached_the_office(self) -> None:
        """I2: the provider's with its receipt, or one that the office or the group drew up; the result is filed."""
        request, report = self.request, self.request.refusal
        if request.state is State.CLOSED_REFUSED:
            assert report is not None
            assert report.instrument
            assert report.reason
            delivered = request.last_filing(FilingKind.REFUSAL_REPORT)
            told = report.by in {Party.OFFICE, Party.LEADING_GROUP}
            assert told or (delivered is not None and delivered.event_id in self.case.seen)
            assert request.filings[-1].kind is FilingKind.RESULT

    @invariant()
    def what_is_signed_and_filed_is_what_stands(self) -> None:
        """I5: signatures and the last filing of the result name the terms on the table."""
        request = self.request
        assert {s.terms_hash for s in request.signatures} <= {request.latest.terms_hash}
        if request.confidentiality:
            assert {s.terms_hash for s in request.confidentiality} == {confidentiality_hash(request)}
        if request.state in RESTS_ON_THE_RESULT:
            result = request.last_filing(FilingKind.RESULT)
            assert result is not None
            assert result.terms_hash == request.latest.terms_hash

    @invariant()
    def no_secret_is_ever_kept(self) -> None:
        """State and work secrets never enter the system."""
        assert not OFF_SYSTEM & set(self.request.classification.values())

    @invariant()
    def somebody_is_waited_for_until_the_end(self) -> None:
        """No state but a terminal one is without an owner, and none without a clock."""
        request = self.request
        open_still = request.state not in NEGOTIATION.terminal
        assert bool(NEGOTIATION.awaiting(request)) == (request.clock is not None) == open_still


def test_no_history_of_a_request_breaks_what_always_holds() -> None:
    many = settings().max_examples > settings.get_profile("house").max_examples  # `make test-long`
    Negotiation.steps = 0
    run_state_machine_as_test(Negotiation, settings=settings(suppress_health_check=list(HealthCheck)))
    assert Negotiation.steps >= (100_000 if many else 2_000)
