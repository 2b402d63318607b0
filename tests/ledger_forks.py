"""Stories of somebody who has the table or the buckets in his hands: a backup is put back, objects are exchanged.

The log may stop for it; it may not fork. Each story yields what is false of what others can see, in words.
"""

from collections.abc import Callable, Iterator, Set
from functools import partial
from itertools import count

from services.audit.batch import CHECKPOINT, Staged
from services.audit.objects import LogHalted
from services.audit.tiles import Edge, grow
from services.audit.verify.merkle import EMPTY_ROOT
from services.shared.dynamo import item_of, plain
from tests.ledger_cloud import Cloud
from tests.ledger_deaths import Deaths
from tests.ledger_harness import (
    LOG,
    MISFORTUNES,
    ORIGIN,
    STAGING,
    World,
    a_world,
    a_world_with_waiting,
    file,
    inside,
    steps,
)
from tests.ledger_invariants import entries, falsehoods
from tests.ledger_wire import Hook, Process, hooked, overtaken

STOPS = (*MISFORTUNES, LogHalted)
HEAD, SIGNED = f"HEAD#{ORIGIN}", f"SIGNED#{ORIGIN}"


def goes_on(world: World, *, runs: int = 3, hook: Hook | None = None) -> list[type[BaseException]]:
    """Let sequencers run, whatever stops them; return what did."""
    stops: list[type[BaseException]] = []
    for _ in range(runs):
        try:
            with hooked(hook):
                file()
        except STOPS as stop:
            stops.append(type(stop))
    return stops


def put_back_head(world: World, backup: Cloud) -> None:
    """Put back the head from a backup."""
    if HEAD in backup.items:
        world.cloud.items[HEAD] = dict(backup.items[HEAD])
    else:
        world.cloud.items.pop(HEAD, None)


def put_back_table(world: World, backup: Cloud) -> None:
    """Put back the whole table from a backup, with what was signed last in it."""
    world.cloud.items = backup.copy().items


def one_more_is_filed(world: World) -> None:
    """Let an event come in, and sequencers run."""
    world.send(steps("other", 1))
    goes_on(world)


Restore = Callable[[World, Cloud], None]


def restored_while_filing(size: int, waiting: int, restore: Restore = put_back_head) -> Iterator[list[str]]:
    """Tell of a backup that is put back before each call of a sequencer, and of another one that uses it at once."""
    for nth in count(1):
        world = a_world_with_waiting(size, waiting).branch()

        def act(world: World = world) -> None:
            restore(world, a_world(size).cloud)
            one_more_is_filed(world)

        with inside(world):
            goes_on(world, runs=1, hook=(hook := overtaken(act, nth)))
            one_more_is_filed(world)
        yield falsehoods(world)
        if not hook.met:
            return


def restored_after_death(size: int, waiting: int, restore: Restore = put_back_head) -> Iterator[list[str]]:
    """Tell of a backup that is put back after each death of a sequencer."""
    for wreck in Deaths(a_world_with_waiting(size, waiting), lambda _: file()).all():
        world = wreck.world.branch()
        with inside(world):
            restore(world, a_world(size).cloud)
            one_more_is_filed(world)
        yield falsehoods(world)


def restored_between_two(size: int, waiting: int, restore: Restore = put_back_head) -> Iterator[list[str]]:
    """Tell of a backup that is put back when one sequencer has committed, and of another one that looks just then.

    The other one goes on before each later call of the first, which stands still there, or dies.
    """
    for dies in (False, True):
        for nth in count(1):
            world = a_world_with_waiting(size, waiting).branch()
            with inside(world):
                first, second = _both_committing(world, partial(restore, world, a_world(size).cloud))
                first.advance(nth)
                was_alive = first.alive
                if dies:
                    first.kill()
                second.finish()
                first.finish()
            yield falsehoods(world)
            if not was_alive:
                break


def _both_committing(world: World, restore: Callable[[], None]) -> tuple[Process, Process]:
    """Return a sequencer that has just committed, and one that is about to, on the table that was put back."""
    first = Process(file)
    first.advance_to("PutItem")
    first.advance(1)
    restore()
    world.send(steps("other", 1))
    second = Process(file)
    second.advance_to("PutObject")
    return first, second


def planted(size: int, waiting: int) -> Iterator[list[str]]:
    """Tell of other bytes that come to lie where a batch is about to be written, at each of its paths in turn."""
    for path in sorted(_paths_of_next_batch(size, waiting)):
        world = a_world_with_waiting(size, waiting).branch()
        plant = partial(world.cloud.add, LOG, path, b"\x01" * 64)
        with inside(world):
            goes_on(world, runs=1, hook=overtaken(plant, len(("stage", "first tile")), {"PutObject"}))
            goes_on(world)
        yield falsehoods(world)


def _paths_of_next_batch(size: int, waiting: int) -> Set[str]:
    world = a_world_with_waiting(size, waiting)
    filed = world.branch()
    with inside(filed):
        file()
    paths = filed.cloud.objects[LOG].keys() - world.cloud.objects.get(LOG, {}).keys()
    return {path for path in paths if path.startswith("tile/")}


def staged_exchanged(size: int, waiting: int) -> Iterator[list[str]]:
    """Tell of a staged batch whose entries change places after the commit, at each death that leaves it to others."""
    for wreck in Deaths(a_world_with_waiting(size, waiting), lambda _: file()).all():
        world = wreck.world.branch()
        for key, (*_, body) in world.cloud.objects[STAGING].items():
            staged = Staged.model_validate_json(body or b"")
            changed = staged.model_copy(update={"entries": staged.entries[::-1]})
            world.cloud.add(STAGING, key, changed.model_dump_json().encode())
        with inside(world):
            goes_on(world)
        yield falsehoods(world)


def rewritten(size: int, changed: int) -> World:
    """Return a world in which one old entry was changed, and everything that follows from it, up to the head."""
    world = a_world(size).copy()
    log = entries(world)
    log[changed] = log[changed].replace(b'"v":1', b'"v":2')
    forged = grow(Edge(0, EMPTY_ROOT, (), b""), log)
    for path, body in forged.objects.items():
        world.cloud.add(LOG, path, body)
    _move_head(world, root=forged.root.hex())
    return world


def without_the_last_batch(size: int, filed: int) -> World:
    """Return a world that filed a batch, and of which nothing is left but that it was signed."""
    world = a_world_with_waiting(size, filed).branch()
    with inside(world):
        file()
    before = a_world(size).cloud
    for path in world.cloud.objects[LOG].keys() - before.objects[LOG].keys():
        world.cloud.add(LOG, path, None)
    world.cloud.add(LOG, CHECKPOINT, before.latest(LOG, CHECKPOINT))
    put_back_head(world, before)
    return world


def _move_head(world: World, **fields: object) -> None:
    item = plain(world.cloud.items[HEAD]["HEAD"]) | fields
    world.cloud.items[HEAD] = {"HEAD": item_of(item)}
