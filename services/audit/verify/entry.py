"""Entries and cases: canonical JSON, a chain without a gap, a receipt for each entry. Knows no tile and no storage."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from services.audit.verify.canonical import Field, Fields, parse_entry
from services.audit.verify.errors import Malformed, NotVerified, about
from services.audit.verify.merkle import leaf_hash
from services.audit.verify.policy import Policy
from services.audit.verify.receipt import Verdict, verify_receipt

__all__ = ["CaseVerdict", "parse_entry", "verify_case"]

HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class CaseVerdict:
    """What a verified case proves: its entries from `first` on are filed, none missing between; one verdict an entry.

    Entries after the last one given may exist; only the log itself can tell.
    """

    case: str
    verdicts: tuple[Verdict, ...]
    first: int


def verify_case(entries: Sequence[bytes], receipts: Sequence[bytes], policy: Policy, *, first: int = 1) -> CaseVerdict:
    """Return what the entries of one case, in order, and their receipts prove together; asks no one.

    `first` is the number of the first entry: a party that was let in later sees the case from there, and nothing is
    proven of what came before. Raises NotVerified when there is none, one is missing, changed, of another case or out
    of order, or when a receipt does not hold or shows another tree than its neighbour; Malformed when a file is not in
    its format.
    """
    if not entries or len(entries) != len(receipts):
        raise NotVerified(f"{len(entries)} entries and {len(receipts)} receipts are not a case")
    case = _verify_chain(entries, first)
    verdicts = []
    for number, (entry, receipt) in enumerate(zip(entries, receipts, strict=True), start=first):
        with about(f"case {case}, entry {number}"):
            verdicts.append(verify_receipt(receipt, entry, policy))
    _verify_one_view(verdicts)
    return CaseVerdict(case, tuple(verdicts), first)


def _verify_chain(entries: Sequence[bytes], first: int) -> str:
    """Return the case of the entries if `case`, `case_seq` and `prev_hash` of each follow from the one before."""
    case, previous = "", ""
    for number, entry in enumerate(entries, start=first):
        with about(f"entry {number} of the case"):
            fields = parse_entry(entry)
            case = case or _case_of(fields)
            if number == first > 1:
                previous = _hash_of_another(fields)
            expected: dict[str, Field] = {"case": case, "case_seq": number, "prev_hash": previous}
            for name, value in expected.items():
                if fields.get(name) != value:
                    raise NotVerified(f"its {name} is {str(fields.get(name))[:80]!r}, {str(value)!r} is expected")
        previous = leaf_hash(entry).hex()
    return case


def _case_of(fields: Fields) -> str:
    case = fields.get("case")
    if not isinstance(case, str) or not case:
        raise Malformed("it does not name its case")
    return case


def _hash_of_another(fields: Fields) -> str:
    """Return the hash by which an entry names one that is not shown."""
    named = fields.get("prev_hash")
    if not isinstance(named, str) or not HASH.fullmatch(named):
        raise NotVerified("it names no entry before it, but it is not the first")
    return named


def _verify_one_view(verdicts: Sequence[Verdict]) -> None:
    """Raise NotVerified when two checkpoints of one size differ: the log has shown two histories."""
    roots: dict[tuple[str, int], bytes] = {}
    for each in verdicts:
        if roots.setdefault((each.origin, each.size), each.root) != each.root:
            raise NotVerified(f"the log signed two different checkpoints of size {each.size}")
