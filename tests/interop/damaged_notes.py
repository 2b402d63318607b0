"""What can be wrong with a signed note: a table that names each damage and how it is done."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import replace

from services.audit.verify.note import parse_note, signature_line, signed_note
from tests.interop.claims import Signed
from tests.interop.damage import flipped
from tests.interop.logs import note_of
from tests.unit.ledger_makers import LOG, Signer

IMPOSTOR = Signer(seed=bytes([9]) * 32)  # bears the log's name, with a key of its own
OTHER_LOG = Signer(name="other.example/filings")


def _text(claim: Signed) -> bytes:
    return parse_note(claim.note).text


def _signature(note: bytes) -> bytes:
    return parse_note(note).signatures[0].raw


def _by(signer: Signer, claim: Signed) -> bytes:
    return signed_note(_text(claim), signer.line(_text(claim)))


def _with_signature(claim: Signed, raw: bytes) -> Signed:
    """Put other bytes where the log's signature stands, under the log's key id."""
    return replace(claim, note=signed_note(_text(claim), signature_line(LOG.key, raw)))


def _with_line(claim: Signed, at: int, line: bytes) -> Signed:
    """Put another line into the text, above the same signatures."""
    lines = claim.note.split(b"\n")
    assert line != lines[at]
    return replace(claim, note=b"\n".join([*lines[:at], line, *lines[at + 1 :]]))


def _with_size_first(claim: Signed) -> Signed:
    origin, size, rest = claim.note.split(b"\n", 2)
    return replace(claim, note=b"\n".join([size, origin, rest]))


NOTE: Mapping[str, Callable[[Signed], Signed]] = {
    "a bit of the signature": lambda claim: _with_signature(claim, flipped(_signature(claim.note))),
    "the signature cut short": lambda claim: _with_signature(claim, _signature(claim.note)[:-1]),
    "a byte after the signature": lambda claim: _with_signature(claim, _signature(claim.note) + b"\0"),
    "the signature of another tree": lambda claim: _with_signature(claim, _signature(note_of(1, bytes(32)))),
    "another key of the log's name": lambda claim: replace(claim, note=_by(IMPOSTOR, claim)),
    "another key under the log's key id": lambda claim: _with_signature(claim, _signature(_by(IMPOSTOR, claim))),
    "another log alone": lambda claim: replace(claim, note=_by(OTHER_LOG, claim)),
    "a verifier that trusts another key": lambda claim: replace(claim, vkey=IMPOSTOR.key.vkey),
    "no signature": lambda claim: replace(claim, note=signed_note(_text(claim))),
    "no blank line": lambda claim: replace(claim, note=claim.note.replace(b"\n\n", b"\n")),
    "another origin": lambda claim: _with_line(claim, 0, OTHER_LOG.name.encode()),
    "another size": lambda claim: _with_line(claim, 1, b"4711"),
    "another root": lambda claim: _with_line(claim, 2, b64encode(bytes(32))),
    "a line more": lambda claim: _with_line(claim, 3, b"more\n"),
    "size and origin exchanged": _with_size_first,
}
