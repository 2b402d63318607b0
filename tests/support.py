"""What integration tests share: calls through a function's own entry point, tokens of a test issuer, and the platform.

Nothing of ours is replaced: requests are API Gateway's events, messages are SQS's, keys come from the issuer's JWKS.
"""

import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from json import dumps, loads
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit
from uuid import uuid4

from joserfc import jwt
from joserfc.jwk import KeySet, OKPKey

from services.shared.dynamo import dynamodb
from services.shared.events import Event
from services.shared.relay import subject

ISSUER = "https://issuer.test"
AUDIENCE = "govshare"
Handler = Callable[[dict[str, Any], Any], Any]


@dataclass(frozen=True)
class Reply:
    """An HTTP answer: header names in lower case; `body` is decoded JSON where it is JSON, else the text."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def etag(self) -> str:
        """The version to send back in If-Match."""
        return self.headers["etag"]

    @property
    def pointers(self) -> list[str]:
        """What a refusal points at, sorted."""
        return sorted(error["pointer"] for error in self.body["errors"])


@dataclass(frozen=True)
class Context:
    """Lambda's context as far as anyone reads it."""

    aws_request_id: str = "test"
    function_name: str = "test"
    function_version: str = "$LATEST"
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:123456789012:function:test"
    memory_limit_in_mb: int = 512
    log_group_name: str = "test"
    log_stream_name: str = "test"

    def get_remaining_time_in_millis(self) -> int:
        """Return the time left, in milliseconds."""
        return 30_000


def call(  # noqa: PLR0913 - a request has these parts
    handler: Handler,
    method: str,
    path: str,
    *,
    token: str | None = None,
    json: Any = None,
    raw: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """Send a request through a function's entry point, as API Gateway's REST proxy would; `raw` is sent as it is."""
    sent = {name.lower(): value for name, value in (headers or {}).items()}
    sent |= {"authorization": f"Bearer {token}"} if token else {}
    body = raw if json is None else dumps(json, ensure_ascii=False)
    if body is not None:
        sent.setdefault("content-type", "application/json")
    return _reply(handler(rest_event(method, path, sent, body), Context()))


def rest_event(method: str, path: str, headers: Mapping[str, str], body: str | None) -> dict[str, Any]:
    """Return the event of API Gateway's REST proxy integration for a request."""
    address = urlsplit(path)
    query: dict[str, list[str]] = {}
    for name, value in parse_qsl(address.query, keep_blank_values=True):
        query.setdefault(name, []).append(value)
    return {
        "resource": address.path,
        "path": unquote(address.path),
        "httpMethod": method,
        "headers": dict(headers),
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {"requestId": str(uuid4()), "stage": "v1", "httpMethod": method, "path": address.path},
        "body": body,
        "isBase64Encoded": False,
    }


def _reply(answer: Mapping[str, Any]) -> Reply:
    headers = {name.lower(): value for name, value in (answer.get("headers") or {}).items()}
    headers |= {name.lower(): ", ".join(values) for name, values in (answer.get("multiValueHeaders") or {}).items()}
    is_json = "json" in headers.get("content-type", "") and answer["body"]
    return Reply(answer["statusCode"], headers, loads(answer["body"]) if is_json else answer["body"])


@cache
def issuer_key() -> OKPKey:
    """Return the test issuer's key, one for the run."""
    return OKPKey.generate_key("Ed25519", {"kid": "test-1", "use": "sig", "alg": "Ed25519"})


@cache
def jwks_url() -> str:
    """Return where the issuer's public key lies: a file, read by the same code that reads an https address."""
    place = Path(tempfile.mkdtemp(prefix="govshare-issuer-")) / "jwks.json"
    place.write_text(dumps(KeySet([issuer_key()]).as_dict(private=False)))
    return place.as_uri()


def token(organisation: str, *roles: str, **overrides: Any) -> str:
    """Return a token of the test issuer, for an officer unless `roles` say otherwise.

    `overrides` replace claims; None takes the claim out.
    """
    now = int(time.time())
    claims: dict[str, Any] = {"iss": ISSUER, "aud": AUDIENCE, "sub": f"o-{organisation}", "org": organisation}
    claims |= {"roles": list(roles or ("officer",)), "iat": now, "exp": now + 3600} | overrides
    kept = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode({"alg": "Ed25519", "kid": "test-1"}, kept, issuer_key(), algorithms=["Ed25519"])


def events_in(table: str) -> list[Event]:
    """Return every event that a table holds, in each case's order."""
    pages = dynamodb().get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    found = (item for page in pages for item in page["Items"] if item["sk"]["S"].startswith("EVENT#"))
    outbox = sorted((item["pk"]["S"], item["sk"]["S"], item["event"]["S"]) for item in found)
    return [Event.model_validate_json(event) for _, _, event in outbox]


def sqs_batch(events: Iterable[Event]) -> dict[str, Any]:
    """Return the events as one batch of a FIFO queue that gets raw messages from the topic."""
    return {"Records": [_message(number, event) for number, event in enumerate(events)]}


def _message(number: int, event: Event) -> dict[str, Any]:
    attributes = {
        "MessageGroupId": event.case,
        "MessageDeduplicationId": event.id,
        "SequenceNumber": f"{number:020}",
        "ApproximateReceiveCount": "1",
    }
    return {
        "messageId": str(uuid4()),
        "receiptHandle": "handle",
        "body": event.model_dump_json(),
        "attributes": attributes,
        "messageAttributes": {"subject": {"stringValue": subject(event), "dataType": "String"}},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:queue.fifo",
        "awsRegion": "us-east-1",
    }


@dataclass
class Pump:
    """The platform between a table and a queue's consumer: relay, topic and queue, in batches of ten.

    `subjects` are the prefixes that the queue subscribes to. What the handler reports as failed comes again.
    """

    table: str
    handler: Handler
    subjects: tuple[str, ...] = ("",)
    taken: set[str] = field(default_factory=set)

    def run(self, *, replays: int = 0) -> list[Event]:
        """Deliver each new event, then `replays` times again; return those that the handler took."""
        new = [e for e in events_in(self.table) if e.id not in self.taken and subject(e).startswith(self.subjects)]
        for _ in range(replays + 1):
            for first in range(0, len(new), 10):
                self._deliver(new[first : first + 10])
        return [event for event in new if event.id in self.taken]

    def _deliver(self, batch: list[Event]) -> None:
        sent = sqs_batch(batch)
        failures = (self.handler(sent, Context()) or {}).get("batchItemFailures", [])
        failed = {failure["itemIdentifier"] for failure in failures}
        for event, record in zip(batch, sent["Records"], strict=True):
            if record["messageId"] not in failed:
                self.taken.add(event.id)
