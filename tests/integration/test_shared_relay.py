"""The relay on a topic: what it publishes arrives, and what it cannot publish makes the whole batch come again."""

import json
import os
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from services.audit.store import AuditStore
from services.shared import relay
from services.shared.canonical import new_id
from services.shared.events import Event, Origin, event_of
from services.shared.request_bodies import RequestMoved
from tests.filing import take_in
from tests.stack import CALLS
from tests.standing import standing_stack
from tests.support import Context
from tests.unit.small_machine import NOON

BODY = RequestMoved(state="DRAFT", requester="drc", provider="110107", resource="e-1", offer=1, terms_hash="")


@pytest.fixture(scope="module", autouse=True)
def queue() -> Iterator[str]:
    """A queue that hears everything the topic says."""
    with standing_stack() as stack:
        sqs = boto3.client("sqs")
        url = sqs.create_queue(QueueName="ear.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        boto3.client("sns").subscribe(
            TopicArn=stack["EventsTopic"],
            Protocol="sqs",
            Endpoint=arn,
            Attributes={"RawMessageDelivery": "true"},
        )
        yield url


def events(count: int, case: str = "r-1") -> list[Event]:
    return [event_of("request.created", BODY, Origin(case, n, "drc", "o-7", NOON)) for n in range(1, count + 1)]


def stream(committed: list[Event]) -> dict[str, Any]:
    return {
        "Records": [
            {
                "eventName": "INSERT",
                "dynamodb": {
                    "NewImage": {"sk": {"S": f"EVENT#{event.case_seq:08}"}, "event": {"S": event.model_dump_json()}}
                },
            }
            for event in committed
        ]
    }


def arrived(queue: str) -> list[Event]:
    sqs, found = boto3.client("sqs"), list[Event]()
    while messages := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            found.append(Event.model_validate(json.loads(message["Body"])))
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return found


def test_committed_events_arrive_in_order_ten_a_call(queue: str) -> None:
    committed = events(12)
    CALLS.clear()
    relay.handler(stream(committed), Context())
    assert CALLS.names == ["PublishBatch", "PublishBatch"]
    assert arrived(queue) == committed


def test_a_batch_that_holds_no_event_makes_no_call() -> None:
    CALLS.clear()
    relay.handler({"Records": []}, Context())
    assert CALLS.names == []


def test_an_event_that_the_topic_does_not_take_fails_the_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    # A standard topic takes no group id: it refuses every entry of the batch.
    standard = boto3.client("sns").create_topic(Name="standard")["TopicArn"]
    monkeypatch.setenv("TOPIC_ARN", standard)
    with pytest.raises(RuntimeError, match="2 of 2 events were not taken by the topic"):
        relay.handler(stream(events(2)), Context())


def test_a_broken_event_item_stops_the_relay_instead_of_being_lost(queue: str) -> None:
    broken = stream(events(2))
    broken["Records"][1]["dynamodb"]["NewImage"]["event"]["S"] = "{}"
    with pytest.raises(ValueError, match="Event"):
        relay.handler(broken, Context())
    assert arrived(queue) == []


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("nth", [1, 2])
def test_a_relay_that_dies_at_a_publish_loses_nothing_and_its_replay_files_nothing_twice(
    queue: str, when: str, nth: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RETENTION_DAYS", "1")
    case = new_id()
    committed = events(12, case)
    with CALLS.crash(when, nth):
        relay.handler(stream(committed), Context())
    assert CALLS.crashed
    before = arrived(queue)

    relay.handler(stream(committed), Context())

    heard = before + arrived(queue)
    for again in (heard, heard):  # and a queue may deliver what it has delivered
        for start in range(0, len(again), 10):
            assert take_in(*again[start : start + 10]) == []
    marks, _ = AuditStore(os.environ["AUDIT_TABLE"], os.environ["LOG_ORIGIN"]).marks_of(case, limit=100, after=None)
    assert [mark.event_id for mark in marks] == [event.id for event in committed]
