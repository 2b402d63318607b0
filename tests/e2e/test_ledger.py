"""Writers and readers at once on a deployed ledger: what is published only grows, each checkpoint begins with the one
before it, and every receipt that a reader gets verifies at once."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from random import Random

from services.audit.merkle import consistency_proof
from services.audit.tiles import TileTree
from services.audit.verify.checkpoint import Checkpoint, verify_checkpoint
from services.audit.verify.merkle import EMPTY_ROOT, verify_consistency
from services.audit.verify.policy import Policy
from services.audit.verify.receipt import Verdict, verify_receipt
from services.shared.events import Event
from services.shared.organisations import OFFICE
from tests.e2e.city import City, eventually
from tests.ledger_flood import filed, flood, key_of, publish, reader

EVENTS, READERS = 120, 2
PATIENCE_SECONDS = 300.0  # an emulator may copy its tables for each transaction


class Tracker:
    """A reader who keeps the last checkpoint that it saw, and accepts none that does not begin with it."""

    def __init__(self, city: City, known: Policy) -> None:
        self._city, self._known, self._read = city, known, reader(city)
        self.last = Checkpoint("", 0, EMPTY_ROOT)

    def look(self) -> int:
        """Fetch the published checkpoint; return its size once it follows from the last one seen."""
        answer = self._city.http.get("/audit/checkpoint")
        if not answer.is_success:
            assert self.last.size == 0, answer.text
            return 0
        seen = verify_checkpoint(answer.content, self._known)
        tree = TileTree(seen.size, self._read)
        verify_consistency(
            old_size=self.last.size,
            old_root=self.last.root,
            size=seen.size,
            root=seen.root,
            proof=consistency_proof(self.last.size, seen.size, tree.node),
        )
        self.last = seen
        return seen.size


def test_readers_never_see_the_log_shrink_fork_or_give_a_receipt_that_does_not_hold(city: City) -> None:
    events, known, over = flood(EVENTS), key_of(city), threading.Event()
    before = Tracker(city, known).look()

    def write(part: Sequence[Event]) -> None:
        for at in range(0, len(part), 10):
            publish(city, part[at : at + 10])

    def read(seed: int) -> list[tuple[str, bytes]]:
        tracker, random, caller = Tracker(city, known), Random(seed), city.unit(OFFICE)  # noqa: S311 - a game
        got: list[tuple[str, bytes]] = []
        while not over.is_set():
            seen = tracker.look()
            event = random.choice(events)
            receipt = caller.get(f"/audit/receipts/{event.id}")
            assert receipt.status_code in {200, 404, 409}, receipt.text
            if receipt.status_code == 200:
                got.append((event.id, receipt.content))
                assert int(receipt.text.split("\n\n")[1].splitlines()[1]) <= max(seen, tracker.look())
        return got

    with ThreadPoolExecutor(READERS + 1) as pool:
        readers = [pool.submit(read, seed) for seed in range(READERS)]
        try:
            pool.submit(write, events).result()
            eventually(lambda: Tracker(city, known).look() >= before + len(events), PATIENCE_SECONDS)
        finally:
            over.set()
        receipts = [each for done in readers for each in done.result()]

    entries = filed(city, known)
    assert {event.id for event in events} <= entries.keys()
    verdicts: list[Verdict] = [verify_receipt(receipt, entries[event_id], known) for event_id, receipt in receipts]
    assert len({each.index for each in verdicts}) > 1
