"""Whether everything that was committed has gone its way: through the outbox, the queues and into the ledger.

Knows where to count; knows nothing of what the messages say.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import httpx

from infra.local.deploy import Deployment
from infra.local.home import LocalStackError
from infra.local.places import Place, place_at
from infra.local.stack import Stack

BUDGET_SECONDS = 90.0
ASIDE = ("DeadLetters", "Failures")  # how the queues are named that hold what could not be handled
RECEIPT = "RECEIPT#"  # how the ledger's outbox names receipts, which are no entries


@dataclass(frozen=True)
class Waiting:
    """How many messages are on their way at one moment."""

    queued: int
    unfiled: int
    """Events that are committed but not yet under a signed checkpoint; counted once the queues are empty."""
    set_aside: int

    def __str__(self) -> str:
        counts = {
            "messages in queues": self.queued,
            "events not yet filed": self.unfiled,
            "messages in dead-letter queues": self.set_aside,
        }
        return ", ".join(f"{count} {what}" for what, count in counts.items() if count)


def wait_until_quiet(deployment: Deployment, say: Callable[[str], None], *, budget: float = BUDGET_SECONDS) -> None:
    """Return once nothing waits any more; `say` how many wait until then.

    Raises LocalStackError, saying what still waits, after `budget` seconds or when a message was set aside.
    """
    place = place_at(deployment.endpoint)
    until = time.monotonic() + budget
    told = ""
    while (now := waiting(place, deployment)).queued or now.unfiled:
        if time.monotonic() > until:
            raise LocalStackError(f"after {budget:.0f} s there still wait: {now}")
        if str(now) != told:
            say(f"waiting: {now}")
        told = str(now)
        time.sleep(1)
    if now.set_aside:
        raise LocalStackError(f"something could not be handled: {now}")


def waiting(place: Place, deployment: Deployment) -> Waiting:
    """Count what is on its way now."""
    data = Stack(place, f"{deployment.name}-data")
    queues = data.resources("AWS::SQS::Queue")
    counts = {name: _messages(place, url) for name, url in queues.items()}
    queued = sum(count for name, count in counts.items() if not name.endswith(ASIDE))
    return Waiting(
        queued=queued,
        unfiled=0 if queued else _unfiled(place, deployment, data.resources("AWS::DynamoDB::Table")),
        set_aside=sum(count for name, count in counts.items() if name.endswith(ASIDE)),
    )


def _unfiled(place: Place, deployment: Deployment, tables: Mapping[str, str]) -> int:
    """Return how many events of the services' outboxes the ledger lacks; this reads the tables whole."""
    committed = sum(_events(place, table) for table in tables.values())
    return max(0, committed - _filed(deployment))


def _messages(place: Place, url: str) -> int:
    counted = place.sqs.get_queue_attributes(
        QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    )["Attributes"]
    return int(counted["ApproximateNumberOfMessages"]) + int(counted["ApproximateNumberOfMessagesNotVisible"])


def _events(place: Place, table: str) -> int:
    pages = place.dynamodb.get_paginator("scan").paginate(
        TableName=table,
        Select="COUNT",
        FilterExpression="begins_with(sk, :event) AND NOT begins_with(pk, :receipt)",
        ExpressionAttributeValues={":event": {"S": "EVENT#"}, ":receipt": {"S": RECEIPT}},
    )
    return sum(page["Count"] for page in pages)


def _filed(deployment: Deployment) -> int:
    """Return how many entries the latest signed checkpoint covers (C2SP tlog-checkpoint: the second line)."""
    answer = httpx.get(f"{deployment.api}/audit/checkpoint", timeout=30, trust_env=False)
    if answer.status_code == httpx.codes.NOT_FOUND:
        return 0
    if not answer.is_success:
        raise LocalStackError(f"the ledger's checkpoint cannot be read: {answer.status_code} {answer.text[:200]}")
    return int(answer.text.splitlines()[1])
