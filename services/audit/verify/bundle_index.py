"""What a bundle of evidence says of itself (`data/index.json`), and where its files lie. Verifies nothing that it says.

The index is canonical JSON (RFC 8785) of strings and integers, with just these members:
`v` (1), `accountability_case`, `ground`, `units`; `organisation`, `officer` and `made_at` of who made it;
`checkpoint_size` and `entries`; `cases` and `erasures`, lists of `case`, `runs` and `payloads`. Runs are the first and
last numbers of entries that stand without a gap. A payload has its entry's `seq`, and either the `salt` (hex) of the
file beside the entry or why it is `withheld`: `erased`, and then the event `erased_by`, or `not_readable`.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import rfc8785

from services.audit.verify.errors import Malformed, about

T = TypeVar("T")
INDEX, CHECKPOINT, POLICY = "data/index.json", "data/checkpoint", "data/policy.txt"
SEAL_ENTRY, SEAL_RECEIPT = "seal/entry.json", "seal/receipt.tlog-proof"
ERASED, NOT_READABLE = "erased", "not_readable"
GROUNDS = {"duty", "leak"}
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]{0,79}")
SALT = re.compile(r"[0-9a-f]{64}")
VERSION = 1


@dataclass(frozen=True)
class PayloadLine:
    """What became of what was written with entry `seq`: its `salt` (hex), or why it is `withheld`."""

    seq: int
    salt: str = ""
    withheld: str = ""
    erased_by: str = ""


@dataclass(frozen=True)
class CaseLine:
    """A case in a bundle: which of its entries, in runs without a gap, and what was written with them."""

    case: str
    runs: tuple[tuple[int, int], ...]
    payloads: tuple[PayloadLine, ...] = ()

    @property
    def numbers(self) -> list[int]:
        """The numbers of its entries in the bundle."""
        return [number for first, last in self.runs for number in range(first, last + 1)]

    def path(self, number: int, kind: str) -> str:
        """Return where a file of an entry lies; `kind` is one of those below."""
        return f"data/cases/{self.case}/{number}.{kind}"


ENTRY, RECEIPT, PROOF, WORDS = "json", "tlog-proof", "bundle.tlog-proof", "payload.json"


@dataclass(frozen=True)
class Index:
    """What a bundle says of itself; `erasures` are cases that prove what was erased."""

    accountability_case: str
    ground: str
    units: tuple[str, ...]
    organisation: str
    officer: str
    made_at: str
    checkpoint_size: int
    entries: int
    cases: tuple[CaseLine, ...]
    erasures: tuple[CaseLine, ...]

    @property
    def all_cases(self) -> tuple[CaseLine, ...]:
        """Those that were asked for, and the erasures."""
        return (*self.cases, *self.erasures)

    @property
    def held(self) -> int:
        """How many entries the runs of all cases have."""
        return sum(last - first + 1 for case in self.all_cases for first, last in case.runs)

    def paths(self) -> set[str]:
        """Return every payload file of a bundle that this is the index of."""
        found = {INDEX, CHECKPOINT, POLICY}
        for case in self.all_cases:
            found |= {case.path(number, kind) for number in case.numbers for kind in (ENTRY, RECEIPT, PROOF)}
            found |= {case.path(line.seq, WORDS) for line in case.payloads if line.salt}
        return found


def write_index(index: Index) -> bytes:
    """Return the bytes of an index."""
    cases = {name: [_written(case) for case in getattr(index, name)] for name in ("cases", "erasures")}
    plain: dict[str, Any] = {"v": VERSION, **index.__dict__, "units": [*index.units], **cases}
    return rfc8785.dumps(plain)


def parse_index(content: bytes) -> Index:
    """Return the index in a file; raises Malformed unless it is the one spelling of an index."""
    with about(INDEX):
        try:
            read = json.loads(content)
            canonical = rfc8785.dumps(read)
        except (ValueError, RecursionError) as error:
            raise Malformed("it is not JSON") from error
        if canonical != content:
            raise Malformed("it is not canonical JSON")
        return _index(read)


def _written(case: CaseLine) -> dict[str, Any]:
    payloads = [{name: value for name, value in line.__dict__.items() if value} for line in case.payloads]
    return {"case": case.case, "runs": [[*run] for run in case.runs], "payloads": payloads}


def _index(read: Any) -> Index:
    fields = _members(read, {"v", *Index.__dataclass_fields__})
    if fields["v"] != VERSION or fields["ground"] not in GROUNDS:
        raise Malformed(f"it is not of version {VERSION}, or on no known ground")
    index = Index(
        accountability_case=_code(fields["accountability_case"]),
        ground=str(fields["ground"]),
        units=_each(fields["units"], _code),
        organisation=_code(fields["organisation"]),
        officer=_text(fields["officer"]),
        made_at=_text(fields["made_at"]),
        checkpoint_size=_count(fields["checkpoint_size"]),
        entries=_count(fields["entries"]),
        cases=_each(fields["cases"], _case),
        erasures=_each(fields["erasures"], _case),
    )
    names = [case.case for case in index.all_cases]
    if not index.cases or len({*names}) < len(names):
        raise Malformed("it names no case, or one twice")
    return index


def _case(read: Any) -> CaseLine:
    fields = _members(read, {*CaseLine.__dataclass_fields__})
    case = CaseLine(_code(fields["case"]), _each(fields["runs"], _run), _each(fields["payloads"], _payload))
    bounds = [number for first, last in case.runs for number in (first - 1, last)]
    written = [line.seq for line in case.payloads]
    if not bounds or bounds != sorted(bounds) or len({*written}) < len(written):
        raise Malformed(f"case {case.case} has runs out of order, or a payload twice")
    return case


def _run(read: Any) -> tuple[int, int]:
    first, last = _each(read, _count) if isinstance(read, list) and len(read) == len(("first", "last")) else (1, 0)
    if first > last:
        raise Malformed("a run of entries is not its first and its last number")
    return first, last


def _payload(read: Any) -> PayloadLine:
    fields = _members(read, {"seq", "salt"}, {"seq", "withheld", "erased_by"}, {"seq", "withheld"})
    said = {name: _text(value) for name, value in fields.items() if name != "seq"}
    line = PayloadLine(_count(fields["seq"]), said.get("salt", ""), said.get("withheld", ""), said.get("erased_by", ""))
    expected = "" if line.salt else ERASED if line.erased_by else NOT_READABLE
    if line.withheld != expected or (line.salt and not SALT.fullmatch(line.salt)):
        raise Malformed(f"payload {line.seq} has neither a salt nor a reason why it is withheld")
    return line


def _members(read: Any, *allowed: Iterable[str]) -> Mapping[str, Any]:
    if not isinstance(read, dict) or all(read.keys() != {*names} for names in allowed):
        raise Malformed("it has a part with other members than an index has")
    return read


def _each(read: Any, parse: Callable[[Any], T]) -> tuple[T, ...]:
    if not isinstance(read, list):
        raise Malformed("it has something else where a list belongs")
    return tuple(map(parse, read))


def _text(read: Any) -> str:
    if not isinstance(read, str) or not read:
        raise Malformed("it has something else where a text belongs")
    return read


def _code(read: Any) -> str:
    if not CODE.fullmatch(code := _text(read)):
        raise Malformed(f"{code[:80]!r} is not a code")
    return code


def _count(read: Any) -> int:
    if isinstance(read, bool) or not isinstance(read, int) or read < 1:
        raise Malformed("it has something else where a number from 1 belongs")
    return read
