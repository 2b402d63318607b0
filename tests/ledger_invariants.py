"""What must hold of a ledger whatever happened to it: each check yields what is wrong, in words.

It reads what is stored, not what the code says of it, and computes every tile and root anew from the entries.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import pairwise
from typing import Any

from services.audit.batch import CHECKPOINT, Staged
from services.audit.entry import Mark, State
from services.audit.filings import receipt_of
from services.audit.verify.checkpoint import Checkpoint, parse_checkpoint, verify_checkpoint
from services.audit.verify.entry import verify_case
from services.audit.verify.errors import Malformed, NotVerified
from services.audit.verify.layout import (
    WIDTH,
    bundle_path,
    decode_bundle,
    encode_entry,
    growing_tiles,
    join_hashes,
    tile_path,
    tile_width,
)
from services.audit.verify.log import LogObjects, verify_log
from services.audit.verify.merkle import leaf_hash, root_of
from services.audit.verify.note import ED25519, Key, parse_note
from services.audit.verify.policy import Policy, trust_log
from services.audit.verify.receipt import parse_receipt, verify_receipt
from services.shared.dynamo import plain
from services.shared.errors import Conflict
from services.shared.events import Event
from tests.ledger_harness import LOG, ORIGIN, STAGING, World

Faults = Iterator[str]


def check(world: World) -> list[str]:
    """Return everything that is wrong with a world in which all that was sent should be filed by now."""
    try:
        log = entries(world)
    except (LookupError, Malformed) as error:
        return [f"the log cannot be read: {error}"]
    world.settle(lambda event: any(_is_of(entry, event) for entry in log))
    return [fault for find in CHECKS for fault in find(world, log)]


def audited(world: World, *, since: bytes | None = None) -> list[str]:
    """Return what the offline verifier finds wrong with the whole log, since an older checkpoint if one was kept."""
    log = LogObjects([path for path, versions in world.cloud.objects[LOG].items() if versions[-1]], world.read)
    try:
        verify_log(log, policy(world), since=since)
    except (LookupError, Malformed, NotVerified) as error:
        return [f"the offline verifier says: {error}"]
    return []


def falsehoods(world: World) -> list[str]:
    """Return what is false of what others can see of a ledger, which may have stopped: signatures and receipts."""
    size = max((parse_checkpoint(message).size for message in world.cloud.signed), default=0)
    try:
        log = _entries_at(world, size)
    except (LookupError, Malformed) as error:
        return [f"a tree of {size} was signed that cannot be read: {error}"]
    visible = (_every_signature_is_of_this_log, _checkpoints_are_this_logs, _every_receipt_is_true)
    return [fault for find in visible for fault in find(world, log)]


def kept(world: World) -> list[str]:
    """Return what is wrong between two steps: an event that was taken waits, or is in the committed log."""
    old = world.origin.cloud.items if world.origin else {}
    fresh = [key for key, held in world.cloud.items.items() if old.get(key) is not held and held]
    accepted = {key.removeprefix("EVT#") for key in fresh if key.startswith("EVT#")}
    waiting = {name.partition("/")[2] for name in _waiting(world)}
    try:
        missing = (accepted | (world.taken & world.fresh)) - waiting - set(map(event_of, committed(world)))
    except LookupError as error:
        return [f"the committed log cannot be read: {error}"]
    return [f"{event} was taken and is nowhere" for event in sorted(missing)]


def committed(world: World) -> list[bytes]:
    """Return the entries of the log as it is committed, whether it is written out or not. Raises LookupError."""
    head = world.cloud.items.get(f"HEAD#{ORIGIN}", {}).get("HEAD")
    if head is None:
        return []
    said = plain(head)
    if said["applied"]:
        return _entries_at(world, int(said["size"]))
    body = world.cloud.latest(STAGING, said["staged_key"])
    if body is None:
        raise LookupError(f"there is no {said['staged_key']}")
    staged = Staged.model_validate_json(body)
    return [*_entries_at(world, staged.old_size), *staged.entries]


def entries(world: World) -> list[bytes]:
    """Return every entry of the published log. Raises LookupError when a bundle of it is missing."""
    return _entries_at(world, world.size())


def _all_is_filed_once(world: World, log: Sequence[bytes]) -> Faults:
    counted = Counter(map(event_of, log))
    yield from (f"{event} is filed {count} times" for event, count in counted.items() if count > 1)
    yield from (f"{event} is lost" for event in world.sent.keys() - counted.keys())
    yield from (f"{event} is filed and was never sent" for event in counted.keys() - world.sent.keys())
    yield from (f"{name} still waits" for name in _waiting(world))


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
    wanted = {path: body for step in pairwise([0, *sizes]) for path, body in _grown(log, *step)}
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
        if not _begins(signed, log):
            yield f"a tree of {signed.size} was signed that the log does not begin with"


def _checkpoints_are_this_logs(world: World, log: Sequence[bytes]) -> Faults:
    held = world.cloud.objects.get(LOG, {})
    archived = {path for path in held if path.startswith("checkpoints/")}
    for path in archived | ({CHECKPOINT} & held.keys()):
        checkpoint = verify_checkpoint(world.read(path), policy(world))
        if not _begins(checkpoint, log) or path not in {CHECKPOINT, f"checkpoints/{checkpoint.size}"}:
            yield f"{path} is not a checkpoint of this log"
    sizes = [_size(note) for note in world.told.published]
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
        mark = _mark(world, event)
        if mark is None or (mark.state, mark.index) != (State.FILED, places.get(event)):
            yield f"the mark of {event} does not say where it is filed"


def _every_new_case_verifies(world: World, log: Sequence[bytes]) -> Faults:
    """Cases in which nothing happened since the world was copied are as they were."""
    found = {event_of(entry): entry for entry in log}
    for case in {world.sent[event].case for event in world.fresh if event in found}:
        places = [at for at, entry in enumerate(log) if _fields(entry)["case"] == case]
        if [_fields(log[at])["case_seq"] for at in places] != [*range(1, len(places) + 1)]:
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


def policy(world: World) -> Policy:
    """Return the policy of a verifier who trusts this world's key."""
    return _policy(world.cloud.key.public_key().public_bytes_raw())


@cache
def _policy(public: bytes) -> Policy:
    return trust_log(Key(ORIGIN, ED25519, public).vkey)


def _entries_at(world: World, size: int) -> list[bytes]:
    widths = [(index, tile_width(size, level=0, index=index)) for index in range(-(-size // WIDTH))]
    return [entry for each in widths for entry in _decoded(world.read(bundle_path(*each)))]


@cache
def _decoded(bundle: bytes) -> list[bytes]:
    return decode_bundle(bundle)


@cache
def _fields(entry: bytes) -> dict[str, Any]:
    return dict(json.loads(entry))


def event_of(entry: bytes) -> str:
    """Return the event that an entry is of."""
    return str(_fields(entry)["event_id"])


def _is_of(entry: bytes, event: Event) -> bool:
    said = _fields(entry)
    return (said["event_id"], said["case"], said["actor"]) == (event.id, event.case, event.actor)


@cache
def _root(log: tuple[bytes, ...]) -> bytes:
    return root_of(map(leaf_hash, log))


def _begins(checkpoint: Checkpoint, log: Sequence[bytes]) -> bool:
    return checkpoint.size <= len(log) and checkpoint.root == _root(tuple(log[: checkpoint.size]))


def _grown(log: Sequence[bytes], old_size: int, size: int) -> Iterator[tuple[str, bytes]]:
    """Yield each tile and bundle that a batch writes, made from the log's entries."""
    for index, width in growing_tiles(old_size, size, 0):
        part = log[index * WIDTH : index * WIDTH + width]
        yield bundle_path(index, width), b"".join(map(encode_entry, part))
        yield tile_path(0, index, width), join_hashes(map(leaf_hash, part))
    for index, width in growing_tiles(old_size, size, 1):
        spans = range(index * WIDTH, index * WIDTH + width)
        yield tile_path(1, index, width), join_hashes(_root(tuple(log[n * WIDTH : (n + 1) * WIDTH])) for n in spans)


def _size(note: bytes) -> int:
    return parse_checkpoint(parse_note(note).text).size


def _mark(world: World, event: str) -> Mark | None:
    item = world.cloud.items.get(f"EVT#{event}", {}).get("EVT")
    if item is None:
        return None
    return Mark.model_validate({name: value for name, value in plain(item).items() if name in Mark.model_fields})


def receipt_for(world: World, event: str) -> bytes:
    """Return the receipt of an event. Raises Conflict while it is not filed, LookupError when it is not known."""
    mark = _mark(world, event)
    if mark is None:
        raise LookupError(f"there is no mark of {event}")
    return receipt_of(mark, world.read).encode()


def _waiting(world: World) -> list[str]:
    return [name for key, items in world.cloud.items.items() if key.startswith("PEND#") for name in items]


def _number(event: Event) -> int:
    return event.case_seq or 0
