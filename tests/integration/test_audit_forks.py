"""Whoever has the table or the bucket in his hands may stop the log, and cannot fork it: nothing is signed, published
or answered that does not belong to the one log that others have seen."""

from collections.abc import Iterator
from itertools import chain

import pytest

from services.audit.batch import CHECKPOINT
from services.audit.listen import SignerFailed
from services.audit.objects import LogHalted
from tests.ledger_deaths import Deaths
from tests.ledger_forks import (
    Restore,
    goes_on,
    planted,
    put_back_head,
    put_back_table,
    restored_after_death,
    restored_between_two,
    restored_while_filing,
    rewritten,
    staged_exchanged,
    without_the_last_batch,
)
from tests.ledger_harness import (
    LOG,
    STAGING,
    World,
    a_place,
    a_world,
    a_world_with_waiting,
    file,
    inside,
    steps,
    suffering,
)
from tests.ledger_invariants import audited
from tests.ledger_wire import Fault, failing

FIRST, FAR, FULL = (0, 1), (3, 2), (254, 2)  # entries of the log, and how many wait

each_restore = pytest.mark.parametrize("restore", [put_back_head, put_back_table])
each_batch = pytest.mark.parametrize("batch", [FIRST, FULL], ids=["the first", "at an edge"])


@pytest.fixture(autouse=True, scope="module")
def place() -> Iterator[None]:
    """The functions' environment."""
    with a_place():
        yield


def bundles(world: World) -> set[str]:
    """Return where entries lie in the log."""
    return {path for path in world.cloud.objects.get(LOG, {}) if path.startswith("tile/entries/")}


@each_restore
@each_batch
def test_a_backup_put_back_at_any_moment_forks_nothing(batch: tuple[int, int], restore: Restore) -> None:
    stories = chain(restored_while_filing(*batch, restore), restored_after_death(*batch, restore))

    assert [false for false in stories if false] == []


@each_restore
@pytest.mark.parametrize("batch", [FAR, FULL], ids=["far from an edge", "at an edge"])
def test_a_backup_put_back_between_two_commits_forks_nothing(batch: tuple[int, int], restore: Restore) -> None:
    assert [false for false in restored_between_two(*batch, restore) if false] == []


def test_nothing_is_filed_on_a_table_that_is_older_than_what_was_written() -> None:
    wrecks = [wreck.world for wreck in Deaths(a_world_with_waiting(*FULL), lambda _: file()).all()]
    written = [world for world in wrecks if bundles(world) > bundles(a_world(FULL[0]))]

    for world in written:
        put_back_table(world, a_world(FULL[0]).cloud)
        with inside(world):
            world.send(steps("other", 1))
            assert goes_on(world, runs=2) == [LogHalted, LogHalted]

    assert len(written) > len(wrecks) // 2


@pytest.mark.parametrize("changed", [0, 100, 253])
def test_a_log_rebuilt_with_one_old_entry_changed_is_never_signed(changed: int) -> None:
    world = rewritten(254, changed)
    signed, published = list(world.cloud.signed), world.read(CHECKPOINT)
    assert audited(world) != []

    with inside(world):
        world.send(steps("other", 1))
        assert goes_on(world, runs=2) == [SignerFailed, SignerFailed]

    assert (world.cloud.signed, world.read(CHECKPOINT)) == (signed, published)


@pytest.mark.parametrize("then", [1, 2, 3], ids=["fewer", "as many", "more"])
def test_a_log_that_lost_its_last_batch_is_not_signed_with_another_in_its_place(then: int) -> None:
    world = without_the_last_batch(254, 2)
    signed, lost = list(world.cloud.signed), world.cloud.objects[LOG][CHECKPOINT][1]
    assert audited(world) == []  # but for whoever kept the lost checkpoint
    assert audited(world, since=lost)[0].endswith("it was rolled back")

    with inside(world):
        world.send(event for number in range(then) for event in steps(f"other-{number}", 1))
        assert goes_on(world, runs=2) == [SignerFailed, SignerFailed]

    assert world.cloud.signed == signed


def test_other_bytes_in_the_way_of_a_batch_stop_the_log() -> None:
    assert not any(planted(*FULL))


def test_a_staged_batch_that_was_exchanged_is_never_filed() -> None:
    assert not any(staged_exchanged(*FULL))


def test_a_committed_batch_whose_staging_is_gone_stops_the_log_and_nothing_is_filed_in_its_place() -> None:
    world = a_world_with_waiting(*FULL).branch()
    with inside(world):
        suffering(failing(Fault.DIES_AFTER, len(("stage", "commit"))), file)
        world.cloud.objects[STAGING].clear()
        world.send(steps("other", 1))

        with pytest.raises(LogHalted, match="the batch that was committed is gone: there is no staging/256-"):
            file()

    assert world.size() == 254
