"""The ledger against a model that is a list: whatever comes in, whoever runs, dies or stands still, the log is the list
and grows at its end alone; every signature, every receipt and every entry that waits is true of it."""

import json
from contextlib import ExitStack, suppress

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from services.audit import listen
from services.audit.verify.receipt import verify_receipt
from services.shared.errors import Conflict
from services.shared.events import Event
from tests.filing import take_in
from tests.ledger_clock import CLOCK, restart_clock
from tests.ledger_harness import MISFORTUNES, World, a_place, a_world, file, inside, is_long, steps
from tests.ledger_invariants import falsehoods, kept
from tests.ledger_stored import committed, event_of, policy, receipt_for
from tests.ledger_stories import put_in_order
from tests.ledger_wire import AtCall, Fault, failing, hooked
from tests.ledger_wire import Process as Running
from tests.support import Context

A_CASE = st.sampled_from("abc")
A_FAULT = st.none() | st.builds(failing, st.sampled_from(Fault), st.integers(1, 9))
WHICH = st.integers(0, 99)
MOST_RUNNING = 3


class Ledger(RuleBasedStateMachine):
    """`log` is the model: the events filed so far, in their order; `last` is the latest number sent of each case."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(a_world(0).cloud)
        self.log: list[str] = []
        self.last: dict[str, int] = {}
        self.running: list[Running] = []
        self.place = ExitStack()

    @initialize(size=st.sampled_from((0, 3, 254)))
    def begin(self, size: int) -> None:
        self.world = a_world(size).copy()
        self.place.enter_context(inside(self.world))
        restart_clock()

    @rule(case=A_CASE, count=st.integers(1, 3), fault=A_FAULT)
    def the_next_events_of_a_case_come_in(self, case: str, count: int, fault: AtCall | None) -> None:
        first = self.last.get(case, 0) + 1
        self.last[case] = first + count - 1
        self._send(*steps(case, *range(first, first + count)), fault=fault)

    @rule(case=A_CASE)
    def an_event_overtakes_the_one_before_it(self, case: str) -> None:
        first = self.last.get(case, 0) + 1
        self.last[case] = first + 1
        self._send(*steps(case, first + 1))
        assert f"{case}-{first + 1}" not in self.world.taken
        self._send(*steps(case, first))

    @precondition(lambda self: self.world.fresh)
    @rule(which=WHICH, fault=A_FAULT)
    def an_event_comes_again(self, which: int, fault: AtCall | None) -> None:
        self._send(self._one_that_was_sent(which), fault=fault)

    @precondition(lambda self: self.world.fresh & self.world.taken)
    @rule(which=WHICH)
    def another_event_comes_under_a_known_id(self, which: int) -> None:
        known = sorted(self.world.fresh & self.world.taken)
        event = self.world.sent[known[which % len(known)]]
        rival = event.model_copy(update={"actor": "o-2"})
        assert take_in(rival) == [rival.id]

    @rule(calls=st.integers(1, 45))
    def a_sequencer_runs_and_dies(self, calls: int) -> None:
        process = Running(file)
        process.advance(calls)
        process.kill()

    @rule(fault=A_FAULT)
    def a_sequencer_runs_and_meets_a_fault(self, fault: AtCall | None) -> None:
        with suppress(*MISFORTUNES), hooked(fault):
            file()

    @precondition(lambda self: len(self.running) < MOST_RUNNING)
    @rule(calls=st.integers(1, 45))
    def a_sequencer_runs_and_stands_still(self, calls: int) -> None:
        self.running.append(process := Running(file))
        process.advance(calls)
        self._bury()

    @precondition(lambda self: self.running)
    @rule(which=WHICH, calls=st.integers(1, 45))
    def a_sequencer_that_stood_still_goes_on(self, which: int, calls: int) -> None:
        self.running[which % len(self.running)].advance(calls)
        self._bury()

    @rule()
    def a_doorbell_rings_late(self) -> None:
        ring = {"Records": [{"body": json.dumps({"until": 1})}]}
        listen.sequence(ring, Context())
        assert self.world.size() == len(self.log_now())

    @rule(minutes=st.integers(-90, 90))
    def the_clock_jumps(self, minutes: int) -> None:
        CLOCK.jump(minutes)

    @precondition(lambda self: self.world.fresh & self.world.taken)
    @rule(which=WHICH)
    def somebody_asks_for_a_receipt(self, which: int) -> None:
        known = sorted(self.world.fresh & self.world.taken)
        event = known[which % len(known)]
        try:
            receipt = receipt_for(self.world, event)
        except Conflict:
            assert event not in self.log[: self.world.size()]
        else:
            index = self.log.index(event)
            assert verify_receipt(receipt, committed(self.world)[index], policy(self.world)).index == index

    @invariant()
    def the_log_is_the_list_and_all_is_true_of_it(self) -> None:
        log = self.log_now()
        assert log[: len(self.log)] == self.log
        assert len(set(log)) == len(log)
        assert self.world.size() <= len(log)
        self.log = log
        assert kept(self.world) == []
        assert falsehoods(self.world) == []

    def teardown(self) -> None:
        for process in self.running:
            process.kill()
        with self.place:
            assert put_in_order(self.world) == []

    def log_now(self) -> list[str]:
        """Return the events that are committed, in their order."""
        return [event_of(entry) for entry in committed(self.world)]

    def _send(self, *events: Event, fault: AtCall | None = None) -> None:
        with suppress(*MISFORTUNES), hooked(fault):
            self.world.send(events)

    def _one_that_was_sent(self, which: int) -> Event:
        return self.world.sent[sorted(self.world.fresh)[which % len(self.world.fresh)]]

    def _bury(self) -> None:
        wrong = [process.error for process in self.running if not process.alive and process.error is not None]
        assert all(isinstance(error, MISFORTUNES) for error in wrong), wrong
        self.running = [process for process in self.running if process.alive]


def test_no_history_makes_the_log_anything_but_the_list() -> None:
    many = settings(max_examples=1_000 if is_long() else 40, stateful_step_count=50 if is_long() else 20)
    with a_place():
        run_state_machine_as_test(Ledger, settings=settings(many, suppress_health_check=list(HealthCheck)))
