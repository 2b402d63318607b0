"""From a published thing of the catalogues, of whatever kind, to what the search index holds of it. Pure."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from services.catalog.catalogues import KINDS, Listed
from services.catalog.collection import Collection
from services.catalog.collection import State as CollectionState
from services.catalog.collection_lines import listed_of as listed_collection
from services.catalog.database import STANDING, Database
from services.catalog.database_lines import listed_of as listed_database
from services.catalog.entry import Entry
from services.catalog.figure import Figure
from services.catalog.figure_views import listed_of as listed_figure
from services.catalog.findable import Findable
from services.catalog.names import core_of
from services.catalog.scope import CITY
from services.catalog.search import provider_name
from services.catalog.version import Source, Version
from services.shared.organisations import Tier, organisation


def findable_version(version: Version) -> Findable:
    """Return a published version of an entry as it can be found."""
    said, source = version.metadata, version.source
    same = ("basic_class", "key_domain", "theme", "share_type", "share_method", "update_cycle", "formats", "database")
    published = version.published_at.date().isoformat() if version.published_at else ""
    return Findable(
        **{name: getattr(said, name) for name in same},
        kind="resource",
        id=version.id,
        title=said.title or "",
        abstract=said.abstract or "",
        items=tuple(item.name for item in said.items),
        unit=version.provider,
        unit_name=provider_name(version.provider, version.changed_at),
        spellings=tuple(dict.fromkeys([*(() if version.is_nobodys else _names(version.provider)), *_spelt(source)])),
        districts=_districts(version.provider, said.title or "", source),
        number=version.resource_code,
        catalogue=said.catalogue,
        legacy=source is not None,
        nobodys=version.is_nobodys,
        updated=source.updated if source else published,
    )


def findable_collection(collection: Collection) -> Findable:
    """Return a published collection duty as it can be found."""
    said = collection.statement
    return _from_line(listed_collection(collection), said.description, said.items, said.areas)


def findable_database(database: Database) -> Findable:
    """Return a registered database as it can be found: what everybody may read of it."""
    said = database.description.public()
    return _from_line(listed_database(database), said.abstract, [item.name for item in said.items], said.areas)


def findable_figure(figure: Figure) -> Findable | None:
    """Return the published version of a figure as it can be found, or None when it has none."""
    live = figure.published
    return _from_line(listed_figure(live), live.meaning.definition, (), ()) if live else None


def _entry(entry: Entry) -> Findable | None:
    return findable_version(entry.published) if entry.published else None


def _collection(collection: Collection) -> Findable | None:
    return findable_collection(collection) if collection.state is CollectionState.PUBLISHED else None


def _database(database: Database) -> Findable | None:
    return findable_database(database) if database.state in STANDING else None


# By kind: what a case's record is called and read as, and what of it can be found.
FOUND_IN: dict[str, tuple[str, type[Any], Callable[[Any], Findable | None]]] = {
    "resource": ("entry", Entry, _entry),
    "collection": ("collection", Collection, _collection),
    "database": ("database", Database, _database),
    "figure": ("figure", Figure, findable_figure),
}


def _from_line(line: Listed, abstract: str | None, items: Iterable[str], areas: Iterable[str]) -> Findable:
    same = ("kind", "id", "title", "unit", "unit_name", "number", "basic_class", "update_cycle", "updated")
    named = frozenset(areas)
    return Findable(
        **{name: getattr(line, name) for name in same},
        catalogue=KINDS[line.kind].shelf,
        abstract=abstract or "",
        items=tuple(items),
        spellings=_names(line.unit),
        districts=() if CITY in named else tuple(sorted(named)) or _districts(line.unit, line.title, None),
    )


def _spelt(source: Source | None) -> tuple[str, ...]:
    said = (source.provider, source.provider_in_summary) if source else ()
    return tuple(spelling for spelling in said if spelling)


@lru_cache(maxsize=4_096)
def _names(unit: str) -> tuple[str, ...]:
    body = organisation(unit)
    return (*(name.zh for name in body.names), *body.aliases) if body else ()


def _districts(unit: str, title: str, source: Source | None) -> tuple[str, ...]:
    """Return the districts that a title names, else the one that its unit, or its source's own words, belong to."""
    named = core_of(title).districts or (core_of(" ".join(_spelt(source))).districts if source else frozenset())
    return tuple(sorted(named)) or _seat(unit)


@lru_cache(maxsize=4_096)
def _seat(unit: str) -> tuple[str, ...]:
    body = organisation(unit)
    return (body.parent or body.code,) if body and body.tier is Tier.DISTRICT else ()
