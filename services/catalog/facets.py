"""The values that a search is narrowed down by: which there are, and what they are called. Pure."""

from collections.abc import Callable, Mapping
from datetime import date

from services.catalog.catalogues import TITLES, Shelf
from services.catalog.retrieval import Facet
from services.catalog.scope import districts
from services.shared.organisations import name_at, organisation, organisations
from services.shared.reference import CodeList, vocabulary

KINDS_ZH_EN = {
    "resource": ("信息资源", "information resource"),
    "collection": ("采集责任", "collection responsibility"),
    "database": ("数据库", "database"),
    "figure": ("准确数据", "accurate figure"),
}
SHELVES = {name.shelf.value: title for name, title in TITLES.items()} | {
    Shelf.FIGURES: ("准确数据", "accurate figures")
}
FOUND_ON = SHELVES.keys() - {Shelf.EXCHANGE}  # the exchange catalogue is a view: what stands there stands elsewhere
LISTS: Mapping[Facet, Callable[[], CodeList]] = {
    Facet.DOMAIN: lambda: vocabulary().key_domains,
    Facet.SHARE_TYPE: lambda: vocabulary().share_types,
    Facet.UPDATE_CYCLE: lambda: vocabulary().update_cycles,
}


def is_value(facet: Facet, value: str) -> bool:
    """Return whether a facet can have a value; themes and formats are words of their own, so any can be."""
    if facet in LISTS:
        return LISTS[facet]().has(value)
    closed: Mapping[Facet, Callable[[], object]] = {
        Facet.KIND: lambda: value in KINDS_ZH_EN,
        Facet.CATALOGUE: lambda: value in FOUND_ON,
        Facet.PROVIDER: lambda: value in organisations(),
        Facet.DISTRICT: lambda: value in districts(),
    }
    return bool(closed[facet]()) if facet in closed else True


def label_of(facet: Facet, value: str, day: date) -> tuple[str, str] | None:
    """Return what a value is called on a day, Chinese and English; None for a word of its own."""
    if facet is Facet.KIND:
        return KINDS_ZH_EN.get(value)
    if facet is Facet.CATALOGUE:
        return SHELVES.get(value)
    if facet in LISTS:
        return next(((term.zh, term.en) for term in LISTS[facet]().terms if term.code == value), None)
    body = organisation(value) if facet in {Facet.PROVIDER, Facet.DISTRICT} else None
    name = name_at(body, day) if body else None
    return (name.zh, name.en) if name else None
