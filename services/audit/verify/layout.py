"""Where a log's tiles and entry bundles lie and how they are written (c2sp.org/tlog-tiles, height 8).

Pure names and bytes: knows no storage and computes no hash.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from services.audit.verify.errors import Malformed
from services.audit.verify.spelling import HASH_LENGTH

HEIGHT = 8
WIDTH = 1 << HEIGHT  # hashes in a full tile, entries in a full bundle
LONGEST_ENTRY = 65_535  # its length is written in two bytes
_LENGTH_BYTES = 2
_DIGITS = 3
_PATH = re.compile(
    r"tile/(?P<level>[0-9]|[1-5][0-9]|6[0-3]|entries)/(?P<index>(?:x[0-9]{3}/){0,5}[0-9]{3})"
    r"(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)


@dataclass(frozen=True)
class Tile:
    """What a path names: a hash tile of a `level`, or a bundle of entries (`level` is None), by `index` and `width`."""

    level: int | None
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """The one path of it."""
        if self.level is None:
            return bundle_path(self.index, self.width)
        return tile_path(self.level, self.index, self.width)

    def width_at(self, size: int) -> int:
        """Return how much of it a log of `size` has: 0 (it is absent) to 256."""
        return tile_width(size, level=self.level or 0, index=self.index)


def parse_path(path: str) -> Tile:
    """Return what a path names; raises Malformed unless it is the one spelling of a tile's or bundle's path."""
    parts = _PATH.fullmatch(path)
    if parts is not None:
        level = None if parts["level"] == "entries" else int(parts["level"])
        tile = Tile(level, int(re.sub("[x/]", "", parts["index"])), int(parts["width"] or WIDTH))
        if tile.path == path:
            return tile
    raise Malformed(f"{path[:100]!r} is not the path of a tile or bundle")


def tile_path(level: int, index: int, width: int = WIDTH) -> str:
    """Return the path of hash tile `index` of `level` (0 is leaf hashes) when it holds `width` (1 to 256) hashes."""
    return f"tile/{level}/{_numbered(index)}{_partial(width)}"


def bundle_path(index: int, width: int = WIDTH) -> str:
    """Return the path of entry bundle `index` when it holds `width` (1 to 256) entries."""
    return f"tile/entries/{_numbered(index)}{_partial(width)}"


def tile_width(size: int, *, level: int, index: int) -> int:
    """Return how many hashes (level 0: also entries) tile `index` of `level` holds at `size`: 0 (absent) to 256."""
    return max(0, min(WIDTH, (size >> HEIGHT * level) - index * WIDTH))


def growing_tiles(old_size: int, size: int, level: int) -> Iterator[tuple[int, int]]:
    """Yield (index, width) of each tile of `level` that a log writes when it grows from `old_size` to `size`."""
    old, new = old_size >> HEIGHT * level, size >> HEIGHT * level
    if new > old:
        for index in range(old // WIDTH, -(-new // WIDTH)):
            yield index, min(WIDTH, new - index * WIDTH)


def join_hashes(hashes: Iterable[bytes]) -> bytes:
    """Return the bytes of a hash tile."""
    return b"".join(hashes)


def split_hashes(tile: bytes) -> list[bytes]:
    """Return the hashes of a tile's bytes; raises Malformed when they are not 1 to 256 whole hashes."""
    if not tile or len(tile) % HASH_LENGTH or len(tile) > WIDTH * HASH_LENGTH:
        raise Malformed(f"a tile of {len(tile)} bytes is not 1 to {WIDTH} hashes of {HASH_LENGTH}")
    return [tile[at : at + HASH_LENGTH] for at in range(0, len(tile), HASH_LENGTH)]


def encode_entry(entry: bytes) -> bytes:
    """Return the entry as a bundle holds it, its length in two bytes before it; raises Malformed when it is too long.

    A bundle is the concatenation of its entries in this form.
    """
    if len(entry) > LONGEST_ENTRY:
        raise Malformed(f"an entry of {len(entry)} bytes is longer than {LONGEST_ENTRY}")
    return len(entry).to_bytes(_LENGTH_BYTES) + entry


def decode_bundle(bundle: bytes) -> list[bytes]:
    """Return the entries of a bundle's bytes; raises Malformed when the last one is cut short."""
    entries, at = [], 0
    while at < len(bundle):
        start = at + _LENGTH_BYTES
        at = start + int.from_bytes(bundle[at:start])
        entries.append(bundle[start:at])
    if at > len(bundle):
        raise Malformed(f"the bundle is cut short in its entry {len(entries) - 1}")
    return entries


def _numbered(index: int) -> str:
    """Write 1234067 as x001/x234/067."""
    digits = str(index)
    digits = digits.zfill(-(-len(digits) // _DIGITS) * _DIGITS)
    groups = [digits[at : at + _DIGITS] for at in range(0, len(digits), _DIGITS)]
    return "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])


def _partial(width: int) -> str:
    return "" if width == WIDTH else f".p/{width}"
