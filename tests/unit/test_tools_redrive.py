"""Dead letters go back to the queue they came from: all of them, in the order of their group, as they were."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from tools.govshare.failures import Unusable
from tools.govshare.redrive import redrive

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef


@pytest.fixture
def sqs(monkeypatch: pytest.MonkeyPatch) -> Iterator["SQSClient"]:
    """SQS with the queues audit.fifo and alarms, each with its dead letters, and dead-ends without."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        client = boto3.client("sqs")
        make(client, "audit", ".fifo", {"FifoQueue": "true"})
        make(client, "alarms", "", {})
        client.create_queue(QueueName="dead-ends")
        yield client


def make(client: "SQSClient", name: str, suffix: str, attributes: dict[str, str]) -> None:
    letters = client.create_queue(QueueName=f"{name}-dead-letters{suffix}", Attributes=attributes)["QueueUrl"]  # type: ignore[arg-type]  # names of attributes
    asked = client.get_queue_attributes(QueueUrl=letters, AttributeNames=["QueueArn"])
    policy = {"deadLetterTargetArn": asked["Attributes"]["QueueArn"], "maxReceiveCount": 5}
    client.create_queue(QueueName=f"{name}{suffix}", Attributes=attributes | {"RedrivePolicy": json.dumps(policy)})  # type: ignore[arg-type]  # the same


def url(client: "SQSClient", name: str) -> str:
    return client.get_queue_url(QueueName=name)["QueueUrl"]


def bury(client: "SQSClient", group: str, number: int) -> None:
    client.send_message(
        QueueUrl=url(client, "audit-dead-letters.fifo"),
        MessageBody=f"{group}-{number}",
        MessageGroupId=group,
        MessageDeduplicationId=f"{group}-{number}",
        MessageAttributes={"subject": {"DataType": "String", "StringValue": "request.submitted"}},
    )


def waiting(client: "SQSClient", name: str) -> list["MessageTypeDef"]:
    found: list[MessageTypeDef] = []
    asked = {"MaxNumberOfMessages": 10, "AttributeNames": ["All"], "MessageAttributeNames": ["All"]}
    while page := client.receive_message(QueueUrl=url(client, name), **asked).get("Messages"):  # type: ignore[arg-type]  # the settings above
        found += page
        for message in page:
            client.delete_message(QueueUrl=url(client, name), ReceiptHandle=message["ReceiptHandle"])
    return found


def test_every_message_goes_back_in_the_order_of_its_group(sqs: "SQSClient") -> None:
    for number in range(12):
        bury(sqs, "case-a", number)
        bury(sqs, "case-b", number)

    assert redrive("audit.fifo", poll_seconds=0) == 24

    bodies = [message["Body"] for message in waiting(sqs, "audit.fifo")]
    for group in ("case-a", "case-b"):
        assert [body for body in bodies if body.startswith(group)] == [f"{group}-{number}" for number in range(12)]
    assert waiting(sqs, "audit-dead-letters.fifo") == []


def test_a_message_keeps_its_group_and_its_attributes(sqs: "SQSClient") -> None:
    bury(sqs, "case-a", 1)
    redrive("audit.fifo", poll_seconds=0)

    message = waiting(sqs, "audit.fifo")[0]

    assert message["Attributes"]["MessageGroupId"] == "case-a"
    assert message["MessageAttributes"]["subject"]["StringValue"] == "request.submitted"


def test_a_message_that_the_queue_saw_a_moment_ago_is_not_dropped_as_a_duplicate(sqs: "SQSClient") -> None:
    sent = {"MessageBody": "case-a-1", "MessageGroupId": "case-a", "MessageDeduplicationId": "case-a-1"}
    sqs.send_message(QueueUrl=url(sqs, "audit.fifo"), **sent)  # type: ignore[arg-type]  # the parts above
    waiting(sqs, "audit.fifo")
    bury(sqs, "case-a", 1)

    redrive("audit.fifo", poll_seconds=0)

    assert [message["Body"] for message in waiting(sqs, "audit.fifo")] == ["case-a-1"]


def test_a_queue_without_order_is_redriven_too(sqs: "SQSClient") -> None:
    sqs.send_message(QueueUrl=url(sqs, "alarms-dead-letters"), MessageBody="one")
    assert redrive("alarms", poll_seconds=0) == 1
    assert [message["Body"] for message in waiting(sqs, "alarms")] == ["one"]


def test_nothing_to_move_is_no_error(sqs: "SQSClient") -> None:
    assert redrive("audit.fifo", poll_seconds=0) == 0


def test_a_queue_is_named_by_its_address_too(sqs: "SQSClient") -> None:
    bury(sqs, "case-a", 1)
    assert redrive(url(sqs, "audit.fifo"), poll_seconds=0) == 1


def test_an_unknown_queue_is_said_so(sqs: "SQSClient") -> None:
    with pytest.raises(Unusable, match="there is no queue nowhere"):
        redrive("nowhere", poll_seconds=0)


def test_a_queue_without_dead_letters_is_said_so(sqs: "SQSClient") -> None:
    with pytest.raises(Unusable, match="dead-ends sends no dead letters anywhere"):
        redrive("dead-ends", poll_seconds=0)
