"""Moves what a queue could not handle back into it: receive, send, delete, one message at a time.

By hand, because MiniStack has no StartMessageMoveTask, and so that a failure in between loses nothing. Knows nothing
of what a message says.
"""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError

from tools.govshare.failures import Unusable
from tools.govshare.running import aws_settings

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

AT_ONCE = 10
KEPT = ("DataType", "StringValue", "BinaryValue")


def redrive(queue: str, endpoint: str | None = None, *, poll_seconds: int = 1) -> int:
    """Move the dead letters of `queue` (its name or URL) back into it; return how many there were.

    The order in each group, bodies and attributes are kept. After a failure, run it again: what was not deleted is
    sent again, which consumers bear. A poll of no seconds may overlook messages on AWS.
    Raises Unusable when there is no such queue or it has no dead letters' queue.
    """
    client: SQSClient = boto3.client("sqs", **aws_settings(endpoint))
    url = _url(client, queue)
    letters = _dead_letters_of(client, url)
    moved = 0
    for message in _messages(client, letters, poll_seconds):
        client.send_message(QueueUrl=url, **_same(message))
        client.delete_message(QueueUrl=letters, ReceiptHandle=message["ReceiptHandle"])
        moved += 1
    return moved


def _messages(client: "SQSClient", url: str, poll_seconds: int) -> Iterator["MessageTypeDef"]:
    """Yield the messages of a queue, in each group's order, until there are none."""
    while messages := client.receive_message(
        QueueUrl=url,
        MaxNumberOfMessages=AT_ONCE,
        WaitTimeSeconds=poll_seconds,
        AttributeNames=["All"],
        MessageAttributeNames=["All"],
    ).get("Messages", []):
        yield from messages


def _same(message: "MessageTypeDef") -> dict[str, Any]:
    """Return what sends a message again.

    It is deduplicated by the dead letter's own id: by its first id the queue would drop it within five minutes of its
    first arrival, and by none it could come twice when this is cut short and run again.
    """
    attributes = message.get("MessageAttributes", {})
    kept = {name: {part: value[part] for part in KEPT if part in value} for name, value in attributes.items()}  # type: ignore[literal-required]  # the parts above
    again: dict[str, Any] = {"MessageBody": message["Body"], "MessageAttributes": kept}
    group = message.get("Attributes", {}).get("MessageGroupId")
    return again | ({"MessageGroupId": group, "MessageDeduplicationId": message["MessageId"]} if group else {})


def _url(client: "SQSClient", queue: str) -> str:
    if queue.startswith(("http://", "https://")):
        return queue
    try:
        return client.get_queue_url(QueueName=queue)["QueueUrl"]
    except ClientError as error:
        raise Unusable(f"there is no queue {queue}: {error.response['Error']['Code']}") from error


def _dead_letters_of(client: "SQSClient", url: str) -> str:
    asked = client.get_queue_attributes(QueueUrl=url, AttributeNames=["RedrivePolicy"])
    policy = json.loads(asked.get("Attributes", {}).get("RedrivePolicy", "{}"))
    if "deadLetterTargetArn" not in policy:
        raise Unusable(f"{url} sends no dead letters anywhere")
    return _url(client, str(policy["deadLetterTargetArn"]).rpartition(":")[2])
