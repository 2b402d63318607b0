"""The ledger dies before, after or in the middle of each write, is told wrongly how it went, or is overtaken, and goes
on: nothing is lost, nothing is filed twice, and no byte that was written differs from what the survivor writes.

Each state that any number of deaths can leave behind is visited, for the first batch of all and for batches that end
before, at and behind the edge of a tile. What is stored then is read and computed anew.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache, partial
from itertools import count, product
from typing import TYPE_CHECKING

import boto3
import pytest

from tests.filing import a_case, a_sequencer, check_everything, prepare_ledger, take_in
from tests.ledger_cloud import Params
from tests.ledger_deaths import Deaths, Wreck
from tests.ledger_harness import (
    MISFORTUNES,
    World,
    a_place,
    a_world,
    a_world_with_waiting,
    file,
    inside,
    is_long,
    steps,
    suffering,
)
from tests.ledger_invariants import audited, check
from tests.ledger_stories import (
    another_files,
    contradictions,
    more_are_filed,
    more_come_in,
    overtaking,
    overtakings,
    put_in_order,
)
from tests.ledger_wire import WRITES as WRITING
from tests.ledger_wire import Fault, Send, failing, hooked
from tests.stack import Calls

if TYPE_CHECKING:
    from services.shared.events import Event

FIRST, SHORT, FULL, OVER = (0, 1), (254, 1), (254, 2), (254, 3)  # entries of the log, and how many wait
WRITES = {FIRST: 13, SHORT: 12, FULL: 14, OVER: 16}
"""Stage, commit, tiles and bundles, mark, take out, ask the signer, note, sign, archive, publish, answer, finish; the
one entry that makes the log `SHORT` of an edge is no filing, and gets no answer."""

each_batch = pytest.mark.parametrize("batch", WRITES, ids=["the first", "short of an edge", "at it", "over it"])


@pytest.fixture
def ledger(data_stack: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty ledger in the stack in memory."""
    for name, value in prepare_ledger(data_stack).items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def place() -> Iterator[None]:
    """The functions' environment, for worlds in which thousands of deaths cost no more than seconds."""
    with a_place():
        yield


@cache
def wrecks_of(batch: tuple[int, int]) -> list[Wreck]:
    """Return every state that deaths of a sequencer leave behind."""
    return list(Deaths(a_world_with_waiting(*batch), lambda _: file()).all())


def rivals_of_survivors(batch: tuple[int, int]) -> Iterator[list[str]]:
    """Tell of a survivor of each death who is overtaken at its writes, by one who finds more to file or does not.

    Where there is little time, the survivors of one batch are overtaken at each write, those of the others at one.
    """
    for number, wreck in enumerate(wrecks_of(batch)):
        for nth in count(1) if batch == FULL or is_long() else [1 + number % 7]:
            rivals = (another_files, more_are_filed) if is_long() else [(another_files, more_are_filed)[nth % 2]]
            stories = [overtaking(wreck.world.branch(), by, nth, WRITING) for by in rivals]
            if None in stories:
                break
            yield from (wrong for wrong in stories if wrong is not None)


@each_batch
def test_no_number_of_deaths_loses_or_doubles_a_filing(place: None, batch: tuple[int, int]) -> None:
    for wreck in wrecks_of(batch):
        with inside(wreck.world.branch()) as world:
            assert put_in_order(world) == [], wreck
            assert audited(world) == [], wreck

    assert len(wrecks_of(batch)) > WRITES[batch]


@each_batch
def test_a_survivor_may_find_a_batch_of_another_size(place: None, batch: tuple[int, int]) -> None:
    for wreck in wrecks_of(batch):
        with inside(wreck.world.branch()) as world:
            more_come_in(world)
            assert put_in_order(world) == [], wreck


@each_batch
def test_a_rival_takes_over_from_each_survivor(place: None, batch: tuple[int, int]) -> None:
    stories = list(rivals_of_survivors(batch))

    assert [wrong for wrong in stories if wrong] == []
    assert len(stories) > WRITES[batch] // 2


@pytest.mark.parametrize(
    ("batch", "by"),
    [*product(WRITES, [more_are_filed]), *product([FIRST, FULL], [another_files]), (FULL, more_come_in)],
)
def test_another_acts_while_a_sequencer_stands_still_at_each_call(
    place: None, batch: tuple[int, int], by: Callable[[World], object]
) -> None:
    stories = list(overtakings(*batch, by))

    assert [wrong for wrong in stories if wrong] == []
    assert len(stories) > 2 * WRITES[batch]


def test_a_write_that_is_delivered_again_long_after_changes_nothing(place: None) -> None:
    late: list[Callable[[], object]] = []

    def remember(operation: str, params: Params, send: Send) -> object:
        if operation in WRITING:
            late.append(partial(send, params))
        return send(params)

    with inside(a_world(254).copy()) as world, hooked(remember):
        for batch in (steps("old-252", 3), steps("a", 1, 2), steps("a", 3, 4)):
            world.send(batch)
            file()
    with inside(world):
        for number, again in enumerate([*late, *reversed(late)], start=1):
            with suppress(*MISFORTUNES):
                again()
            assert check(world) == [], number

    assert number > 2 * 3 * WRITES[SHORT]


def test_a_batch_that_is_marked_in_several_writes_is_completed_after_a_death_at_each(place: None) -> None:
    waiting = a_world(0).copy()
    with inside(waiting):
        for case in range(30):
            waiting.send(steps(f"many-{case}", 1, 2))

    for nth in count(1):
        with inside(waiting.branch()) as world:
            suffering(hook := failing(Fault.DIES_AFTER, nth), file)
            assert put_in_order(world) == [], nth
        if not hook.met:
            break

    assert nth - 1 == WRITES[FIRST] + 5  # of 60 marks, as many that waited and 30 answers, 25 go into a write


def test_no_number_of_deaths_of_the_intake_loses_or_doubles_an_event(place: None) -> None:
    events = [*steps("a", 1, 2), *steps("b", 1)]
    deaths = Deaths(a_world(3).copy(), lambda world: world.send(events))

    for wreck in deaths.all():
        world = wreck.world.branch()
        world.sent |= {event.id: event for event in events}
        with inside(world):
            assert put_in_order(world) == [], wreck

    assert deaths.runs > 2 * len(events)


def test_of_two_intakes_with_events_that_contradict_each_other_one_is_heard(place: None) -> None:
    stories = list(contradictions())

    assert [wrong for wrong in stories if wrong] == []
    assert len(stories) == 3 * len(("read", "write", "ring"))


def log_versions(bucket: str) -> dict[str, int]:
    """Return how often each object of the log was written, but for the latest checkpoint, which changes."""
    versions = boto3.client("s3").list_object_versions(Bucket=bucket)["Versions"]
    keys = [version["Key"] for version in versions if version["Key"] != "checkpoint"]
    return {key: keys.count(key) for key in keys}


def die_after_each_write(calls: Calls, story: Callable[[], None], again: Callable[[], None]) -> int:
    """Play a story once for each of its writes, dying there, and then what comes after; return how many there were."""
    for nth in count(1):
        with calls.crash("after", nth):
            story()
        again()
        if not calls.crashed:
            return nth - 1
    raise AssertionError("unreachable")


def test_on_the_stack_intake_dies_after_each_write_and_the_batch_comes_again(ledger: None, aws_calls: Calls) -> None:
    events: list[Event] = []

    def deliver() -> None:
        events.extend([*a_case(2), *a_case(1)])
        take_in(*events[-3:])

    def redeliver() -> None:
        assert take_in(*events[-3:]) == []

    writes = die_after_each_write(aws_calls, deliver, redeliver)
    a_sequencer().run()

    assert writes == 4  # one for each event, and the doorbell
    check_everything(events)


def test_on_the_stack_the_next_run_completes_what_died_after_each_write(
    ledger: None, aws_calls: Calls, data_stack: dict[str, str]
) -> None:
    events: list[Event] = []

    def come_in() -> None:
        events.extend(new := a_case(1))
        take_in(*new)

    def file_here() -> None:
        a_sequencer().run()

    def go_on() -> None:
        if len(events) % 2:  # half of the deaths are followed by a run that also finds something new
            come_in()
        file_here()
        come_in()

    come_in()
    writes = die_after_each_write(aws_calls, file_here, go_on)
    file_here()

    assert writes == WRITES[FIRST] - len(("ask the signer", "sign"))  # which are no calls to AWS here
    check_everything(events)
    assert set(log_versions(data_stack["LogBucket"]).values()) == {1}
