"""What a searcher is shown: one page of what was found, where each is to be had, and counts to narrow it down. Pure."""

from collections.abc import Iterator, Mapping
from datetime import date

from services.catalog.facets import is_value, label_of
from services.catalog.findable import Findable
from services.catalog.finding import Found, Question
from services.catalog.highlights import Highlight, highlights_of
from services.catalog.indexed import NAMES
from services.catalog.locating import Location, href_of, location_of
from services.catalog.retrieval import Engine, Facet
from services.shared.errors import Problem
from services.shared.model import Model

MOST_ITEMS = 10


class Hit(Model):
    """A found thing; `number` is its resource code or registration number, `updated` a day, `items` ten names at most.

    `nobodys` is an entry that no body has claimed yet; the office keeps it.
    """

    kind: str
    id: str
    href: str
    title: str
    unit: str
    unit_name: str
    number: str | None
    catalogue: str | None
    theme: str | None
    key_domain: str | None
    share_type: str | None
    update_cycle: str | None
    formats: tuple[str, ...]
    districts: tuple[str, ...]
    items: tuple[str, ...]
    item_count: int
    legacy: bool
    nobodys: bool
    updated: str
    highlights: tuple[Highlight, ...]
    location: Location


class Count(Model):
    """How many of all that was found have a value; `zh` and `en` are null where the value is a word of its own."""

    value: str
    zh: str | None
    en: str | None
    count: int


class Counted(Model):
    """A facet with its values, the most frequent first, at most 50; send one as the query parameter of its name."""

    facet: Facet
    values: tuple[Count, ...]


class SearchPage(Model):
    """A page of what was found, best first; `next` asks for the page after it.

    `total` counts all of it and `facets` tells its values; both are left out where `facets=false`, and then the pages
    end where what follows hardly says what was asked. Of a question with very many words, only what has any of the most
    telling ones is on a page, and all of it is counted. `version` is the
    number of the last change of the catalogues that the search knew. `loose` when next to nothing says what was asked,
    so that what says any part of it is shown. All pages of one search are of one moment.
    """

    items: tuple[Hit, ...]
    total: int | None
    loose: bool
    version: int
    facets: tuple[Counted, ...]
    next: str | None


def page_of(engine: Engine, found: Found, *, day: date, next_page: str | None) -> SearchPage:
    """Return what is shown of a search on a day."""
    named = [row.database for row in found.things if row.database]
    titles = {row.id: row.title for row in engine.by_id(named).values()} if named else {}
    return SearchPage(
        items=tuple(_hit(row, found, titles) for row in found.things),
        total=found.total,
        loose=found.plan.loose,
        version=engine.version,
        facets=tuple(_counted(facet, counts, day) for facet, counts in found.counts.items()),
        next=next_page,
    )


def faults_of(question: Question) -> Iterator[Problem]:
    """Yield a problem for each value of a filter that is on no list."""
    for facet, values in question.filters:
        for value in values:
            if not is_value(facet, value):
                yield Problem(pointer=f"/query/{facet}", detail=f"'{value}' is no value of {facet}")


def _hit(row: Findable, found: Found, titles: Mapping[str, str]) -> Hit:
    same = {name: getattr(row, name) for name in NAMES if name in Hit.model_fields and name != "items"}
    return Hit(
        **same,
        href=href_of(row),
        items=tuple(row.items[:MOST_ITEMS]),
        item_count=len(row.items),
        highlights=highlights_of(row, found.plan),
        location=location_of(row, titles),
    )


def _counted(facet: Facet, counts: Mapping[str, int], day: date) -> Counted:
    ordered = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    return Counted(facet=facet, values=tuple(_count(facet, value, count, day) for value, count in ordered))


def _count(facet: Facet, value: str, count: int, day: date) -> Count:
    zh, en = label_of(facet, value, day) or (None, None)
    return Count(value=value, zh=zh, en=en, count=count)
