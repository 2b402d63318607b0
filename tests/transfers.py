"""Steps that tests take with files: a table written, sent, checked and committed, and the queue's jobs done between.

The platform's part (the queue that wakes the worker, the form that is posted to S3) is played here; the rest is ours.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import uuid4

import boto3

from services.catalog.api import handler
from services.catalog.columns import HEADERS
from services.catalog.sheets import write_csv, write_xlsx
from services.catalog.work import handler as worker
from tests.support import Context, Reply, call, token

OFFICE = "informatization_office"
IMPORTS = "/catalog/imports"


def table(*rows: Mapping[str, str], format: str = "xlsx") -> bytes:
    """Return a table of these rows as a file; what a row does not say is empty."""
    whole = [dict.fromkeys(HEADERS, "") | dict(row) for row in rows]
    return write_xlsx(HEADERS, whole) if format == "xlsx" else write_csv(HEADERS, whole)


def announced(data: bytes, purpose: str, organisation: str = OFFICE, *, format: str = "xlsx") -> Reply:
    """Return a new import of a file whose bytes were sent to where the form says."""
    wanted = {"format": format, "as": purpose, "size": len(data)}
    made = call(handler, "POST", IMPORTS, token=token(organisation), json=wanted)
    assert made.status == 201, made.body
    form = made.body["upload"]["fields"]
    bucket = os.environ["FILES_BUCKET"]
    boto3.client("s3").put_object(Bucket=bucket, Key=form["key"], Body=data, ContentType=form["Content-Type"])
    return made


def checked(data: bytes, purpose: str, organisation: str = OFFICE, *, format: str = "xlsx") -> Reply:
    """Return an import whose file was read."""
    made = announced(data, purpose, organisation, format=format)
    act(made, "check", organisation)
    work()
    return read(made, organisation)


def committed(data: bytes, purpose: str, organisation: str = OFFICE, *, format: str = "xlsx") -> Reply:
    """Return an import whose good rows are in the catalogue."""
    seen = checked(data, purpose, organisation, format=format)
    assert seen.body["state"] == "CHECKED", seen.body
    assert act(seen, "commit", organisation).status == 200
    work()
    return read(seen, organisation)


def act(last: Reply, action: str, organisation: str = OFFICE) -> Reply:
    """Take an action on an import as it was last seen."""
    path, etag = f"{IMPORTS}/{last.body['id']}/{action}", {"If-Match": last.etag}
    body = {"reason": "表格有误"} if action == "discard" else {}
    return call(handler, "POST", path, token=token(organisation), json=body, headers=etag)


def read(last: Reply, organisation: str = OFFICE) -> Reply:
    """Return an import as it stands."""
    return call(handler, "GET", f"{IMPORTS}/{last.body['id']}", token=token(organisation))


def problems(last: Reply, organisation: str = OFFICE, limit: int = 100) -> list[dict[str, Any]]:
    """Return all problems of an import, page by page."""
    found: list[dict[str, Any]] = []
    following = ""
    while following is not None:
        path = f"{IMPORTS}/{last.body['id']}/problems?limit={limit}{following and f'&next={following}'}"
        page = call(handler, "GET", path, token=token(organisation)).body
        found += page["items"]
        following = page["next"]
    return found


def work() -> list[str]:
    """Do the queue's jobs until none is left; return the names that failed."""
    queue, sqs = os.environ["JOBS_QUEUE_URL"], boto3.client("sqs")
    failed: list[str] = []
    while messages := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=1).get("Messages", []):
        reported = worker({"Records": [_record(messages[0])]}, Context())["batchItemFailures"]
        if reported:
            failed.append(messages[0]["Body"])
        else:
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=messages[0]["ReceiptHandle"])
    return failed


def lose() -> None:
    """Lose every message that waits in the queue."""
    queue, sqs = os.environ["JOBS_QUEUE_URL"], boto3.client("sqs")
    while messages := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []):
        for message in messages:
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])


def deliver(*bodies: str) -> Sequence[Mapping[str, str]]:
    """Hand messages to the worker as the queue would; return what it reports as failed."""
    records: Iterable[dict[str, Any]] = ({"Body": body, "ReceiptHandle": "none"} for body in bodies)
    failed: Sequence[Mapping[str, str]] = worker({"Records": [_record(each) for each in records]}, Context())[
        "batchItemFailures"
    ]
    return failed


def _record(message: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "messageId": str(uuid4()),
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": {"ApproximateReceiveCount": "1"},
        "eventSource": "aws:sqs",
        "awsRegion": "us-east-1",
    }
