"""`sigstore` for Python: receipts with their signed notes. Knows neither proofs of growth nor tiles.

It is asked as about an entry of a Rekor log, whose checkpoints have the same form. Its limits: it takes the size from
the proof and never compares it with the signed one, and it compares neither the origin nor the name of a key.
"""

import json
from base64 import b64encode
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sigstore._internal.merkle import verify_merkle_inclusion
from sigstore._internal.rekor.checkpoint import SignedCheckpoint, verify_checkpoint
from sigstore._internal.trust import Keyring, RekorKeyring
from sigstore._utils import KeyID
from sigstore.errors import VerificationError
from sigstore.models import TransparencyLogEntry
from sigstore_models.common.v1 import PublicKey
from sigstore_models.rekor.v1 import TransparencyLogEntry as Record

from services.audit.verify.note import parse_vkey
from tests.interop.claims import Filed, Signed, Verifier

REFUSALS = (VerificationError, ValueError)  # ValueError: base64 that it decodes without a word of its own


def verifier() -> Verifier:
    """Return the verifier as it is installed."""
    return Verifier("sigstore", version("sigstore"), filed, signed)


def filed(claims: Sequence[Filed]) -> list[bool]:
    """Check each entry's path to the root, and the root's checkpoint."""
    return [_accepts(claim) for claim in claims]


def _accepts(claim: Filed) -> bool:
    entry = TransparencyLogEntry(Record.from_json(json.dumps(_written(claim))))
    try:
        verify_merkle_inclusion(entry)
        verify_checkpoint(_keyring(claim.vkey), entry)
    except REFUSALS:
        return False
    return True


def signed(claims: Sequence[Signed]) -> list[bool]:
    """Read each note as a checkpoint and check its signature."""
    return [_reads(claim) for claim in claims]


def _reads(claim: Signed) -> bool:
    try:
        checkpoint = SignedCheckpoint.from_text(claim.note.decode())
        checkpoint.signed_note.verify(_keyring(claim.vkey), KeyID(parse_vkey(claim.vkey).id))
    except REFUSALS:
        return False
    return True


@cache
def _keyring(vkey: str) -> RekorKeyring:
    public = Ed25519PublicKey.from_public_bytes(parse_vkey(vkey).public)
    spki = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    written = json.dumps({"rawBytes": _text(spki), "keyDetails": "PKIX_ED25519"})
    return RekorKeyring(Keyring([PublicKey.from_json(written)]))


def _written(claim: Filed) -> dict[str, object]:
    proof = {
        "logIndex": str(claim.index),
        "rootHash": _text(claim.root),
        "treeSize": str(claim.size),
        "hashes": [_text(each) for each in claim.proof],
        "checkpoint": {"envelope": claim.note.decode()},
    }
    return {
        "logIndex": str(claim.index),
        "logId": {"keyId": _text(parse_vkey(claim.vkey).id)},
        "kindVersion": {"kind": "filing", "version": "1"},
        "inclusionProof": proof,
        "canonicalizedBody": _text(claim.entry),
    }


def _text(raw: bytes) -> str:
    return b64encode(raw).decode()
