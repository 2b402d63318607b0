"""A receipt may repeat with whom its entry is filed; one that names another filing than the entry is refused."""

from dataclasses import replace

import pytest
import rfc8785

from services.audit.verify.entry import verify_case
from services.audit.verify.errors import NotVerified
from services.audit.verify.filing import Filing, filing_of
from services.audit.verify.receipt import format_receipt, parse_receipt, verify_receipt
from tests.unit.ledger_makers import a_policy, a_receipt

FILED = rfc8785.dumps({"case": "c-1", "filing": {"authority": "secrecy_bureau", "kind": "confidentiality"}})
NOT_FILED = rfc8785.dumps({"case": "c-1"})
NOT_OURS = b"anything at all"
LOG = [FILED, NOT_FILED, NOT_OURS, rfc8785.dumps({"filing": {"authority": "o", "kind": "k", "more": 1}})]
SECRECY = Filing("confidentiality", "secrecy_bureau")


def receipt_of(entry: bytes, extra: bytes) -> bytes:
    return format_receipt(replace(parse_receipt(a_receipt(LOG, LOG.index(entry))), extra=extra))


def test_the_verdict_says_with_whom_an_entry_is_filed() -> None:
    verdicts = [verify_receipt(a_receipt(LOG, index), entry, a_policy()) for index, entry in enumerate(LOG)]
    assert [verdict.filing for verdict in verdicts] == [SECRECY, None, None, None]


def test_a_receipt_that_repeats_the_filing_is_verified() -> None:
    assert SECRECY.extra == b'{"authority":"secrecy_bureau","kind":"confidentiality"}'
    assert verify_receipt(receipt_of(FILED, SECRECY.extra), FILED, a_policy()).filing == SECRECY


@pytest.mark.parametrize(
    "extra",
    [
        Filing("confidentiality", "informatization_office").extra,
        Filing("request", "secrecy_bureau").extra,
        b'{"authority":"secrecy_bureau"}',
        b'{"kind":"request"}',
        b'{"authority":"secrecy_bureau","kind":"confidentiality","more":1}',
        b'{"authority": "secrecy_bureau", "kind": "confidentiality"}',
        b'{"kind":"confidentiality","authority":"secrecy_bureau"}',
        b'{"authority":"other","authority":"secrecy_bureau","kind":"confidentiality"}',
        b'{"\\u0061uthority":"other"}',
    ],
)
def test_a_receipt_that_names_another_filing_or_in_another_spelling_is_refused(extra: bytes) -> None:
    with pytest.raises(NotVerified, match="the entry is filed with secrecy_bureau as confidentiality") as refused:
        verify_receipt(receipt_of(FILED, extra), FILED, a_policy())
    assert str(refused.value).startswith("receipt of entry 0: its extra line is {")


def test_a_receipt_that_names_a_filing_of_an_entry_that_is_none_is_refused() -> None:
    for entry in (LOG[1], LOG[3]):
        with pytest.raises(NotVerified, match="but the entry is not a filing"):
            verify_receipt(receipt_of(entry, SECRECY.extra), entry, a_policy())


@pytest.mark.parametrize("extra", [b"anything", b"\xff", b"[]", b'"kind"', b'{"note":"x"}', b"[" * 50_000])
def test_other_extra_lines_are_carried_and_say_nothing(extra: bytes) -> None:
    assert verify_receipt(receipt_of(FILED, extra), FILED, a_policy()).filing == SECRECY


def test_an_entry_that_is_not_ours_is_verified_whatever_is_said_of_it() -> None:
    assert verify_receipt(receipt_of(NOT_OURS, SECRECY.extra), NOT_OURS, a_policy()).filing is None


@pytest.mark.parametrize("filing", ["", "x", [], {}, {"kind": "k"}, {"kind": "k", "authority": 1}])
def test_what_is_no_filing_is_not_taken_for_one(filing: object) -> None:
    assert filing_of(rfc8785.dumps({"filing": filing})) is None  # type: ignore[dict-item]  # of any shape


def test_the_receipts_of_a_case_are_held_to_it_too() -> None:
    entry = rfc8785.dumps({"case": "c-1", "case_seq": 1, "prev_hash": "", "filing": {"authority": "o", "kind": "k"}})
    receipt = parse_receipt(a_receipt([entry], 0))
    (verdict,) = verify_case(
        [entry], [format_receipt(replace(receipt, extra=b'{"authority":"o","kind":"k"}'))], a_policy()
    ).verdicts
    assert verdict.filing == Filing("k", "o")
    with pytest.raises(NotVerified, match="case c-1, entry 1: receipt of entry 0: its extra line is"):
        verify_case([entry], [format_receipt(replace(receipt, extra=SECRECY.extra))], a_policy())
