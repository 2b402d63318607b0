"""Signs checkpoints, and refuses every tree that does not begin with the last one it signed.

It trusts neither the head nor who asks: it computes the tree from the log's own tiles. It signs nothing else.
"""

import hashlib
import os
from functools import cache, cached_property
from typing import TYPE_CHECKING, Protocol

import boto3
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.audit.batch import Signed
from services.audit.merkle import consistency_proof
from services.audit.store import AuditStore
from services.audit.tiles import Read, TileTree
from services.audit.verify.checkpoint import Checkpoint
from services.audit.verify.errors import NotVerified
from services.audit.verify.merkle import verify_consistency
from services.audit.verify.note import ED25519, Key, signature_line, signed_note
from services.shared.observe import logger

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_kms import KMSClient

RAW_KEY_BYTES = 32  # an Ed25519 public key is the end of its SubjectPublicKeyInfo (RFC 8410 §4)
TRIES = 3


class SigningRefused(Exception):
    """The tree is not one that may be signed: the log was rolled back or changed, or its tiles are not there."""


class SigningKey(Protocol):
    """An Ed25519 key (RFC 8032) that somebody else keeps; repeated signatures have the same bytes."""

    def public(self) -> bytes:
        """Return the 32 raw bytes of the public key."""

    def sign(self, message: bytes) -> bytes:
        """Return the 64 bytes of the signature."""


class KmsKey:
    """A key in KMS of the spec ECC_NIST_EDWARDS25519; its private part never leaves."""

    def __init__(self, key: str) -> None:
        self._key = key
        self._client: KMSClient = boto3.client("kms")

    def public(self) -> bytes:
        """Return the 32 raw bytes of the public key."""
        return self._public

    @cached_property
    def _public(self) -> bytes:
        return self._client.get_public_key(KeyId=self._key)["PublicKey"][-RAW_KEY_BYTES:]

    def sign(self, message: bytes) -> bytes:
        """Return the signature of at most 4,096 bytes; pure Ed25519, never the variant that hashes first."""
        answer = self._client.sign(
            KeyId=self._key, Message=message, MessageType="RAW", SigningAlgorithm="ED25519_SHA_512"
        )
        return answer["Signature"]


class SecretKey:
    """A key derived from a secret in Secrets Manager, where KMS has no Ed25519: its seed is the secret's SHA-256."""

    def __init__(self, secret: str) -> None:
        text = boto3.client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"]
        self._private = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(text.encode()).digest())

    def public(self) -> bytes:
        """Return the 32 raw bytes of the public key."""
        return self._private.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """Return the 64 bytes of the signature."""
        return self._private.sign(message)


KINDS: "dict[str, Callable[[str], SigningKey]]" = {"kms": KmsKey, "secret": SecretKey}


class Signer:
    """Signs the checkpoints of the log named `origin`, whose tiles `read` returns."""

    def __init__(self, origin: str, *, store: AuditStore, read: Read, key: SigningKey) -> None:
        self._origin = origin
        self._store = store
        self._read = read
        self._key = key
        self._name = Key(origin, ED25519, key.public())

    @property
    def vkey(self) -> str:
        """The key by which anyone verifies this log's checkpoints."""
        return self._name.vkey

    def sign(self, size: int, root: bytes) -> str:
        """Return the signed checkpoint of a tree; the same tree may be asked for again.

        Raises SigningRefused, with an alarm, unless the tiles lead to `root` and the tree begins with the last one that
        was signed; nothing is noted or signed then.
        """
        try:
            return self._checked_and_signed(size, root)
        except SigningRefused as refusal:
            logger.error("signing_refused", extra={"size": size, "root": root.hex(), "reason": str(refusal)})
            raise

    def _checked_and_signed(self, size: int, root: bytes) -> str:
        for _ in range(TRIES):
            before = self._store.signed()
            check_growth(before, size, root, self._read)
            if self._store.note_signing(Signed(size=size, root=root.hex(), vkey=self.vkey), before):
                return self._signed(Checkpoint(self._origin, size, root).text)
        raise SigningRefused(f"others kept signing while checkpoint {size} was checked")

    def _signed(self, text: bytes) -> str:
        return signed_note(text, signature_line(self._name, self._key.sign(text))).decode()


def check_growth(before: Signed, size: int, root: bytes, read: Read) -> None:
    """Raise SigningRefused unless the tiles at `size` lead to `root` and the tree begins with `before`."""
    if size < before.size:
        raise SigningRefused(f"a tree of {size} was asked for, one of {before.size} is signed")
    tree = TileTree(size, read)
    try:
        if tree.root != root:
            raise SigningRefused(f"the tiles at {size} do not lead to the root that was asked for")
        proof = consistency_proof(before.size, size, tree.node)
        old_root = bytes.fromhex(before.root)
        verify_consistency(old_size=before.size, old_root=old_root, size=size, root=root, proof=proof)
    except (LookupError, NotVerified) as error:
        raise SigningRefused(f"the tree of {size} does not follow from the signed one: {error}") from error


@cache
def signing_key() -> SigningKey:
    """Return this process's signing key, of the kind that the environment names."""
    return KINDS[os.environ["SIGNING_KEY_KIND"]](os.environ["SIGNING_KEY"])
