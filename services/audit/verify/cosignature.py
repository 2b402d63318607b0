"""Cosignatures (c2sp.org/tlog-cosignature#v1): a witness says when it saw a checkpoint. Knows no policy and no network.

A cosignature is an Ed25519 signature of the note's text with a time in front of it, as a line of the note.
"""

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.audit.verify.errors import NotVerified
from services.audit.verify.note import COSIGNATURE, Key, parse_note, signature_line, signed_note, signers

TIME_LENGTH = 8


@dataclass(frozen=True)
class Cosignature:
    """A cosignature that was verified: its `key`, its `time` (seconds since 1970) and its `line` in a note."""

    key: Key
    time: int
    line: bytes


def read_cosignature(lines: bytes, text: bytes, key: Key) -> Cosignature:
    """Return the cosignature of `key` over a note's `text` among signature `lines`; those of others are passed over.

    Raises Malformed when these are no signature lines, NotVerified when there is none of the key or it is wrong.
    """
    note = parse_note(signed_note(text, lines))
    if key.kind != COSIGNATURE or note.text != text or not signers(note, [key]):
        raise NotVerified(f"{key.name} did not cosign")
    raw = next(each.raw for each in note.signatures if (each.name, each.key_id) == (key.name, key.id))
    return Cosignature(key, int.from_bytes(raw[:TIME_LENGTH]), signature_line(key, raw))


def cosign(text: bytes, *, name: str, private: Ed25519PrivateKey, time: int) -> Cosignature:
    """Return the cosignature of the witness `name` over a note's `text` at a time (seconds since 1970)."""
    key = Key(name, COSIGNATURE, private.public_key().public_bytes_raw())
    signature = private.sign(f"cosignature/v1\ntime {time}\n".encode() + text)
    return Cosignature(key, time, signature_line(key, time.to_bytes(TIME_LENGTH) + signature))
