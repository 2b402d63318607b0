"""The queue of jobs: work that outlasts a request. Knows how a job lies in a message, not what it does."""

import os
from functools import cache
from typing import TYPE_CHECKING

import boto3

from services.shared.model import Model

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

AGAIN_SECONDS = 20  # what failed is tried again after this, not after the queue's own, much longer time


class Job(Model):
    """One piece of work: its name in `work.JOBS`, what it is about (an import's id, say), and which `part` of that."""

    name: str
    about: str
    part: int = 0


@cache
def sqs() -> "SQSClient":
    """Return this process's SQS client."""
    return boto3.client("sqs")


def enqueue(job: Job) -> None:
    """Ask for a job. It may be done more than once, and beside any other: a job must bear both."""
    sqs().send_message(QueueUrl=os.environ["JOBS_QUEUE_URL"], MessageBody=job.model_dump_json())


def come_again(handle: str) -> None:
    """Let a message that was received under this handle come again soon."""
    url = os.environ["JOBS_QUEUE_URL"]
    sqs().change_message_visibility(QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=AGAIN_SECONDS)
