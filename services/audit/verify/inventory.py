"""What lies in a log's tree, by its paths alone: which checkpoints, which partial tiles, and nothing that has no place.

Pure: reads no object.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field

from services.audit.verify.errors import NotVerified, about
from services.audit.verify.layout import HEIGHT, WIDTH, Tile, parse_path
from services.audit.verify.spelling import read_number

CHECKPOINT = "checkpoint"
ARCHIVE = "checkpoints/"
TILES = "tile/"
BESIDE = frozenset({"log.vkey", "policy"})  # who exports a log leaves them for others' verifiers; ours trusts neither


@dataclass
class Inventory:
    """The objects of a log of `size` entries: the `archived` sizes, ascending, and the partial tiles that are there."""

    size: int
    archived: list[int] = field(default_factory=list)
    _partials: dict[str, bytearray] = field(default_factory=dict)  # the full tile's path: widths, each one byte

    def present(self, tile: Tile) -> set[int]:
        """Return the widths of the partial tiles that are there of a full one."""
        return {*self._partials.get(tile.path, b"")}

    def needed(self, tile: Tile) -> set[int]:
        """Return the widths of the partial tiles that the checkpoints, archived and latest, have of a full one."""
        below = HEIGHT * (tile.level or 0)
        start, end = (tile.index * WIDTH) << below, ((tile.index + 1) * WIDTH) << below
        sizes = self.archived[bisect_right(self.archived, start) : bisect_left(self.archived, end)]
        return {tile.width_at(size) for size in (*sizes, self.size)} - {0, WIDTH}

    def note(self, path: str) -> None:
        """Take in one path; raises NotVerified when a log of this size has no such object."""
        if path.startswith(ARCHIVE):
            self.archived.append(self._archived(path))
        elif path.startswith(TILES):
            self._note_tile(parse_path(path))
        elif path != CHECKPOINT and path not in BESIDE:
            raise NotVerified(f"{path[:100]!r} is not an object of a log")

    def _archived(self, path: str) -> int:
        with about(repr(path[:100])):
            size = read_number(path.removeprefix(ARCHIVE))
        if size > self.size:
            raise NotVerified(f"{path} was signed, but the log has {self.size} entries only: it was rolled back")
        return size

    def _note_tile(self, tile: Tile) -> None:
        if tile.width > tile.width_at(self.size):
            raise NotVerified(f"{tile.path} is beyond the log's {self.size} entries")
        if tile.width < WIDTH:
            self._partials.setdefault(Tile(tile.level, tile.index).path, bytearray()).append(tile.width)


def take_inventory(paths: Iterable[str], size: int) -> Inventory:
    """Return what the paths tell of a log of `size`; raises NotVerified for one that such a log does not have."""
    inventory = Inventory(size)
    for path in paths:
        inventory.note(path)
    inventory.archived.sort()
    return inventory
