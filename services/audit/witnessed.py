"""Receipts that the quorum of witnesses vouches for: an entry's way to the checkpoint that it cosigned last.

Pure, given a way to read the log's tiles.
"""

from services.audit.entry import Mark
from services.audit.filings import extra_of
from services.audit.merkle import inclusion_proof
from services.audit.tiles import Read, TileTree
from services.audit.verify.merkle import verify_inclusion
from services.audit.verify.receipt import Receipt, format_receipt
from services.audit.witness import Witnessed
from services.shared.errors import Conflict


def witnessed_receipt(mark: Mark, witnessed: Witnessed, read: Read) -> str:
    """Return the receipt of a filed event (c2sp.org/tlog-proof@v1), leading to a checkpoint that the quorum cosigned.

    Raises Conflict while the quorum has not covered the entry; NotVerified when the tiles do not lead to what it did.
    """
    if mark.index is None:
        raise Conflict(f"not yet filed: the event is {mark.state}")
    if mark.index >= witnessed.size:
        raise Conflict(f"not yet witnessed: the quorum has cosigned {witnessed.size} entries, this is {mark.index + 1}")
    size, root = witnessed.size, bytes.fromhex(witnessed.root)
    proof = inclusion_proof(mark.index, size, TileTree(size, read).node)
    verify_inclusion(bytes.fromhex(mark.leaf_hash), index=mark.index, size=size, proof=proof, root=root)
    return format_receipt(Receipt(mark.index, tuple(proof), witnessed.note.encode(), extra_of(mark))).decode()
