"""The stateful stack in memory for tests, and a record of every AWS call that the code makes, to count or to break.

The calls are seen where botocore sends them, so that whatever code runs is the code that ships.
"""

import warnings
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

import boto3
from botocore.handlers import BUILTIN_HANDLERS
from moto.backends import get_backend
from moto.core.models import DEFAULT_ACCOUNT_ID as ACCOUNT_ID
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table

from services.catalog.search_store import snapshots
from services.shared.dynamo import dynamodb
from services.shared.errors import GovShareError
from tests import moto_shortcuts
from tests.support import AUDIENCE, ISSUER, jwks_url

T = TypeVar("T")
REGION = "us-east-1"
DATA_STACK = Path(__file__).parents[1] / "infra" / "data.yaml"
WRITES = frozenset(
    {
        "PutItem",
        "UpdateItem",
        "DeleteItem",
        "TransactWriteItems",
        "BatchWriteItem",
        "PutObject",
        "PublishBatch",
        "SendMessage",
        "Invoke",
    }
)


class Crash(BaseException):
    """The process died here: no handler of ours may catch it."""


@dataclass
class Calls:
    """The AWS operations called since the start or the last `clear`, in order."""

    names: list[str] = field(default_factory=list)
    crashed: bool = False
    _fatal: tuple[str, int] | None = None
    _writes: int = 0

    def clear(self) -> None:
        """Forget what was called."""
        self.names.clear()

    @contextmanager
    def crash(self, when: str, nth: int) -> Iterator[None]:
        """Die `before` or `after` the nth write (from 1) inside the block; swallows that death, and no other.

        `crashed` tells afterwards whether there was an nth write to die at.
        """
        self._fatal, self._writes, self.crashed = (when, nth), 0, False
        try:
            yield
        except Crash:
            self.crashed = True
        finally:
            self._fatal = None

    def sending(self, operation: str) -> None:
        """Note a call that is about to be sent."""
        self.names.append(operation)
        self._writes += operation in WRITES
        self._die_if("before", operation)

    def answered(self, operation: str) -> None:
        """Note that a call was carried out."""
        self._die_if("after", operation)

    def _die_if(self, when: str, operation: str) -> None:
        if operation in WRITES and self._fatal == (when, self._writes):
            self._fatal = None
            raise Crash(f"{when} write {self._writes}: {operation}")


CALLS = Calls()


def _sending(model: Any, **_: Any) -> None:
    CALLS.sending(model.name)


def _answered(model: Any, **_: Any) -> None:
    CALLS.answered(model.name)


# Every session that is made from here on reports its calls; this module is imported before any client is made.
BUILTIN_HANDLERS.extend([("before-call", _sending), ("after-call", _answered)])


moto_shortcuts.take()


def make_data_stack() -> dict[str, str]:
    """Create the stack from its own template, in memory; return its outputs."""
    client = boto3.client("cloudformation")
    parameters = {"Environment": "local", "SigningKeyKind": "secret"}
    with warnings.catch_warnings():
        # Policies and subscriptions are not played in memory; the end-to-end tests have them.
        warnings.filterwarnings("ignore", message="Tried to parse", category=UserWarning)
        client.create_stack(
            StackName="data",
            TemplateBody=template(),
            Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()],
        )
    stack = client.describe_stacks(StackName="data")["Stacks"][0]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    boto3.client("secretsmanager").create_secret(Name=outputs["SigningKey"], SecretString="a secret of the tests")
    return outputs


@contextmanager
def one_call_at_a_time() -> Iterator[None]:
    """Let threads take turns at the tables inside the block: in memory a transaction is not alone, on AWS it is."""
    turns, events = Lock(), dynamodb().meta.events

    def begin(**_: object) -> None:
        turns.acquire()

    def end(**_: object) -> None:
        turns.release()

    handlers = {"before-call.dynamodb": begin, "after-call.dynamodb": end, "after-call-error.dynamodb": end}
    for name, handler in handlers.items():
        events.register(name, handler)
    try:
        yield
    finally:
        for name, handler in handlers.items():
            events.unregister(name, handler)


def empty(stack: Mapping[str, str]) -> None:
    """Forget everything that is in the stack's tables, buckets and queues, locked or not, by moto's own models."""
    tables = get_backend("dynamodb")[ACCOUNT_ID][REGION].tables
    buckets = get_backend("s3")[ACCOUNT_ID]["aws"].buckets
    queues = get_backend("sqs")[ACCOUNT_ID][REGION].queues
    for name in stack.values():
        if name in tables:
            tables[name].items.clear()
            # In memory nobody reads a stream, and moto copies a table with all of its stream at each write.
            tables[name].stream_shard = None
        if name in buckets:
            buckets[name].keys.clear()
    for queue in queues.values():
        queue._messages.clear()
    snapshots.cache_clear()


def stored(name: str) -> list[dict[str, Any]]:
    """Return every item of a table by moto's own models: to compare, where reading it by scans takes longest."""
    return [{key: _kept(value) for key, value in item.attrs.items()} for item in table_of(name).all_items()]


def _kept(value: DynamoType) -> DynamoType:
    # A string or a number is replaced when it changes; a set, a list or a map is changed in its place.
    return deepcopy(value) if isinstance(value.value, dict | list) else value


@contextmanager
def undone(name: str, case: str | None = None) -> Iterator[None]:
    """Put a table's items, or those of one case, back as they were when the block ends, by moto's own models."""
    items, key = table_of(name).items, DynamoType({"S": case})
    before = deepcopy({key: items[key]} if case else dict(items))
    try:
        yield
    finally:
        for each in [key] if case else list(items):
            items.pop(each, None)
        items |= before


def table_of(name: str) -> Table:
    """Return a table as moto holds it."""
    table: Table = get_backend("dynamodb")[ACCOUNT_ID][REGION].tables[name]
    return table


@cache
def template() -> str:
    """Return the template of the stateful stack."""
    return DATA_STACK.read_text()


def environment(stack: Mapping[str, str]) -> dict[str, str]:
    """Return what the templates set for the functions, from the stack's names."""
    return {
        "AWS_DEFAULT_REGION": REGION,
        "CATALOG_TABLE": stack["CatalogTable"],
        "REQUESTS_TABLE": stack["RequestsTable"],
        "AUDIT_TABLE": stack["AuditTable"],
        "PAYLOAD_BUCKET": stack["PayloadBucket"],
        "CATALOG_BASE": "urn:govshare",
        "FILES_BUCKET": stack["FilesBucket"],
        "JOBS_QUEUE_URL": stack["JobsQueueUrl"],
        "INDEX_QUEUE_URL": stack["IndexQueueUrl"],
        "SEARCH_ENGINE": "embedded",
        "CLOCK_PROFILE": "reg-2025",
        "CODE_PROFILE": "guide_2017",
        "LOG_BUCKET": stack["LogBucket"],
        "STAGING_BUCKET": stack["StagingBucket"],
        "DOORBELL_QUEUE_URL": stack["DoorbellQueueUrl"],
        "TOPIC_ARN": stack["EventsTopic"],
        "SIGNER_FUNCTION": "AuditSigner",
        "SIGNING_KEY_KIND": stack["SigningKeyKind"],
        "SIGNING_KEY": stack["SigningKey"],
        "LOG_ORIGIN": "govshare.test/filings",
        "TOKEN_ISSUER": ISSUER,
        "TOKEN_AUDIENCE": AUDIENCE,
        "TOKEN_JWKS_URL": jwks_url(),
    }


def at_once(*moves: Callable[[], T]) -> list[T | GovShareError]:
    """Make all moves at the same time; return what each made, or its refusal, in their order."""

    def outcome(move: Callable[[], T]) -> T | GovShareError:
        try:
            return move()
        except GovShareError as refusal:
            return refusal

    with one_call_at_a_time(), ThreadPoolExecutor(len(moves)) as pool:
        return list(pool.map(outcome, moves))
