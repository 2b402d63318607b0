"""A whole log as a folder of files that any verifier of its kind can check: checkpoints, tiles, bundles, key, policy.

The latest checkpoint is read first, and then only what belongs to it, so that a log that grows meanwhile does no harm.
Knows no bucket and no API; what is written is verified by who gets it.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Protocol

from services.audit.verify.checkpoint import Checkpoint, parse_checkpoint, verify_checkpoint
from services.audit.verify.inventory import ARCHIVE, CHECKPOINT, TILES
from services.audit.verify.layout import HEIGHT, WIDTH, Tile, parse_path
from services.audit.verify.note import Key, parse_note, signers
from services.audit.verify.policy import NO_QUORUM, Policy, parse_policy
from services.audit.verify.spelling import read_number
from tools.govshare.failures import Refused

KEY, POLICY = "log.vkey", "policy"
THREADS = 8
AT_ONCE = 512
DRAFT = ".part"
Told = Callable[[int], None]
"""Hears of each object that is in the folder, how many there are so far."""


@dataclass(frozen=True)
class Wanted:
    """An object to export, by its path, and how many bytes it has where that is known before it is read."""

    path: str
    size: int | None


class Source(Protocol):
    """Where a log is exported from; used by several threads at once."""

    def read(self, path: str) -> bytes:
        """Return the object at a path. Raises LookupError when there is none."""

    def objects(self, size: int) -> Iterable[Wanted]:
        """Return the archived checkpoints, tiles and bundles of the log of `size`; more may be named than there are."""


@dataclass(frozen=True)
class Exported:
    """What an export did: the log has `size` entries; so many objects were `fetched`, so many were there before.

    `witnessed` says whether the policy's quorum has cosigned the checkpoint; until it has, the log does not verify.
    """

    origin: str
    size: int
    fetched: int
    kept: int
    witnessed: bool


def export_log(source: Source, folder: Path, policy: bytes, told: Told = lambda _: None) -> Exported:
    """Write the log into `folder`, made when missing; what is there already is kept, nothing is taken away.

    May be run again, also after it was cut short. Raises Refused when the log has no checkpoint, lacks an object, or is
    not the log whose export lies there; NotVerified when no log of the policy signed the checkpoint.
    """
    note = _latest(source)
    known = parse_policy(policy)
    checkpoint, key = _signed_by(note, known)
    _check_older(folder, checkpoint)
    fetched = kept = 0
    with ThreadPoolExecutor(THREADS) as pool:
        objects = iter(source.objects(checkpoint.size))
        while some := list(islice(objects, AT_ONCE)):
            for done in pool.map(lambda each: _fetch(source, folder, each, checkpoint.size), some):
                fetched, kept = fetched + (done is True), kept + (done is False)
                told(fetched + kept)
    for path, body in ((KEY, f"{key.vkey}\n".encode()), (POLICY, policy), (CHECKPOINT, note)):
        _write(folder / path, body)
    witnessed = known.reaches_quorum(signers(parse_note(note), [*known.witnesses.values()]))
    return Exported(checkpoint.origin, checkpoint.size, fetched, kept, witnessed)


def belongs(path: str, size: int) -> bool:
    """Say whether an object of a log's bucket is part of the log of `size`; raises Malformed for an odd path."""
    if path.startswith(ARCHIVE):
        return read_number(path.removeprefix(ARCHIVE)) <= size
    tile = parse_path(path)
    return tile.width <= tile.width_at(size)


def tiles_of(sizes: Iterable[int]) -> Iterator[Tile]:
    """Yield each tile and bundle that a log has once it has archived checkpoints of these sizes, in ascending order."""
    size, last = 0, dict[int, Tile]()
    for size in sizes:
        for tile in _edge(size):
            if last.get(tile.level or 0) != tile:
                last[tile.level or 0] = tile
                yield from _with_bundle(tile)
    for level in range(_levels(size)):
        for index in range(size >> HEIGHT * (level + 1)):
            yield from _with_bundle(Tile(level, index))


def _edge(size: int) -> Iterator[Tile]:
    """Yield the partial hash tiles of a log of `size`."""
    for level in range(_levels(size)):
        tile = Tile(level, size >> HEIGHT * (level + 1))
        if width := tile.width_at(size):
            yield replace(tile, width=width)


def _with_bundle(tile: Tile) -> Iterator[Tile]:
    yield tile
    if tile.level == 0:
        yield replace(tile, level=None)


def _levels(size: int) -> int:
    return -(-size.bit_length() // HEIGHT)


def _latest(source: Source) -> bytes:
    try:
        return source.read(CHECKPOINT)
    except LookupError as error:
        raise Refused("the log has no checkpoint yet: there is nothing to export") from error


def _signed_by(note: bytes, policy: Policy) -> tuple[Checkpoint, Key]:
    """Return the checkpoint, and the log's key that signed it; witnesses may come later."""
    checkpoint = verify_checkpoint(note, replace(policy, quorum=NO_QUORUM))
    signed = signers(parse_note(note), policy.logs)
    return checkpoint, next(key for key in policy.logs if key in signed and key.name == checkpoint.origin)


def _check_older(folder: Path, checkpoint: Checkpoint) -> None:
    """Raise Refused when another or a longer log was exported to the folder: nothing is mixed with it."""
    place = folder / CHECKPOINT
    if not place.exists():
        return
    older = parse_checkpoint(parse_note(place.read_bytes()).text)
    if older.origin != checkpoint.origin or older.size > checkpoint.size:
        there, now = f"{older.size} entries of {older.origin}", f"{checkpoint.size} of {checkpoint.origin}"
        raise Refused(f"{folder} holds {there}, the log is {now}: it is another log, or was rolled back")


def _fetch(source: Source, folder: Path, wanted: Wanted, size: int) -> bool | None:
    """Make an object be in the folder: True when it was fetched, False when it was there, None when it has expired."""
    place = folder / wanted.path
    if place.exists() and wanted.size in (None, place.stat().st_size):
        return False
    try:
        body = source.read(wanted.path)
    except LookupError as error:
        if _may_be_gone(wanted.path, size):
            return None
        raise Refused(f"{wanted.path} is not there, or not for you to read") from error
    _write(place, body)
    return True


def _may_be_gone(path: str, size: int) -> bool:
    """Say whether a log of `size` has a full tile in the place of a partial one."""
    return path.startswith(TILES) and parse_path(path).width_at(size) == WIDTH != parse_path(path).width


def _write(place: Path, body: bytes) -> None:
    """Write a file whole or not at all."""
    place.parent.mkdir(parents=True, exist_ok=True)
    draft = place.with_name(place.name + DRAFT)
    draft.write_bytes(body)
    draft.replace(place)
