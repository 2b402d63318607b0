"""Every death of a ledger at work: from one world, all states that any number of deaths can leave behind.

A death is known by what it leaves behind: two that leave the same are followed by the same, so that one of them is
enough. With that the states are few, and each is visited.
"""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from itertools import count

from tests.ledger_clock import restart_clock
from tests.ledger_harness import World, inside, suffering
from tests.ledger_invariants import kept
from tests.ledger_wire import AtCall, Fault, failing

DEATHS = (Fault.DIES_AFTER, Fault.DIES_HALFWAY)
"""What a process may die of a second time; what else happens to a write leaves no other states than the first time."""


@dataclass
class Wreck:
    """What is left of a world after the fault `what`."""

    world: World
    what: str


@dataclass
class Deaths:
    """The wrecks that faults make of `work` in a world, each state once; `runs` counts how often work was begun."""

    world: World
    work: Callable[[World], object]
    runs: int = 0
    _seen: set[Hashable] = field(default_factory=set)

    def all(self) -> Iterator[Wreck]:
        """Yield the world itself, and every wreck that can be made of it by one fault, and then by deaths."""
        left = [Wreck(self.world, "nothing happened")]
        faults: tuple[Fault, ...] = tuple(Fault)
        while left:
            yield from left
            left = [found for wreck in left for found in self._of(wreck, faults)]
            faults = DEATHS

    def _of(self, wreck: Wreck, faults: tuple[Fault, ...]) -> Iterator[Wreck]:
        for fault in faults:
            for nth in count(1):
                world = wreck.world.branch()
                hook = failing(fault, nth)
                self.run(world, hook)
                if not hook.met:
                    break
                if (state := world.state()) not in self._seen:
                    self._seen.add(state)
                    yield Wreck(world, f"{wreck.what}; {fault} at {nth}")

    def run(self, world: World, hook: AtCall | None = None) -> None:
        """Let somebody work in a world, by a clock that starts where it always does."""
        self.runs += 1
        restart_clock()
        with inside(world):
            suffering(hook, lambda: self.work(world))
        assert kept(world) == []
