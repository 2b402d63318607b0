"""Making the proofs that `services.audit.verify.merkle` checks (RFC 9162 §2.1.3.1, §2.1.4.1); knows no tile.

A tree is known by its `node` function: node(height, index) is the hash of the perfect subtree of 2^height leaves
that starts at leaf index·2^height. Hashes are SHA-256, 32 raw bytes.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256

from services.audit.verify.merkle import fold

Node = Callable[[int, int], bytes]


def tree_root(size: int, node: Node) -> bytes:
    """Return the root of the first `size` leaves; the empty root for none."""
    return _span_root(0, size, node)


def inclusion_proof(index: int, size: int, node: Node) -> list[bytes]:
    """Return PATH(index, D[size]), the leaf's sibling first; `index` lies within `size`."""
    start, end = 0, size
    proof = []
    while end - start > 1:
        middle = start + _split(end - start)
        aside = (middle, end) if index < middle else (start, middle)
        proof.append(_span_root(*aside, node))
        start, end = (start, middle) if index < middle else (middle, end)
    return proof[::-1]


def inclusion_proofs(first: int, size: int, node: Node) -> list[tuple[bytes, ...]]:
    """Return `inclusion_proof` of each leaf from `first` on; each hash is asked for once, as the leaves share most."""
    proofs: list[tuple[bytes, ...]] = []
    left: tuple[bytes, ...] = ()
    for height, index in _peaks(0, size):
        end = (index + 1) << height
        if end > first:
            right = (_span_root(end, size, node),) if end < size else ()
            proofs += _proofs_below(height, index, (*right, *left), first, node)
        left = (node(height, index), *left)
    return proofs


def consistency_proof(old_size: int, size: int, node: Node) -> list[bytes]:
    """Return PROOF(old_size, D[size]); empty when there is nothing to prove (`old_size` is 0 or `size`)."""
    start, end = 0, size
    proof = []
    while 0 < old_size < end:
        middle = start + _split(end - start)
        aside = (middle, end) if old_size <= middle else (start, middle)
        proof.append(_span_root(*aside, node))
        start, end = (start, middle) if old_size <= middle else (middle, end)
    if start:  # the old tree is not perfect, so its last part is not its root
        proof.append(_span_root(start, end, node))
    return proof[::-1]


def perfect_root(hashes: Sequence[bytes]) -> bytes:
    """Return the root over a power of two of hashes."""
    while len(hashes) > 1:
        hashes = pair_up(hashes)
    return hashes[0]


def pair_up(hashes: Iterable[bytes]) -> list[bytes]:
    """Return the hashes one level up; a last hash without partner is left out."""
    pairs = iter(hashes)
    return [sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=False)]


def _proofs_below(height: int, index: int, above: tuple[bytes, ...], first: int, node: Node) -> list[tuple[bytes, ...]]:
    """Return the proofs of the leaves from `first` on in a perfect subtree, whose own proof is `above`."""
    proofs, start = [above], index
    for level in reversed(range(height)):
        children = range(max(2 * start, first >> level), 2 * (start + len(proofs)))
        proofs = [(node(level, child ^ 1), *proofs[(child >> 1) - start]) for child in children]
        start = children.start
    return proofs


def _peaks(start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield height and index of each perfect subtree that the leaves [start, end) are made of, the largest first.

    `start` is a multiple of the largest power of two in the span.
    """
    for height in reversed(range((end - start).bit_length())):
        if (end - start) >> height & 1:
            yield height, start >> height
            start += 1 << height


def _split(count: int) -> int:
    """Return the largest power of two below `count`, which is 2 or more."""
    return 1 << (count - 1).bit_length() - 1


def _span_root(start: int, end: int, node: Node) -> bytes:
    """Return the root over the leaves [start, end), as `_peaks` divides them."""
    return fold([node(height, index) for height, index in _peaks(start, end)])
