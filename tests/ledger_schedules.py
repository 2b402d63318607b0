"""Random schedules of a ledger: sequencers and intakes take turns at their calls to AWS, die, and others come after.

A schedule follows from its seed alone. What is wrong at its end, or between two of its turns, is returned in words.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random

from services.shared.events import Event
from tests.ledger_clock import CLOCK, restart_clock
from tests.ledger_cloud import Params
from tests.ledger_harness import MISFORTUNES, World, a_world, file, inside, steps
from tests.ledger_invariants import audited, kept
from tests.ledger_stories import put_in_order
from tests.ledger_wire import WRITES, Fault, Process, Send, suffer

SIZES = (0, 3, 254, 255)
LONGEST_STRIDES = (1, 3, 12)
MOST_SEQUENCERS = 5


@dataclass(frozen=True)
class Weather:
    """How one schedule goes: how far a process runs at a time, how often misfortune strikes a write, death a process
    and folly the clock.
    """

    stride: int
    misfortune: float
    death: float
    jumps: float


def play(seed: int) -> list[str]:
    """Play the schedule of a seed to its end, let the living put things in order, and return what is wrong."""
    random = Random(seed)  # noqa: S311 - a game
    world = a_world(random.choice(SIZES)).copy()
    restart_clock()
    weather = Weather(
        stride=random.choice(LONGEST_STRIDES),
        misfortune=random.choice((0.0, 0.03, 0.1)),
        death=random.choice((0.0, 0.02)),
        jumps=random.choice((0.0, 0.1)),
    )
    with inside(world):
        return [*_played(world, random, weather), *put_in_order(world), *audited(world)]


def _played(world: World, random: Random, weather: Weather) -> Iterator[str]:
    def fate(operation: str, params: Params, send: Send) -> object:
        if operation in WRITES and random.random() < weather.misfortune:
            return suffer(random.choice(list(Fault)), operation, params, send)
        return send(params)

    processes = [Process(work, fate) for work in [*_intakes(world, random), file, file]]
    processes += [Process(file, fate) for _ in range(random.randint(0, MOST_SEQUENCERS - 2))]
    while alive := [process for process in processes if process.alive]:
        process = random.choice(alive)
        process.advance(random.randint(1, weather.stride))
        if random.random() < weather.death:
            process.kill()
        if random.random() < weather.jumps:
            CLOCK.jump(random.uniform(-60, 60))
        yield from kept(world)
    yield from (f"{process.error!r}" for process in processes if _is_wrong(process.error))


def _is_wrong(error: BaseException | None) -> bool:
    return error is not None and not isinstance(error, MISFORTUNES)


def _intakes(world: World, random: Random) -> Iterator[Callable[[], None]]:
    """Two intakes that get the events of some cases: each some of them, or both all; some twice, some contradicted."""
    events = [*_cases(world, random)]
    world.sent |= {event.id: event for event in events}
    for share in random.choice(((events[::2], events[1::2]), (events, events), (events,))):
        sent = [*share, *random.sample(share, len(share) // 3)] if random.random() < 0.5 else share
        yield partial(_send_in_batches, world, sent)
    if random.random() < 0.3:
        event = random.choice(list({event.case: event for event in events}.values()))  # the last of its case
        others = ({"actor": "o-2"}, {"id": f"{event.id}-b", "actor": "o-2"}, {"case": "elsewhere", "case_seq": 1})
        world.rivals.append((rival := event.model_copy(update=random.choice(others)), event))
        yield partial(_send_in_batches, world, [rival])


def _send_in_batches(world: World, events: Sequence[Event]) -> None:
    for at in range(0, len(events), 3):
        world.send(events[at : at + 3])


def _cases(world: World, random: Random) -> Iterator[Event]:
    """Yield the events of new cases and of one that is there, mixed, each case in its order."""
    left = [steps(f"new-{number}", *range(1, random.randint(2, 4))) for number in range(random.randint(1, 4))]
    if "old-252-2" in world.sent:
        left.append(steps("old-252", *range(4 if "old-252-3" in world.sent else 3, 5)))
    while left := [case for case in left if case]:
        yield random.choice(left).pop(0)
