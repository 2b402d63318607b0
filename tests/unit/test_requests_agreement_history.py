"""What no history of an agreement can break, whoever acts, in whatever order, however the ledger and the clocks run.

The invariants' names (I5 …) are those of the state machines' specification. Everything here is pure.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import event as note_end
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.requests.access import Access, access_allowed
from services.requests.agreement import Agreement, AgreementState
from services.requests.agreement_life import AGREEMENT, may_see
from services.requests.agreement_steps import next_of_the_agreement
from services.requests.telling import Step
from services.shared.errors import GovShareError
from services.shared.events import Event, FilingKind, readers_of
from services.shared.lifecycle import Party
from services.shared.organisations import SECRECY_BUREAU
from services.shared.working_days import day_in_beijing
from tests.agreements import ACTIONS, BEGUN, WHO, a_case, agreement_of_case, step_by
from tests.sharing import ITEMS, terms

if TYPE_CHECKING:
    from services.requests.case import Case

PEOPLE = tuple(who for who in WHO if who != "system")
SIDES = PEOPLE[:4]
ENDING = {"fulfil", "rule_termination", "terminate", "confirm_breach"}
ALL_TERMS = [terms(items=ITEMS[:1]), terms(items=ITEMS[1:]), terms(until="2028-06-30"), terms(until="2027-05-31")]
CHANGES: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "propose_amendment": st.fixed_dictionaries({"terms": st.sampled_from(ALL_TERMS)}),
    "renew": st.sampled_from([{"valid_until": day} for day in ("2028-12-31", "2029-12-31", "2027-01-01")]),
    "suspend": st.sampled_from([{"review_by": day} for day in ("2027-02-01", "2030-12-31")]),
    "record_provision": st.just({"provided_on": "2027-01-11"}),
    "dispose": st.just({"disposed_on": "2027-01-11"}),
    "record_custody": st.just({"retention_until": "2035-12-31"}),
}


class History(RuleBasedStateMachine):
    """One agreement in the hands of everybody at once, with a ledger that answers when it likes."""

    @initialize(secret=st.booleans())
    def activate(self, secret: bool) -> None:
        """It comes into force."""
        self.case: Case = a_case(secret=secret)
        self.at: datetime = BEGUN
        self.events: list[Event] = []

    @rule(data=st.data(), who=st.sampled_from(SIDES * 3 + PEOPLE))
    def act(self, data: st.DataObject, who: str) -> None:
        """Somebody tries something; mostly what the record says they may do, sometimes anything."""
        offered = AGREEMENT.actions_for(self.agreement, WHO[who])
        action = data.draw(st.sampled_from([*offered * 3, *ACTIONS]))
        if action in ENDING and data.draw(st.integers(0, 4)):
            return  # one history in five ends early, the others go somewhere
        changes = data.draw(CHANGES.get(action, st.just({})))
        try:
            step = step_by(self.case, who, action, at=self.at, **changes)
        except GovShareError:
            return
        assert may_see(self.agreement, WHO[who])
        self._keep(step)

    @rule(data=st.data())
    def sign(self, data: st.DataObject) -> None:
        """Both sides sign what is on the table, in some order."""
        for who in data.draw(st.permutations(SIDES)):
            for action in ("sign_amendment", "renew"):
                if self.agreement.pending and action in AGREEMENT.actions_for(self.agreement, WHO[who]):
                    day = self.agreement.pending.terms.validity.valid_until.isoformat()
                    named = {"valid_until": day} if action == "renew" else {}
                    self._keep(step_by(self.case, who, action, at=self.at, **named))

    @rule(data=st.data())
    def receipts_arrive(self, data: st.DataObject) -> None:
        """The ledger answers for some filings."""
        made = [filed.event_id for filed in self.agreement.filings if data.draw(st.booleans())]
        self.case = self.case._replace(receipts={**self.case.receipts, **dict.fromkeys(made, 1)})
        self._go_on()

    @rule(days=st.sampled_from([1, 7, 30, 200]))
    def time_passes(self, days: int) -> None:
        """Days go by, and what is due happens."""
        self.at += timedelta(days=days)
        self._go_on()

    @property
    def agreement(self) -> Agreement:
        """The agreement as it stands."""
        return agreement_of_case(self.case)

    def _go_on(self) -> None:
        while step := next_of_the_agreement(self.case, self.at):
            self._keep(step)

    def _keep(self, step: Step) -> None:
        before = self.agreement
        self.case = self.case.after(step.records)
        after = self.agreement
        self.events.extend(step.events)
        assert before.state is not AgreementState.ARCHIVED  # I9
        assert before.end in {None, after.end}
        assert after.edition - before.edition in {0, 1}
        if after.terms_hash != before.terms_hash or after.edition != before.edition:
            assert step.event.type == "agreement.amended"
            assert {signature.terms_hash for signature in after.signatures} == {after.terms_hash}  # I5
        if step.event.organisation == "system":  # I6: it ends by its own day and by no other clock
            ended = after.end is not None and before.end is None
            assert not ended or day_in_beijing(self.at) > before.terms.validity.valid_until

    def teardown(self) -> None:
        """Note where the history ended, for `--hypothesis-show-statistics`."""
        if hasattr(self, "case"):
            note_end(f"ended {self.agreement.state}, edition {self.agreement.edition}")

    @invariant()
    def events_are_gapless(self) -> None:
        """I10: one event or two a change, numbered without gaps, and the record is at the last of them."""
        first = self.case.request.version + 1
        assert [event.case_seq for event in self.events] == list(range(first, first + len(self.events)))
        assert self.agreement.version == self.agreement.case_seq == first + len(self.events) - 1

    @invariant()
    def what_is_in_force_rests_on_signatures_and_receipts(self) -> None:
        """I1, I5: of each edition."""
        agreement = self.agreement
        assert {signature.party for signature in agreement.signatures} == {Party.REQUESTER, Party.PROVIDER}
        resting: set[str | None] = {agreement.request_filing, agreement.result_filing}
        resting |= {agreement.amendment_filing} if agreement.edition > 1 else set()
        resting |= {agreement.confidentiality_filing} if agreement.sensitive_items else set()
        assert resting <= self.case.seen
        assert bool(agreement.sensitive_items) == bool(agreement.confidentiality_hash)
        assert len(agreement.former) == agreement.edition - 1

    @invariant()
    def access_needs_an_active_agreement_on_one_of_its_days(self) -> None:
        """I7."""
        agreed = self.agreement.terms
        wanted = Access(
            items=agreed.content.items,
            areas=agreed.scope.areas,
            recipient=agreed.scope.recipients[0],
            purpose=agreed.purpose.code,
            channel=agreed.method.channel,
        )
        active = self.agreement.state is AgreementState.ACTIVE
        in_time = agreed.validity.valid_from <= day_in_beijing(self.at) <= agreed.validity.valid_until
        assert access_allowed(self.agreement, wanted, self.at).allowed == (active and in_time)

    @invariant()
    def somebody_can_always_act_until_the_end(self) -> None:
        """No state but the end is without an owner; an active agreement may rest."""
        awaited = AGREEMENT.awaiting(self.agreement)
        over = self.agreement.state is AgreementState.ARCHIVED
        assert bool(awaited) or over or self.agreement.state is AgreementState.ACTIVE
        assert not (over and awaited)

    @invariant()
    def each_filing_of_an_amendment_was_signed_by_both(self) -> None:
        """What is filed is agreed, and filed once with each authority."""
        filed = [f.event_id for f in self.agreement.filings if f.kind is FilingKind.AMENDMENT]
        assert len(set(filed)) == len(filed)
        assert len(filed) <= 2 * self.agreement.edition

    @invariant()
    def the_secrecy_bureau_reads_no_terms(self) -> None:
        """What it may read names no item, no recipient and no purpose."""
        for event in self.events:
            if SECRECY_BUREAU in readers_of(event):
                assert not {"items", "recipients", "purpose"} & event.body.keys()


TestHistory = History.TestCase
TestHistory.settings = settings(stateful_step_count=40, deadline=None)
