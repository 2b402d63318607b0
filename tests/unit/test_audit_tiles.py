"""A log grown in any batches has the tiles, bundles, roots and proofs that one naive tree over its entries has."""

import random
from collections.abc import Sequence
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.audit.merkle import consistency_proof, inclusion_proof, inclusion_proofs
from services.audit.tiles import TileTree, grow, load_edge, reading_at
from services.audit.verify.errors import Malformed, NotVerified
from services.audit.verify.layout import bundle_path, decode_bundle, encode_entry, tile_path, tile_width
from services.audit.verify.merkle import leaf_hash, root_of, verify_consistency, verify_inclusion
from tests.unit.ledger_makers import naive_root, node_of

ENTRIES = [str(number).encode() for number in range(70_100)]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]
NOTHING: dict[str, bytes] = {}
START = load_edge(0, NOTHING.__getitem__)


def a_log(*sizes: int) -> dict[str, bytes]:
    """The objects of a log that grew to each of the sizes in turn."""
    objects: dict[str, bytes] = {}
    for old_size, size in zip((0, *sizes), sizes, strict=False):
        edge = load_edge(old_size, objects.__getitem__)
        objects |= grow(edge, ENTRIES[old_size:size]).objects
    return objects


def naive_tiles(size: int) -> dict[str, bytes]:
    """Every hash tile of a log of `size`, each hash computed by itself from the level below."""
    tiles: dict[str, bytes] = {}
    level, hashes = 0, LEAVES[:size]
    while hashes:
        chunks = [hashes[at : at + 256] for at in range(0, len(hashes), 256)]
        tiles |= {tile_path(level, index, len(chunk)): b"".join(chunk) for index, chunk in enumerate(chunks)}
        hashes = [naive_root(chunk) for chunk in chunks if len(chunk) == 256]
        level += 1
    return tiles


def replaced(objects: dict[str, bytes], path: str, replacement: bytes) -> dict[str, bytes]:
    assert objects[path] != replacement
    return {**objects, path: replacement}


@pytest.mark.parametrize(
    ("index", "path"),
    [(0, "000"), (999, "999"), (1000, "x001/000"), (1_234_067, "x001/x234/067"), (1_000_000, "x001/x000/000")],
)
def test_a_tile_is_numbered_in_groups_of_three_digits(index: int, path: str) -> None:
    assert tile_path(2, index) == f"tile/2/{path}"
    assert tile_path(0, index, 17) == f"tile/0/{path}.p/17"
    assert bundle_path(index, 1) == f"tile/entries/{path}.p/1"


def test_a_log_of_70000_has_the_tiles_of_the_standard() -> None:
    paths = set(a_log(70_000))
    assert {path for path in paths if ".p/" in path} == {
        "tile/0/273.p/112",
        "tile/1/001.p/17",
        "tile/2/000.p/1",
        "tile/entries/273.p/112",
    }
    assert sum(path.startswith("tile/0/") for path in paths) == 274
    assert sum(path.startswith("tile/1/") for path in paths) == 2


def test_a_log_of_256_has_a_full_tile_and_one_hash_above_it_and_no_empty_tile() -> None:
    assert set(a_log(256)) == {"tile/0/000", "tile/1/000.p/1", "tile/entries/000"}


def test_a_log_of_no_entries_has_no_objects() -> None:
    growth = grow(START, [])
    assert (growth.size, growth.root, growth.objects) == (0, sha256(b"").digest(), {})


def test_every_size_up_to_600_has_exactly_the_tiles_of_the_naive_tree() -> None:
    for size in range(1, 601):
        growth = grow(START, ENTRIES[:size])
        tiles = {path: data for path, data in growth.objects.items() if "entries" not in path}
        assert tiles == naive_tiles(size)
        assert growth.root == naive_root(LEAVES[:size])


def test_a_log_grown_one_by_one_has_every_partial_tile_of_every_size() -> None:
    objects = a_log(*range(1, 601))
    expected = {path: data for size in range(1, 601) for path, data in naive_tiles(size).items()}
    assert {path: data for path, data in objects.items() if "entries" not in path} == expected


@pytest.mark.parametrize("size", [65_535, 65_536, 65_537, 66_000, 70_000])
def test_a_log_that_crosses_a_boundary_in_two_batches_is_the_log_built_at_once(size: int) -> None:
    objects = a_log(size - 700, size)
    kept = {path: data for path, data in objects.items() if "entries" not in path}
    assert naive_tiles(size).items() <= kept.items()
    assert load_edge(size, objects.__getitem__).root == naive_root(LEAVES[:size])


def test_random_batches_give_the_bundles_and_roots_of_the_whole() -> None:
    cuts = sorted(random.Random(1).sample(range(1, 1500), 20))  # noqa: S311  # not for secrets
    objects = a_log(*cuts, 1500)
    bundles = [objects[bundle_path(index, tile_width(1500, level=0, index=index))] for index in range(6)]
    assert [entry for bundle in bundles for entry in decode_bundle(bundle)] == ENTRIES[:1500]
    for size in [*cuts, 1500]:
        assert load_edge(size, objects.__getitem__).root == root_of(LEAVES[:size])


@pytest.mark.parametrize(
    ("old_size", "size"), [(0, 1), (0, 300), (255, 257), (256, 512), (300, 1000), (65_530, 65_540)]
)
def test_each_entry_of_a_batch_has_a_proof_that_leads_to_the_new_root(old_size: int, size: int) -> None:
    edge = load_edge(old_size, (a_log(old_size) if old_size else NOTHING).__getitem__)
    growth = grow(edge, ENTRIES[old_size:size])
    for index in range(old_size, size):
        verify_inclusion(LEAVES[index], index=index, size=size, proof=growth.proof(index), root=growth.root)


@pytest.mark.parametrize(
    ("old_size", "size"), [(0, 0), (0, 1), (3, 4), (0, 300), (255, 257), (256, 512), (300, 1000), (65_530, 65_540)]
)
def test_the_proofs_of_a_batch_made_together_are_those_of_its_entries_made_alone(old_size: int, size: int) -> None:
    growth = grow(load_edge(old_size, (a_log(old_size) if old_size else NOTHING).__getitem__), ENTRIES[old_size:size])

    assert growth.proofs() == [tuple(growth.proof(index)) for index in range(old_size, size)]


@given(st.integers(0, 40), st.integers(0, 40))
def test_proofs_made_together_are_those_made_alone_in_a_tree_of_any_size(first: int, more: int) -> None:
    size = first + more
    node = node_of(LEAVES[:size])

    alone = [tuple(inclusion_proof(index, size, node)) for index in range(first, size)]
    assert inclusion_proofs(first, size, node) == alone


@pytest.mark.parametrize("index", [0, 3, 255, 256, 500, 511])
def test_an_entry_before_the_edge_has_no_proof_from_the_growth(index: int) -> None:
    growth = grow(load_edge(600, a_log(600).__getitem__), ENTRIES[600:610])
    with pytest.raises(LookupError, match="lies before this batch"):
        growth.proof(index)


def test_a_proof_of_any_entry_can_be_read_from_the_tiles() -> None:
    tree = TileTree(66_000, a_log(66_000).__getitem__)
    for index in (0, 255, 256, 40_000, 65_535, 65_536, 65_999):
        proof = inclusion_proof(index, 66_000, tree.node)
        verify_inclusion(LEAVES[index], index=index, size=66_000, proof=proof, root=tree.root)


def test_consistency_of_a_log_with_its_past_can_be_read_from_the_tiles() -> None:
    tree = TileTree(66_000, a_log(66_000).__getitem__)
    for old_size in (1, 255, 256, 257, 65_535, 65_536, 65_999):
        proof = consistency_proof(old_size, 66_000, tree.node)
        old_root = root_of(LEAVES[:old_size])
        verify_consistency(old_size=old_size, old_root=old_root, size=66_000, root=tree.root, proof=proof)


def test_a_partial_tile_that_has_expired_is_read_from_the_full_one() -> None:
    objects = {path: data for path, data in a_log(200, 600).items() if path != "tile/0/000.p/200"}
    tree = TileTree(200, objects.__getitem__)
    assert (tree.root, tree.hashes(0, 0)) == (root_of(LEAVES[:200]), LEAVES[:200])


@pytest.mark.parametrize("size", [1, 200, 255, 256, 257, 511, 512, 599, 600])
def test_the_edge_of_any_earlier_size_can_be_read_from_the_tiles_of_a_later_one(size: int) -> None:
    later, then = a_log(600), a_log(size)

    assert load_edge(size, reading_at(600, later.__getitem__)) == load_edge(size, then.__getitem__)


def test_what_is_no_tile_and_no_bundle_is_not_read_from_a_later_size() -> None:
    with pytest.raises(Malformed):
        reading_at(600, a_log(600).__getitem__)("checkpoint")


def test_a_tile_that_is_missing_altogether_is_a_lookup_error() -> None:
    with pytest.raises(LookupError):
        load_edge(200, NOTHING.__getitem__)


def test_an_edge_read_from_a_changed_tile_has_another_root() -> None:
    objects = a_log(600)
    changed = replaced(objects, "tile/1/000.p/2", bytes(64))
    assert load_edge(600, changed.__getitem__).root != root_of(LEAVES[:600])


@pytest.mark.parametrize("data", [b"", bytes(31), bytes(33), bytes(257 * 32)])
def test_a_tile_that_is_not_whole_hashes_is_malformed(data: bytes) -> None:
    objects = replaced(a_log(600), "tile/0/002.p/88", data)
    with pytest.raises(Malformed, match=r"tile/0/002\.p/88"):
        load_edge(600, objects.__getitem__)


def test_a_tile_of_another_width_is_refused() -> None:
    objects = replaced(a_log(600), "tile/0/002.p/88", bytes(87 * 32))
    with pytest.raises(NotVerified, match="it holds 87 hashes, 88 are expected"):
        load_edge(600, objects.__getitem__)


def test_a_bundle_that_contradicts_its_tile_is_refused() -> None:
    objects = a_log(600)
    path = "tile/entries/002.p/88"
    changed = replaced(objects, path, objects[path][:-1] + b"!")
    with pytest.raises(NotVerified, match="do not have the hashes of the tile"):
        load_edge(600, changed.__getitem__)


@pytest.mark.parametrize("entries", [[], [b""], [b"", b"a"], [b"x" * 65_535, b"y"]])
def test_a_bundle_gives_back_its_entries(entries: Sequence[bytes]) -> None:
    assert decode_bundle(b"".join(map(encode_entry, entries))) == entries


@pytest.mark.parametrize("cut", [1, 2, 3])
def test_a_bundle_cut_short_is_malformed(cut: int) -> None:
    bundle = encode_entry(b"first") + encode_entry(b"a")
    with pytest.raises(Malformed, match="cut short in its entry"):
        decode_bundle(bundle[:-cut] if cut < 3 else bundle[:3])


def test_an_entry_of_65536_bytes_is_refused_before_anything_is_built() -> None:
    with pytest.raises(Malformed, match="longer than 65535"):
        grow(START, [b"ok", bytes(65_536)])
