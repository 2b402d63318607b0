"""Stories of two at a time: at every single call of one, another acts. Each yields what is wrong at its end."""

from collections.abc import Callable, Collection, Iterator
from functools import partial
from itertools import count

from services.shared.events import Event
from tests.ledger_clock import restart_clock
from tests.ledger_harness import Endless, World, a_world, a_world_with_waiting, file, inside, steps, suffering
from tests.ledger_invariants import check, kept
from tests.ledger_wire import AtCall, Fault, Process, failing, overtaken

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


def overtakings(size: int, waiting: int, by: Deed) -> Iterator[list[str]]:
    """Tell of a sequencer that stands still before each of its calls in turn, while somebody else acts."""
    for nth in count(1):
        wrong = overtaking(a_world_with_waiting(size, waiting).branch(), by, nth)
        if wrong is None:
            return
        yield wrong


def overtaking(world: World, by: Deed, nth: int, among: Collection[str] = ()) -> list[str] | None:
    """Tell of a sequencer that stands still before its nth call among some operations, or all; None when it has none.

    Then all is put in order.
    """
    hook = overtaken(lambda: by(world), nth, among)
    with inside(world):
        wrong = worked(world, file, hook)
    return wrong if hook.met else None


def worked(world: World, work: Callable[[], object], hook: AtCall) -> list[str]:
    """Return what is wrong when somebody has worked, with what the hook does to it, and all is put in order."""
    restart_clock()
    try:
        suffering(hook, work)
    except (Exception, Endless) as error:  # noqa: BLE001 - see below
        return [repr(error), *put_in_order(world)]
    return [*kept(world), *put_in_order(world)]


def two_ways_to_one_tree() -> Iterator[list[str]]:
    """Tell of one who files two entries one by one and dies in the middle of the second, while another one, who staged
    both at once, comes too late: both have staged a batch that ends in the same tree."""
    world = a_world_with_waiting(254, 1).branch()
    restart_clock()
    with inside(world):
        one_by_one = Process(file, failing(Fault.DIES_AFTER, 14))  # the second batch's commit
        one_by_one.advance_to("PutObject")
        world.send(steps("old-252", 4))
        at_once = Process(file)
        at_once.advance_to("PutObject")
        one_by_one.finish()
        at_once.finish()
        yield [*kept(world), *put_in_order(world)]


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
            hook = overtaken(partial(_takes_in, world, rival), nth)
            with inside(world):
                world.send([first])
                wrong = worked(world, partial(world.send, [second]), hook)
            if not hook.met:
                break
            yield wrong


def _takes_in(world: World, event: Event) -> None:
    world.send([event])
    file()
