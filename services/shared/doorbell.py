"""A doorbell: a FIFO queue whose messages say nothing but that there is something to do.

All rings of one second are one, and who is rung for waits that second out: what was written in it is there to be done.
"""

import json
import time
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


@cache
def sqs() -> "SQSClient":
    """Return this process's SQS client."""
    return boto3.client("sqs")


def ring(queue_url: str, group: str) -> None:
    """Wake whoever listens at a queue when this second is over; `group` has one at a time of them run."""
    until = int(time.time()) + 1
    sqs().send_message(
        QueueUrl=queue_url,
        MessageBody=json.dumps({"until": until}),
        MessageGroupId=group,
        MessageDeduplicationId=str(until),
    )


def outwait(event: Mapping[str, Any]) -> None:
    """Wait, a second at most, until the second of the last ring is over: a later event of it rang the same ring."""
    until = max((json.loads(record["body"])["until"] for record in event.get("Records", ())), default=0)
    time.sleep(min(1.0, max(0.0, until - time.time())))
