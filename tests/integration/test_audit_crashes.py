"""The ledger dies before or after each write, and goes on: nothing is lost, nothing is filed twice, and no byte that
was written differs from what the survivor writes."""

from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING

import boto3
import pytest

from tests.filing import a_case, a_sequencer, at_call, check_everything, prepare_ledger, take_in
from tests.stack import Calls

if TYPE_CHECKING:
    from services.shared.events import Event

WHEN = ["before", "after"]
WRITES = 11  # stage, commit, tile, bundle, mark, take out, note the signing, archive, publish, send, finish


@pytest.fixture(autouse=True)
def ledger(data_stack: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty ledger."""
    for name, value in prepare_ledger(data_stack).items():
        monkeypatch.setenv(name, value)


def log_versions(bucket: str) -> dict[str, int]:
    """Return how often each object of the log was written, but for the latest checkpoint, which changes."""
    versions = boto3.client("s3").list_object_versions(Bucket=bucket)["Versions"]
    keys = [version["Key"] for version in versions if version["Key"] != "checkpoint"]
    return {key: keys.count(key) for key in keys}


def die_at_each_write(calls: Calls, when: str, story: Callable[[], None], again: Callable[[], None]) -> int:
    """Play a story once for each of its writes, dying there, and then what comes after; return how many there were."""
    for nth in count(1):
        with calls.crash(when, nth):
            story()
        again()
        if not calls.crashed:
            return nth - 1
    raise AssertionError("unreachable")


@pytest.mark.parametrize("when", WHEN)
def test_intake_dies_at_each_write_and_the_batch_comes_again(aws_calls: Calls, when: str) -> None:
    events: list[Event] = []

    def deliver() -> None:
        events.extend([*a_case(2), *a_case(1)])
        take_in(*events[-3:])

    def redeliver() -> None:
        assert take_in(*events[-3:]) == []

    writes = die_at_each_write(aws_calls, when, deliver, redeliver)
    a_sequencer().run()

    assert writes == 4  # one for each event, and the doorbell
    check_everything(events)


@pytest.mark.parametrize("when", WHEN)
def test_the_sequencer_dies_at_each_write_and_the_next_run_completes_it(
    aws_calls: Calls, data_stack: dict[str, str], when: str
) -> None:
    events: list[Event] = []

    def come_in() -> None:
        events.extend(new := a_case(1))
        take_in(*new)

    def file() -> None:
        a_sequencer().run()

    def go_on() -> None:
        if len(events) % 2:  # half of the deaths are followed by a run that also finds something new
            come_in()
        file()
        come_in()

    come_in()
    writes = die_at_each_write(aws_calls, when, file, go_on)
    file()

    assert writes == WRITES
    check_everything(events)
    assert set(log_versions(data_stack["LogBucket"]).values()) == {1}


def test_a_rival_takes_over_while_the_dying_sequencer_still_writes(
    aws_calls: Calls, data_stack: dict[str, str]
) -> None:
    events: list[Event] = []

    def come_in() -> None:
        events.extend(new := a_case(1))
        take_in(*new)

    def race() -> None:
        rival = a_sequencer()
        with at_call("dynamodb", "BatchWriteItem", rival.run):  # the head is committed and the tiles are written
            a_sequencer().run()

    def go_on() -> None:
        a_sequencer().run()
        come_in()

    come_in()
    writes = die_at_each_write(aws_calls, "after", race, go_on)
    a_sequencer().run()

    assert writes > WRITES
    check_everything(events)
    assert set(log_versions(data_stack["LogBucket"]).values()) == {1}
