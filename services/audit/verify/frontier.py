"""The right edge of a tree that grows bundle by bundle: its root at any size, in memory of one tile a level.

Pure: it is given leaf hashes and remembers no more than it needs to go on.
"""

from collections.abc import Iterator, Sequence
from hashlib import sha256

from services.audit.verify.layout import HEIGHT, WIDTH
from services.audit.verify.merkle import fold, push


class Frontier:
    """A tree of which the last bundle is known leaf by leaf, and all before it by what is needed of it."""

    def __init__(self) -> None:
        self._bundles = 0
        self._peaks: list[bytes] = []  # over the bundles before the last one
        self._rows: list[Sequence[bytes]] = [[]]  # of the last one: its leaves, their parents, up to its root
        self.open: list[list[bytes]] = []
        """The hashes in the tile that is not full yet of each level from 1 on."""

    def add(self, leaves: Sequence[bytes]) -> Iterator[tuple[int, Sequence[bytes]]]:
        """Take the next bundle, 256 leaves or the last ones; yield level and hashes of each tile above that it fills.

        The caller goes through them all.
        """
        if self._bundles:
            push(self._peaks, self._bundles - 1, self._rows[HEIGHT][0])
        self._bundles += 1
        self._rows = list(_rows(leaves))
        return self._fill(1, self._rows[HEIGHT]) if len(leaves) == WIDTH else iter(())

    def root(self, width: int) -> bytes:
        """Return the root of all bundles before the last one and the first `width` leaves of that one."""
        heights = [height for height in reversed(range(HEIGHT + 1)) if width >> height & 1]
        return fold([*self._peaks, *(self._rows[height][(width >> height) - 1] for height in heights)])

    def _fill(self, level: int, root: Sequence[bytes]) -> Iterator[tuple[int, Sequence[bytes]]]:
        if len(self.open) < level:
            self.open.append([])
        hashes = self.open[level - 1]
        hashes += root
        if len(hashes) == WIDTH:
            self.open[level - 1] = []
            yield level, hashes
            *_, above = _rows(hashes)
            yield from self._fill(level + 1, above)


def _rows(hashes: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    """Yield the hashes and the roots over each two, four, ... 256 of them; what is left over has none."""
    yield hashes
    for _ in range(HEIGHT):
        pairs = iter(hashes)
        hashes = [sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=False)]
        yield hashes
