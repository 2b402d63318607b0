"""A checkpoint is accepted in exactly one spelling, signed by a log that the policy trusts and by its quorum."""

import json
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.audit.verify.checkpoint import Checkpoint, parse_checkpoint, verify_checkpoint
from services.audit.verify.errors import Malformed, NotVerified
from services.audit.verify.note import signed_note
from services.audit.verify.policy import parse_policy, trust_log
from tests.unit.ledger_makers import LOG, ORIGIN, Signer, a_checkpoint, a_policy, a_witness

ODD = json.loads((Path(__file__).parents[1] / "data/ledger/odd-checkpoints.json").read_text("utf-8"))
ENTRIES = [b"one", b"two", b"three"]
CHECKPOINT = a_checkpoint(ENTRIES)


def test_the_good_checkpoint_is_accepted() -> None:
    checkpoint = verify_checkpoint(ODD["checkpoints"]["good"].encode(), trust_log(ODD["vkey"]))
    assert (checkpoint.origin, checkpoint.size) == (ODD["origin"], 300)


@pytest.mark.parametrize("name", [name for name in ODD["checkpoints"] if name not in ODD["accept"]])
def test_each_odd_checkpoint_is_malformed(name: str) -> None:
    with pytest.raises(Malformed):
        verify_checkpoint(ODD["checkpoints"][name].encode(), trust_log(ODD["vkey"]))


def test_there_are_17_odd_checkpoints_and_a_good_one() -> None:
    assert (len(ODD["checkpoints"]), ODD["accept"]) == (18, ["good"])


def test_the_text_of_a_checkpoint_is_read_back() -> None:
    checkpoint = Checkpoint(ORIGIN, 2**63 - 1, bytes(32))
    assert parse_checkpoint(checkpoint.text) == checkpoint


@pytest.mark.parametrize("size", [str(2**63), "1" * 5000, "", "1e3", "00"])
def test_a_size_out_of_bounds_is_malformed(size: str) -> None:
    text = Checkpoint(ORIGIN, 1, bytes(32)).text.replace(b"\n1\n", f"\n{size}\n".encode())
    with pytest.raises(Malformed, match="is not a number"):
        parse_checkpoint(text)


@pytest.mark.parametrize("origin", [b"ledger\xff", b"ledger example", b"ledger+example", b""])
def test_an_origin_that_no_key_may_bear_is_malformed(origin: bytes) -> None:
    with pytest.raises(Malformed):
        parse_checkpoint(Checkpoint(ORIGIN, 1, bytes(32)).text.replace(ORIGIN.encode(), origin))


def test_a_checkpoint_of_no_entries_has_the_empty_root() -> None:
    assert parse_checkpoint(Checkpoint(ORIGIN, 0, sha256(b"").digest()).text).size == 0
    with pytest.raises(Malformed, match="empty root"):
        parse_checkpoint(Checkpoint(ORIGIN, 0, bytes(32)).text)


def test_a_checkpoint_of_another_log_is_not_trusted() -> None:
    policy = trust_log(Signer(name="other.example/log").key.vkey)
    with pytest.raises(NotVerified, match="no log that the policy trusts signed it"):
        verify_checkpoint(CHECKPOINT, policy)


def test_a_trusted_log_cannot_sign_in_the_name_of_another() -> None:
    other = Signer(name="other.example/log", seed=bytes([7]) * 32)
    policy = parse_policy(f"log {LOG.key.vkey}\nlog {other.key.vkey}\nquorum none\n".encode())
    with pytest.raises(NotVerified, match="no log that the policy trusts"):
        verify_checkpoint(a_checkpoint(ENTRIES, signer=other), policy)


def test_a_log_with_a_second_key_of_the_same_name_may_sign_with_either() -> None:
    second = Signer(seed=bytes([9]) * 32)
    policy = parse_policy(f"log {LOG.key.vkey}\nlog {second.key.vkey}\nquorum none\n".encode())
    assert verify_checkpoint(CHECKPOINT, policy) == verify_checkpoint(a_checkpoint(ENTRIES, signer=second), policy)


def test_an_impostor_with_the_name_of_the_log_and_another_key_is_refused() -> None:
    with pytest.raises(NotVerified):
        verify_checkpoint(a_checkpoint(ENTRIES, signer=Signer(seed=bytes([9]) * 32)), a_policy())


@pytest.mark.parametrize(
    ("witnesses", "enough"), [((), False), ((1,), False), ((1, 2), False), ((1, 3), True), ((1, 2, 3), True)]
)
def test_a_checkpoint_needs_the_quorum_of_its_policy(witnesses: tuple[int, ...], enough: bool) -> None:
    lines = [f"witness w{number} {a_witness(number).key.vkey}" for number in (1, 2, 3, 4)]
    groups = ["group left 1 w1 w2", "group right any w3 w4", "group both all left right", "quorum both"]
    policy = parse_policy("\n".join([f"log {LOG.key.vkey}", *lines, *groups]).encode())
    note = a_checkpoint(ENTRIES, *map(a_witness, witnesses))
    if enough:
        assert verify_checkpoint(note, policy).size == 3
    else:
        with pytest.raises(NotVerified, match="not the quorum 'both'"):
            verify_checkpoint(note, policy)


def test_a_wrong_signature_of_a_known_witness_spoils_the_checkpoint_even_without_a_quorum() -> None:
    witness = a_witness(1)
    policy = parse_policy(f"log {LOG.key.vkey}\nwitness w {witness.key.vkey}\nquorum none\n".encode())
    with pytest.raises(NotVerified, match=r"witness\.example/w1 is wrong"):
        verify_checkpoint(CHECKPOINT + witness.line(b"another text\n"), policy)


@given(st.integers(0, len(CHECKPOINT) - 1), st.integers(1, 255))
def test_a_checkpoint_with_any_one_byte_altered_is_refused(at: int, change: int) -> None:
    altered = bytearray(CHECKPOINT)
    altered[at] ^= change
    with pytest.raises(NotVerified):
        verify_checkpoint(bytes(altered), a_policy())


def test_a_checkpoint_whose_text_alone_is_changed_has_a_wrong_signature() -> None:
    text, _, lines = CHECKPOINT.partition(b"\n\n")
    changed = signed_note(text.replace(b"\n3\n", b"\n4\n") + b"\n", lines)
    with pytest.raises(NotVerified, match=r"signature of ledger\.example/filings is wrong"):
        verify_checkpoint(changed, a_policy())
