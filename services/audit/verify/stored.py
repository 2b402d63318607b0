"""What lies in a log's tree, compared byte for byte with what its entries make of it. Knows no signature, no case."""

from collections.abc import Callable, Sequence

from services.audit.verify.errors import Malformed, NotVerified, about
from services.audit.verify.inventory import Inventory
from services.audit.verify.layout import WIDTH, Tile, decode_bundle, encode_entry, join_hashes, split_hashes
from services.audit.verify.spelling import HASH_LENGTH

Read = Callable[[str], bytes]
"""Returns the bytes of the object at a path; raises LookupError when there is none."""


class Stored:
    """The bundles and tiles of a log, each read once: the latest, and the partial ones of every archived checkpoint.

    A partial one may be gone where a full one came after it; one that is there must hold the right bytes.
    """

    def __init__(self, read: Read, inventory: Inventory) -> None:
        self._read = read
        self._inventory = inventory

    def entries(self, index: int) -> list[bytes]:
        """Return the entries of a bundle; raises NotVerified when it is missing or holds another number of them."""
        path, width = self._latest(Tile(None, index))
        bundle = self._object(path)
        with about(path):
            entries = decode_bundle(bundle)
            if len(entries) != width:
                raise Malformed(f"it holds {len(entries)} entries, {width} are expected")
        return entries

    def check_older(self, index: int, entries: Sequence[bytes]) -> None:
        """Raise NotVerified unless the partial bundles that came before a bundle hold the beginning of its entries."""
        path, width = self._latest(Tile(None, index))
        for part in self._parts(Tile(None, index), width):
            older = Tile(None, index, part).path
            if self._object(older) != b"".join(map(encode_entry, entries[:part])):
                raise NotVerified(f"{older} does not hold the first {part} entries of {path}")

    def check_tile(self, level: int, index: int, hashes: Sequence[bytes]) -> None:
        """Raise NotVerified unless a hash tile, and its partial ones, hold just these hashes."""
        whole = join_hashes(hashes)
        for width in (len(hashes), *self._parts(Tile(level, index), len(hashes))):
            tile = Tile(level, index, width)
            found = self._object(tile.path)
            if found != whole[: width * HASH_LENGTH]:
                raise NotVerified(f"{tile.path}: {_difference(tile, found, hashes)}")

    def _latest(self, tile: Tile) -> tuple[str, int]:
        """Return the path and the width that a tile has at the log's size."""
        width = tile.width_at(self._inventory.size)
        return Tile(tile.level, tile.index, width).path, width

    def _parts(self, tile: Tile, width: int) -> list[int]:
        """Return the widths at which older, partial ones of a tile are there, if just those are that may be."""
        present, needed = self._inventory.present(tile), self._inventory.needed(tile)
        if odd := present - needed:
            raise NotVerified(f"{_partial(tile, odd)} is of no archived checkpoint")
        if width < WIDTH and (missing := needed - present):
            raise NotVerified(f"{_partial(tile, missing)} is missing")
        return sorted(present - {width})

    def _object(self, path: str) -> bytes:
        try:
            return self._read(path)
        except LookupError as error:
            raise NotVerified(f"{path} is missing") from error


def _partial(tile: Tile, widths: set[int]) -> str:
    return Tile(tile.level, tile.index, min(widths)).path


def _difference(tile: Tile, found: bytes, hashes: Sequence[bytes]) -> str:
    if len(found) != tile.width * HASH_LENGTH:
        return f"it has {len(found)} bytes, {tile.width * HASH_LENGTH} are expected"
    at = next(at for at, (one, other) in enumerate(zip(split_hashes(found), hashes, strict=False)) if one != other)
    below = Tile(tile.level - 1, tile.index * WIDTH + at).path if tile.level else f"entry {tile.index * WIDTH + at}"
    return f"its hash {at} is not that of {below}"
