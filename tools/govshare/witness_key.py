"""A witness's private key as a file that only its owner may read, one line: `PRIVATE+KEY+name+id+base64(04 ‖ seed)`.

The line is that of the signed-note tools of the transparency community, so that their witnesses can use it too.
"""

from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.audit.verify.errors import Malformed
from services.audit.verify.note import COSIGNATURE, Key, check_name
from services.audit.verify.spelling import read_base64, write_base64

MARK = "PRIVATE+KEY+"
OWNER_ONLY = 0o600
OTHERS = 0o077
SEED_BYTES = 32


class Unfit(Exception):
    """What the witness was given to work with cannot be used; the message says why."""


@dataclass(frozen=True)
class WitnessKey:
    """A witness's `name` and the private part of its key."""

    name: str
    private: Ed25519PrivateKey

    @property
    def public(self) -> Key:
        """The key by which anyone verifies its cosignatures."""
        return Key(self.name, COSIGNATURE, self.private.public_key().public_bytes_raw())

    @property
    def line(self) -> str:
        """The key as it is kept."""
        raw = bytes([COSIGNATURE]) + self.private.private_bytes_raw()
        return f"{MARK}{self.name}+{self.public.id.hex()}+{write_base64(raw)}\n"


def make_key(name: str, path: Path) -> WitnessKey:
    """Write a new key to `path` and return it. Raises Unfit for a name no key may bear, or a file already there."""
    try:
        key = WitnessKey(check_name(name), Ed25519PrivateKey.generate())
    except Malformed as error:
        raise Unfit(str(error)) from error
    try:
        path.touch(mode=OWNER_ONLY, exist_ok=False)
        path.write_text(key.line, encoding="utf-8")
    except OSError as error:
        raise Unfit(f"{path} cannot be written: {error.strerror}") from error
    return key


def read_key(path: Path) -> WitnessKey:
    """Return the key in a file. Raises Unfit when others may read it too, or it is no key of a witness."""
    try:
        line = path.read_text(encoding="utf-8")
        shared = path.stat().st_mode & OTHERS
    except (OSError, UnicodeDecodeError) as error:
        raise Unfit(f"{path} cannot be read: {error}") from error
    if shared:
        raise Unfit(f"{path} can be read by others: chmod 600 it, or make a new key if they are not to be trusted")
    name, _, rest = line.removeprefix(MARK).partition("+")
    try:
        key = WitnessKey(check_name(name), Ed25519PrivateKey.from_private_bytes(_seed(rest)))
    except (Malformed, ValueError) as error:
        raise Unfit(f"{path} is not the key of a witness") from error
    if key.line != line:
        raise Unfit(f"{path} is not the key of a witness: name, id and key do not belong together")
    return key


def _seed(rest: str) -> bytes:
    raw = read_base64(rest.partition("+")[2].removesuffix("\n"))
    if len(raw) != 1 + SEED_BYTES:
        raise Malformed("a seed has 32 bytes")
    return raw[1:]
