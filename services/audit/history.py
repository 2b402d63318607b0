"""A log as its bucket holds it: its largest signed checkpoint, and every batch before it made anew from the entries.

It trusts the log's key and nothing else, and writes nothing.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from services.audit.batch import CHECKPOINT, MOST, Pending, Signed, Staged, archived, stage
from services.audit.listing import LogListing
from services.audit.objects import halt
from services.audit.signer import SigningRefused, check_growth
from services.audit.tiles import Edge, load_edge, reading_at
from services.audit.verify.checkpoint import Checkpoint, verify_checkpoint
from services.audit.verify.errors import NotVerified
from services.audit.verify.layout import WIDTH, bundle_path, decode_bundle, tile_width
from services.audit.verify.merkle import EMPTY_ROOT
from services.audit.verify.policy import Policy
from services.shared.observe import logger

OBJECTS_KEPT = 64  # tiles and bundles that neighbouring batches share


class Archived(NamedTuple):
    """A batch made anew from the log, and when its checkpoint was archived."""

    staged: Staged
    at: datetime


class History:
    """The log up to its `tip`: the largest archived checkpoint that the log's key signed."""

    def __init__(self, origin: str, listing: LogListing, policy: Policy) -> None:
        self._listing = listing
        self._policy = policy
        self.tip = self._newest(Checkpoint(origin, 0, EMPTY_ROOT))
        self._read = reading_at(self.tip.size, lru_cache(OBJECTS_KEPT)(listing.read))

    def check_begins_with(self, before: Signed, what: str) -> None:
        """Raise LogHalted unless the tiles lead to the tip's root and its tree begins with `before`, called `what`."""
        try:
            check_growth(before, self.tip.size, self.tip.root, self._read)
        except SigningRefused as error:
            raise halt(f"the log does not begin with {what}: {error}") from error

    def edge(self, size: int) -> Edge:
        """Return the edge of the log at a size up to the tip's."""
        return load_edge(size, self._read)

    def size_before(self, size: int, batches: int) -> int:
        """Return the size of the log so many batches before `size`, or a later one that lies thousands before it."""
        earliest = max(0, size - batches * MOST)
        sizes = [earliest]
        for each, _ in self._listing.archived(earliest):
            if each >= size:
                break
            sizes.append(each)
        return sizes[-batches:][0]

    def batches(self, after: int) -> Iterator[Archived]:
        """Yield every batch after a size. Raises LogHalted when the entries do not have the root that was signed."""
        for size, at in self._listing.archived(after):
            signed = self._signed(size) if size <= self.tip.size else None
            if signed is not None:
                entries = self._entries(after, size)
                staged = stage(self.edge(after), [Pending(entry=entry, previous="") for entry in entries])
                if staged.root != signed.root:
                    raise halt(f"the entries of the log do not lead to its checkpoint {size}")
                yield Archived(staged, at)
                after = size

    def unfinished(self) -> list[bytes]:
        """Return the entries of a batch after the tip that was committed, as far as they were written."""
        return self._listing.beyond(self.tip.size)

    def _newest(self, none: Checkpoint) -> Checkpoint:
        newest = self._published(none)
        for size, _ in self._listing.archived(newest.size):
            newest = self._signed(size) or newest
        return newest

    def _published(self, none: Checkpoint) -> Checkpoint:
        try:
            return verify_checkpoint(self._listing.read(CHECKPOINT), self._policy)
        except LookupError:
            return none
        except NotVerified as error:
            raise halt(f"the published checkpoint is not the log's: {error}") from error

    def _signed(self, size: int) -> Checkpoint | None:
        """Return an archived checkpoint, or None for one that the log's key did not sign: it is not the log's."""
        path = archived(size)
        try:
            checkpoint = verify_checkpoint(self._listing.read(path), self._policy)
        except NotVerified as error:
            logger.error("checkpoint_passed_over", extra={"path": path, "reason": str(error)})
            return None
        if checkpoint.size != size:
            raise halt(f"{path} is a checkpoint of {checkpoint.size} entries")
        return checkpoint

    def _entries(self, start: int, end: int) -> list[bytes]:
        """Return the entries from `start` up to, not including, `end`."""
        found: list[bytes] = []
        for index in range(start // WIDTH, -(-end // WIDTH)):
            path = bundle_path(index, tile_width(end, level=0, index=index))
            found += decode_bundle(self._read(path))
        first = start // WIDTH * WIDTH
        return found[start - first : end - first]
