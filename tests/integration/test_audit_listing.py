"""What a recovery finds by listing the log's bucket, where names stand in the order of text, a thousand in an answer:
every archived checkpoint by its number, and what was written beyond the last one."""

from collections.abc import Iterator

import pytest

from services.audit import listen
from services.audit.batch import MOST, archived
from services.audit.listing import LogListing
from services.audit.verify.layout import bundle_path, encode_entry
from tests.filing import a_case, a_sequencer, check_everything, prepare_ledger, sign, take_in
from tests.ledger_harness import LOG, World, a_place, a_world, inside
from tests.restoring import put
from tests.stack import table_of


@pytest.fixture
def world() -> Iterator[World]:
    """A log of nothing, whose bucket a test fills."""
    with a_place(), inside(a_world(0).copy()) as world:
        yield world


def sizes(after: int) -> list[int]:
    return [size for size, _ in LogListing(LOG).archived(after)]


@pytest.mark.parametrize("after", [0, 7, 8, 94, 95, 999, 1_000, 1_003, 98_000])
def test_checkpoints_are_found_in_the_order_of_their_numbers_across_every_length(world: World, after: int) -> None:
    kept = [7, 95, 105, 995, 1_000, 1_003, 2_000, *range(2_500, 99_001, 500), 99_999, 100_000, 100_900]
    for size in kept:
        put(world, archived(size))

    assert sizes(after) == [size for size in kept if size > after]


def test_a_listing_of_many_more_numbers_than_fit_in_an_answer_is_read_on(world: World) -> None:
    for size in range(1, 12_001):
        put(world, archived(size))

    assert sizes(0) == list(range(1, 12_001))
    assert sizes(9_990)[:20] == list(range(9_991, 10_011))


def test_what_lies_more_than_a_batch_beyond_the_last_checkpoint_is_not_the_logs(world: World) -> None:
    put(world, archived(5))
    put(world, archived(6 + MOST))

    assert sizes(0) == [5]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ([], 0),
        ([(0, 250)], 0),
        ([(0, 250), (0, 253)], 3),
        ([(0, 250), (0, 256)], 6),
        ([(0, 256), (1, 44)], 50),
        ([(0, 256), (1, 256), (2, 1)], 263),
        ([(0, 253), (1, 44)], 3),
    ],
)
def test_what_was_written_beyond_a_checkpoint_is_read_as_far_as_nothing_is_missing(
    world: World, written: list[tuple[int, int]], expected: int
) -> None:
    for index, width in written:
        entries = [f"{index * 256 + at}".encode() for at in range(width)]
        put(world, bundle_path(index, width), b"".join(map(encode_entry, entries)))

    assert LogListing(LOG).beyond(250) == [f"{250 + at}".encode() for at in range(expected)]


def test_a_recovery_finds_its_way_through_the_listings_of_a_bucket(
    data_stack: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in prepare_ledger(data_stack).items():
        monkeypatch.setenv(name, value)
    events = a_case(12)
    for event in events:
        take_in(event)
        a_sequencer().run()
    table_of(data_stack["AuditTable"]).items.clear()

    vkey = listen.sign({"action": "vkey"}, None)["vkey"]
    assert listen.recovery(sign, vkey).run().size == len(events)

    check_everything(events)
