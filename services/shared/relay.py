"""The relay: every committed event goes from a table's stream to the topic, in order, and nothing else happens here.

It cannot fail for one record alone: it publishes, or raises so that the whole batch comes again.
"""

import os
from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3

from services.shared.dynamo import plain
from services.shared.events import Event
from services.shared.observe import count, logger, traced

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sns.type_defs import MessageAttributeValueTypeDef, PublishBatchRequestEntryTypeDef

BATCH_ENTRIES = 10  # SNS: at most ten messages and 262,144 bytes a call
BATCH_BYTES = 250_000


@cache
def sns() -> "SNSClient":
    """Return this process's SNS client."""
    return boto3.client("sns")


@traced
def handler(event: dict[str, Any], _context: object) -> None:
    """Publish the stream records that are new events; raise to have the batch again."""
    committed = list(committed_events(event["Records"]))
    publish(os.environ["TOPIC_ARN"], committed)
    count("EventsRelayed", len(committed))
    logger.info("relayed", extra={"events": len(committed)})


def committed_events(records: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Yield the JSON of each event that was inserted, in stream order."""
    for record in records:
        image = record["dynamodb"].get("NewImage", {})
        if record["eventName"] == "INSERT" and image.get("sk", {}).get("S", "").startswith("EVENT#"):
            yield plain({"event": image["event"]})["event"]


def publish(topic: str, events: list[str]) -> None:
    """Publish events in order, grouped by case and deduplicated by id. Raises RuntimeError when one is not taken."""
    for batch in batches(events):
        answer = sns().publish_batch(TopicArn=topic, PublishBatchRequestEntries=batch)
        if failed := answer.get("Failed"):
            raise RuntimeError(f"{len(failed)} of {len(batch)} events were not taken by the topic")


def batches(events: Iterable[str]) -> Iterator[list["PublishBatchRequestEntryTypeDef"]]:
    """Yield calls' worth of entries, within the topic's limits of count and bytes."""
    batch: list[PublishBatchRequestEntryTypeDef] = []
    size = 0
    for message in events:
        length = len(message.encode())
        if batch and (len(batch) == BATCH_ENTRIES or size + length > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(_entry(str(len(batch)), Event.model_validate_json(message), message))
        size += length
    if batch:
        yield batch


def _entry(name: str, event: Event, message: str) -> "PublishBatchRequestEntryTypeDef":
    attribute: MessageAttributeValueTypeDef = {"DataType": "String", "StringValue": subject(event)}
    return {
        "Id": name,
        "Message": message,
        "MessageGroupId": event.case,
        "MessageDeduplicationId": event.id,
        "MessageAttributes": {"subject": attribute},
    }


def subject(event: Event) -> str:
    """Return what subscriptions filter on: the type, and for a receipt the kind of what was filed."""
    return f"{event.type}.{event.body['kind']}" if event.type == "filing.receipted" else event.type
