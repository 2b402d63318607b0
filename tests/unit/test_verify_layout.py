"""Every tile has one path, in exactly one spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.audit.verify.errors import Malformed
from services.audit.verify.layout import Tile, parse_path

tiles = st.builds(Tile, st.none() | st.integers(0, 63), st.integers(0, 10**18 - 1), st.integers(1, 256))


@given(tiles)
def test_a_path_is_read_back(tile: Tile) -> None:
    assert parse_path(tile.path) == tile


@given(tiles, st.data())
def test_no_other_spelling_names_a_tile(tile: Tile, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(tile.path)))
    path = tile.path[:at] + data.draw(st.sampled_from(["0", "x", "/", ".", "", " "])) + tile.path[at:]
    try:
        assert parse_path(path).path == path
    except Malformed:
        assert path != tile.path


@pytest.mark.parametrize(
    ("index", "number"),
    [(0, "000"), (999, "999"), (1000, "x001/000"), (1_234_067, "x001/x234/067"), (1_000_000, "x001/x000/000")],
)
def test_a_tile_is_numbered_in_groups_of_three_digits(index: int, number: str) -> None:
    assert parse_path(f"tile/2/{number}") == Tile(2, index)
    assert parse_path(f"tile/63/{number}.p/17") == Tile(63, index, 17)
    assert parse_path(f"tile/entries/{number}.p/255") == Tile(None, index, 255)


@pytest.mark.parametrize(("size", "width"), [(0, 0), (256, 0), (257, 1), (300, 44), (511, 255), (512, 256), (600, 256)])
def test_a_tile_is_as_wide_as_the_log_is_long(size: int, width: int) -> None:
    assert Tile(0, 1).width_at(size) == Tile(None, 1).width_at(size) == Tile(1, 1).width_at(size * 256) == width
