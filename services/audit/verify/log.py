"""A whole log, given as its objects (c2sp.org/tlog-tiles): every byte of it is computed again from its entries.

One pass, entry by entry; what is remembered is the cases and the tree's right edge. Knows no storage.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from services.audit.verify.canonical import Fields, parse_entries
from services.audit.verify.cases import Cases, find_twice
from services.audit.verify.checkpoint import Checkpoint, verify_checkpoint
from services.audit.verify.errors import NotVerified, about
from services.audit.verify.frontier import Frontier
from services.audit.verify.inventory import ARCHIVE, CHECKPOINT, take_inventory
from services.audit.verify.layout import HEIGHT, WIDTH
from services.audit.verify.policy import NO_QUORUM, Policy
from services.audit.verify.stored import Read, Stored

OLDER = "the older checkpoint"


@dataclass(frozen=True)
class LogObjects:
    """The objects of a log: the `paths` of all of them, and `read`, which raises LookupError where there is none."""

    paths: Iterable[str]
    read: Read


@dataclass(frozen=True)
class LogVerdict:
    """What a verified log is: `size` entries under `root`, of so many `cases`, told by so many archived `checkpoints`.

    `since` is the size of the older checkpoint that it was found to begin with; None when none was given.
    """

    origin: str
    size: int
    root: bytes
    cases: int
    checkpoints: int
    since: int | None = None


def verify_log(log: LogObjects, policy: Policy, *, since: bytes | None = None) -> LogVerdict:
    """Return what a log is, once all of it holds together: signatures, entries, cases, tiles old and new, nothing else.

    `since` is an older signed checkpoint of it that the caller kept. For that one and the archived ones the log's own
    signature is enough; the latest must reach the policy's quorum. Raises NotVerified for the first thing that does not
    hold, with its path, index or size; Malformed when that is not in its format.
    """
    latest = _signed(log.read, CHECKPOINT, policy)
    inventory = take_inventory(log.paths, latest.size)
    alone = replace(policy, quorum=NO_QUORUM)
    older = None if since is None else _older(since, alone, latest)
    audit = _Audit(log.read, latest, Stored(log.read, inventory), alone)
    audit.run([*((size, f"{ARCHIVE}{size}") for size in inventory.archived)], older)
    since_size = None if older is None else older.size
    return LogVerdict(
        latest.origin, latest.size, latest.root, len(audit.cases), len(inventory.archived), since=since_size
    )


class _Audit:
    """One pass over the entries of a log whose latest checkpoint is `latest`."""

    def __init__(self, read: Read, latest: Checkpoint, stored: Stored, policy: Policy) -> None:
        self.cases = Cases()
        self._read = read
        self._policy = policy
        self._stored = stored
        self._latest = latest
        self._known = {CHECKPOINT: latest}
        self._frontier = Frontier()
        self._due: deque[tuple[int, str]] = deque()

    def run(self, archived: Sequence[tuple[int, str]], older: Checkpoint | None) -> None:
        """Go over all entries; the archived checkpoints are given by size and path."""
        self._known |= {OLDER: older} if older else {}
        self._due.extend(sorted([*archived, *((each.size, name) for name, each in self._known.items())]))
        self._check_roots(start=0, end=0)
        for start, entries in self._bundles():
            leaves = [sha256(b"\x00" + entry).digest() for entry in entries]
            self._check_tiles(start, leaves)
            self._stored.check_older(start // WIDTH, entries)
            self.cases.follow(parse_entries(entries, first=start), leaves, first=start)
            self._check_roots(start=start, end=start + len(leaves))
        for level, hashes in enumerate(self._frontier.open, start=1):
            if hashes:
                self._stored.check_tile(level, self._latest.size >> HEIGHT * (level + 1), hashes)
        if suspects := self.cases.twice():
            find_twice(self._fields(), suspects)

    def _bundles(self) -> Iterator[tuple[int, list[bytes]]]:
        for start in range(0, self._latest.size, WIDTH):
            yield start, self._stored.entries(start // WIDTH)

    def _fields(self) -> Iterator[Fields]:
        for start, entries in self._bundles():
            yield from parse_entries(entries, first=start)

    def _check_tiles(self, start: int, leaves: Sequence[bytes]) -> None:
        """Check the hash tile beside a bundle, and those above it that it fills."""
        self._stored.check_tile(0, start // WIDTH, leaves)
        for level, hashes in self._frontier.add(leaves):
            self._stored.check_tile(level, start >> HEIGHT * (level + 1), hashes)

    def _check_roots(self, *, start: int, end: int) -> None:
        """Check the checkpoints of sizes up to `end`, which the bundle from `start` on reaches."""
        while self._due and self._due[0][0] <= end:
            size, name = self._due.popleft()
            checkpoint = self._known.get(name) or _signed(self._read, name, self._policy)
            if checkpoint != Checkpoint(self._latest.origin, size, self._frontier.root(size - start)):
                raise NotVerified(f"{name} is not that of the first {size} entries of {self._latest.origin}")


def _signed(read: Read, path: str, policy: Policy) -> Checkpoint:
    try:
        note = read(path)
    except LookupError as error:
        raise NotVerified(f"{path} is missing") from error
    with about(path):
        return verify_checkpoint(note, policy)


def _older(note: bytes, policy: Policy, latest: Checkpoint) -> Checkpoint:
    with about(OLDER):
        older = verify_checkpoint(note, policy)
    if older.size > latest.size:
        raise NotVerified(f"{OLDER} has {older.size} entries, the log only {latest.size}: it was rolled back")
    return older
