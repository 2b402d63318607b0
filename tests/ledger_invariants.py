"""What must hold of a ledger whatever happened to it: each check yields what is wrong, in words.

It reads what is stored, not what the code says of it, and computes every tile and root anew from the entries.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from services.audit.batch import CHECKPOINT
from services.audit.entry import State
from services.audit.verify.checkpoint import parse_checkpoint, verify_checkpoint
from services.audit.verify.entry import verify_case
from services.audit.verify.errors import Malformed, NotVerified
from services.audit.verify.log import LogObjects, verify_log
from services.audit.verify.receipt import parse_receipt, verify_receipt
from services.shared.errors import Conflict
from services.shared.events import Event
from tests.ledger_harness import LOG, World
from tests.ledger_stored import (
    begins,
    committed,
    entries_at,
    event_of,
    fields,
    grown,
    is_of,
    mark_of,
    policy,
    receipt_for,
    size_of,
    waiting_names,
)

Faults = Iterator[str]


def check(world: World) -> list[str]:
    """Return everything that is wrong with a world in which all that was sent should be filed by now."""
    try:
        log = entries(world)
    except (LookupError, Malformed) as error:
        return [f"the log cannot be read: {error}"]
    world.settle(lambda event: any(is_of(entry, event) for entry in log))
    return [fault for find in CHECKS for fault in find(world, log)]


def audited(world: World, *, since: bytes | None = None) -> list[str]:
    """Return what the offline verifier finds wrong with the whole log, since an older checkpoint if one was kept."""
    log = LogObjects([path for path, versions in world.cloud.objects.get(LOG, {}).items() if versions[-1]], world.read)
    try:
        verify_log(log, policy(world), since=since)
    except (LookupError, Malformed, NotVerified) as error:
        return [f"the offline verifier says: {error}"]
    return []


def falsehoods(world: World) -> list[str]:
    """Return what is false of what others can see of a ledger, which may have stopped: signatures and receipts."""
    size = max((parse_checkpoint(message).size for message in world.cloud.signed), default=0)
    try:
        log = entries_at(world, size)
    except (LookupError, Malformed) as error:
        return [f"a tree of {size} was signed that cannot be read: {error}"]
    visible = (_every_signature_is_of_this_log, _checkpoints_are_this_logs, _every_receipt_is_true)
    return [fault for find in visible for fault in find(world, log)]


def kept(world: World) -> list[str]:
    """Return what is wrong between two steps: an event that was taken waits, or is in the committed log."""
    old = world.origin.cloud.items if world.origin else {}
    fresh = [key for key, held in world.cloud.items.items() if old.get(key) is not held and held]
    accepted = {key.removeprefix("EVT#") for key in fresh if key.startswith("EVT#")}
    waiting = {name.partition("/")[2] for name in waiting_names(world)}
    try:
        missing = (accepted | (world.taken & world.fresh)) - waiting - set(map(event_of, committed(world)))
    except LookupError as error:
        return [f"the committed log cannot be read: {error}"]
    return [f"{event} was taken and is nowhere" for event in sorted(missing)]


def entries(world: World) -> list[bytes]:
    """Return every entry of the published log. Raises LookupError when a bundle of it is missing."""
    return entries_at(world, world.size())


def _all_is_filed_once(world: World, log: Sequence[bytes]) -> Faults:
    counted = Counter(map(event_of, log))
    yield from (f"{event} is filed {count} times" for event, count in counted.items() if count > 1)
    yield from (f"{event} is lost" for event in world.sent.keys() - counted.keys())
    yield from (f"{event} is filed and was never sent" for event in counted.keys() - world.sent.keys())
    yield from (f"{name} still waits" for name in waiting_names(world))


def _nothing_is_written_twice(world: World, _: Sequence[bytes]) -> Faults:
    for path, versions in world.cloud.objects.get(LOG, {}).items():
        if path != CHECKPOINT and len(versions) > 1:
            said = "one byte string" if len(set(versions)) == 1 else f"{len(set(versions))} byte strings"
            yield f"{path} was written {len(versions)} times with {said}"


def _objects_are_what_was_committed(world: World, log: Sequence[bytes]) -> Faults:
    """Each archived checkpoint tells of one batch, and each batch writes tiles and bundles that are known."""
    held = world.cloud.objects.get(LOG, {})
    tiles = {path: versions[-1] for path, versions in held.items() if path.startswith("tile/")}
    sizes = sorted(int(path.partition("/")[2]) for path in held if path.startswith("checkpoints/"))
    wanted = {path: body for step in pairwise([0, *sizes]) for path, body in grown(log, *step)}
    yield from (f"{path} is missing" for path in wanted.keys() - tiles.keys())
    yield from (f"{path} is of no committed batch" for path in tiles.keys() - wanted.keys())
    yield from (
        f"{path} does not hold what the log says" for path in wanted if tiles.get(path) not in {None, wanted[path]}
    )


def _readers_had_what_was_published(world: World, _: Sequence[bytes]) -> Faults:
    yield from world.told.unreadable


def _every_signature_is_of_this_log(world: World, log: Sequence[bytes]) -> Faults:
    for message in set(world.cloud.signed):
        signed = parse_checkpoint(message)
        if not begins(signed, log):
            yield f"a tree of {signed.size} was signed that the log does not begin with"


def _checkpoints_are_this_logs(world: World, log: Sequence[bytes]) -> Faults:
    held = world.cloud.objects.get(LOG, {})
    archived = {path for path in held if path.startswith("checkpoints/")}
    for path in archived | ({CHECKPOINT} & held.keys()):
        checkpoint = verify_checkpoint(world.read(path), policy(world))
        if not begins(checkpoint, log) or path not in {CHECKPOINT, f"checkpoints/{checkpoint.size}"}:
            yield f"{path} is not a checkpoint of this log"
    sizes = [size_of(note) for note in world.told.published]
    if sizes != sorted(set(sizes)):
        yield f"the published checkpoint did not only grow: {sizes}"
    if missing := {f"checkpoints/{size}" for size in sizes} - archived:
        yield f"{sorted(missing)} were published and not archived"


def _every_mark_is_right(world: World, log: Sequence[bytes]) -> Faults:
    places = {event_of(entry): at for at, entry in enumerate(log)}
    before = world.origin.cloud.items if world.origin else {}
    for event in world.sent:
        name = f"EVT#{event}"
        if name in before and world.cloud.items.get(name) == before[name]:
            continue
        mark = mark_of(world, event)
        if mark is None or (mark.state, mark.index) != (State.FILED, places.get(event)):
            yield f"the mark of {event} does not say where it is filed"


def _every_new_case_verifies(world: World, log: Sequence[bytes]) -> Faults:
    """Cases in which nothing happened since the world was copied are as they were."""
    found = {event_of(entry): entry for entry in log}
    for case in {world.sent[event].case for event in world.fresh if event in found}:
        places = [at for at, entry in enumerate(log) if fields(entry)["case"] == case]
        if [fields(log[at])["case_seq"] for at in places] != [*range(1, len(places) + 1)]:
            yield f"the case {case} does not stand in its order in the log"
        own = sorted((e for e in world.sent.values() if e.case == case and e.id in found), key=_number)
        try:
            verify_case(
                [found[event.id] for event in own], [receipt_for(world, event.id) for event in own], policy(world)
            )
        except (Conflict, LookupError, Malformed, NotVerified) as error:
            yield f"the case {case} does not verify: {error}"


def _every_receipt_is_true(world: World, log: Sequence[bytes]) -> Faults:
    """An event that has no receipt is not filed, whatever its mark says."""
    for event in world.fresh:
        try:
            receipt = receipt_for(world, event)
        except (Conflict, LookupError):
            continue
        index = parse_receipt(receipt).index
        if index >= len(log) or event_of(log[index]) != event:
            yield f"the receipt of {event} is of another entry"
            continue
        try:
            verify_receipt(receipt, log[index], policy(world))
        except NotVerified as error:
            yield f"the receipt of {event} does not verify: {error}"


def _every_filing_is_answered_once(world: World, log: Sequence[bytes]) -> Faults:
    answered = Counter(event for event, _, _ in world.told.receipts)
    for event in world.fresh:
        expected = int(world.sent[event].filing is not None)
        if answered[event] != expected:
            yield f"{event} is answered {answered[event]} times, not {expected}"
    for event, size, published in world.told.receipts:
        if published < size:
            yield f"{event} was answered with the checkpoint {size} when {published} was published"


CHECKS: tuple[Callable[[World, Sequence[bytes]], Faults], ...] = (
    _all_is_filed_once,
    _nothing_is_written_twice,
    _objects_are_what_was_committed,
    _readers_had_what_was_published,
    _every_signature_is_of_this_log,
    _checkpoints_are_this_logs,
    _every_mark_is_right,
    _every_new_case_verifies,
    _every_filing_is_answered_once,
)


def _number(event: Event) -> int:
    return event.case_seq or 0
