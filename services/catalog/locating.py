"""Where a found thing is to be had (S-115): which unit, which database, by which channel, and what to do next. Pure."""

from collections.abc import Mapping

from services.catalog.catalogues import KINDS
from services.catalog.findable import Findable
from services.catalog.parts import ShareType
from services.shared.model import Model
from services.shared.reference import vocabulary

CHAINED = frozenset({"resource", "collection", "database"})


class Channel(Model):
    """A method of sharing; `code` is of the list share_methods."""

    code: str
    zh: str
    en: str


class Held(Model):
    """The database that something lies in; null title when it stands in no catalogue any more."""

    id: str
    title: str | None
    href: str


class Next(Model):
    """What to do to get it: in words, and the call that begins it."""

    zh: str
    en: str
    method: str
    href: str


class Location(Model):
    """Which unit has it, in which database, by which channel it is shared, and what comes next.

    `chain` leads from a duty to collect, by database and entry, to the agreements in force.
    """

    unit: str
    unit_name: str
    database: Held | None
    channel: Channel | None
    next: Next
    chain: str | None


def location_of(row: Findable, titles: Mapping[str, str]) -> Location:
    """Return where a found thing is to be had; `titles` are those of databases by id, as far as they are known."""
    return Location(
        unit=row.unit,
        unit_name=row.unit_name,
        database=_held(row, titles),
        channel=_channel(row.share_method),
        next=_next(row),
        chain=f"/catalog/chain/{row.kind}/{row.id}" if row.kind in CHAINED else None,
    )


def href_of(row: Findable) -> str:
    """Return the address of a found thing."""
    return f"/catalog/{KINDS[row.kind].collection}/{row.id}"


def _held(row: Findable, titles: Mapping[str, str]) -> Held | None:
    if row.kind == "database":
        return Held(id=row.id, title=row.title, href=href_of(row))
    if row.database is None:
        return None
    return Held(id=row.database, title=titles.get(row.database), href=f"/catalog/databases/{row.database}")


def _channel(code: str | None) -> Channel | None:
    return next(
        (Channel(code=t.code, zh=t.zh, en=t.en) for t in vocabulary().share_methods.terms if t.code == code), None
    )


def _next(row: Findable) -> Next:
    zh, en, method, href = _NEXT[row.kind if row.kind != "resource" else _standing(row)]
    return Next(zh=zh, en=en, method=method, href=href.format(href=href_of(row), id=row.id))


def _standing(row: Findable) -> str:
    if row.nobodys:
        return "nobodys"
    return row.share_type or "unsaid"


_NEXT: dict[str, tuple[str, str, str, str]] = {
    ShareType.UNCONDITIONAL: (
        "无条件共享:提交共享申请即可获得",
        "shared unconditionally: a sharing request is all it takes",
        "POST",
        "/requests",
    ),
    ShareType.CONDITIONAL: (
        "有条件共享:提交共享申请,就内容、范围、用途、方式与提供单位协商",
        "shared on conditions: request it, and negotiate content, scope, purpose and method with the provider",
        "POST",
        "/requests",
    ),
    ShareType.NOT_SHARED: (
        "不予共享:查看条目所引依据;确因履职需要的,可提出申请并由市信息办协调",
        "not shared: read the basis that the entry cites; who needs it for a duty asks, and the office coordinates",
        "GET",
        "{href}",
    ),
    "unsaid": (
        "条目尚未写明共享属性:提交共享申请,由提供单位答复",
        "the entry does not say how it is shared: request it, and the provider answers",
        "POST",
        "/requests",
    ),
    "nobodys": (
        "条目尚无提供单位认领:请市信息办明确提供单位",
        "nobody has claimed this entry: ask the informatization office whose it is",
        "GET",
        "{href}",
    ),
    "database": (
        "查看目录链,找到由该库形成的共享条目并申请;没有条目的,与建库单位联系",
        "follow the chain to the entries that come from it and request one; without one, ask its unit",
        "GET",
        "/catalog/chain/database/{id}",
    ),
    "collection": (
        "该项信息由此单位采集,不得重复采集:查看目录链,找到可共享的条目",
        "this unit collects it, nobody else may: follow the chain to what can be shared",
        "GET",
        "/catalog/chain/collection/{id}",
    ),
    "figure": (
        "查看口径、来源和权威发布单位",
        "read its definition, its source and whose number counts",
        "GET",
        "{href}",
    ),
}
