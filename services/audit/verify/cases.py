"""The cases of a whole log, followed entry by entry: each without a gap, each event once. Knows no tile and no storage.

It remembers about 200 bytes a case, and eight an event.
"""

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from hashlib import sha256

from services.audit.verify.canonical import Field, Fields
from services.audit.verify.errors import Malformed, NotVerified

_HASH = 32
_LONG = 64
_PARTS = 256


class Cases:
    """The last entry of each case, as far as a log was read."""

    def __init__(self) -> None:
        self._last: dict[str | bytes, bytes] = {}  # leaf hash and number of each case's last entry
        self._events = [array("q") for _ in range(_PARTS)]

    def __len__(self) -> int:
        """How many cases there are."""
        return len(self._last)

    def follow(self, entries: Sequence[Fields], leaves: Sequence[bytes], *, first: int) -> None:
        """Take in the next entries of the log, the `first` of which stands at that index.

        Raises Malformed for one without case or event, NotVerified for one that is not the next of its case.
        """
        for index, (fields, leaf) in enumerate(zip(entries, leaves, strict=True), start=first):
            case, event = fields.get("case"), fields.get("event_id")
            if not (case and isinstance(case, str) and event and isinstance(event, str)):
                raise Malformed(f"entry {index} does not name its case and its event")
            key = case if len(case) <= _LONG else sha256(case.encode()).digest()
            last = self._last.get(key, b"")
            number = int.from_bytes(last[_HASH:]) + 1
            if fields.get("case_seq") != number or fields.get("prev_hash") != last[:_HASH].hex():
                raise _gap(index, fields, number, last[:_HASH].hex())
            self._last[key] = leaf + number.to_bytes(8)
            name = hash(event)
            self._events[name % _PARTS].append(name)

    def twice(self) -> frozenset[int]:
        """Return `hash` of each event that seems to be there twice; it may be of two events that only hash alike."""
        return frozenset(name for part in self._events if len({*part}) < len(part) for name in _repeated(part))


def find_twice(entries: Iterable[Fields], suspects: frozenset[int]) -> None:
    """Raise NotVerified for the first event that two entries of a whole log have; `suspects` are hashes of such."""
    seen: dict[Field, int] = {}
    for index, fields in enumerate(entries):
        event = fields["event_id"]
        if hash(event) in suspects and (before := seen.setdefault(event, index)) != index:
            raise NotVerified(f"entries {before} and {index} are both of the event {str(event)[:80]!r}")


def _repeated(names: Iterable[int]) -> list[int]:
    return [name for name, count in Counter(names).items() if count > 1]


def _gap(index: int, fields: Fields, number: int, previous: str) -> NotVerified:
    expected: dict[str, Field] = {"case_seq": number, "prev_hash": previous}
    name, value = next((name, value) for name, value in expected.items() if fields.get(name) != value)
    came = str(fields.get(name))[:80]
    case = str(fields["case"])[:80]
    return NotVerified(f"entry {index} of case {case}: its {name} is {came!r}, {str(value)!r} is expected")
