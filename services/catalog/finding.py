"""A search, whichever engine looks it up: what is asked, within which filters, which page, and what is counted. Pure.

What says enough of the question is found. Where that is next to nothing, what says any of it is: a `loose` search. An
engine brings candidates in blocks, and each block is ranked by itself: so the pages of a search never overlap.
"""

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from itertools import islice
from typing import NamedTuple

from services.catalog.asking import asked
from services.catalog.findable import Findable
from services.catalog.indexed import read
from services.catalog.ranking import Ranking, weights_of
from services.catalog.retrieval import Candidate, Engine, Facet, Filters, Plan

BLOCK = 24  # candidates that are ranked together
MOST_TERMS, MOST_LOOKED_UP = 60, 24  # of a question, the weightiest: what counts, and what candidates are found by
FEW = 5  # things found that are next to nothing
DEEPEST = 10_000  # the last candidate that is looked at


class Place(NamedTuple):
    """Where a page begins: so many candidates into the search, so many found ones of their block, so many in all."""

    candidate: int = 0
    found: int = 0
    before: int = 0


class Question(NamedTuple):
    """What somebody asks: a text, filters, a page from a place on, how `loose` its first page was, what to count by."""

    text: str = ""
    filters: Filters = ()
    start: Place = Place()
    loose: bool | None = None
    most: int = 20
    facets: tuple[Facet, ...] = ()


class Found(NamedTuple):
    """One page of what was found, best first, and where the next one begins; None after the last.

    `plan` is what was looked for in the end. Nothing is counted, and `total` None, unless it is asked for.
    """

    plan: Plan
    things: Sequence[Findable]
    next: Place | None
    total: int | None
    counts: Mapping[Facet, Mapping[str, int]]


def find(engine: Engine, question: Question) -> Found:
    """Return a page of what a question finds; the same engine gives the same pages."""
    plan = asked(question.text)
    if question.text.strip() and not plan.wanted:  # signs alone: nothing says them
        return Found(plan, (), None, 0, {facet: {} for facet in question.facets})
    search = _Search(engine, plan, question.filters)
    if question.loose or (question.loose is None and plan.wanted and search.finds_next_to_nothing()):
        search = search.loosened()
    total = engine.count(search.plan, question.filters) if question.facets else None
    page = list(islice(search.found(question.start, total), question.most + 1))
    things = [read(candidate.line) for _, candidate in page[: question.most]]
    following = page[question.most][0] if len(page) > question.most else None
    counts = engine.count_by(search.plan, question.filters, question.facets) if question.facets else {}
    return Found(search.plan, things, following, total, counts)


def find_by(engine: Engine, plan: Plan, filters: Filters, most: int) -> list[Findable]:
    """Return the best of what a plan finds, `most` of it."""
    best = islice(_Search(engine, plan, filters).found(Place()), most)
    return [read(candidate.line) for _, candidate in best]


class _Search:
    """One plan's candidates, block by block; a block is asked for once and ranked once."""

    def __init__(self, engine: Engine, plan: Plan, filters: Filters) -> None:
        self.plan = plan
        self._engine, self._filters = engine, filters
        weights = weights_of(plan)
        rarity = engine.rarity(tuple(weights)) if weights else {}
        telling = sorted(rarity, key=lambda term: (-rarity[term] * weights[term], term))[:MOST_TERMS]
        self._terms = {term: weights[term] for term in telling[:MOST_LOOKED_UP]}
        self._rarity = {term: rarity[term] for term in telling}
        self._ranking = Ranking(plan, self._rarity)
        self._blocks: dict[int, Sequence[Candidate]] = {}
        self._orders: dict[int, Sequence[int]] = {}

    def loosened(self) -> "_Search":
        """Return the search that takes any single term for enough; what was looked up stays so."""
        loose = copy(self)
        loose.plan = self.plan._replace(loose=True)
        loose._ranking, loose._orders = Ranking(loose.plan, self._rarity), {}
        return loose

    def finds_next_to_nothing(self) -> bool:
        """Return whether hardly anything says enough of what is wanted."""
        return len(self._order(0)) < FEW

    def found(self, start: Place, total: int | None = None) -> Iterator[tuple[Place, Candidate]]:
        """Yield what is found from a place on, each with its own place.

        It ends with the `total`, or, where that is not known, at a block that brings nothing.
        """
        before = start.before
        for first in range(start.candidate, DEEPEST, BLOCK):
            block, order = self._block(first), self._order(first)
            skipped = start.found if first == start.candidate else 0
            for number, place in enumerate(order[skipped:], skipped):
                yield Place(first, number, before), block[place]
                before += 1
            if len(block) < BLOCK or (not order if total is None else before >= total):
                return

    def _order(self, first: int) -> Sequence[int]:
        if first not in self._orders:
            block = self._block(first)
            self._orders[first] = self._ranking.order(block) if self.plan.wanted else range(len(block))
        return self._orders[first]

    def _block(self, first: int) -> Sequence[Candidate]:
        if self.plan.wanted and not self._terms:  # no term of it stands anywhere
            return ()
        if first not in self._blocks:
            self._blocks[first] = self._engine.best(self._terms, self._filters, first=first, most=BLOCK)
        return self._blocks[first]
