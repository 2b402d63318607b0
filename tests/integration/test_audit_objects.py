"""What S3 answers, and what the log makes of it: its own bytes in the way are as good as written, other bytes stop it,
a conflict is tried again, and neither a delete marker nor an expired tile makes a reader believe anything else."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from services.audit.batch import CHECKPOINT
from services.audit.objects import TRIES, LogHalted, LogWriter, s3
from services.audit.tiles import TileTree
from services.audit.verify.layout import bundle_path, tile_path
from services.audit.verify.receipt import verify_receipt
from tests.ledger_cloud import Params
from tests.ledger_harness import LOG, World, a_place, a_world, file, inside, steps
from tests.ledger_invariants import audited, entries
from tests.ledger_stored import event_of, policy, receipt_for
from tests.ledger_wire import Fault, Hook, Send, failing, hooked, overtaken, suffer
from tests.stack import template

PATH, BODY, OTHER = tile_path(0, 0, 3), b"\x01" * 96, b"\x02" * 96
NOTE = b"log\n%d\n"


@pytest.fixture
def world() -> Iterator[World]:
    """A world with an empty log."""
    with a_place(), inside(a_world(0).copy()) as world:
        yield world


def writer() -> LogWriter:
    """Return what writes the log's objects."""
    return LogWriter(LOG, timedelta(days=1))


def versions(world: World, path: str) -> tuple[bytes | None, ...]:
    """Return everything that was ever written at a path."""
    return world.cloud.objects[LOG][path]


def in_conflict(times: int) -> Hook:
    """Return a hook by which that many puts in a row meet another one of the same object."""
    left = iter(range(times))

    def conflict(operation: str, params: Params, send: Send) -> Any:
        return suffer(Fault.CONFLICT, operation, params, send) if next(left, None) is not None else send(params)

    return conflict


def test_its_own_bytes_in_the_way_are_as_good_as_written(world: World) -> None:
    writer().write_once(PATH, BODY)

    writer().write_once(PATH, BODY)

    assert versions(world, PATH) == (BODY,)


def test_other_bytes_in_the_way_stop_the_log(world: World) -> None:
    world.cloud.add(LOG, PATH, OTHER)

    with pytest.raises(LogHalted, match=PATH):
        writer().write_once(PATH, BODY)

    assert versions(world, PATH) == (OTHER,)


@pytest.mark.parametrize("write", ["write_once", "write_first"])
def test_a_put_that_was_sent_twice_is_written_once(world: World, write: str) -> None:
    with hooked(failing(Fault.TWICE, 1)):
        getattr(writer(), write)(PATH, BODY)

    assert versions(world, PATH) == (BODY,)


def test_of_two_writers_of_the_same_bytes_both_are_content(world: World) -> None:
    with hooked(overtaken(lambda: writer().write_once(PATH, BODY), 1)):
        writer().write_once(PATH, BODY)

    assert versions(world, PATH) == (BODY,)


def test_of_two_signatures_the_first_stands_and_both_writers_know_it(world: World) -> None:
    with hooked(overtaken(lambda: writer().write_first(PATH, BODY), 1)):
        assert writer().write_first(PATH, OTHER) == BODY

    assert versions(world, PATH) == (BODY,)


def test_a_put_whose_answer_was_lost_is_found_when_it_is_repeated(world: World) -> None:
    with pytest.raises(ReadTimeoutError), hooked(failing(Fault.UNTOLD, 1)):
        writer().write_once(PATH, BODY)

    writer().write_once(PATH, BODY)

    assert versions(world, PATH) == (BODY,)


@pytest.mark.parametrize("times", [1, TRIES - 1])
def test_a_conflict_with_a_put_under_way_is_tried_again(world: World, times: int) -> None:
    with hooked(in_conflict(times)):
        writer().write_once(PATH, BODY)

    assert versions(world, PATH) == (BODY,)


def test_a_conflict_without_end_stops_the_log(world: World) -> None:
    with pytest.raises(LogHalted, match=f"{PATH} could not be written in {TRIES} tries"), hooked(in_conflict(TRIES)):
        writer().write_once(PATH, BODY)


def test_the_published_checkpoint_never_shrinks_whoever_comes_late(world: World) -> None:
    writer().publish(1, NOTE % 1)
    late = writer()
    assert late.published_size() == 1
    writer().publish(3, NOTE % 3)

    late.publish(2, NOTE % 2)

    assert versions(world, CHECKPOINT) == (NOTE % 1, NOTE % 3)


def test_a_publication_whose_answer_was_lost_is_not_repeated(world: World) -> None:
    with hooked(failing(Fault.TWICE, 1)):
        writer().publish(1, NOTE % 1)

    assert versions(world, CHECKPOINT) == (NOTE % 1,)


def test_one_who_is_overtaken_each_time_gives_up(world: World) -> None:
    sizes = iter(range(1, 99))

    def overtake(operation: str, params: Params, send: Send) -> Any:
        if operation == "PutObject":
            world.cloud.add(LOG, CHECKPOINT, NOTE % next(sizes))
        return send(params)

    with pytest.raises(LogHalted, match="could not be published"), hooked(overtake):
        writer().publish(99, NOTE % 99)


def batches_over_an_edge(world: World) -> None:
    """File batches that end at 255, 256, 258 and 260 entries."""
    for batch in (steps("old-252", 3), steps("a", 1), steps("b", 1, 2), steps("c", 1, 2)):
        world.send(batch)
        file()


def expire(world: World, *paths: str) -> None:
    """Let objects expire, as a lifecycle rule does."""
    for path in paths:
        del world.cloud.objects[LOG][path]


def partial_ones(world: World, index: int) -> list[str]:
    """Return the partial tiles and bundles of an index on the lowest level."""
    paths = (tile_path(0, index), bundle_path(index))
    return [path for path in world.cloud.objects[LOG] if path.startswith(tuple(f"{each}.p/" for each in paths))]


def test_partial_tiles_that_have_expired_are_read_from_the_full_ones_that_came_after() -> None:
    with a_place(), inside(a_world(254).copy()) as world:
        batches_over_an_edge(world)
        old = {size: TileTree(size, world.read).root for size in (254, 255, 256, 258)}
        expire(world, *partial_ones(world, 0))

        assert {size: TileTree(size, world.read).root for size in old} == old
        assert audited(world) == []
        for event in sorted(world.fresh):
            index = [event_of(entry) for entry in entries(world)].index(event)
            assert verify_receipt(receipt_for(world, event), entries(world)[index], policy(world)).index == index


def test_a_partial_tile_that_expired_before_its_full_one_came_stops_no_filing_and_is_missed_by_the_audit() -> None:
    with a_place(), inside(a_world(254).copy()) as world:
        batches_over_an_edge(world)
        expire(world, tile_path(0, 1, 2))

        world.send(steps("d", 1))
        file()

        assert world.size() == 261
        assert audited(world) == [f"the offline verifier says: {tile_path(0, 1, 2)} is missing"]


def test_a_log_whose_own_edge_has_expired_stops_and_so_no_rule_may_let_it_expire() -> None:
    with a_place(), inside(a_world(254).copy()) as world:
        batches_over_an_edge(world)
        expire(world, tile_path(0, 1, 4))

        world.send(steps("d", 1))
        with pytest.raises(LogHalted, match="the edge of the log at 260 cannot be read"):
            file()

    bucket = template().partition("\n  LogBucket:")[2].partition("\n\n")[0]
    assert "VersioningConfiguration" in bucket
    assert "Lifecycle" not in bucket


def test_behind_a_delete_marker_other_bytes_can_be_written_and_are_found_out(world: World) -> None:
    world.send(steps("a", 1, 2, 3))
    file()
    path = bundle_path(0, 3)
    body = world.read(path)
    other = body.replace(b'"v":1', b'"v":2')
    with pytest.raises(ClientError, match="PreconditionFailed"):
        write_new(path, other)

    s3().delete_object(Bucket=LOG, Key=path)
    write_new(path, other)

    assert versions(world, path) == (body, None, other)  # what is locked stays, for whoever looks behind the marker
    assert audited(world) != []
    world.send(steps("b", 1))
    with pytest.raises(LogHalted, match="the edge of the log at 3 cannot be read"):
        file()


def write_new(path: str, body: bytes) -> None:
    """Write an object of the log under the condition that nothing lies there, as the bucket's policy demands."""
    s3().put_object(Bucket=LOG, Key=path, Body=body, IfNoneMatch="*")
