"""Where a found thing says what was asked for: places in its texts, for whoever shows them to mark. Pure.

Places are counted in characters of the text as it is shown, whatever width, case or script it is written in.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from services.catalog.findable import Findable
from services.catalog.retrieval import Plan
from services.catalog.wording import RUN, simplified
from services.shared.folding import folded
from services.shared.model import Model

AROUND = 30  # characters of an abstract that are shown before the first place
LONGEST = 120  # characters of an abstract that are shown
MOST_ITEMS = 5


class Highlight(Model):
    """A text of a found thing with the places that were asked for: each from a character up to, not including, another.

    `field` is `title`, `items` (one item's name each) or `abstract` (a part of it, `…` where it is cut).
    """

    field: str
    text: str
    marks: tuple[tuple[int, int], ...]


class Term(NamedTuple):
    """A term of a text and where in it that stands."""

    text: str
    start: int
    end: int


class Part(NamedTuple):
    """A part of a text, as it is compared and where it stands."""

    even: str
    start: int
    end: int


def highlights_of(row: Findable, plan: Plan) -> tuple[Highlight, ...]:
    """Return the title, and those items and that part of the abstract that say something of what was looked for."""
    title = Highlight(field="title", text=row.title, marks=_marks(row.title, plan))
    items = (Highlight(field="items", text=i, marks=_marks(i, plan)) for i in row.items)
    said = [item for item in items if item.marks][:MOST_ITEMS]
    marks = _marks(row.abstract, plan)
    return (title, *said, *([_part(row.abstract, marks)] if marks else []))


def _part(text: str, marks: Sequence[tuple[int, int]]) -> Highlight:
    """Return the part of an abstract around its first mark."""
    start = max(0, marks[0][0] - AROUND)
    end = min(len(text), start + LONGEST)
    before, after = ("…" if start else ""), ("…" if end < len(text) else "")
    shift = len(before) - start
    shown = tuple((first + shift, min(last, end) + shift) for first, last in marks if first < end)
    return Highlight(field="abstract", text=f"{before}{text[start:end]}{after}", marks=shown)


def _marks(text: str, plan: Plan) -> tuple[tuple[int, int], ...]:
    """Return the places of those wordings that a text says enough of, joined where they touch."""
    found = _terms(text)
    there = {term.text for term in found}
    wanted: set[str] = set()
    for wording in (wording for each in plan.decisive for wording in each.wordings):
        said = there.intersection(wording.terms)
        if len(said) >= min(wording.least, plan.needed(wording)):
            wanted |= said
    return tuple(_joined((term.start, term.end) for term in found if term.text in wanted))


def _joined(places: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    start = end = -1
    for first, last in places:
        if first > end:
            if end > 0:
                yield start, end
            start = first
        end = max(end, last)
    if end > 0:
        yield start, end


def _terms(text: str) -> list[Term]:
    even, spans = _even(text)
    found = []
    for run in RUN.finditer(even):
        start, end = run.span()
        size = end - start if run["han"] is None or end - start == 1 else 2
        found += [
            Term(even[at : at + size], spans[at][0], spans[at + size - 1][1]) for at in range(start, end - size + 1)
        ]
    return found


def _even(text: str) -> tuple[str, Sequence[tuple[int, int]]]:
    """Return a text as the index compares it, and the place in the text of each of its characters."""
    parts = list(_parts(text))
    even = simplified("".join(part.even for part in parts))
    if len(even) != sum(len(part.even) for part in parts):  # a phrase became longer or shorter
        parts = [part._replace(even=simplified(part.even)) for part in parts]
        even = "".join(part.even for part in parts)
    return even, [(part.start, part.end) for part in parts for _ in part.even]


def _parts(text: str) -> Iterator[Part]:
    """Yield the parts of a text that are folded by themselves: single characters, but for those that join others."""
    singly = [_folded_character(character) for character in text]
    if "".join(singly) == folded(text):
        yield from (Part(even, place, place + 1) for place, even in enumerate(singly))
        return
    start = 0
    for end in range(1, len(text) + 1):
        before, after = text[start:end], text[end : end + 1]
        if not after or folded(before + after) == folded(before) + folded(after):
            yield Part(folded(before), start, end)
            start = end


@lru_cache(maxsize=8_192)
def _folded_character(character: str) -> str:
    return folded(character)
