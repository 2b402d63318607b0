"""Ten thousand events go through the queues of a deployed stack while its functions are killed at random: each is filed
once, and every receipt verifies with nothing but the log's key."""

import json
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random

import pytest

from services.audit.verify.checkpoint import verify_checkpoint
from services.audit.verify.layout import WIDTH, bundle_path, decode_bundle, tile_width
from services.audit.verify.policy import Policy, trust_log
from services.audit.verify.receipt import verify_receipt
from services.shared.canonical import new_id
from services.shared.event_bodies import ResourceMoved
from services.shared.events import Event, Filing, FilingKind, Origin, event_of
from services.shared.organisations import OFFICE
from services.shared.relay import batches
from tests.e2e.city import City, eventually
from tests.filing import NOON
from tools.govshare.redrive import redrive

EVENTS = int(os.environ.get("FLOOD_EVENTS", "10000"))
A_CASE = 5
PATIENCE_SECONDS = 1_800.0
KILLED = ("AuditIntake", "AuditSequencer", "AuditSigner")
UNIT = "transport_commission"
WORKER = "ministack-lambda-"  # how the emulator names the folder that a function's process runs from


def flood(count: int) -> list[Event]:
    """Return the events of many cases, interleaved, each case in its own order."""
    cases = [new_id() for _ in range(count // A_CASE)]
    return [_step(case, number) for number in range(1, A_CASE + 1) for case in cases]


def _step(case: str, number: int) -> Event:
    body = ResourceMoved(state="DRAFT", provider=UNIT, metadata_hash="ab" * 32, entry_version=number)
    filing = Filing(kind=FilingKind.SECURITY_EVENT, authority=OFFICE) if number == 1 else None
    return event_of("resource.created", body, Origin(case, number, UNIT, "o-1", NOON), parties=(UNIT,), filing=filing)


@contextmanager
def functions_dying(names: Sequence[str], random: Random) -> Iterator[list[str]]:
    """Kill a process of one of the functions every few seconds; yield the names of the killed, as they come."""
    killed: list[str] = []
    over = threading.Event()

    def kill() -> None:
        while not over.wait(random.uniform(2.0, 8.0)):
            if found := [(name, pid) for name in names for pid in _processes(name)]:
                name, pid = random.choice(found)
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                    killed.append(name)

    hand = threading.Thread(target=kill)
    hand.start()
    try:
        yield killed
    finally:
        over.set()
        hand.join()


def _processes(function: str) -> Iterator[int]:
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if f"{WORKER}{function}-".encode() in place.read_bytes():
                yield int(place.parent.name)


def publish(city: City, events: Sequence[Event]) -> None:
    """Send events to the topic, as the relay does."""
    client, topic = city.aws("sns"), city.outputs["EventsTopic"]
    for batch in batches(event.model_dump_json() for event in events):
        assert not client.publish_batch(TopicArn=topic, PublishBatchRequestEntries=batch).get("Failed")


def size(city: City) -> int:
    """Return how many entries the published checkpoint covers."""
    answer = city.http.get("/audit/checkpoint")
    return int(answer.text.splitlines()[1]) if answer.is_success else 0


def filed(city: City, known: Policy) -> list[bytes]:
    """Return every entry of the published log, read from its bucket."""
    client, bucket = city.aws("s3"), city.outputs["LogBucket"]

    def read(path: str) -> bytes:
        return bytes(client.get_object(Bucket=bucket, Key=path)["Body"].read())

    checkpoint = verify_checkpoint(read("checkpoint"), known)
    widths = [tile_width(checkpoint.size, level=0, index=at) for at in range(-(-checkpoint.size // WIDTH))]
    return [entry for at, width in enumerate(widths) for entry in decode_bundle(read(bundle_path(at, width)))]


@pytest.fixture
def known(city: City) -> Policy:
    """The policy that trusts this log's key."""
    payload = json.dumps({"action": "vkey"})
    answer = city.aws("lambda").invoke(FunctionName=city.outputs["AuditSignerFunction"], Payload=payload)
    return trust_log(json.loads(answer["Payload"].read())["vkey"])


def test_events_are_filed_once_though_functions_die(city: City, known: Policy) -> None:
    events = flood(EVENTS)
    names = [city.resource(name) for name in KILLED]

    def all_filed() -> bool:
        return size(city) >= len(events)

    with functions_dying(names, Random(6)) as killed:  # noqa: S311 - chance, not a secret
        publish(city, events)
        eventually(lambda: _driven(city, all_filed), PATIENCE_SECONDS)

    entries = {json.loads(entry)["event_id"]: entry for entry in filed(city, known)}
    assert size(city) == len(entries) == len(events)
    assert entries.keys() == {event.id for event in events}
    assert set(killed) == set(names)
    reader = city.unit(OFFICE)

    def receipt_holds(event: Event) -> bool:
        receipt = reader.get(f"/audit/receipts/{event.id}")
        assert receipt.status_code == 200, receipt.text
        return bool(verify_receipt(receipt.content, entries[event.id], known))

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(receipt_holds, events))


def _driven(city: City, done: Callable[[], bool]) -> bool:
    """Say whether it is done; what was set aside on the way is sent in again, as an operator does."""
    redrive(city.outputs["AuditQueueUrl"], city.deployment.endpoint)
    return done()
