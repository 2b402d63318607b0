"""A case is proved whole from its first entry to the last one given: nothing changed, missing or out of order.

That entries follow after the last one given cannot be seen without the log.
"""

import json
from collections.abc import Sequence

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from services.audit.verify.entry import parse_entry, verify_case
from services.audit.verify.errors import Malformed, NotVerified
from services.audit.verify.merkle import leaf_hash
from tests.unit.ledger_makers import a_case, a_checkpoint, a_policy, a_receipt

CASE = a_case(5)
LOG_OF_CASES = [*a_case(2, "c-0"), *CASE, *a_case(2, "c-2")]
RECEIPTS = [a_receipt(LOG_OF_CASES, index) for index in range(2, 7)]
json_values = st.recursive(
    st.text() | st.integers(-(2**53) + 1, 2**53 - 1),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


def refiled(entries: Sequence[bytes]) -> list[bytes]:
    """Receipts of a log that holds just these entries."""
    return [a_receipt(entries, index) for index in range(len(entries))]


def test_a_whole_case_is_verified() -> None:
    verdict = verify_case(CASE, RECEIPTS, a_policy())
    assert (verdict.case, [each.index for each in verdict.verdicts]) == ("c-1", [2, 3, 4, 5, 6])


def test_entries_after_the_last_one_given_are_not_missed() -> None:
    assert len(verify_case(CASE[:3], RECEIPTS[:3], a_policy()).verdicts) == 3


def test_a_party_that_was_let_in_later_verifies_the_case_from_there() -> None:
    verdict = verify_case(CASE[2:], RECEIPTS[2:], a_policy(), first=3)
    assert (verdict.first, len(verdict.verdicts)) == (3, len(CASE) - 2)


def test_a_case_shown_from_another_entry_than_was_said_is_refused() -> None:
    for first in (1, 2, 4):
        with pytest.raises(NotVerified, match="case_seq"):
            verify_case(CASE[2:], RECEIPTS[2:], a_policy(), first=first)


def test_a_later_entry_that_names_none_before_it_is_refused() -> None:
    entries = [rfc8785.dumps(json.loads(CASE[2]) | {"prev_hash": ""})]
    with pytest.raises(NotVerified, match="names no entry before it"):
        verify_case(entries, refiled(entries), a_policy(), first=3)


@pytest.mark.parametrize("dropped", range(4))
def test_a_case_with_an_entry_left_out_is_refused(dropped: int) -> None:
    entries, receipts = CASE.copy(), RECEIPTS.copy()
    del entries[dropped], receipts[dropped]
    with pytest.raises(NotVerified, match=f"entry {dropped + 1} of the case: its case_seq is '{dropped + 2}'"):
        verify_case(entries, receipts, a_policy())


@pytest.mark.parametrize("at", range(4))
def test_a_case_with_two_entries_exchanged_is_refused(at: int) -> None:
    entries = CASE.copy()
    entries[at], entries[at + 1] = entries[at + 1], entries[at]
    with pytest.raises(NotVerified, match="its case_seq is"):
        verify_case(entries, RECEIPTS, a_policy())


def test_an_entry_of_another_case_is_refused() -> None:
    with pytest.raises(NotVerified, match="entry 2 of the case: its case is 'c-2', 'c-1' is expected"):
        verify_case([CASE[0], a_case(2, "c-2")[1]], RECEIPTS[:2], a_policy())


def test_a_receipt_of_another_entry_is_refused_with_its_place() -> None:
    with pytest.raises(NotVerified, match="case c-1, entry 2: receipt of entry 4: the hash of the entry does not lead"):
        verify_case(CASE[:2], [RECEIPTS[0], RECEIPTS[2]], a_policy())


@pytest.mark.parametrize(("entries", "receipts"), [([], []), (CASE, RECEIPTS[:4]), (CASE[:1], RECEIPTS)])
def test_no_entries_or_another_number_of_receipts_are_not_a_case(entries: list[bytes], receipts: list[bytes]) -> None:
    with pytest.raises(NotVerified, match="are not a case"):
        verify_case(entries, receipts, a_policy())


def test_a_chain_that_names_the_wrong_hash_is_refused_even_with_good_receipts() -> None:
    second = {**parse_entry(CASE[1]), "prev_hash": leaf_hash(b"other").hex()}
    entries = [CASE[0], rfc8785.dumps(second)]
    with pytest.raises(NotVerified, match="entry 2 of the case: its prev_hash is"):
        verify_case(entries, refiled(entries), a_policy())


@pytest.mark.parametrize("case", [7, ""])
def test_an_entry_that_names_no_case_is_refused(case: int | str) -> None:
    entries = [rfc8785.dumps({"case": case, "case_seq": 1, "prev_hash": ""})]
    with pytest.raises(Malformed, match="does not name its case"):
        verify_case(entries, refiled(entries), a_policy())


def test_a_log_that_shows_two_trees_of_one_size_is_refused() -> None:
    other = [CASE[0], b"another history"]
    receipts = [a_receipt(other, 0, a_checkpoint(other)), a_receipt(CASE[:2], 1)]
    with pytest.raises(NotVerified, match="two different checkpoints of size 2"):
        verify_case(CASE[:2], receipts, a_policy())


@given(st.integers(0, 4), st.data())
def test_a_case_with_any_one_byte_of_an_entry_altered_is_refused(number: int, data: st.DataObject) -> None:
    altered = bytearray(CASE[number])
    altered[data.draw(st.integers(0, len(altered) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(NotVerified):
        verify_case([*CASE[:number], bytes(altered), *CASE[number + 1 :]], RECEIPTS, a_policy())


@given(st.dictionaries(st.text(), json_values, max_size=4))
def test_canonical_json_of_strings_and_integers_is_an_entry(fields: dict[str, str]) -> None:
    assert parse_entry(rfc8785.dumps(fields)) == fields


@pytest.mark.parametrize(
    "entry",
    [
        b"",
        b"[]",
        b'"a"',
        b'{"a": 1}',
        b'{"b":1,"a":1}',
        b'{"a":1,"a":1}',
        b'{"a":1}\n',
        b'{"a":-0}',
        b'{"a":1.5}',
        b'{"a":1e3}',
        b'{"a":NaN}',
        b'{"a":9007199254740992}',
        b'{"a":' + b"9" * 5000 + b"}",
        b'{"a":true}',
        b'{"a":[{"b":null}]}',
        b'{"a":"\\u0041"}',
        b'{"a":"\\ud800"}',
        b'{"a":"\xff"}',
        b'\xef\xbb\xbf{"a":1}',
        b'{"a":' + b"[" * 30_000 + b"]" * 30_000 + b"}",
        b'{"a":"' + b"a" * 65_528 + b'"}',
    ],
)
def test_any_other_bytes_are_no_entry(entry: bytes) -> None:
    with pytest.raises(Malformed):
        parse_entry(entry)


def test_an_entry_of_65535_bytes_is_the_longest() -> None:
    assert len(parse_entry(b'{"a":"' + b"a" * 65_527 + b'"}')) == 1
