"""Stories of two at a time: at every single call of one, another acts. Each yields what is wrong at its end, in words."""

from collections.abc import Callable, Iterator
from itertools import count

from services.shared.events import Event
from tests.ledger_harness import (
    Endless,
    World,
    a_world,
    a_world_with_waiting,
    file,
    inside,
    restart_clock,
    steps,
    suffering,
)
from tests.ledger_invariants import check, kept
from tests.ledger_wire import WRITES, AtCall, overtaken

Deed = Callable[[World], object]


def put_in_order(world: World) -> list[str]:
    """Let the queues deliver what is left and one sequencer file it; return what is wrong then."""
    try:
        world.redeliver()
        world.relay()
        file()
    except (Exception, Endless) as error:  # noqa: BLE001 - a log that cannot go on is wrong, whatever it says
        return [f"the log cannot go on: {error!r}", *kept(world)]
    return [*kept(world), *check(world)]


def told(world: World, work: Deed, hook: AtCall) -> list[str]:
    """Return what is wrong when somebody has worked, with what the hook does to it, and all is put in order."""
    restart_clock()
    with inside(world):
        try:
            suffering(hook, lambda: work(world))
        except (Exception, Endless) as error:  # noqa: BLE001 - see above
            return [repr(error), *put_in_order(world)]
        return [*kept(world), *put_in_order(world)]


def overtakings(size: int, waiting: int, by: Deed, *, writes_only: bool = False) -> Iterator[list[str]]:
    """Tell of a sequencer that stands still before each of its calls in turn, while somebody else acts."""
    for nth in count(1):
        world = a_world_with_waiting(size, waiting).branch()
        hook = overtaken(lambda world=world: by(world), nth, WRITES if writes_only else ())
        wrong = told(world, lambda _: file(), hook)
        if not hook.met:
            return
        yield wrong


def another_files(world: World) -> None:
    """Act as another sequencer."""
    file()


def more_come_in(world: World) -> None:
    """Act as an intake, with events in so many buckets that some are read before and some after."""
    world.send(event for number in range(4) for event in steps(f"late-{number}", 1, 2))


def more_are_filed(world: World) -> None:
    """Act as an intake and another sequencer."""
    more_come_in(world)
    file()


def contradictions() -> Iterator[list[str]]:
    """Tell of an intake that stands still before each of its calls, while another one takes in what contradicts it."""
    first, second = steps("new", 1, 2)
    others = ({"actor": "o-2"}, {"id": "another", "actor": "o-2"}, {"case": "elsewhere", "case_seq": 1})
    for other in others:
        for nth in count(1):
            world = a_world(3).copy()
            world.rivals.append((rival := second.model_copy(update=other), second))
            with inside(world):
                world.send([first])
            hook = overtaken(lambda world=world, rival=rival: _takes_in(world, rival), nth, ())
            wrong = told(world, lambda world: world.send([second]), hook)
            if not hook.met:
                break
            yield wrong


def _takes_in(world: World, event: Event) -> None:
    world.send([event])
    file()
