"""Receipts (c2sp.org/tlog-proof@v1): an entry's place in the log, checked offline, with the filing that it names."""

from dataclasses import dataclass

from services.audit.verify.checkpoint import verify_checkpoint
from services.audit.verify.errors import Malformed, about
from services.audit.verify.filing import Filing, filing_of
from services.audit.verify.merkle import leaf_hash, verify_inclusion
from services.audit.verify.policy import Policy
from services.audit.verify.spelling import read_base64, read_hash, read_number, write_base64

HEADER = "c2sp.org/tlog-proof@v1"


@dataclass(frozen=True)
class Receipt:
    """The parts of a receipt: the entry's `index`, the `proof` (leaf's sibling first), the signed note `checkpoint`.

    Nothing signs `extra`: it may repeat the entry's filing, and nothing may rest on it.
    """

    index: int
    proof: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes = b""


@dataclass(frozen=True)
class Verdict:
    """What a receipt proves: the entry stands at `index` of the log `origin`, whose tree of `size` is `root`.

    `filing` is what the entry itself says it is filed as, and with whom; None when it says nothing of the kind.
    """

    origin: str
    index: int
    size: int
    root: bytes
    filing: Filing | None = None


def format_receipt(receipt: Receipt) -> bytes:
    """Return the receipt as the bytes of a `.tlog-proof` file."""
    extra = [f"extra {write_base64(receipt.extra)}"] if receipt.extra else []
    lines = [HEADER, *extra, f"index {receipt.index}", *map(write_base64, receipt.proof)]
    return ("\n".join(lines) + "\n\n").encode() + receipt.checkpoint


def parse_receipt(receipt: bytes) -> Receipt:
    """Return the parts of a `.tlog-proof` file; raises Malformed for anything but the one spelling of them."""
    head, blank, checkpoint = receipt.partition(b"\n\n")
    header, *lines = head.decode("utf-8", "replace").split("\n")
    if header != HEADER or not blank:
        raise Malformed(f"the receipt does not begin with {HEADER} or has no checkpoint")
    extra = read_base64(lines.pop(0).removeprefix("extra ")) if lines and lines[0].startswith("extra ") else b""
    if not lines or not lines[0].startswith("index "):
        raise Malformed("the receipt has no index")
    index = read_number(lines[0].removeprefix("index "))
    parsed = Receipt(index, tuple(map(read_hash, lines[1:])), checkpoint, extra)
    if format_receipt(parsed) != receipt:
        raise Malformed("the receipt is not in its one spelling")
    return parsed


def verify_receipt(receipt: bytes, entry: bytes, policy: Policy) -> Verdict:
    """Return what `receipt` proves of the entry's bytes under `policy`, without asking anyone.

    Raises Malformed when receipt or checkpoint is not in its format, NotVerified when signature or proof does not hold,
    or when the receipt's `extra` names another filing than the entry does.
    """
    parsed = parse_receipt(receipt)
    with about(f"receipt of entry {parsed.index}"):
        checkpoint = verify_checkpoint(parsed.checkpoint, policy)
        size, root = checkpoint.size, checkpoint.root
        verify_inclusion(leaf_hash(entry), index=parsed.index, size=size, proof=parsed.proof, root=root)
        filing = filing_of(entry, parsed.extra)
    return Verdict(checkpoint.origin, parsed.index, size, root, filing)
