"""Stories of somebody who has the table or the buckets in his hands: a backup is put back, objects are exchanged.

The log may stop for it; it may not fork. Each story yields what is false of what others can see, in words.
"""

from collections.abc import Callable, Iterator, Set
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
from tests.ledger_wire import Hook, hooked, overtaken

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


def planted(size: int, waiting: int) -> Iterator[list[str]]:
    """Tell of other bytes that lie already where the next batch writes, at each of its paths in turn."""
    for path in _paths_of_next_batch(size, waiting):
        world = a_world_with_waiting(size, waiting).branch()
        world.cloud.add(LOG, path, b"\x01" * 64)
        with inside(world):
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


def rewritten(size: int, changed: int) -> tuple[World, list[type[BaseException]]]:
    """Return a world in which one old entry was changed, everything computed anew from it and the head with it, and
    what stopped the sequencers that went on from there."""
    world = a_world(size).copy()
    log = entries(world)
    log[changed] = log[changed].replace(b'"v":1', b'"v":2')
    forged = grow(Edge(0, EMPTY_ROOT, (), b""), log)
    for path, body in forged.objects.items():
        world.cloud.add(LOG, path, body)
    _move_head(world, size=size, root=forged.root.hex())
    with inside(world):
        world.send(steps("other", 1))
        return world, goes_on(world)


def dropped(size: int, filed: int, then: int) -> tuple[World, list[type[BaseException]]]:
    """Return a world that lost its last batch of `filed` entries, and what stopped the sequencers when `then` came."""
    world = a_world_with_waiting(size, filed).branch()
    with inside(world):
        file()
        kept = a_world(size).cloud.objects[LOG].keys()
        for path in world.cloud.objects[LOG].keys() - kept:
            world.cloud.add(LOG, path, None)
        world.cloud.add(LOG, CHECKPOINT, a_world(size).cloud.latest(LOG, CHECKPOINT))
        put_back_head(world, a_world(size).cloud)
        world.send(event for number in range(then) for event in steps(f"other-{number}", 1))
        return world, goes_on(world)


def _move_head(world: World, **fields: object) -> None:
    item = plain(world.cloud.items[HEAD]["HEAD"]) | fields
    world.cloud.items[HEAD] = {"HEAD": item_of(item)}
