"""How a row lies in an index, whichever engine holds it: its texts, the values of each facet, the row itself. Pure."""

import json
from dataclasses import fields
from typing import Any

from services.catalog.findable import Findable
from services.catalog.retrieval import Facet
from services.catalog.wording import plain, plain_terms

NAMES = tuple(field.name for field in fields(Findable))
EMPTY = ("", (), None, False)
ID, TERMS, TITLE, REST, LINE = "id", "terms", "title", "rest", "line"
IN_TITLE = 3  # as often as in all else does a term of the title count


def written(row: Findable) -> str:
    """Return a row as an index keeps it: what it says, as JSON."""
    said = {name: value for name in NAMES if (value := getattr(row, name)) not in EMPTY}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def read(line: str | bytes) -> Findable:
    """Return a row that an index kept."""
    kept = {"title": "", "updated": ""} | json.loads(line)
    said: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in kept.items()}
    return Findable(**said)


def of_facet(facet: Facet) -> str:
    """Return the name of the field that holds a facet's values."""
    return f"by_{facet}"


def texts_of(row: Findable) -> tuple[str, str]:
    """Return the plain text of a row's title, and of all else that it says."""
    rest = "\n".join((*row.items, row.abstract, *row.spellings, row.theme or ""))
    return plain(row.title), plain(rest)


def terms_in(title: str, rest: str) -> str:
    """Return the terms of a row's plain texts as the index counts them."""
    own = " ".join(plain_terms(title))
    return " ".join((*[own] * IN_TITLE, *plain_terms(rest)))


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
    many = {Facet.DISTRICT: row.districts, Facet.FORMAT: row.formats}
    return {facet: (value,) if value else () for facet, value in one.items()} | many
