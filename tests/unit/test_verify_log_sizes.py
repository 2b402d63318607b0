"""A log of every size has the tiles of the standard, and is verified with all that it ever archived."""

from functools import cache

import pytest

from services.audit.tiles import grow, load_edge
from services.audit.verify.errors import NotVerified
from services.audit.verify.layout import parse_path
from services.audit.verify.merkle import leaf_hash, root_of
from tests.unit.ledger_makers import naive_root
from tests.unit.log_makers import Objects, a_log, entries_of, judged, note_of

SMALL = range(1, 601)
LARGE = [65_535, 65_536, 65_537, 66_000, 70_000]


@cache
def entries() -> list[bytes]:
    return entries_of(LARGE[-1])


@cache
def grown() -> Objects:
    """One log that grew entry by entry to 600, then in large batches, and archived a checkpoint each time."""
    return a_log(entries(), [*SMALL, *LARGE])


def at_once(size: int) -> Objects:
    """A log that was filed in one batch."""
    nothing: Objects = {}
    growth = grow(load_edge(0, nothing.__getitem__), entries()[:size])
    return growth.objects | {"checkpoint": note_of(size, growth.root)}


def stopped_at(size: int) -> Objects:
    """The log that grew entry by entry as it was when it had so many."""
    tiles = {path: parse_path(path) for path in grown() if path.startswith("tile/")}
    older = {path: grown()[path] for path, tile in tiles.items() if tile.width_at(size) >= tile.width}
    notes = {f"checkpoints/{each}": grown()[f"checkpoints/{each}"] for each in [*SMALL, *LARGE] if each <= size}
    return older | notes | {"checkpoint": notes[f"checkpoints/{size}"]}


@pytest.mark.parametrize("start", range(1, 601, 100))
def test_a_log_of_every_small_size_is_verified(start: int) -> None:
    assert all(judged(at_once(size)).size == size for size in range(start, start + 100))


@pytest.mark.parametrize("size", [1, 255, 256, 257, 512])
def test_a_log_that_grew_entry_by_entry_is_verified_with_every_checkpoint(size: int) -> None:
    verdict = judged(stopped_at(size))
    assert (verdict.checkpoints, verdict.root) == (size, naive_root(list(map(leaf_hash, entries()[:size]))))


def test_a_log_is_verified_across_the_edges_of_all_levels() -> None:
    verdict = judged(grown())
    assert (verdict.size, verdict.root, verdict.checkpoints) == (70_000, root_of(map(leaf_hash, entries())), 605)


def test_a_log_of_70000_has_the_tiles_of_the_standard() -> None:
    tiles = [parse_path(path) for path in at_once(70_000) if path.startswith("tile/")]
    partial = {tile.path for tile in tiles if tile.width < 256}
    full = [sum(tile.level == level and tile.width == 256 for tile in tiles) for level in (None, 0, 1, 2)]
    assert partial == {"tile/0/273.p/112", "tile/entries/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"}
    assert full == [273, 273, 1, 0]


def test_the_tile_at_the_top_is_missed() -> None:
    objects = {path: body for path, body in stopped_at(65_537).items() if path != "tile/2/000.p/1"}
    with pytest.raises(NotVerified, match=r"tile/2/000\.p/1 is missing"):
        judged(objects)


def test_a_full_tile_above_the_leaves_is_found_changed() -> None:
    changed = stopped_at(65_536)
    changed["tile/1/000"] = changed["tile/1/000"][:-1] + b"?"
    with pytest.raises(NotVerified, match="tile/1/000: its hash 255 is not that of tile/0/255"):
        judged(changed)
