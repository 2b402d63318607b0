"""Entries and cases: canonical JSON, a chain without a gap, a receipt for each entry. Knows no tile and no storage."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

import rfc8785

from services.audit.verify.errors import Malformed, NotVerified, about
from services.audit.verify.layout import LONGEST_ENTRY
from services.audit.verify.merkle import leaf_hash
from services.audit.verify.policy import Policy
from services.audit.verify.receipt import Verdict, verify_receipt

HASH = re.compile(r"[0-9a-f]{64}")
Field = str | int | list["Field"] | dict[str, "Field"]


@dataclass(frozen=True)
class CaseVerdict:
    """What a verified case proves: its entries from `first` on are filed, none missing between; one verdict an entry.

    Entries after the last one given may exist; only the log itself can tell.
    """

    case: str
    verdicts: tuple[Verdict, ...]
    first: int


def parse_entry(entry: bytes) -> Mapping[str, Field]:
    """Return the entry's fields; raises Malformed unless its bytes are the canonical JSON of them (RFC 8785).

    An entry is one object of at most 65,535 bytes that holds objects, lists, strings and integers only.
    """
    if len(entry) > LONGEST_ENTRY:
        raise Malformed(f"the entry has {len(entry)} bytes, the most is {LONGEST_ENTRY}")
    try:
        fields = json.loads(entry.decode("utf-8"), parse_float=_refuse, parse_constant=_refuse)
        canonical = rfc8785.dumps(fields)
    except (ValueError, RecursionError) as error:
        raise Malformed("the entry is not canonical JSON of strings and integers") from error
    if not isinstance(fields, dict) or canonical != entry:
        raise Malformed("the entry is not the canonical JSON of an object")
    _check_values(fields)
    return fields


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


def _case_of(fields: Mapping[str, Field]) -> str:
    case = fields.get("case")
    if not isinstance(case, str) or not case:
        raise Malformed("it does not name its case")
    return case


def _hash_of_another(fields: Mapping[str, Field]) -> str:
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


def _check_values(value: Field) -> None:
    """Raise Malformed for true, false and null, which canonical JSON allows and an entry does not."""
    if isinstance(value, bool) or value is None:
        raise Malformed("the entry holds true, false or null; only strings and integers are allowed")
    if isinstance(value, (dict, list)):
        for part in value.values() if isinstance(value, dict) else value:
            _check_values(part)


def _refuse(number: str) -> NoReturn:
    raise ValueError(f"{number} is not an integer")
