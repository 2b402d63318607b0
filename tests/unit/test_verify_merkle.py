"""Roots and proofs are those of RFC 9162 §2.1, and a proof of anything else is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from services.audit.merkle import consistency_proof, inclusion_proof, tree_root
from services.audit.verify.errors import Malformed, NotVerified
from services.audit.verify.merkle import EMPTY_ROOT, leaf_hash, root_of, verify_consistency, verify_inclusion
from tests.unit.ledger_makers import RFC_ENTRIES, RFC_ROOTS, naive_root, node_of

LEAVES = [leaf_hash(bytes([number])) for number in range(130)]
RFC_LEAVES = [leaf_hash(entry) for entry in RFC_ENTRIES]


def short(hashes: list[bytes]) -> list[str]:
    return [each.hex()[:8] for each in hashes]


def pymerkle_of(count: int) -> InmemoryTree:
    return InmemoryTree.init_from_entries([bytes([number]) for number in range(count)])


def test_the_root_of_no_entries_is_the_hash_of_nothing() -> None:
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert root_of([]) == EMPTY_ROOT == tree_root(0, node_of([]))


def test_the_leaf_of_an_empty_entry_is_the_hash_of_one_zero_byte() -> None:
    assert leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"


@pytest.mark.parametrize("size", range(1, 9))
def test_the_roots_of_the_rfc_tree_are_known(size: int) -> None:
    assert short([root_of(RFC_LEAVES[:size]), tree_root(size, node_of(RFC_LEAVES))]) == [RFC_ROOTS[size - 1]] * 2


def test_the_proofs_of_the_rfc_tree_are_known() -> None:
    assert short(inclusion_proof(0, 8, node_of(RFC_LEAVES))) == ["96a296d2", "5f083f0a", "6b47aaf2"]
    assert short(consistency_proof(6, 8, node_of(RFC_LEAVES))) == ["0ebc5d34", "ca854ea1", "d37ee418"]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 9, 64, 100, 130])
def test_roots_and_proofs_are_those_that_pymerkle_makes(size: int) -> None:
    other = pymerkle_of(size)
    node = node_of(LEAVES)
    assert root_of(LEAVES[:size]) == tree_root(size, node) == other.get_root()
    for index in range(size):
        assert inclusion_proof(index, size, node) == other.prove_inclusion(index + 1).path[1:]


@pytest.mark.parametrize(("old_size", "size"), [(1, 2), (3, 7), (6, 8), (4, 8), (5, 130), (64, 130), (129, 130)])
def test_our_consistency_proofs_lead_to_the_roots_that_pymerkle_computes(old_size: int, size: int) -> None:
    other = pymerkle_of(size)
    proof = consistency_proof(old_size, size, node_of(LEAVES))
    old_root, root = other.get_root(old_size), other.get_root()
    verify_consistency(old_size=old_size, old_root=old_root, size=size, root=root, proof=proof)


def test_every_entry_of_every_small_tree_has_a_proof_that_holds() -> None:
    for size in range(1, 66):
        root = naive_root(LEAVES[:size])
        for index in range(size):
            proof = inclusion_proof(index, size, node_of(LEAVES))
            verify_inclusion(LEAVES[index], index=index, size=size, proof=proof, root=root)


def test_every_small_tree_is_proved_to_begin_with_each_earlier_one() -> None:
    roots = [naive_root(LEAVES[:size]) for size in range(66)]
    for size in range(66):
        for old_size in range(size + 1):
            proof = consistency_proof(old_size, size, node_of(LEAVES))
            verify_consistency(old_size=old_size, old_root=roots[old_size], size=size, root=roots[size], proof=proof)


@given(st.integers(1, 130), st.data())
def test_no_entry_is_proved_at_another_index_of_the_tree(size: int, data: st.DataObject) -> None:
    index, claimed = data.draw(st.integers(0, size - 1)), data.draw(st.integers(-1, size))
    proof, root = inclusion_proof(index, size, node_of(LEAVES)), naive_root(LEAVES[:size])
    if claimed != index:
        with pytest.raises(NotVerified):
            verify_inclusion(LEAVES[index], index=claimed, size=size, proof=proof, root=root)


@given(st.integers(2, 130), st.data())
def test_a_changed_cut_or_lengthened_inclusion_proof_is_refused(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof, root = inclusion_proof(index, size, node_of(LEAVES)), naive_root(LEAVES[:size])
    at = data.draw(st.integers(0, len(proof) - 1))
    changed = [*proof[:at], bytes(32), *proof[at + 1 :]]
    for wrong in (changed, proof[:-1], proof[1:], [*proof, bytes(32)]):
        with pytest.raises(NotVerified):
            verify_inclusion(LEAVES[index], index=index, size=size, proof=wrong, root=root)


@given(st.integers(2, 130), st.data())
def test_a_changed_cut_or_lengthened_consistency_proof_is_refused(size: int, data: st.DataObject) -> None:
    old_size = data.draw(st.integers(1, size - 1))
    proof = consistency_proof(old_size, size, node_of(LEAVES))
    old_root, root = naive_root(LEAVES[:old_size]), naive_root(LEAVES[:size])
    at = data.draw(st.integers(0, len(proof) - 1))
    changed = [*proof[:at], bytes(32), *proof[at + 1 :]]
    for wrong in (changed, proof[:-1], [*proof, bytes(32)], []):
        with pytest.raises(NotVerified):
            verify_consistency(old_size=old_size, old_root=old_root, size=size, root=root, proof=wrong)


@given(st.integers(1, 129), st.data())
def test_a_tree_with_an_old_entry_changed_does_not_begin_with_the_old_tree(old_size: int, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, old_size - 1))
    forged = [*LEAVES[:at], bytes(32), *LEAVES[at + 1 :]]
    proof = consistency_proof(old_size, 130, node_of(forged))
    with pytest.raises(NotVerified):
        verify_consistency(
            old_size=old_size, old_root=naive_root(LEAVES[:old_size]), size=130, root=naive_root(forged), proof=proof
        )


@pytest.mark.parametrize(
    ("old_size", "old_root", "size", "proof", "reason"),
    [
        (5, naive_root(LEAVES[:5]), 5, [bytes(32)], "a proof is given where none is needed"),
        (5, naive_root(LEAVES[:4]), 5, [], "the two roots differ"),
        (0, bytes(32), 5, [], "the two roots differ"),
        (0, EMPTY_ROOT, 5, [bytes(32)], "a proof is given where none is needed"),
        (6, naive_root(LEAVES[:6]), 5, [], "cannot be the beginning"),
        (-1, EMPTY_ROOT, 5, [], "cannot be the beginning"),
    ],
)
def test_the_edges_of_consistency_are_refused_in_plain_words(
    old_size: int, old_root: bytes, size: int, proof: list[bytes], reason: str
) -> None:
    with pytest.raises(NotVerified, match=reason):
        verify_consistency(old_size=old_size, old_root=old_root, size=size, root=naive_root(LEAVES[:size]), proof=proof)


def test_a_proof_of_a_smaller_tree_does_not_stand_for_a_larger_one() -> None:
    root = naive_root(LEAVES[:2])
    with pytest.raises(NotVerified, match="too short"):
        verify_inclusion(LEAVES[0], index=0, size=4, proof=[LEAVES[1]], root=root)


def test_a_proof_of_a_larger_tree_does_not_stand_for_a_smaller_one() -> None:
    root = naive_root(LEAVES[:2])
    with pytest.raises(NotVerified, match="too long"):
        verify_inclusion(LEAVES[1], index=0, size=1, proof=[LEAVES[0]], root=root)


def test_a_hash_of_another_length_in_a_proof_is_malformed() -> None:
    with pytest.raises(Malformed, match="32 bytes"):
        verify_inclusion(LEAVES[0], index=0, size=2, proof=[bytes(31)], root=naive_root(LEAVES[:2]))
