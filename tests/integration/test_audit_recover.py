"""A table that was restored from a backup is brought forward to its log: whatever the moment of the backup, wherever
the ledger died before and the recovery dies, nothing in the log is lost or filed twice, and the log is never forked."""

import json
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from itertools import count

import pytest

from services.audit import listen
from services.audit.batch import archived
from services.audit.objects import LogHalted
from services.audit.recover import Interrupted, Progress
from services.audit.verify.layout import WIDTH, bundle_path
from tests.ledger_harness import LOG, World, a_place, a_world, file, inside, steps, suffering
from tests.ledger_invariants import check
from tests.ledger_wire import Fault, failing
from tests.restoring import a_log, back_up, backups_during, faults_after, recover, recovered, recovery, restored
from tests.support import Context

ALL_BUT_SIGNED = ("HEAD#", "EVT#", "PEND#", "CASE#", "RECEIPT#")
PARTS = [("HEAD#",), ("HEAD#", "SIGNED#"), ("HEAD#", "EVT#", "PEND#", "RECEIPT#"), ALL_BUT_SIGNED, ()]


@pytest.fixture(autouse=True)
def place() -> Iterator[None]:
    """The functions' environment."""
    with a_place():
        yield


def a_story(world: World) -> None:
    """Three batches of two cases."""
    for batch in (steps("a", 1), [*steps("a", 2, 3), *steps("b", 1)], [*steps("a", 4), *steps("b", 2)]):
        world.send(batch)
        file()


def test_a_table_that_knows_its_log_is_left_as_it_is() -> None:
    world = a_log(steps("a", 1, 2))
    before = back_up(world)

    assert recovered(world) == Progress(size=5, of=5, done=True)

    assert back_up(world) == before


def test_an_empty_log_needs_no_recovery() -> None:
    assert recovered(a_world(0).copy()) == Progress(size=0, of=0, done=True)


@pytest.mark.parametrize("size", [3, 254])
def test_a_table_restored_to_any_moment_knows_the_whole_log_again_and_goes_on(size: int) -> None:
    world = a_log(size=size)
    backups = backups_during(world, partial(a_story, world))

    for backup in backups[:: 1 if size < WIDTH - 2 else 8]:
        after = restored(world, backup)
        assert recovered(after).done
        assert faults_after(after) == []


@pytest.mark.parametrize("kinds", PARTS)
def test_a_part_of_the_table_restored_to_any_moment_knows_the_whole_log_again(kinds: tuple[str, ...]) -> None:
    world = a_log()

    for backup in backups_during(world, partial(a_story, world))[::5]:
        after = restored(world, backup, *kinds)
        recovered(after)
        assert faults_after(after) == []


def test_a_backup_whose_marks_are_older_than_its_head_files_nothing_twice() -> None:
    world = a_log()
    backups = backups_during(world, partial(a_story, world))
    two_batches = 2 * len(backups) // 3

    for earlier, later in zip(backups[::4], backups[two_batches::4], strict=False):
        torn = later | {key: held for key, held in earlier.items() if key.startswith(("EVT#", "PEND#"))}
        after = restored(world, torn)
        recovered(after)
        assert faults_after(after) == []


def test_a_table_that_was_lost_altogether_knows_the_whole_log_again() -> None:
    world = a_log(steps("a", 1, 2), steps("b", 1), size=254)

    after = restored(world, {})

    assert recovered(after) == Progress(size=257, of=257, done=True)
    assert faults_after(after) == []


@pytest.mark.parametrize("fault", Fault)
def test_a_recovery_dies_at_each_of_its_writes_and_the_next_one_completes_it(fault: Fault) -> None:
    world = a_log()
    backups = backups_during(world, partial(a_story, world))

    for backup in backups[::12]:
        for nth in count(1):
            after = restored(world, backup)
            with inside(after), suppress(Interrupted):
                suffering(hook := failing(fault, nth), recover)
            recovered(after)
            assert faults_after(after) == []
            if not hook.met:
                break


@pytest.mark.parametrize(
    ("size", "fault", "kinds"),
    [
        (3, Fault.DIES_BEFORE, ()),
        (3, Fault.DIES_AFTER, ()),
        (3, Fault.DIES_HALFWAY, ALL_BUT_SIGNED),
        (3, Fault.DIES_AFTER, ALL_BUT_SIGNED),
        (254, Fault.DIES_AFTER, ()),
    ],
)
def test_the_ledger_dies_at_each_write_of_a_batch_and_its_table_is_restored_to_any_moment_before(
    size: int, fault: Fault, kinds: tuple[str, ...]
) -> None:
    batch = [*steps("a", 1, 2), *steps("b", 1)]
    rival = steps("c", 1)

    for nth in count(1):
        world = a_log(size=size)
        hook = failing(fault, nth)

        def die(world: World = world, hook: object = hook) -> None:
            world.send(batch)
            suffering(hook, file)  # type: ignore[arg-type]

        backups = backups_during(world, die)
        for backup in backups[:: 2 if size == 3 else 8]:
            after = restored(world, backup, *kinds)
            with inside(after):
                after.send(rival)
                recover()
            assert faults_after(after) == [], (nth, fault)
        if not hook.met:
            break


def test_a_batch_that_died_after_its_first_bundle_goes_on_from_there() -> None:
    world = a_log(size=254)
    backup = back_up(world)
    with inside(world):
        world.send(steps("a", 1, 2, 3))
        suffering(failing(Fault.DIES_AFTER, 3), file)  # staged, committed, and the bundle that is full now
    assert world.read(bundle_path(0))
    after = restored(world, backup)
    with inside(after):
        after.send(steps("b", 1))

    assert recovered(after).size == 256

    assert faults_after(after) == []


def test_a_batch_that_was_signed_and_not_archived_is_archived() -> None:
    world = a_log()
    backup = back_up(world)
    with inside(world):
        world.send(steps("a", 1, 2))
        suffering(failing(Fault.DIES_BEFORE, 9), file)  # tile, bundle, marks, noted, signed: to be archived
    assert world.cloud.latest(LOG, archived(5)) is None
    after = restored(world, backup, *ALL_BUT_SIGNED)

    assert recovered(after).size == 5

    assert faults_after(after) == []


def test_a_batch_that_was_committed_and_not_signed_at_the_backup_is_completed_whether_it_was_since_or_not() -> None:
    world = a_log()
    with inside(world):
        world.send(steps("a", 1, 2))
        suffering(failing(Fault.DIES_BEFORE, 7), file)
    backup = back_up(world)

    at_once = restored(world, backup)
    assert recovered(at_once).size == 5
    assert faults_after(at_once) == []

    with inside(world):
        file()
        world.send(steps("b", 1))
        file()
    later = restored(world, backup)
    assert recovered(later).size == 6
    assert faults_after(later) == []


def test_what_was_accepted_after_the_backup_and_is_not_in_the_log_comes_again_from_who_made_it() -> None:
    world = a_log(steps("a", 1))
    backup = back_up(world)
    with inside(world):
        world.send(steps("a", 2))
    after = restored(world, backup)

    recovered(after)

    assert "a-2 is lost" in check(after)
    assert faults_after(after) == []


def test_what_was_accepted_before_the_backup_and_is_not_in_the_log_waits_still() -> None:
    world = a_log(steps("a", 1))
    with inside(world):
        world.send(steps("a", 2))
    backup = back_up(world)
    with inside(world):
        world.send(steps("b", 1))
    after = restored(world, backup)

    recovered(after)

    with inside(after):
        assert file() == 1
    assert "a-2 is lost" not in check(after)


def test_filing_stands_still_on_a_table_that_is_older_than_its_log() -> None:
    world = a_log(steps("a", 1))
    backup = back_up(world)
    with inside(world):
        world.send(steps("b", 1))
        file()
    after = restored(world, backup)

    with inside(after):
        after.send(steps("c", 1))
        with pytest.raises(LogHalted, match="recover the table from the log"):
            file()

    recovered(after)
    assert faults_after(after) == []


def test_a_long_recovery_goes_on_where_it_stopped_until_it_is_done() -> None:
    world = a_log(*[[step] for case in "abcdefgh" for step in steps(case, 1)])
    after = restored(world, {})
    progress: list[Progress] = []

    with inside(after):
        while not (progress and progress[-1].done):
            progress.append(recovery().run(goes_on=lambda: False, at_once=2))

    assert [each.size for each in progress] == sorted({each.size for each in progress})
    assert {each.of for each in progress} == {11}
    assert len(progress) > 2
    assert faults_after(after) == []


def test_the_sequencing_function_recovers_when_it_is_told_to() -> None:
    world = a_log(steps("a", 1))
    after = restored(world, {})

    with inside(after):
        answer = listen.sequence({"action": "recover"}, Context())

    assert json.loads(json.dumps(answer)) == {"size": 4, "of": 4, "done": True}
