"""Where a found thing says what was asked for: places in its texts, for whoever shows them to mark. Pure.

Places are counted in characters of the text as it is shown, whatever width, case or script it is written in.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from services.catalog.findable import Findable
from services.catalog.retrieval import Plan
from services.catalog.wording import RUN, plain
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
    even, places = _even(text)
    found = []
    for run in RUN.finditer(even):
        start, end = run.span()
        if run["han"] is None or end - start == 1:
            found.append(Term(run.group(), places[start], places[end - 1] + 1))
        else:
            found += [Term(even[at : at + 2], places[at], places[at + 1] + 1) for at in range(start, end - 1)]
    return found


def _even(text: str) -> tuple[str, Sequence[int]]:
    """Return a text as the index compares it, and the place in the text of each of its characters."""
    even = plain(text)
    if len(even) == len(text):
        return even, range(len(text))
    parts = [_plain_character(character) for character in text]
    return "".join(parts), [place for place, part in enumerate(parts) for _ in part]


@lru_cache(maxsize=8_192)
def _plain_character(character: str) -> str:
    return plain(character)
