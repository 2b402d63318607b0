"""The log as tiles (c2sp.org/tlog-tiles): reading the tree back from them, and growing it by a batch of entries.

Decides every byte of every object that a batch writes; knows no bucket, only a function that reads a path.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256

from services.audit.merkle import inclusion_proof, inclusion_proofs, pair_up, perfect_root, tree_root
from services.audit.verify.errors import NotVerified, about
from services.audit.verify.layout import (
    HEIGHT,
    WIDTH,
    bundle_path,
    decode_bundle,
    encode_entry,
    growing_tiles,
    join_hashes,
    parse_path,
    split_hashes,
    tile_path,
    tile_width,
)
from services.audit.verify.merkle import leaf_hash
from services.audit.verify.spelling import HASH_LENGTH

Read = Callable[[str], bytes]
"""Returns the bytes of the object at a path; raises LookupError when there is none."""


class TileTree:
    """The tree of `size` entries as its tiles tell it; each tile is read once, none is trusted.

    A caller compares `root` with a root that it has from elsewhere. A partial tile that is gone is read from the full
    one that came after it.
    """

    def __init__(self, size: int, read: Read) -> None:
        self.size = size
        self._read = read
        self._tiles: dict[tuple[int, int], list[bytes]] = {}

    @property
    def root(self) -> bytes:
        """The root over all entries, from the tiles of the right edge alone."""
        return tree_root(self.size, self.node)

    def node(self, height: int, index: int) -> bytes:
        """Return the hash of a perfect subtree, as `services.audit.merkle` asks for it."""
        level, above = divmod(height, HEIGHT)
        first = index << above
        at = first % WIDTH
        return perfect_root(self.hashes(level, first // WIDTH)[at : at + (1 << above)])

    def hashes(self, level: int, index: int) -> list[bytes]:
        """Return the hashes of a tile at this size, none when it is absent; raises Malformed for odd bytes."""
        if (level, index) not in self._tiles:
            self._tiles[level, index] = self._load(level, index)
        return self._tiles[level, index]

    def _load(self, level: int, index: int) -> list[bytes]:
        width = tile_width(self.size, level=level, index=index)
        if not width:
            return []
        path = tile_path(level, index, width)
        with about(path):
            hashes = split_hashes(self._whole(path, tile_path(level, index)))
            if len(hashes) not in (width, WIDTH):
                raise NotVerified(f"it holds {len(hashes)} hashes, {width} are expected")
        return hashes[:width]

    def _whole(self, path: str, full: str) -> bytes:
        try:
            return self._read(path)
        except LookupError:
            if path == full:
                raise
            return self._read(full)


@dataclass(frozen=True)
class Edge:
    """All that is needed to grow a log of `size`: its `root`, and what its last tiles and bundle hold.

    `hashes` are those of the partial tile of each level (none where the level ends in a full tile), `bundle` the bytes
    of the partial bundle.
    """

    size: int
    root: bytes
    hashes: tuple[list[bytes], ...]
    bundle: bytes


def load_edge(size: int, read: Read) -> Edge:
    """Return the edge of the log at `size`; the caller checks its root before it builds on it.

    Reads the partial tiles and the partial bundle. Raises NotVerified when bundle and tile contradict each other, and
    LookupError when an object is missing.
    """
    tree = TileTree(size, read)
    levels = range(-(-size.bit_length() // HEIGHT))
    counts = [size >> HEIGHT * level for level in levels]
    hashes = tuple(tree.hashes(level, count // WIDTH) for level, count in enumerate(counts))
    width = size % WIDTH
    bundle = _load_bundle(bundle_path(size // WIDTH, width), hashes[0], read) if width else b""
    return Edge(size, tree.root, hashes, bundle)


def _load_bundle(path: str, leaves: Sequence[bytes], read: Read) -> bytes:
    bundle = read(path)
    with about(path):
        if [leaf_hash(entry) for entry in decode_bundle(bundle)] != leaves:
            raise NotVerified("its entries do not have the hashes of the tile beside it")
    return bundle


def reading_at(size: int, read: Read) -> Read:
    """Return a way to read the tiles and bundles of any smaller size from those of `size`: partial ones need not last.

    Raises Malformed for a path that is neither, and whatever `read` raises.
    """

    def part(path: str) -> bytes:
        tile = parse_path(path)
        whole = read(replace(tile, width=tile.width_at(size)).path)
        if tile.level is None:
            return b"".join(map(encode_entry, decode_bundle(whole)[: tile.width]))
        return whole[: tile.width * HASH_LENGTH]

    return part


@dataclass(frozen=True)
class Growth:
    """A log grown by a batch: the new `size` and `root`, and every object to write, by path.

    `objects` holds full tiles and bundles, and the partial ones of the new size; nothing that lay there before.
    """

    size: int
    root: bytes
    objects: dict[str, bytes]
    _rows: "_Rows" = field(repr=False)

    def proofs(self) -> list[tuple[bytes, ...]]:
        """Return the inclusion proof of each entry of this batch in the new tree, in index order."""
        return inclusion_proofs(self._rows.old_size, self.size, self._rows.node)

    def proof(self, index: int) -> list[bytes]:
        """Return the inclusion proof of an entry of this batch in the new tree, its sibling first.

        Raises LookupError for an entry that lies before the partial tiles the batch grew from.
        """
        return inclusion_proof(index, self.size, self._rows.node)


def grow(edge: Edge, entries: Sequence[bytes]) -> Growth:
    """Return the log after `entries`; raises Malformed when one is longer than 65,535 bytes. Writes nothing."""
    records = [encode_entry(entry) for entry in entries]
    rows = _Rows(edge, [sha256(b"\x00" + entry).digest() for entry in entries])
    size = edge.size + len(entries)
    objects = dict(_bundles(edge, records)) | dict(_hash_tiles(rows, edge.size, size))
    return Growth(size, tree_root(size, rows.node), objects, rows)


class _Rows:
    """The hashes of each height from the edge's tiles rightwards: all that the batch, its root and proofs touch."""

    def __init__(self, edge: Edge, leaves: list[bytes]) -> None:
        self.old_size = edge.size
        self.rows: list[list[bytes]] = []
        new, level = leaves, 0
        while new or level < len(edge.hashes):
            row = [*(edge.hashes[level] if level < len(edge.hashes) else ()), *new]
            for _ in range(HEIGHT):
                self.rows.append(row)
                row = pair_up(row)
            new, level = row, level + 1

    def start(self, height: int) -> int:
        """Return the index, at its height, of the first hash in a row: where the edge's tile of that level begins."""
        level, above = divmod(height, HEIGHT)
        return (self.old_size >> HEIGHT * level) // WIDTH * WIDTH >> above

    def node(self, height: int, index: int) -> bytes:
        """Return the hash of a perfect subtree, as `services.audit.merkle` asks for it."""
        at = index - self.start(height)
        if at < 0:
            raise LookupError(f"subtree {index} of height {height} lies before this batch")
        return self.rows[height][at]


def _bundles(edge: Edge, records: Sequence[bytes]) -> Iterator[tuple[str, bytes]]:
    before = edge.bundle
    size = edge.size + len(records)
    for index, width in growing_tiles(edge.size, size, level=0):
        first = max(0, index * WIDTH - edge.size)
        yield bundle_path(index, width), before + b"".join(records[first : index * WIDTH + width - edge.size])
        before = b""


def _hash_tiles(rows: _Rows, old_size: int, size: int) -> Iterator[tuple[str, bytes]]:
    for level, row in enumerate(rows.rows[::HEIGHT]):
        for index, width in growing_tiles(old_size, size, level):
            first = index * WIDTH - rows.start(level * HEIGHT)
            yield tile_path(level, index, width), join_hashes(row[first : first + width])
