"""The Merkle tree of the ledger as a verifier sees it: hashes, roots, and the two proofs (RFC 9162 §2.1).

All hashes are SHA-256, 32 raw bytes. Knows nothing of tiles, notes or what an entry says.
"""

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256

from services.audit.verify.errors import Malformed, NotVerified
from services.audit.verify.spelling import HASH_LENGTH

EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """Return SHA-256(00 ‖ entry) (RFC 9162 §2.1.1)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return SHA-256(01 ‖ left ‖ right) (RFC 9162 §2.1.1)."""
    return sha256(b"\x01" + left + right).digest()


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Return MTH of leaf hashes in order (RFC 9162 §2.1.1), holding only one hash a level: a whole log can stream."""
    peaks: list[bytes] = []
    for count, leaf in enumerate(leaves):
        push(peaks, count, leaf)
    return fold(peaks)


def push(peaks: list[bytes], count: int, node: bytes) -> None:
    """Add the next `node` to the perfect subtrees, largest first, over the `count` nodes before it."""
    while count & 1:
        node, count = node_hash(peaks.pop(), node), count >> 1
    peaks.append(node)


def fold(peaks: Sequence[bytes]) -> bytes:
    """Return the root over perfect subtrees, largest (leftmost) first; the empty root when there is none."""
    if not peaks:
        return EMPTY_ROOT
    *rest, root = peaks
    for peak in reversed(rest):
        root = node_hash(peak, root)
    return root


def verify_inclusion(leaf: bytes, *, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Raise NotVerified unless `proof` leads from `leaf` at `index` to the `root` of `size` leaves (RFC 9162 §2.1.3.2).

    `proof` starts with the leaf's sibling. Malformed when a hash in it has not 32 bytes.
    """
    if not 0 <= index < size:
        raise NotVerified(f"index {index} lies outside a tree of {size}")
    reached = leaf
    for sibling, stands_left in _steps(index, size - 1, _hashes(proof)):
        reached = node_hash(sibling, reached) if stands_left else node_hash(reached, sibling)
    if reached != root:
        raise NotVerified(f"the hash of the entry does not lead to the root of checkpoint {size}")


def verify_consistency(*, old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> None:
    """Raise NotVerified unless the tree of `size` begins with the tree of `old_size` (RFC 9162 §2.1.4.2).

    Equal sizes, and an old tree of no entries, have an empty proof; the roots are then compared directly.
    """
    if not 0 <= old_size <= size:
        raise NotVerified(f"a tree of {old_size} cannot be the beginning of a tree of {size}")
    if old_size in (0, size):
        return _verify_without_proof(old_root, EMPTY_ROOT if old_size == 0 else root, proof)
    reached_old, reached = _climb(old_size, size, _whole_proof(old_size, old_root, _hashes(proof)))
    if (reached_old, reached) != (old_root, root):
        raise NotVerified(f"the tree of {size} does not begin with the tree of {old_size}")
    return None


def _verify_without_proof(old_root: bytes, expected: bytes, proof: Sequence[bytes]) -> None:
    if proof:
        raise NotVerified("a proof is given where none is needed")
    if old_root != expected:
        raise NotVerified("the two roots differ where they must be the same")


def _whole_proof(old_size: int, old_root: bytes, proof: Sequence[bytes]) -> Sequence[bytes]:
    """Return the proof with the old root in front when the old tree is perfect, as the RFC leaves it out then."""
    if not proof:
        raise NotVerified("the proof is empty")
    return proof if old_size & (old_size - 1) else [old_root, *proof]


def _climb(old_size: int, size: int, proof: Sequence[bytes]) -> tuple[bytes, bytes]:
    fn, sn = old_size - 1, size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    reached_old = reached = proof[0]
    for sibling, stands_left in _steps(fn, sn, proof[1:]):
        if stands_left:
            reached_old = node_hash(sibling, reached_old)
        reached = node_hash(sibling, reached) if stands_left else node_hash(reached, sibling)
    return reached_old, reached


def _steps(fn: int, sn: int, proof: Sequence[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Yield each hash with whether it stands left of the path; `fn` and `sn` are the RFC's names."""
    for sibling in proof:
        if sn == 0:
            raise NotVerified("the proof is too long")
        stands_left = bool(fn & 1) or fn == sn
        yield sibling, stands_left
        while stands_left and fn and not fn & 1:
            fn, sn = fn >> 1, sn >> 1
        fn, sn = fn >> 1, sn >> 1
    if sn:
        raise NotVerified("the proof is too short")


def _hashes(proof: Sequence[bytes]) -> Sequence[bytes]:
    if any(len(each) != HASH_LENGTH for each in proof):
        raise Malformed(f"a hash in the proof has not {HASH_LENGTH} bytes")
    return proof
