"""Backups of the audit table in a small world, taken at every moment and put back; what is wrong after a recovery."""

from collections.abc import Callable, Iterator
from typing import Any

from services.audit import listen
from services.audit.entry import mark_of
from services.audit.recover import Progress, Recovery
from services.shared.events import Event
from tests.filing import NOON
from tests.ledger_cloud import ANSWERS, Cloud, Item, Params
from tests.ledger_harness import LOG, World, a_world, file, inside, steps
from tests.ledger_invariants import check, entries
from tests.ledger_wire import WRITES, Send, hooked

Backup = dict[str, dict[str, Item]]
MOST_LISTED = 1_000


def _listed(cloud: Cloud, params: Params) -> Params:
    keys = sorted(cloud.objects.get(params["Bucket"], {}))
    found = [key for key in keys if key.startswith(params["Prefix"]) and key > params.get("StartAfter", "")]
    return {"Contents": [{"Key": key, "LastModified": NOON} for key in found[:MOST_LISTED]]} if found else {}


ANSWERS.setdefault("ListObjectsV2", _listed)


def put(world: World, path: str, body: bytes = b"") -> None:
    """Let an object lie in the log's bucket."""
    world.cloud.objects.setdefault(LOG, {})[path] = (body,)


def a_log(*batches: list[Event], size: int = 3) -> World:
    """Return a world whose log has some entries, and these batches after them."""
    world = a_world(size).copy()
    with inside(world):
        for batch in batches:
            world.send(batch)
            file()
    return world


def back_up(world: World) -> Backup:
    """Return everything in the table. Items are replaced when they change, so that the backup can share them."""
    return {key: dict(held) for key, held in world.cloud.items.items()}


def restored(world: World, backup: Backup, *kinds: str) -> World:
    """Return a copy of a world whose table is as it was; with `kinds`, only the items whose key begins with one."""
    after = world.copy()
    after.taken -= {event.id for event in world.sent.values() if event.case in _latest_cases(world)}
    kept = {key: held for key, held in after.cloud.items.items() if kinds and not key.startswith(kinds)}
    after.cloud.items = kept | {k: dict(held) for k, held in backup.items() if not kinds or k.startswith(kinds)}
    return after


def backups_during(world: World, work: Callable[[], object]) -> list[Backup]:
    """Do work in a world; return the backups of before it and of after each of its writes."""
    taken = [back_up(world)]

    def note(operation: str, params: Params, send: Send) -> Any:
        said = send(params)
        if operation in WRITES:
            taken.append(back_up(world))
        return said

    with inside(world), hooked(note):
        work()
    return taken


def recovery() -> Recovery:
    """Return the recovery of the table, as the sequencing function has it."""
    return listen.recovery(listen.invoke_signer, listen.ask_signer({"action": "vkey"})["vkey"])


def recover() -> Progress:
    """Bring the table forward to the log."""
    return recovery().run()


def recovered(world: World) -> Progress:
    """Recover the table of a world."""
    with inside(world):
        return recover()


def faults_after(world: World, *new: Event) -> list[str]:
    """Let producers send again what they sent last, and the next event of each case; return what is wrong then."""
    with inside(world):
        world.redeliver()
        world.send([*_next_steps(world), *new])
        file()
    return [*check(world), *_unanswered(world)]


def _next_steps(world: World) -> list[Event]:
    return [step for case, number in _latest_cases(world).items() for step in steps(case, number + 1)]


def _latest_cases(world: World) -> dict[str, int]:
    """Return the cases that were sent last, with the number of their last event."""
    last: dict[str, int] = {}
    for event in world.sent.values():
        last[event.case] = max(last.get(event.case, 0), event.case_seq or 0)
    return dict([*last.items()][-4:])


def _unanswered(world: World) -> Iterator[str]:
    marks = [mark_of(entry) for entry in entries(world)]
    answered = {key for key, held in world.cloud.items.items() if key.startswith("RECEIPT#") and held}
    filings = [mark.event_id for mark in marks if mark.filing]
    yield from (f"{event} is not answered" for event in filings if f"RECEIPT#{event}" not in answered)
