"""Small logs, keys and cases for the ledger's tests: made with the standard library and `cryptography`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.audit.merkle import inclusion_proof
from services.audit.verify.checkpoint import Checkpoint
from services.audit.verify.note import COSIGNATURE, ED25519, Key, signature_line, signed_note
from services.audit.verify.policy import Policy, trust_log
from services.audit.verify.receipt import Receipt, format_receipt

ORIGIN = "ledger.example/filings"
# The eight entries of the certificate-transparency project's own test tree, and their roots (RFC 6962 §2.1).
RFC_ENTRIES = [
    bytes.fromhex(entry)
    for entry in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
RFC_ROOTS = ["6e340b9c", "fac54203", "aeb6bcfe", "d37ee418", "4e3bbb1f", "76e67dad", "ddb89be4", "5dc9da79"]


def naive_root(leaves: Sequence[bytes]) -> bytes:
    """MTH exactly as RFC 9162 §2.1.1 writes it, over leaf hashes."""
    if len(leaves) <= 1:
        return leaves[0] if leaves else sha256(b"").digest()
    middle = 1
    while middle * 2 < len(leaves):
        middle *= 2
    return sha256(b"\x01" + naive_root(leaves[:middle]) + naive_root(leaves[middle:])).digest()


def node_of(leaves: Sequence[bytes]) -> Callable[[int, int], bytes]:
    """The tree as a function of its perfect subtrees, computed naively."""
    return lambda height, index: naive_root(leaves[index << height : (index + 1) << height])


@dataclass(frozen=True)
class Signer:
    """A key that signs notes: a log's (0x01) or a witness's (0x04)."""

    name: str = ORIGIN
    kind: int = ED25519
    seed: bytes = bytes(32)

    @property
    def key(self) -> Key:
        return Key(self.name, self.kind, self._private.public_key().public_bytes_raw())

    def line(self, text: bytes, time: int = 1_700_000_000) -> bytes:
        if self.kind != COSIGNATURE:
            return signature_line(self.key, self._private.sign(text))
        signature = self._private.sign(f"cosignature/v1\ntime {time}\n".encode() + text)
        return signature_line(self.key, time.to_bytes(8) + signature)

    @property
    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


LOG = Signer()


def a_witness(number: int) -> Signer:
    return Signer(f"witness.example/w{number}", COSIGNATURE, bytes([number]) * 32)


def a_policy() -> Policy:
    return trust_log(LOG.key.vkey)


def a_checkpoint(entries: Sequence[bytes], *witnesses: Signer, signer: Signer = LOG) -> bytes:
    """The signed checkpoint of a log that holds `entries`."""
    leaves = [sha256(b"\x00" + entry).digest() for entry in entries]
    text = Checkpoint(ORIGIN, len(entries), naive_root(leaves)).text
    return signed_note(text, signer.line(text), *(witness.line(text) for witness in witnesses))


def a_receipt(entries: Sequence[bytes], index: int, checkpoint: bytes | None = None) -> bytes:
    """The receipt of one of the log's `entries`, at its full size."""
    leaves = [sha256(b"\x00" + entry).digest() for entry in entries]
    proof = inclusion_proof(index, len(entries), node_of(leaves))
    return format_receipt(Receipt(index, tuple(proof), checkpoint or a_checkpoint(entries)))


def a_case(length: int, case: str = "c-1") -> list[bytes]:
    """The entries of one case, chained."""
    entries: list[bytes] = []
    for case_seq in range(1, length + 1):
        previous = sha256(b"\x00" + entries[-1]).hexdigest() if entries else ""
        fields: dict[str, str | int] = {
            "case": case,
            "case_seq": case_seq,
            "prev_hash": previous,
            "type": "request.submitted",
        }
        entries.append(rfc8785.dumps(fields))
    return entries
