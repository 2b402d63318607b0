"""The sequencer's function: woken by a ring or by the clock, it waits a ring's second out and files what is there."""

import json
import os
import time

import boto3
import pytest

from services.audit import listen
from tests.filing import a_case, prepare_ledger, store, take_in
from tests.support import Context


@pytest.fixture(autouse=True)
def ledger(data_stack: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty ledger."""
    for name, value in prepare_ledger(data_stack).items():
        monkeypatch.setenv(name, value)


def rings() -> list[str]:
    """Take what lies in the doorbell's queue out of it, and return the messages."""
    client, url = boto3.client("sqs"), os.environ["DOORBELL_QUEUE_URL"]
    messages = client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    for message in messages:
        client.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return [message["Body"] for message in messages]


def test_nothing_to_file_is_no_failure() -> None:
    listen.sequence({"source": "aws.events"}, Context())

    assert store().head().size == 0


def test_a_ring_is_heard_when_its_second_is_over_so_that_none_of_its_events_is_missed() -> None:
    until = time.time() + 0.4

    listen.sequence({"Records": [{"body": json.dumps({"until": until})}]}, Context())

    assert time.time() >= until


def test_a_ring_of_a_clock_far_ahead_is_waited_for_a_second_at_most() -> None:
    started = time.monotonic()

    listen.sequence({"Records": [{"body": json.dumps({"until": time.time() + 3600})}]}, Context())

    assert time.monotonic() - started < 30


def test_what_was_taken_in_rings_with_the_end_of_its_second() -> None:
    started = time.time()
    take_in(*a_case(2))

    (ring,) = rings()
    assert started < json.loads(ring)["until"] <= time.time() + 1


def test_a_redelivered_batch_rings_again_because_the_first_ring_may_be_lost() -> None:
    events = a_case(1)
    take_in(*events)
    rings()
    time.sleep(1.1)

    take_in(*events)

    assert len(rings()) == 1
