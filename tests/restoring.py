"""Backups of the audit table in a small world, taken at every moment and put back; and what is wrong after a recovery."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from services.audit import listen
from services.audit.entry import mark_of
from services.audit.recover import Progress
from services.shared.events import Event
from tests.filing import NOON
from tests.ledger_cloud import ANSWERS, Cloud, Item, Params
from tests.ledger_harness import World, file, inside, steps
from tests.ledger_invariants import check, entries
from tests.ledger_wire import WRITES, Send, hooked

Backup = dict[str, dict[str, Item]]
MOST_LISTED = 1_000


def _listed(cloud: Cloud, params: Params) -> Params:
    keys = sorted(cloud.objects.get(params["Bucket"], {}))
    found = [key for key in keys if key.startswith(params["Prefix"]) and key > params.get("StartAfter", "")]
    return {"Contents": [{"Key": key, "LastModified": NOON} for key in found[:MOST_LISTED]]} if found else {}


ANSWERS.setdefault("ListObjectsV2", _listed)


def back_up(world: World) -> Backup:
    """Return everything in the table. Items are replaced when they change, so that the backup can share them."""
    return {key: dict(held) for key, held in world.cloud.items.items()}


def restored(world: World, backup: Backup, *kinds: str) -> World:
    """Return a copy of a world whose table is as it was; with `kinds`, only the items whose key begins with one."""
    after = world.copy()
    after.taken.clear()
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


def recover() -> Progress:
    """Bring the table forward to the log, as the sequencing function does when it is told to."""
    return listen.recovery(listen.invoke_signer, listen.ask_signer({"action": "vkey"})["vkey"]).run()


def faults_after(world: World, *new: Event) -> list[str]:
    """Go on in a recovered world, with its producers sending all they ever sent and the next event of each case; return
    what is wrong then."""
    with inside(world):
        world.redeliver()
        world.send([*_next_steps(world), *new])
        file()
    return [*check(world), *_unanswered(world)]


def _next_steps(world: World) -> list[Event]:
    last: dict[str, int] = {}
    for event in world.sent.values():
        last[event.case] = max(last.get(event.case, 0), event.case_seq or 0)
    return [step for case, number in last.items() for step in steps(case, number + 1)]


def _unanswered(world: World) -> Iterator[str]:
    marks = [mark_of(entry) for entry in entries(world)]
    answered = {key for key, held in world.cloud.items.items() if key.startswith("RECEIPT#") and held}
    yield from (f"{mark.event_id} is not answered" for mark in marks if mark.filing and _answer(mark.event_id) not in answered)


def _answer(event_id: str) -> str:
    return f"RECEIPT#{event_id}"


def deaths(story: Callable[[int], Sequence[str]]) -> Iterator[str]:
    """Yield what is wrong in a story that is told once for each write that it may die at."""
