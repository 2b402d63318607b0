"""How a row lies in an index, whichever engine holds it: the text of each field, the values of each facet. Pure."""

import json
from typing import Any

from services.catalog.findable import Findable
from services.catalog.retrieval import Facet, Field

ID, LINE = "id", "line"  # the row's id, and the row as JSON


def written(row: Findable) -> str:
    """Return a row as an index keeps it."""
    return row.model_dump_json(exclude_defaults=True)


def read(line: str | bytes) -> Findable:
    """Return a row that an index kept; it was valid when it was written, and is not looked at again."""
    kept = json.loads(line).items()
    said: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in kept}
    return Findable.model_construct(**said)


def of_facet(facet: Facet) -> str:
    """Return the name of the field that holds a facet's values."""
    return f"by_{facet}"


def texts_of(row: Findable) -> dict[Field, str]:
    """Return what a row says in each field."""
    return {
        Field.TITLE: row.title,
        Field.PROVIDER: "\n".join(row.spellings),
        Field.ITEMS: "\n".join(row.items),
        Field.ABSTRACT: row.abstract,
        Field.THEME: row.theme or "",
    }


def facets_of(row: Findable) -> dict[Facet, tuple[str, ...]]:
    """Return a row's values of each facet."""
    one = {
        Facet.KIND: row.kind,
        Facet.CATALOGUE: row.catalogue,
        Facet.PROVIDER: row.unit,
        Facet.THEME: row.theme,
        Facet.DOMAIN: row.key_domain,
        Facet.SHARE_TYPE: row.share_type,
        Facet.UPDATE_CYCLE: row.update_cycle,
    }
    many = {Facet.DISTRICT: tuple(row.districts), Facet.FORMAT: tuple(row.formats)}
    return {facet: (value,) if value else () for facet, value in one.items()} | many
