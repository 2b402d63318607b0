"""The public catalogues: which there are, and one line of each, of whatever kind. Values only."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from pydantic import AwareDatetime

from services.catalog.version import Version
from services.shared.model import Model


class Shelf(StrEnum):
    """What stands where in the index of catalogues; the first five are the policy's (四(一)), by the glossary."""

    BASIC = "basic_sharing_catalog"
    APPLICATION = "application_sharing_catalog"
    DATABASES = "database_catalog"
    COLLECTION = "collection_duty_catalog"
    EXCHANGE = "exchange_catalog"
    FIGURES = "figure_accuracy"


class CatalogueName(StrEnum):
    """The five catalogues as they are called in an address."""

    BASIC = "basic"
    APPLICATION = "application"
    DATABASES = "databases"
    COLLECTION = "collection"
    EXCHANGE = "exchange"

    @property
    def shelf(self) -> Shelf:
        """Where the catalogue's lines stand."""
        return Shelf[self.name]


class Kind(NamedTuple):
    """A kind of thing that is published: what its addresses begin with, and its shelf where all of a kind share one."""

    collection: str
    shelf: Shelf | None


KINDS: dict[str, Kind] = {
    "resource": Kind("resources", None),
    "collection": Kind("collections", Shelf.COLLECTION),
    "database": Kind("databases", Shelf.DATABASES),
    "figure": Kind("figures", Shelf.FIGURES),
}


class Listed(Model):
    """One line of a public catalogue; `number` is the resource code or registration number, `updated` a day.

    What a kind of thing does not have is null: `data_form` is a collection duty's (四(一)), `share_type` an entry's.
    Where a thing is to be found is said by `unit`, `database` (an id) and `share_method` or `channels` (S-115);
    `agreements` counts those in force, in the exchange catalogue alone; `lag_seconds` is how long it waited to be
    published. `heard_at` is when what runs was last reported on; what does not run is not expected to say anything.
    """

    kind: str
    id: str
    title: str
    unit: str
    unit_name: str
    number: str | None = None
    basic_class: str | None = None
    key_domain: str | None = None
    share_type: str | None = None
    share_method: str | None = None
    update_cycle: str | None = None
    data_form: str | None = None
    database: str | None = None
    channels: tuple[str, ...] = ()
    frequencies: tuple[str, ...] = ()
    agreements: int | None = None
    lag_seconds: int | None = None
    heard_at: AwareDatetime | None = None
    updated: str


def entry_line(version: Version, unit_name: str, *, number: str | None = None) -> Listed:
    """Return a published entry's line; `number` is its resource code. A legacy entry's day is its source's own."""
    metadata = version.metadata
    published = version.published_at.date().isoformat() if version.published_at else ""
    same = metadata.model_dump(include=set(Listed.model_fields) & set(type(metadata).model_fields))
    return Listed(
        **same | {"title": metadata.title or ""},
        kind="resource",
        id=version.id,
        unit=version.provider,
        unit_name=unit_name,
        number=number,
        updated=version.source.updated if version.source else published,
    )


class Catalogue(Model):
    """A page of a public catalogue; `next` asks for the page after it."""

    items: tuple[Listed, ...]
    next: str | None


class Offer(Model):
    """One of the public catalogues; `count` is null where what stands in it ends by itself (the exchange catalogue)."""

    name: CatalogueName
    code: Shelf
    zh: str
    en: str
    count: int | None
    href: str


class Offers(Model):
    """All public catalogues; `latest` is the number of the change that the counts know last."""

    items: tuple[Offer, ...]
    next: None = None
    latest: int


TITLES: dict[CatalogueName, tuple[str, str]] = {
    CatalogueName.BASIC: ("政务基础信息共享目录", "basic-information sharing catalogue"),
    CatalogueName.APPLICATION: ("应用信息共享目录", "application-information sharing catalogue"),
    CatalogueName.DATABASES: ("数据库管理目录", "database management catalogue"),
    CatalogueName.COLLECTION: ("信息采集责任公开目录", "collection-responsibility catalogue"),
    CatalogueName.EXCHANGE: ("交换目录", "exchange catalogue"),
}


def offer_of(name: CatalogueName, counts: Mapping[str, int]) -> Offer:
    """Return a catalogue as it is offered to everybody; `counts` are of the shelves that the change feed counts."""
    zh, en = TITLES[name]
    count = None if name is CatalogueName.EXCHANGE else counts.get(name.shelf, 0)
    return Offer(name=name, code=name.shelf, zh=zh, en=en, count=count, href=f"/catalog/catalogues/{name}")
