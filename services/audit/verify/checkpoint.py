"""Checkpoints (c2sp.org/tlog-checkpoint): what a log signs of its tree. Knows no entry and no receipt.

The strictest reading of the standard: three lines, no extension line, one spelling of each.
"""

from dataclasses import dataclass

from services.audit.verify.errors import Malformed, NotVerified
from services.audit.verify.merkle import EMPTY_ROOT
from services.audit.verify.note import check_name, parse_note, signers
from services.audit.verify.policy import Policy
from services.audit.verify.spelling import read_hash, read_number, write_base64


@dataclass(frozen=True)
class Checkpoint:
    """The log named `origin` holds `size` entries whose tree has the `root` (32 bytes)."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> bytes:
        """The three lines that are signed."""
        return f"{self.origin}\n{self.size}\n{write_base64(self.root)}\n".encode()


def parse_checkpoint(text: bytes) -> Checkpoint:
    """Return the checkpoint in a note's text; raises Malformed unless it is the one spelling of these three values."""
    lines = text.decode("utf-8", "replace").split("\n")
    if len(lines) != len(("origin", "size", "root", "end")):
        raise Malformed("the checkpoint has not exactly three lines")
    origin, size, root, _ = lines
    checkpoint = Checkpoint(check_name(origin), read_number(size), read_hash(root))
    if checkpoint.text != text:
        raise Malformed("the checkpoint is not in its one spelling")
    if checkpoint.size == 0 and checkpoint.root != EMPTY_ROOT:
        raise Malformed("the checkpoint of no entries has not the empty root")
    return checkpoint


def verify_checkpoint(note: bytes, policy: Policy) -> Checkpoint:
    """Return the checkpoint in a signed note if a log of the policy, named as its origin, signed it, and the quorum.

    Raises Malformed for its form, NotVerified for its signatures.
    """
    parsed = parse_note(note)
    checkpoint = parse_checkpoint(parsed.text)
    logs = [key for key in policy.logs if key.name == checkpoint.origin]
    signed = signers(parsed, [*logs, *policy.witnesses.values()])
    if not signed.intersection(logs):
        raise NotVerified(f"checkpoint {checkpoint.size}: no log that the policy trusts signed it")
    if not policy.reaches_quorum(signed):
        raise NotVerified(f"checkpoint {checkpoint.size}: its witnesses are not the quorum {policy.quorum!r}")
    return checkpoint
