"""`pymerkle`: trees, and proofs over them. Knows no note, so it takes the root as told, and no tile.

Its proofs of growth go down to single leaves where RFC 9162 stops at a subtree, so it is given the hashes it asks for,
from our tree. Tiles and bundles are rebuilt here around the hashes that it computes.
"""

from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version

from pymerkle import ConsistencyProof, InclusionProof, InmemoryTree, InvalidProof
from pymerkle.core import _consistency_path_layout, _inclusion_path_layout
from pymerkle.hasher import MerkleHasher

from services.audit.merkle import Node
from services.audit.verify.errors import NotVerified
from services.audit.verify.layout import WIDTH, bundle_path, decode_bundle, tile_path, tile_width
from services.audit.verify.merkle import fold
from tests.interop.claims import Exported, Filed, Grew, Verifier

HASHER = MerkleHasher("sha256")


def verifier() -> Verifier:
    """Return the verifier as it is installed."""
    return Verifier("pymerkle", version("pymerkle"), filed, grew=grew, prove=prove, audit=audit, rebuild=rebuild)


def filed(claims: Sequence[Filed]) -> list[bool]:
    """Check each entry's path to the root."""
    return [_includes(claim) for claim in claims]


def _includes(claim: Filed) -> bool:
    leaf = HASHER.hash_buff(claim.entry)
    place = claim.index + 1  # it counts from one
    rule, _ = _inclusion_path_layout(place, claim.size)
    proof = InclusionProof("sha256", True, claim.size, place, rule, [leaf, *claim.proof])
    try:
        proof.verify(leaf, claim.root, index=place, size=claim.size, algorithm="sha256")
    except InvalidProof:
        return False
    return True


def prove(old_size: int, size: int, node: Node) -> list[bytes]:
    """Return the hashes of our tree at the places where pymerkle wants them."""
    _, _, spans = _consistency_path_layout(old_size, size)
    return [_root_between(start, end, node) for start, end in spans]


def _root_between(start: int, end: int, node: Node) -> bytes:
    peaks = []
    while start < end:
        height = (end - start).bit_length() - 1
        peaks.append(node(height, start >> height))
        start += 1 << height
    return fold(peaks)


def grew(claim: Grew) -> bool:
    """Check a proof of growth."""
    rule, subset, _ = _consistency_path_layout(claim.old_size, claim.size)
    proof = ConsistencyProof("sha256", True, claim.size, claim.old_size, rule, subset, list(claim.proof))
    try:
        proof.verify(claim.old_root, claim.root, prior_size=claim.old_size, later_size=claim.size, algorithm="sha256")
    except InvalidProof:
        return False
    return True


def audit(claim: Exported) -> bool:
    """Rebuild the log at each checkpoint from its entries alone, and compare every byte with what lies there."""
    notes = [note.split(b"\n") for name, note in claim.files.items() if name.startswith("checkpoint")]
    heads = sorted((int(size), b64decode(root)) for _, size, root, *_ in notes)
    try:
        entries = list(_entries(heads[-1][0], claim.files))
    except (LookupError, NotVerified):
        return False
    tree = InmemoryTree.init_from_entries(entries)
    return all(
        tree.get_root(size) == root and rebuild(entries[:size]).items() <= claim.files.items() for size, root in heads
    )


def _entries(size: int, files: Mapping[str, bytes]) -> Iterator[bytes]:
    for index in range(-(-size // WIDTH)):
        yield from decode_bundle(files[bundle_path(index, tile_width(size, level=0, index=index))])


def rebuild(entries: Sequence[bytes]) -> dict[str, bytes]:
    """Return every tile and bundle of a log of these entries; the hashes are pymerkle's."""
    records = [len(entry).to_bytes(2) + entry for entry in entries]
    files = {bundle_path(index, len(chunk)): b"".join(chunk) for index, chunk in _chunks(records)}
    level, hashes = 0, [HASHER.hash_buff(entry) for entry in entries]
    while hashes:
        chunks = list(_chunks(hashes))
        files |= {tile_path(level, index, len(chunk)): b"".join(chunk) for index, chunk in chunks}
        level, hashes = level + 1, [_root_of_tile(chunk) for _, chunk in chunks if len(chunk) == WIDTH]
    return files


def _chunks(parts: Sequence[bytes]) -> Iterator[tuple[int, Sequence[bytes]]]:
    return ((at // WIDTH, parts[at : at + WIDTH]) for at in range(0, len(parts), WIDTH))


def _root_of_tile(hashes: Sequence[bytes]) -> bytes:
    while len(hashes) > 1:
        hashes = [HASHER.hash_pair(*pair) for pair in zip(hashes[::2], hashes[1::2], strict=True)]
    return hashes[0]
