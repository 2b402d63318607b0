"""One small world with a ledger in it, for tests that let it die: the code that ships, over the cloud in memory.

A world is copied from one whose log has a size already, so that a story about its next batch costs milliseconds.
"""

import logging
from collections.abc import Callable, Hashable, Iterable, Iterator, Set
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError
from hypothesis import settings

from services.audit import listen
from services.audit.batch import CHECKPOINT, archived
from services.audit.listen import SignerFailed
from services.audit.signer import signing_key
from services.audit.tiles import load_edge
from services.audit.verify.errors import NotVerified
from services.shared import canonical
from services.shared.dynamo import plain
from services.shared.events import Event
from tests.filing import NOON, a_case, take_in
from tests.ledger_clock import CLOCK
from tests.ledger_cloud import Cloud, Params
from tests.ledger_wire import Hook, hooked, wired
from tests.stack import Crash

ORIGIN = "govshare.test/filings"
LOG, STAGING = "log", "staging"
ENVIRONMENT = {
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AUDIT_TABLE": "audit",
    "LOG_BUCKET": LOG,
    "STAGING_BUCKET": STAGING,
    "DOORBELL_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/1/doorbell.fifo",
    "SIGNER_FUNCTION": "AuditSigner",
    "SIGNING_KEY_KIND": "kms",
    "SIGNING_KEY": "the log's",
    "LOG_ORIGIN": ORIGIN,
    "RETENTION_DAYS": "1",
}
MISFORTUNES = (Crash, ClientError, BotoCoreError, SignerFailed)
"""What may end a run without the log being wrong; a run that comes late is refused a signature, and dies of it."""
MOST_CALLS = 5_000


class Endless(BaseException):
    """The code makes calls for ever; no handler of ours may catch it."""


@dataclass
class Told:
    """What the world was told of: receipts (event, checkpoint, what was published then), checkpoints as they were
    published, and what of them could not be read at once.

    A write of a receipt that changes nothing makes no record in the table's stream, and is not told.
    """

    receipts: list[tuple[str, int, int]] = field(default_factory=list)
    published: list[bytes] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)


@dataclass
class World:
    """A ledger, the events that its producers sent (`sent`, by id), and those that the intake took.

    `rivals` are pairs of an event and the one in `sent` that it contradicts: whichever comes first is filed, alone.
    """

    cloud: Cloud
    sent: dict[str, Event] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    rivals: list[tuple[Event, Event]] = field(default_factory=list)
    told: Told = field(default_factory=Told)
    origin: "World | None" = None
    calls: int = 0

    @property
    def fresh(self) -> Set[str]:
        """The events that were sent since it was copied."""
        return self.sent.keys() - (self.origin.sent.keys() if self.origin else set())

    def copy(self) -> "World":
        """Return a world that was the same until now, and is told of what happens from now on."""
        return replace(self.branch(), told=Told(), origin=self, calls=0)

    def branch(self) -> "World":
        """Return a world that has this one's past, and a future of its own."""
        told = Told([*self.told.receipts], [*self.told.published], [*self.told.unreadable])
        return replace(self, cloud=self.cloud.copy(), sent=dict(self.sent), taken=set(self.taken), told=told)

    def state(self) -> Hashable:
        """Return all that whoever comes next can find, apart from what was there when the world was copied."""
        before = self.origin.cloud if self.origin else Cloud()
        changed = {key for key, held in self.cloud.items.items() if before.items.get(key) is not held}
        items = {(key, name, repr(item)) for key in changed for name, item in self.cloud.items[key].items()}
        objects = {
            (bucket, key, versions[-1:] if bucket == STAGING else versions)
            for bucket, held in self.cloud.objects.items()
            for key, versions in held.items()
            if before.objects.get(bucket, {}).get(key) is not versions
        }
        return frozenset(items), frozenset(objects), frozenset(self.cloud.signed), repr(self.told)

    def answer(self, client: Any, operation: str, params: Params) -> Any:
        """Carry out a call, and note what others can see of it."""
        self.calls += 1
        if self.calls > MOST_CALLS:
            raise Endless(f"{self.calls} calls and no end")
        if operation == "BatchWriteItem":
            self._note_receipts(params)
        said = self.cloud.answer(client, operation, params)
        if operation == "PutObject" and params["Key"] == CHECKPOINT:
            self._note_publication(params["Body"])
        return said

    def send(self, events: Iterable[Event]) -> None:
        """Deliver events to the intake in one batch; those that it does not take come again with `redeliver`."""
        batch = list(events)
        known = [rival for rival, _ in self.rivals]
        self.sent |= {event.id: event for event in batch if event not in known}
        failed = take_in(*batch)
        self.taken |= {event.id for event in batch} - set(failed)

    def settle(self, filed: Callable[[Event], bool]) -> None:
        """Take for sent what was filed where two events contradict each other."""
        for rival, event in self.rivals:
            if filed(rival):
                del self.sent[event.id]
                self.sent[rival.id] = rival
        self.rivals.clear()

    def redeliver(self) -> None:
        """Deliver what was not taken once more, each case in its order, as the queue does."""
        waiting = [event for event in self.sent.values() if event.id not in self.taken]
        if waiting:
            self.send(sorted(waiting, key=lambda event: event.case_seq or 0))

    def relay(self) -> None:
        """Deliver what the ledger itself has to tell of contradictions, as the relay does."""
        items = [item for held in self.cloud.items.values() for name, item in held.items() if name == "EVENT#security"]
        told = [Event.model_validate_json(plain(item)["event"]) for item in items]
        self.send(event for event in told if event.id not in self.taken)

    def read(self, path: str) -> bytes:
        """Return an object of the log as a reader gets it. Raises LookupError when there is none."""
        body = self.cloud.latest(LOG, path)
        if body is None:
            raise LookupError(f"there is no {path}")
        return body

    def size(self) -> int:
        """Return how many entries readers know of."""
        note = self.cloud.latest(LOG, CHECKPOINT)
        return int(note.split(b"\n")[1]) if note else 0

    def _note_publication(self, note: bytes) -> None:
        self.told.published.append(note)
        size = self.size()
        try:
            load_edge(size, self.read)
            self.read(archived(size))
        except (LookupError, NotVerified) as error:
            self.told.unreadable.append(f"when {size} was published, it could not be read: {error}")

    def _note_receipts(self, params: Params) -> None:
        ((_, requests),) = params["RequestItems"].items()
        for item in (request["PutRequest"]["Item"] for request in requests if "PutRequest" in request):
            if item["sk"]["S"] == "EVENT#receipt" and self.cloud.item(item) != item:
                said = Event.model_validate_json(item["event"]["S"]).body
                self.told.receipts.append((str(said["event_id"]), int(str(said["checkpoint_size"])), self.size()))


@contextmanager
def a_place() -> Iterator[None]:
    """Set the functions' environment and clock; what is kept of them is forgotten before and after."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        patch.delenv("AWS_ENDPOINT_URL", raising=False)
        patch.setattr(canonical, "datetime", CLOCK)
        logging.disable(logging.CRITICAL)  # thousands of deaths are told to nobody
        signing_key.cache_clear()
        try:
            yield
        finally:
            signing_key.cache_clear()
            logging.disable(logging.NOTSET)


@contextmanager
def inside(world: World) -> Iterator[World]:
    """Have all calls inside the block made in this world."""
    with wired(world.answer):
        yield world


def file() -> int:
    """Run a sequencer, as its function does; return how many it filed."""
    return listen.sequencer(listen.invoke_signer).run()


def suffering(hook: Hook | None, work: Callable[[], object]) -> bool:
    """Do work whose calls go through `hook`; return whether a misfortune ended it."""
    try:
        with hooked(hook):
            work()
    except MISFORTUNES:
        return True
    return False


def steps(case: str, *numbers: int) -> list[Event]:
    """Return the events of a case with these numbers; the same ones in every run, so that every run is the same."""
    return [a_case(1, start=number, case=case)[0].model_copy(update={"id": f"{case}-{number}"}) for number in numbers]


def is_long() -> bool:
    """Say whether there is time for many stories: `make test-long`."""
    return settings.get_current_profile_name() == "long"


@cache
def a_world(size: int) -> World:
    """Return a world whose log has `size` entries, filed in one batch; to be copied."""
    world = World(Cloud(functions={ENVIRONMENT["SIGNER_FUNCTION"]: lambda asked: listen.sign(asked, None)}))
    CLOCK.moment = NOON
    cases = [steps(f"old-{at}", *range(1, min(3, size - at) + 1)) for at in range(0, size, 3)]
    with inside(world):
        world.send(event for case in cases for event in case)
        file()
    assert world.size() == size
    return world


@cache
def a_world_with_waiting(size: int, count: int) -> World:
    """Return a world whose log has `size` entries, and `count` more wait, of old cases and of new ones."""
    world = a_world(size).copy()
    open_case = [steps("old-252", 3)] if size == 254 else []
    with inside(world):
        world.send([event for case in [*open_case, steps("new", 1, 2, 3)] for event in case][:count])
    return world
