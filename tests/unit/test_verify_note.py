"""A signed note is read in one spelling only, and a key that signed it is told from one that did not."""

import pytest

from services.audit.verify.errors import Malformed, NotVerified
from services.audit.verify.note import Key, Note, parse_note, parse_vkey, signature_line, signed_note, signers
from tests.unit.ledger_makers import LOG, a_witness

# The example of the Go project's own documentation of signed notes.
NEUMANN = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
NEUMANN_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
).encode()
TEXT = b"one\n\ntwo\n"
NOTE = signed_note(TEXT, LOG.line(TEXT))


def test_the_example_note_of_the_standard_is_verified() -> None:
    key = parse_vkey(NEUMANN)
    assert key.vkey == NEUMANN
    assert signers(parse_note(NEUMANN_NOTE), [key]) == {key}


def test_a_note_gives_back_its_text_with_the_blank_lines_in_it() -> None:
    assert parse_note(NOTE).text == TEXT


def test_a_signature_of_an_unknown_key_is_passed_over() -> None:
    witness = a_witness(1)
    note = parse_note(NOTE + witness.line(TEXT))
    assert signers(note, [LOG.key]) == {LOG.key}
    assert signers(note, []) == set()


def test_a_witness_signs_the_text_with_its_time() -> None:
    witness = a_witness(1)
    note = parse_note(NOTE + witness.line(TEXT, time=1_679_315_147))
    assert signers(note, [LOG.key, witness.key]) == {LOG.key, witness.key}


@pytest.mark.parametrize("at", [0, 7, 8, 71])
def test_a_cosignature_with_time_or_signature_changed_spoils_the_note(at: int) -> None:
    witness = a_witness(1)
    raw = bytearray(parse_note(NOTE + witness.line(TEXT)).signatures[1].raw)
    raw[at] ^= 1
    with pytest.raises(NotVerified, match=r"signature of witness\.example/w1 is wrong"):
        signers(parse_note(NOTE + signature_line(witness.key, bytes(raw))), [LOG.key, witness.key])


@pytest.mark.parametrize("length", [1, 7, 8, 63, 65, 200])
def test_a_signature_of_a_wrong_length_is_wrong_for_both_kinds_of_key(length: int) -> None:
    for key in (LOG.key, a_witness(1).key):
        with pytest.raises(NotVerified, match="is wrong"):
            signers(parse_note(signed_note(TEXT, signature_line(key, bytes(length)))), [key])


def test_a_signature_of_a_known_key_over_another_text_is_wrong() -> None:
    with pytest.raises(NotVerified, match=r"signature of ledger\.example/filings is wrong"):
        signers(Note(b"other\n", parse_note(NOTE).signatures), [LOG.key])


@pytest.mark.parametrize(
    ("note", "reason"),
    [
        (b"", "no text"),
        (TEXT, "two"),
        (signed_note(TEXT), "no whole signature line"),
        (NOTE[:-1], "no whole signature line"),
        (NOTE.replace(b"\n", b"\r\n"), "control character"),
        (NOTE.replace(b"one", b"o\x00e"), "control character"),
        (NOTE.replace(b"one", b"o\xffe"), "not UTF-8 at byte 1"),
        (NOTE.replace("—".encode(), b"-"), "not a signature line"),
        (NOTE.replace("— ".encode(), "—  ".encode()), "base64"),
        (NOTE + b"\n", "no whole signature line"),
        (NOTE + LOG.line(TEXT), "two signatures of one key"),
        (NOTE + b"".join(a_witness(number).line(TEXT) for number in range(64)), "more than 64 signatures"),
        (signed_note(TEXT, "— a+b AAAAAAA=\n".encode()), "not a name"),
        (signed_note(TEXT, "— a\u3000b AAAAAAA=\n".encode()), "not a name"),
        (signed_note(TEXT, "— ab AAAAAA==\n".encode()), "not a signature line"),
        (signed_note(TEXT, "— ab AAAAAAB=\n".encode()), "one base64 spelling"),
    ],
)
def test_a_note_in_any_other_form_is_malformed(note: bytes, reason: str) -> None:
    with pytest.raises(Malformed, match=reason):
        parse_note(note)


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "PeterNeumann",
        NEUMANN.replace("c74f20a3", "c74f20a4"),
        NEUMANN.replace("c74f20a3", "C74F20A3"),
        NEUMANN.replace("PeterNeumann", "Peter Neumann"),
        NEUMANN.replace("PeterNeumann", ""),
        NEUMANN[:-4],
        NEUMANN.replace("+AR", "+Ah"),
        Key("a\udcffb", 1, bytes(32)).name + "+00000000+" + NEUMANN.split("+", 2)[2],
    ],
)
def test_a_key_in_any_other_form_is_malformed(vkey: str) -> None:
    with pytest.raises(Malformed):
        parse_vkey(vkey)
