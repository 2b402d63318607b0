"""What no history of a sharing request can break, whoever acts, in whatever order, with right and wrong input.

The invariants' names (I1 …) are those of the state machines' specification. Everything here is pure.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from hypothesis import event as note_end
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.requests import acts
from services.requests.entry import Entry, Sensitivity, published_entry
from services.requests.guards import Given, is_sensitive
from services.requests.negotiation import NEGOTIATION, TABLE, may_see
from services.requests.request import Action, Request, State
from services.requests.steps import Step, first_step, next_of_the_system, take
from services.requests.terms import Terms, terms_hash
from services.shared.callers import ANONYMOUS, SYSTEM, Caller, Claim
from services.shared.errors import GovShareError
from services.shared.events import Event, FilingKind
from services.shared.lifecycle import Act, Party
from services.shared.organisations import OFFICE
from tests.sharing import ITEMS, NOON, PROVIDER, REFUSAL, REQUESTER, STRANGER, draft, published, terms

if TYPE_CHECKING:
    from services.requests.agreement import Agreement

ENTRY: Entry = published_entry(published("0195d7a0-0000-7000-8000-000000000001"))
BOTH_CLAIMS = frozenset({Claim.OFFICER, Claim.APPROVER})
PLAYERS = [
    *(Caller(organisation=code, officer=f"o-{code}", claims=BOTH_CLAIMS) for code in (REQUESTER, PROVIDER)),
    Caller(organisation=REQUESTER, officer="o-2", claims=frozenset({Claim.OFFICER})),
    Caller(organisation=PROVIDER, officer="o-2", claims=frozenset({Claim.APPROVER})),
    Caller(organisation=OFFICE, officer="o-1", claims=BOTH_CLAIMS),
    Caller(organisation=STRANGER, officer="o-1", claims=BOTH_CLAIMS),
    ANONYMOUS,
]
ALL_TERMS = [Terms.model_validate(terms(items=ITEMS[:1], until=day)) for day in ("2027-06-30", "2027-12-31")]
HARMLESS = acts.Classification(items=dict.fromkeys(ITEMS[:1], Sensitivity.NONE))
HASHES = [terms_hash(each) for each in ALL_TERMS]


def bodies_for(action: Action) -> st.SearchStrategy[Any]:
    """Return right and wrong input for an action."""
    named = st.sampled_from(HASHES).map(lambda named_hash: acts.Named(terms_hash=named_hash))
    offered = st.sampled_from(ALL_TERMS)
    classified = st.dictionaries(
        st.sampled_from(ITEMS), st.sampled_from([Sensitivity.NONE] * 4 + list(Sensitivity)), min_size=1
    )
    return {
        Action.REVISE: offered.map(lambda t: acts.Draft(resource=ENTRY.id, duty="parking_management", terms=t)),
        Action.COUNTER: offered.map(lambda t: acts.Counter(terms=t)),
        Action.CLASSIFY: classified.map(lambda items: acts.Classification(items=items)),
        Action.AGREE: named,
        Action.SIGN: named,
        Action.FILE_RESULT: named,
        Action.REFUSE: st.sampled_from(["38", "1"]).map(lambda c: acts.Refusal(**REFUSAL | {"clause": c})),
        Action.SEND_BACK: st.just(acts.Reasoned(reason="请补充")),
        Action.REOPEN: st.just(acts.Reasoned(reason="范围变化")),
        Action.WITHDRAW: st.just(acts.Reasoned(reason="不再需要")),
    }.get(action, st.just(acts.Nothing()))


class Case(RuleBasedStateMachine):
    """One request in the hands of everybody at once, with a ledger that answers when it likes."""

    @initialize()
    def draft(self) -> None:
        """The requester drafts."""
        body = acts.Draft.model_validate(draft(ENTRY.id, terms=terms(items=ITEMS[:1])))
        self.receipts: set[str] = set()
        self.events: list[Event] = []
        self.agreement: Agreement | None = None
        self.previous: Request | None = None
        self._keep(first_step(body, ENTRY, caller=PLAYERS[0], at=NOON))

    @rule(data=st.data(), player=st.sampled_from(PLAYERS[:2] * 6 + PLAYERS))
    def act(self, data: st.DataObject, player: Caller) -> None:
        """Somebody tries something; mostly what the record says they may do, sometimes anything."""
        offered = [Action(action) for action in NEGOTIATION.actions_for(self.request, player)]
        action = data.draw(st.sampled_from([*offered * 3, *Action]))
        if action is Action.WITHDRAW and data.draw(st.integers(0, 9)):
            return  # one history in ten ends early, the others go somewhere
        self._try(action, data.draw(bodies_for(action)), player)

    @rule(data=st.data(), times=st.integers(1, 5))
    def go_on(self, data: st.DataObject, times: int) -> None:
        """Those who are waited for do what is waited for, with the right input."""
        for _ in range(times):
            self._try(Action.CLASSIFY, HARMLESS, PLAYERS[1])
            self._hear_ledger(event_id for event_id in self._filed() if data.draw(st.booleans()))
            awaited = [(player, action) for player in PLAYERS[:2] for action in self._awaited_of(player)]
            if awaited:
                player, action = data.draw(st.sampled_from(awaited))
                body = data.draw(bodies_for(action))
                right = acts.Named(terms_hash=self.request.latest.terms_hash)
                self._try(action, right if isinstance(body, acts.Named) else body, player)

    def _awaited_of(self, player: Caller) -> list[Action]:
        offered = (Action(action) for action in NEGOTIATION.actions_for(self.request, player))
        return [action for action in offered if TABLE[(self.request.state, action)].awaited]

    @rule(data=st.data())
    def forge(self, data: st.DataObject) -> None:
        """Somebody who is not the system tries the system's own steps."""
        action = data.draw(st.sampled_from([Action.PROCEED, Action.PROCEED_CONFIDENTIAL, Action.ACTIVATE]))
        before = self.request
        self._try(action, None, data.draw(st.sampled_from(PLAYERS)))
        assert self.request is before

    @rule()
    def receipts_arrive(self) -> None:
        """The ledger answers for every filing at once."""
        self._hear_ledger(self._filed())

    def _filed(self) -> list[str]:
        return [filed.event_id for filed in self.request.filings]

    def _hear_ledger(self, event_ids: Iterable[str]) -> None:
        self.receipts.update(event_ids)
        while step := next_of_the_system(self.request, self._given(), NOON):
            self._keep(step)

    def _try(self, action: Action, body: Any, player: Caller) -> None:
        before = self.request
        try:
            step = take(before, Act(action, body, player, NOON, self._given()))
        except GovShareError:
            return
        self._keep(step)
        if player is not SYSTEM:
            assert may_see(before, player)

    def _given(self) -> Given:
        return Given(receipts=frozenset(self.receipts), entry=ENTRY)

    def _keep(self, step: Step) -> None:
        self.previous = getattr(self, "request", None)
        self.request = step.request
        self.agreement = step.agreement or self.agreement
        self.events.append(step.event)
        self._check_step(step)

    def _check_step(self, step: Step) -> None:
        """I4, I5 and I9 speak of a step, not of a state."""
        before = self.previous
        if before is None:
            return
        assert before.state not in NEGOTIATION.terminal  # I9
        if step.event.type == "request.terms_agreed":  # I4
            agreeing = Party.REQUESTER if step.event.organisation == REQUESTER else Party.PROVIDER
            assert before.latest.by is not agreeing
        if before.latest.terms_hash != step.request.latest.terms_hash:  # I5
            assert step.request.signatures == ()

    def teardown(self) -> None:
        """Note where the history ended, for `--hypothesis-show-statistics`."""
        note_end(f"ended {self.request.state}")

    @invariant()
    def events_are_gapless(self) -> None:
        """I10: one event a change, numbered without gaps, and the record is at the last of them."""
        assert [event.case_seq for event in self.events] == list(range(1, len(self.events) + 1))
        assert self.request.version == self.request.case_seq == len(self.events)

    @invariant()
    def an_agreement_in_force_rests_on_receipts(self) -> None:
        """I1."""
        assert (self.agreement is not None) == (self.request.state is State.CONCLUDED)
        if self.agreement:
            assert {self.agreement.request_filing, self.agreement.result_filing} <= self.receipts
            assert not is_sensitive(self.request)
            assert {s.terms_hash for s in self.agreement.signatures} == {self.agreement.terms_hash}
            assert [s.party for s in self.agreement.signatures] == [Party.PROVIDER, Party.REQUESTER]

    @invariant()
    def a_closed_refusal_was_reported(self) -> None:
        """I2."""
        if self.request.state is State.CLOSED_REFUSED:
            report = self.request.last_filing(FilingKind.REFUSAL_REPORT)
            assert self.request.refusal is not None
            assert report is not None
            assert report.event_id in self.receipts

    @invariant()
    def the_filed_result_names_the_terms_that_stand(self) -> None:
        """I5: the last result filing is the one that counts."""
        if self.request.state in {State.RESULT_FILED, State.READY, State.CONCLUDED}:
            result = self.request.last_filing(FilingKind.RESULT)
            assert result is not None
            assert result.terms_hash == self.request.latest.terms_hash

    @invariant()
    def no_secret_is_ever_kept(self) -> None:
        """State and work secrets never enter the system."""
        assert not {Sensitivity.STATE_SECRET, Sensitivity.WORK_SECRET} & set(self.request.classification.values())

    @invariant()
    def somebody_can_always_act_until_the_end(self) -> None:
        """No state but a terminal one is without an owner."""
        awaited = NEGOTIATION.awaiting(self.request)
        assert bool(awaited) == (self.request.state not in NEGOTIATION.terminal)


TestCase = Case.TestCase
TestCase.settings = settings(stateful_step_count=50, deadline=None)
