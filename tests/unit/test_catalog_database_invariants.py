"""What no history of a database can break, whoever acts in whatever order, with valid and with invalid certificates.

The invariants' names (I8, I9) are those of the state machines' specification. Everything here is pure.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import event as note_end
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.catalog.database import BUILT_UPON, CLOSED, ENDED, Database, Kind, State
from services.catalog.database_acts import CASE_BODIES
from services.catalog.database_guards import Given
from services.shared import coordination
from services.shared.errors import GovShareError
from services.shared.organisations import OFFICE, STATISTICS_BUREAU
from tests.database_players import ENTRY, OWN, WHO, decide, the_plan
from tests.database_records import CASE_ROWS, LIFE_ROWS, NOON, REUSE_ROWS, a_certificate, a_description, complete

if TYPE_CHECKING:
    from services.shared.events import Event

ADDRESSES = [
    *OWN,
    *(f"cases/{kind}/{action}" for kind in Kind for action in ("open", *CASE_BODIES)),
    *(f"coordination/{action}" for action in coordination.Action),
]
LIFE_STEPS = {(row.split()[0], row.split()[3]) for row in LIFE_ROWS.splitlines() if row}
CASE_STEPS = {(row.split()[0], row.split()[3]) for row in (CASE_ROWS + REUSE_ROWS).splitlines() if row}
# What whom is waited for would do: the way on.
ONWARDS = [
    "unit cases/establishment/file",
    "office cases/establishment/start_review",
    "office cases/establishment/approve",
    "statistics cases/establishment/approve",
    *(
        f"unit cases/{kind}/{action}"
        for kind in ("registration", "change", "deregistration")
        for action in ("open", "file")
    ),
    *(f"office cases/{kind}/{action}" for kind in ("registration", "change") for action in ("start_review", "approve")),
    "unit go_live",
    "unit report",
    "office suspend",
    "office resume",
    "office cases/change/decline",
    "unit cases/change/contest",
    "office coordination/escalate",
    "group coordination/rule_for",
    "office cases/deregistration/start_review",
]


class Story(RuleBasedStateMachine):
    """One database in the hands of everybody at once."""

    @initialize(basic=st.booleans())
    def begin(self, basic: bool) -> None:
        """The unit plans, a basic class or not."""
        said = a_description(basic_class="geospatial_natural" if basic else None)
        self.subject, self.at = said.subject, NOON
        self.database = the_plan(description=said)
        self.events: list[Event] = []
        self.filed_with: bool | None = None
        self.numbers = 0

    @rule(data=st.data(), valid=st.booleans())
    def anybody_tries_anything(self, data: st.DataObject, valid: bool) -> None:
        """Most of it is refused; what is done keeps every promise."""
        self._try(data.draw(st.sampled_from(ADDRESSES)), data.draw(st.sampled_from(sorted(WHO))), valid=valid)

    @rule(first=st.integers(0, len(ONWARDS) - 1), valid=st.sampled_from([True, True, True, False]))
    def who_is_waited_for_goes_on(self, first: int, valid: bool) -> None:
        """Mostly with a certificate that holds."""
        in_turn = (step.split() for step in ONWARDS[first:] + ONWARDS[:first])
        next((True for who, address in in_turn if self._try(address, who, valid=valid)), False)

    def _given(self, *, valid: bool) -> Given:
        expires: datetime = self.at + timedelta(days=30) if valid else self.at
        certificate = a_certificate(subject=self.subject, expires_at=expires)
        around: dict[str, Any] = {"number": f"D-2026-{self.numbers + 1:06}", "request": "r-1", "resource": ENTRY}
        return complete(certificate=certificate, in_force=self.database.description, **around)

    def _try(self, address: str, who: str, *, valid: bool) -> bool:
        before = self.database
        try:
            step = decide(before, address, who, self._given(valid=valid), self.at)
        except GovShareError:
            return False
        self.database = step.record
        self.events.append(step.event)
        self.at += timedelta(minutes=1)
        self._check(before, step.record, address, valid=valid)
        return True

    def _check(self, before: Database, after: Database, address: str, *, valid: bool) -> None:
        assert before.state not in ENDED  # I9
        assert before.state == after.state or (before.state, after.state) in LIFE_STEPS
        for was in before.cases:
            now = after.case_of(was.kind)
            ended = {(one.kind, one.number): one.state for one in after.former}
            stands = now.state if now else ended[was.kind, was.number]
            dropped = after.state in {State.ABANDONED, State.DEREGISTERED} and stands == "WITHDRAWN"
            assert was.state == stands or (was.state, stands) in CASE_STEPS or dropped
        if address == "cases/establishment/file":
            assert valid
            self.filed_with = valid
        if after.number and not before.number:
            self.numbers += 1
            assert (before.state, after.state) == (State.APPROVED_TO_BUILD, State.REGISTERED)

    @invariant()
    def nothing_is_built_without_a_search(self) -> None:
        """No path reaches the approval to build, and so none a registration, without a valid certificate."""
        if self.database.state in BUILT_UPON | {State.DEREGISTERED, State.ARCHIVED}:
            assert self.filed_with is True

    @invariant()
    def one_case_of_a_kind_is_open(self) -> None:
        """I8; and what is closed is not open."""
        kinds = [case.kind for case in self.database.cases]
        assert len(kinds) == len(set(kinds))
        assert not {case.state for case in self.database.cases} & CLOSED
        numbers = [(case.kind, case.number) for case in self.database.cases]
        numbers += [(case.kind, case.number) for case in self.database.former]
        assert len(numbers) == len(set(numbers))

    @invariant()
    def a_basic_class_has_both_keys(self) -> None:
        """The approval of a basic class comes after the other bureau's key."""
        approvals = [event for event in self.events if event.type == "database.approved_to_build"]
        if approvals and self.database.description.basic_class:
            keys = [event for event in self.events if event.type == "database.case_key_given"]
            assert {approvals[0].organisation, keys[-1].organisation} == {OFFICE, STATISTICS_BUREAU}

    @invariant()
    def what_ended_has_no_open_case(self) -> None:
        """A database that ended leaves nothing open."""
        if self.database.state in ENDED | {State.DEREGISTERED}:
            assert self.database.cases == ()

    @invariant()
    def a_number_is_given_once_with_the_registration(self) -> None:
        """A registered database has one number, and keeps it."""
        assert (self.database.number is not None) == (self.numbers == 1)
        assert self.numbers <= 1

    @invariant()
    def every_act_is_one_event(self) -> None:
        """The case's events count without gaps."""
        assert [event.case_seq for event in self.events] == list(range(2, len(self.events) + 2))
        assert self.database.case_seq == self.database.version == len(self.events) + 1

    def teardown(self) -> None:
        """Say how far histories come."""
        if hasattr(self, "database"):
            note_end(f"ends {self.database.state}")


TestStory = Story.TestCase
