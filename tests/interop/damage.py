"""What can be wrong with an entry's place and with a proof of growth: each table names a damage and how it is done.

A damaged place is signed again by the log's own key, so that it is not the signature that gives it away.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from tests.interop.claims import Filed, Grew
from tests.interop.logs import note_of


def flipped(raw: bytes, at: int = 0) -> bytes:
    """Return the bytes with one bit turned; a negative `at` counts from the end."""
    changed = bytearray(raw)
    changed[at] ^= 1
    return bytes(changed)


def _swapped(proof: tuple[bytes, ...]) -> tuple[bytes, ...]:
    first, second, *rest = proof
    return (second, first, *rest)


# Of either proof: the tree hashes in it.
PROOF: Mapping[str, Callable[[tuple[bytes, ...]], tuple[bytes, ...]]] = {
    "a bit of the first hash": lambda proof: (flipped(proof[0]), *proof[1:]),
    "a bit of the last hash": lambda proof: (*proof[:-1], flipped(proof[-1], -1)),
    "two hashes in the other order": _swapped,
    "a hash left out": lambda proof: proof[:-1],
    "a hash too many": lambda proof: (*proof, bytes(32)),
    "no proof": lambda proof: proof[:0],
}


def _with_tree(claim: Filed, size: int, root: bytes) -> Filed:
    return replace(claim, size=size, root=root, note=note_of(size, root))


# A larger tree has a longer path. Between sizes whose path has the same shape no proof can tell, only the signature.
PLACE: Mapping[str, Callable[[Filed], Filed]] = {
    "a bit of the entry": lambda claim: replace(claim, entry=flipped(claim.entry)),
    "the entry cut short": lambda claim: replace(claim, entry=claim.entry[:-1]),
    "a byte after the entry": lambda claim: replace(claim, entry=claim.entry + b"\n"),
    "the place of a neighbour": lambda claim: replace(claim, index=claim.index - 1),
    "a larger tree": lambda claim: _with_tree(claim, 2 * claim.size + 1, claim.root),
    "another root": lambda claim: _with_tree(claim, claim.size, flipped(claim.root)),
}

GROWTH: Mapping[str, Callable[[Grew], Grew]] = {
    "another old size": lambda claim: replace(claim, old_size=claim.old_size + 1),
    "a larger tree": lambda claim: replace(claim, size=2 * claim.size + 1),
    "another old root": lambda claim: replace(claim, old_root=flipped(claim.old_root)),
    "another root": lambda claim: replace(claim, root=flipped(claim.root)),
    "the roots exchanged": lambda claim: replace(claim, old_root=claim.root, root=claim.old_root),
}
