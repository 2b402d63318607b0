"""Makers for tests of the ledger: events of cases, their way into the log, and a check of everything in it."""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.audit import listen
from services.audit.batch import CHECKPOINT
from services.audit.filings import receipt_of
from services.audit.objects import LogReader, s3
from services.audit.sequence import Sequencer
from services.audit.store import AuditStore
from services.audit.tiles import TileTree
from services.audit.verify.checkpoint import Checkpoint, verify_checkpoint
from services.audit.verify.entry import verify_case
from services.audit.verify.layout import WIDTH, bundle_path, decode_bundle, tile_width
from services.audit.verify.merkle import leaf_hash, root_of
from services.audit.verify.policy import Policy, trust_log
from services.shared.canonical import new_id
from services.shared.dynamo import dynamodb
from services.shared.events import Event, Filing, FilingKind, Origin, event_of
from services.shared.organisations import OFFICE
from services.shared.request_bodies import RequestMoved
from tests.standing import standing_stack
from tests.support import Context, events_in, sqs_batch

REQUESTER, PROVIDER = "transport_commission", "110107"
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
FILED = Filing(kind=FilingKind.REQUEST, authority=OFFICE)


def prepare_ledger(stack: Mapping[str, str]) -> dict[str, str]:
    """Make the stack's log bucket ready; return what the functions' environment lacks.

    Memory's CloudFormation drops Object Lock and versioning; the local deployer sets them in the same way.
    """
    bucket = stack["LogBucket"]
    s3().put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3().put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"})
    return {"RETENTION_DAYS": "1"}


@contextmanager
def standing_ledger() -> Iterator[dict[str, str]]:
    """Make the data stack in memory with its ledger ready; yield its outputs, then take both away."""
    with standing_stack() as made, pytest.MonkeyPatch.context() as patch:
        for name, value in prepare_ledger(made).items():
            patch.setenv(name, value)
        yield made


def a_case(length: int, *, start: int = 1, case: str | None = None) -> list[Event]:
    """Return the events of a case from number `start` on; each third is a filing with the office."""
    case = case or new_id()
    return [_step(case, number) for number in range(start, start + length)]


def _step(case: str, number: int) -> Event:
    body = RequestMoved(
        state="DRAFT", requester=REQUESTER, provider=PROVIDER, resource="r-1", offer=number, terms_hash="ab" * 32
    )
    origin = Origin(case, number, REQUESTER, "o-1", NOON + timedelta(minutes=number))
    filing = FILED if number % 3 == 1 else None
    return event_of("request.proposed", body, origin, parties=(REQUESTER, PROVIDER), filing=filing)


def take_in(*events: Event) -> list[str]:
    """Deliver events to the ledger in one batch of its queue; return the ids of those that will come again."""
    sent = sqs_batch(events)
    failures = listen.intake(sent, Context())["batchItemFailures"]
    failed = {failure["itemIdentifier"] for failure in failures}
    return [event.id for event, record in zip(events, sent["Records"], strict=True) if record["messageId"] in failed]


def sign(size: int, root: bytes) -> str:
    """Ask the signing function, as the sequencer does."""
    return listen.sign({"size": size, "root": root.hex()}, None)["note"]


def a_sequencer() -> Sequencer:
    """Return a sequencer of the environment's log."""
    return listen.sequencer(sign)


def policy() -> Policy:
    """Return the policy of a verifier that trusts this log's key."""
    return trust_log(listen.sign({"action": "vkey"}, None)["vkey"])


def store() -> AuditStore:
    """Return the ledger's items."""
    return AuditStore(os.environ["AUDIT_TABLE"], os.environ["LOG_ORIGIN"])


def log() -> LogReader:
    """Return the log's objects."""
    return LogReader(os.environ["LOG_BUCKET"])


def published() -> Checkpoint:
    """Return the published checkpoint, once its signature holds."""
    return verify_checkpoint(log().read(CHECKPOINT), policy())


def entries() -> list[bytes]:
    """Return every entry of the published log, in order."""
    size = published().size
    widths = [tile_width(size, level=0, index=index) for index in range(-(-size // WIDTH))]
    bundles = [log().read(bundle_path(index, width)) for index, width in enumerate(widths)]
    return [entry for bundle in bundles for entry in decode_bundle(bundle)]


def receipt(event: Event) -> bytes:
    """Return the receipt of an event."""
    mark = store().mark(event.id)
    assert mark is not None
    return receipt_of(mark, log().read).encode()


def check_everything(events: Sequence[Event]) -> None:
    """Assert that the log holds each event once and nothing else, that tiles, signature, receipts and cases verify,
    that each filing is answered once, and that nothing waits."""
    filed, checkpoint = entries(), published()
    assert root_of(map(leaf_hash, filed)) == TileTree(checkpoint.size, log().read).root == checkpoint.root
    assert len(filed) == checkpoint.size == len(events)
    found = {mark.event_id: entry for mark, entry in zip(map(_mark, events), _filed_as(events, filed), strict=True)}
    assert set(found) == {event.id for event in events}
    for case in {event.case for event in events}:
        own = sorted((event for event in events if event.case == case), key=lambda event: event.case_seq or 0)
        verify_case([found[event.id] for event in own], [receipt(event) for event in own], policy())
    told = [event for event in events_in(os.environ["AUDIT_TABLE"]) if event.type == "filing.receipted"]
    answered = Counter(str(event.body["event_id"]) for event in told)
    assert answered == Counter(event.id for event in events if event.filing)
    assert store().pending() == []


def _mark(event: Event) -> Any:
    mark = store().mark(event.id)
    assert mark is not None
    return mark


def _filed_as(events: Iterable[Event], filed: Sequence[bytes]) -> Iterator[bytes]:
    return (filed[_mark(event).index] for event in events)


@contextmanager
def at_call(service: str, operation: str, action: Callable[[], object]) -> Iterator[None]:
    """Do something once, just before the first call of an AWS operation inside the block is sent."""
    client: Any = {"dynamodb": dynamodb, "s3": s3}[service]()
    name = f"before-call.{service}.{operation}"

    def act(**_: object) -> None:
        client.meta.events.unregister(name, act)
        action()

    client.meta.events.register(name, act)
    try:
        yield
    finally:
        client.meta.events.unregister(name, act)
