"""A receipt proves offline that these very bytes are an entry of the log; any other bytes are refused."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.audit.verify.errors import Malformed, NotVerified
from services.audit.verify.receipt import Receipt, format_receipt, parse_receipt, verify_receipt
from tests.unit.ledger_makers import ORIGIN, a_case, a_checkpoint, a_policy, a_receipt

ENTRIES = a_case(20)
RECEIPT = a_receipt(ENTRIES, 17)


def test_a_receipt_proves_index_size_and_log() -> None:
    verdict = verify_receipt(RECEIPT, ENTRIES[17], a_policy())
    assert (verdict.origin, verdict.index, verdict.size) == (ORIGIN, 17, 20)


def test_every_entry_of_a_log_has_a_receipt_that_holds() -> None:
    for size in (1, 2, 19, 20):
        for index in range(size):
            assert verify_receipt(a_receipt(ENTRIES[:size], index), ENTRIES[index], a_policy()).index == index


def test_a_receipt_is_written_as_the_standard_writes_it() -> None:
    lines = RECEIPT.decode().split("\n")
    assert lines[:2] == ["c2sp.org/tlog-proof@v1", "index 17"]
    assert lines[lines.index("") + 1 : lines.index("") + 3] == [ORIGIN, "20"]
    assert RECEIPT.endswith(a_checkpoint(ENTRIES))


def test_a_receipt_of_the_only_entry_has_no_hashes() -> None:
    receipt = a_receipt(ENTRIES[:1], 0)
    assert parse_receipt(receipt).proof == ()
    assert verify_receipt(receipt, ENTRIES[0], a_policy()).size == 1


def test_extra_data_is_carried_but_nothing_signs_it() -> None:
    parsed = parse_receipt(RECEIPT)
    receipt = format_receipt(Receipt(parsed.index, parsed.proof, parsed.checkpoint, b"anything"))
    assert receipt.split(b"\n")[1] == b"extra YW55dGhpbmc="
    assert parse_receipt(receipt).extra == b"anything"
    assert verify_receipt(receipt, ENTRIES[17], a_policy()).index == 17


def test_the_wrong_entry_is_refused_in_a_plain_sentence() -> None:
    with pytest.raises(NotVerified) as refused:
        verify_receipt(RECEIPT, ENTRIES[16], a_policy())
    sentence = "receipt of entry 17: the hash of the entry does not lead to the root of checkpoint 20"
    assert str(refused.value) == sentence
    assert not isinstance(refused.value, Malformed)


@given(st.integers(0, len(RECEIPT) - 1), st.integers(1, 255))
def test_a_receipt_with_any_one_byte_altered_is_refused(at: int, change: int) -> None:
    altered = bytearray(RECEIPT)
    altered[at] ^= change
    with pytest.raises(NotVerified):
        verify_receipt(bytes(altered), ENTRIES[17], a_policy())


def test_a_receipt_with_any_one_bit_of_any_byte_flipped_is_refused() -> None:
    for at in range(len(RECEIPT)):
        altered = RECEIPT[:at] + bytes([RECEIPT[at] ^ 1 << at % 8]) + RECEIPT[at + 1 :]
        with pytest.raises(NotVerified):
            verify_receipt(altered, ENTRIES[17], a_policy())


@given(st.integers(0, len(ENTRIES[17]) - 1), st.integers(1, 255))
def test_an_entry_with_any_one_byte_altered_is_refused(at: int, change: int) -> None:
    altered = bytearray(ENTRIES[17])
    altered[at] ^= change
    with pytest.raises(NotVerified, match="does not lead to the root"):
        verify_receipt(RECEIPT, bytes(altered), a_policy())


@given(st.integers(0, len(RECEIPT) - 1))
def test_a_receipt_cut_short_is_refused(length: int) -> None:
    with pytest.raises(NotVerified):
        verify_receipt(RECEIPT[:length], ENTRIES[17], a_policy())


@given(st.binary(max_size=300))
def test_bytes_that_are_no_receipt_are_malformed(noise: bytes) -> None:
    with pytest.raises(Malformed):
        parse_receipt(noise)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"@v1", b"@v2"),
        (b"index 17", b"index 017"),
        (b"index 17", b"index +17"),
        (b"index 17", b"Index 17"),
        (b"index 17", b"extra \nindex 17"),
        (b"index 17", b"extra YQ\nindex 17"),
        (b"index 17", b"extra YQ==\nextra YQ==\nindex 17"),
        (b"index 17\n", b""),
        (b"index 17\n", b"index 17\nindex 17\n"),
        (b"index 17\n", b"index 17\nAAAA\n"),
        (b"index 17\n", b"index 17\n\n"),
        (b"\n", b"\r\n"),
    ],
)
def test_a_receipt_in_any_other_spelling_is_malformed(old: bytes, new: bytes) -> None:
    with pytest.raises(Malformed):
        verify_receipt(RECEIPT.replace(old, new), ENTRIES[17], a_policy())


def test_a_receipt_is_verified_in_a_few_milliseconds_at_most() -> None:
    policy = a_policy()
    started = time.perf_counter()
    for _ in range(20):
        verify_receipt(RECEIPT, ENTRIES[17], policy)
    assert (time.perf_counter() - started) / 20 < 0.02
