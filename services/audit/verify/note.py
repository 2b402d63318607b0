"""Signed notes and their keys (c2sp.org/signed-note): parse, format, verify. Knows nothing of what a note says.

A note is bytes: text ending in a newline, a blank line, then lines `— <name> <base64(key id ‖ signature)>`.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from services.audit.verify.errors import Malformed, NotVerified
from services.audit.verify.spelling import read_base64, write_base64

ED25519 = 0x01
COSIGNATURE = 0x04  # c2sp.org/tlog-cosignature: a witness's Ed25519 signature with its time
KINDS = {ED25519, COSIGNATURE}
MOST_SIGNATURES = 64  # the standard asks for room for 16 at least
_ID_LENGTH = 4
_KEY_LENGTH = 32
_TIME_LENGTH = 8
_MARK = "— "
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


@dataclass(frozen=True)
class Key:
    """A verifier's key: its `name`, signature `kind` (0x01 or 0x04) and 32 raw bytes of Ed25519 `public` key."""

    name: str
    kind: int
    public: bytes

    @cached_property
    def id(self) -> bytes:
        """The key id: SHA-256(name ‖ 0A ‖ kind ‖ public)[:4]."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:_ID_LENGTH]

    @property
    def vkey(self) -> str:
        """The key as one word, `name+id+base64(kind ‖ public)`."""
        return f"{self.name}+{self.id.hex()}+{write_base64(bytes([self.kind]) + self.public)}"


@dataclass(frozen=True)
class Signature:
    """One signature line: the key that it names (`name`, 4-byte `key_id`) and the signature's `raw` bytes."""

    name: str
    key_id: bytes
    raw: bytes


@dataclass(frozen=True)
class Note:
    """A parsed note: the signed `text` with its last newline, and its signatures, none of them checked yet."""

    text: bytes
    signatures: tuple[Signature, ...]


def parse_vkey(vkey: str) -> Key:
    """Return the key written as `name+id+base64`; raises Malformed, also when the id is not the key's own."""
    name, _, rest = vkey.partition("+")
    key_id, _, encoded = rest.partition("+")
    raw = read_base64(encoded)
    if len(raw) != 1 + _KEY_LENGTH or raw[0] not in KINDS:
        raise Malformed(f"the key of {name!r} is not an Ed25519 key for notes or cosignatures")
    key = Key(check_name(name), raw[0], raw[1:])
    if key.id.hex() != key_id:
        raise Malformed(f"the key of {name!r} has the id {key.id.hex()}, not {key_id[:8]!r}")
    return key


def check_name(name: str) -> str:
    """Return `name` if a key may bear it: not empty, UTF-8, without space, plus or control character."""
    spoilt = any(letter.isspace() or letter == "+" for letter in name) or _CONTROL.search(name)
    if not name or spoilt or name != name.encode(errors="replace").decode():
        raise Malformed(f"{name[:60]!r} is not a name that a key may bear")
    return name


def parse_note(note: bytes) -> Note:
    """Return the parts of a note; raises Malformed when it is not exactly in the format or repeats a signature."""
    text, blank, lines = _decoded(note).rpartition("\n\n")
    if not (text and blank and lines.endswith("\n")):
        raise Malformed("the note has no text, no blank line or no whole signature line")
    signatures = tuple(_parse_line(line) for line in lines[:-1].split("\n")[: MOST_SIGNATURES + 1])
    if len(signatures) > MOST_SIGNATURES:
        raise Malformed(f"the note has more than {MOST_SIGNATURES} signatures")
    if len({(each.name, each.key_id) for each in signatures}) < len(signatures):
        raise Malformed("the note has two signatures of one key")
    return Note((text + "\n").encode(), signatures)


def signature_line(key: Key, signature: bytes) -> bytes:
    """Return the line that adds `signature` (64 bytes; for a cosignature 8 of time before them) to a note's end."""
    return f"{_MARK}{key.name} {write_base64(key.id + signature)}\n".encode()


def signed_note(text: bytes, *lines: bytes) -> bytes:
    """Return the note of `text` (ending in a newline) with the signature `lines`."""
    return text + b"\n" + b"".join(lines)


def signers(note: Note, known: Collection[Key]) -> frozenset[Key]:
    """Return which of the `known` keys signed; raises NotVerified when a signature of one of them is wrong.

    Signatures of keys that are not known are passed over, as the standard asks.
    """
    by_id = {(key.name, key.id): key for key in known}
    signed = [(by_id.get((each.name, each.key_id)), each) for each in note.signatures]
    return frozenset(_checked(key, note.text, each.raw) for key, each in signed if key)


def _checked(key: Key, text: bytes, raw: bytes) -> Key:
    """Return `key` if it made `raw` (c2sp.org/signed-note, c2sp.org/tlog-cosignature#v1)."""
    message = text
    if key.kind == COSIGNATURE:
        time, raw = int.from_bytes(raw[:_TIME_LENGTH]), raw[_TIME_LENGTH:]
        message = f"cosignature/v1\ntime {time}\n".encode() + text
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(raw, message)
    except InvalidSignature as error:
        raise NotVerified(f"the signature of {key.name} is wrong") from error
    return key


def _decoded(note: bytes) -> str:
    try:
        text = note.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed(f"the note is not UTF-8 at byte {error.start}") from error
    if _CONTROL.search(text):
        raise Malformed("the note has a control character other than newline")
    return text


def _parse_line(line: str) -> Signature:
    mark, name_and_rest = line[: len(_MARK)], line[len(_MARK) :]
    name, _, encoded = name_and_rest.partition(" ")
    raw = read_base64(encoded) if mark == _MARK else b""
    if len(raw) <= _ID_LENGTH:
        raise Malformed(f"{line[:60]!r} is not a signature line")
    return Signature(check_name(name), raw[:_ID_LENGTH], raw[_ID_LENGTH:])
