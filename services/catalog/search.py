"""Finding an entry by words: what is looked at, how it is compared, and what a list shows.

Plain matching on title, provider and items; knows no table and no HTTP.
"""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime

from services.catalog.metadata import folded
from services.catalog.quality import quality_of
from services.catalog.staleness import last_heard
from services.catalog.version import Version
from services.shared.model import Model
from services.shared.organisations import name_at, organisation

MAX_WORDS = 10
BEIJING = ZoneInfo("Asia/Shanghai")  # days are counted here


class Summary(Model):
    """A published entry in a list; `items` are the names of its data items, `updated` a day (ISO 8601).

    `heard_at` is when it was last confirmed or published, `score` and `missing` its quality, `lag_seconds` how long it
    waited from approval to publication. `nobodys` is an older catalogue's entry that names no body.
    """

    id: str
    title: str
    provider: str
    provider_name: str
    catalogue: str | None
    share_type: str | None
    items: tuple[str, ...]
    theme: str | None
    resource_code: str | None = None
    legacy: bool
    updated: str
    key_domain: str | None
    basic_class: str | None
    update_cycle: str | None
    score: int
    missing: tuple[str, ...]
    lag_seconds: int | None
    heard_at: AwareDatetime
    nobodys: bool = False


class Listing(Model):
    """A page of what is published; `next` asks for the page after it."""

    items: tuple[Summary, ...]
    next: str | None


def words_of(q: str) -> tuple[str, ...]:
    """Return the words that a match must contain, the first ten."""
    return tuple(folded(q).split()[:MAX_WORDS])


def provider_mark(code: str) -> str:
    """Return what the text of each of a provider's entries contains, and no word of a query can."""
    return f"\n@{code}\n"


def provider_name(code: str, at: datetime) -> str:
    """Return the name of an organisation on the day it was then in Beijing; its code when it is not known."""
    body = organisation(code)
    return name_at(body, at.astimezone(BEIJING).date()).zh if body else code


def summary_of(version: Version, name: str) -> Summary:
    """Return how a published version stands in a list."""
    metadata, source = version.metadata, version.source
    published = version.published_at.date().isoformat() if version.published_at else ""
    quality = quality_of(version)
    return Summary(
        id=version.id,
        title=metadata.title or "",
        provider=version.provider,
        provider_name=name,
        catalogue=metadata.catalogue,
        share_type=metadata.share_type,
        items=tuple(item.name for item in metadata.items),
        theme=metadata.theme,
        resource_code=version.resource_code,
        legacy=source is not None,
        updated=source.updated if source else published,
        key_domain=metadata.key_domain,
        basic_class=metadata.basic_class,
        update_cycle=metadata.update_cycle,
        score=quality.score,
        missing=quality.missing,
        lag_seconds=version.lag_seconds,
        heard_at=last_heard(version),
        nobodys=version.is_nobodys,
    )


def text_of(title: str, provider: str, provider_names: Iterable[str], items: Iterable[str]) -> str:
    """Return the text that a search looks at."""
    # One line each: no title can hold another provider's mark.
    lines = (" ".join(folded(line).split()) for line in (title, *provider_names, *items))
    return "\n".join(lines) + provider_mark(provider)
