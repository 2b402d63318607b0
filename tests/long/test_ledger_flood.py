"""Ten thousand events go through the queues of a deployed stack while its functions are killed at random: each is filed
once, and every receipt verifies with nothing but the log's key."""

import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random

from services.audit.verify.receipt import verify_receipt
from services.shared.events import Event
from services.shared.organisations import OFFICE
from tests.e2e.city import City, eventually
from tests.ledger_flood import filed, flood, key_of, publish, size
from tools.govshare.redrive import redrive

EVENTS = int(os.environ.get("FLOOD_EVENTS", "10000"))
PATIENCE_SECONDS = 3_600.0
KILLED = ("AuditIntake", "AuditSequencer", "AuditSigner")
WORKER = "ministack-lambda-"  # how the emulator names the folder that a function's process runs from


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


def test_events_are_filed_once_though_functions_die(city: City) -> None:
    events, known = flood(EVENTS), key_of(city)
    names = [city.resource(name) for name in KILLED]

    with functions_dying(names, Random(6)) as killed:  # noqa: S311 - chance, not a secret
        publish(city, events)
        eventually(lambda: _driven(city, lambda: size(city) >= len(events)), PATIENCE_SECONDS)

    entries = filed(city, known)
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
