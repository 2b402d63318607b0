"""A search, whichever engine looks it up: what is asked, within which filters, which page, and what is counted. Pure.

What says enough of the question is found. Where that is next to nothing, what says any of it is: `loose`.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from services.catalog.asking import asked, itemised_like, titled_like
from services.catalog.findable import Findable
from services.catalog.retrieval import Engine, Facet, Plan
from services.catalog.similarity import MOST, Thing

FEW = 5  # things found that are next to nothing
DEEPEST = 10_000  # the last place that a page can begin at


class Question(NamedTuple):
    """What somebody asks: a text, filters, the page from place `first` on, and what results are counted by."""

    text: str = ""
    filters: tuple[tuple[Facet, tuple[str, ...]], ...] = ()
    first: int = 0
    most: int = 20
    facets: tuple[Facet, ...] = ()


class Found(NamedTuple):
    """One page of what was found, best first; `plan` is what was looked for in the end."""

    plan: Plan
    total: int
    things: Sequence[Findable]
    counts: Mapping[Facet, Mapping[str, int]]


def find(engine: Engine, question: Question) -> Found:
    """Return a page of what a question finds; the same engine gives the same pages."""
    plan = asked(question.text)._replace(filters=question.filters)
    if question.text.strip() and not plan.wanted:  # signs alone: nothing says them
        return Found(plan, 0, (), {facet: {} for facet in question.facets})
    answer = engine.look_up(plan, first=question.first, most=question.most)
    if plan.wanted and answer.total < FEW:
        plan = plan._replace(loose=True)
        answer = engine.look_up(plan, first=question.first, most=question.most)
    counts = engine.count_by(plan, question.facets) if question.facets else {}
    return Found(plan, answer.total, [scored.thing for scored in answer.best], counts)


def alike(engine: Engine, subject: Thing, kinds: Sequence[str], *, most: int = MOST) -> list[Findable]:
    """Return what could be the same as a subject: the best by title and the best by data items, of these kinds."""
    within = ((Facet.KIND, tuple(kinds)),)
    plans = (titled_like(subject.title), itemised_like(subject.items))
    answers = (engine.look_up(p._replace(filters=within), first=0, most=most) for p in plans if p.wanted)
    return list({scored.thing.id: scored.thing for answer in answers for scored in answer.best}.values())


def thing_of(row: Findable) -> Thing:
    """Return a row of the index as it is compared."""
    provider = "" if row.nobodys else row.unit
    return Thing(row.title, tuple(row.items), provider, row.basic_class, tuple(row.districts))
