"""How alike two things of the catalogues are, and why in words a clerk understands (S-055, S-069, S-070).

Titles are compared by pairs of characters once region, year and generic words are set aside; then data items, class
and area. Pure; another engine can rank behind `ranked` and `pair_score` without its callers noticing.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from heapq import nlargest
from typing import NamedTuple

from services.catalog.metadata import folded
from services.catalog.scope import CITY, ground
from services.shared.organisations import Tier, organisation, organisations

STRONG = 80  # fixed from labelled pairs of real entries: tests/unit/test_catalog_similarity.py says what it reaches
WEAKEST = 30  # what is less alike is no evidence
MOST = 20
TITLE, ITEMS = 80, 20  # what title and items weigh
UNKNOWN = 0.5  # the share of common items where one side lists none
NARROWER = 0.95  # one name is the other's with words in front: 备案博物馆, 博物馆
SHORTEST = 3  # characters of a name that another can be narrower than
ELSEWHERE, OWN_BUSINESS, OTHER_CLASS = 0.5, 0.6, 0.7
# What says how a thing is kept, not what it is about; the longest first.
TAILS = (
    *("历史数据", "基本信息", "基础信息", "基本情况", "统计表", "情况表", "一览表", "数据库", "信息库", "汇总表"),
    *("信息", "数据", "名单", "名录", "清单", "目录", "情况", "台账", "公示", "列表", "汇总", "系统", "库", "表"),
)
# Every body has its own of these: the same title at another body is another thing.
ITS_OWN = (
    *("预算", "决算", "三公经费", "权力清单", "职权清单", "权责清单", "机构职能", "机构职责"),
    *("行政处罚", "行政检查", "行政强制", "随机抽查"),
)
YEARS = re.compile(r"(?:19|20)\d{2}(?:年度|年)?(?:第?[一二三四1-4]季度|\d{1,2}月份?)?")
WORDLESS = re.compile(r"[\W_]+")
CITYWIDE = re.compile(r"北京市|北京地区|北京|全市|本市|市级|^市|区级|^区")


class Thing(NamedTuple):
    """What is compared: `items` are names, `areas` codes; without areas the title and the provider's seat count."""

    title: str
    items: tuple[str, ...] = ()
    provider: str = ""
    basic_class: str | None = None
    areas: tuple[str, ...] = ()


class Likeness(NamedTuple):
    """0 to 100, whether that is `strong`, and the reasons, Chinese and English in each."""

    score: int
    strong: bool
    reasons: tuple[str, ...]


class Match(NamedTuple):
    """A candidate by its place in what was given."""

    place: int
    likeness: Likeness


class Core(NamedTuple):
    """What a title is about; `pairs` are of characters, `its_own` says that every body has one of these."""

    text: str
    pairs: frozenset[str]
    districts: frozenset[str]
    its_own: bool


def ranked(subject: Thing, candidates: Sequence[Thing], most: int = MOST) -> list[Match]:
    """Return what is most like the subject, best first; what shares no pair of characters with it is not looked at."""
    wanted = core_of(subject.title).pairs
    near = (place for place, thing in enumerate(candidates) if not wanted.isdisjoint(core_of(thing.title).pairs))
    found = (Match(place, pair_score(subject, candidates[place])) for place in near)
    return nlargest(most, (m for m in found if m.likeness.score >= WEAKEST), key=lambda m: (m.likeness.score, -m.place))


def pair_score(one: Thing, other: Thing) -> Likeness:
    """Return how alike two things are; the order of the two does not matter."""
    first, second = core_of(one.title), core_of(other.title)
    title, common = _title_share(first, second), in_common(one.items, other.items)
    known = bool(one.items and other.items)
    share = len(common) / min(len(set(one.items)), len(set(other.items))) if known else UNKNOWN
    factor, doubts = _doubts(one, other)
    score = round((TITLE * title + ITEMS * share) * factor)
    reasons = (*_title_reasons(first, second, title), *_item_reasons(common, one, other), *doubts)
    return Likeness(score, score >= STRONG, reasons)


@lru_cache(maxsize=16_384)
def core_of(title: str) -> Core:
    """Return what a title is about."""
    plain = folded(title)
    text = WORDLESS.sub("", YEARS.sub("", plain))
    named = frozenset(code for name, code in _districts() if name in text)
    bare = CITYWIDE.sub("", _place_names().sub("", text)) or text
    its_own = any(words in text for words in ITS_OWN)
    about = _without_tails(bare)
    return Core(about, frozenset(_pairs(about)), named, its_own)


def _title_share(one: Core, other: Core) -> float:
    if one.text == other.text:
        return 1.0
    short, long = sorted((one.text, other.text), key=len)
    if len(short) >= SHORTEST and long.endswith(short):
        return NARROWER
    together = len(one.pairs) + len(other.pairs)
    return 2 * len(one.pairs & other.pairs) / together if together else 0.0


def in_common(one: Iterable[str], other: Iterable[str]) -> list[str]:
    """Return the names of `one` that `other` has too, whatever their spaces, signs and widths."""
    known = {_item_key(name) for name in other}
    return [name for name in dict.fromkeys(one) if _item_key(name) in known]


@lru_cache(maxsize=32_768)
def _item_key(name: str) -> str:
    return WORDLESS.sub("", folded(name))


def _doubts(one: Thing, other: Thing) -> tuple[float, tuple[str, ...]]:
    """Return what the score is multiplied with, and why."""
    factor, reasons = 1.0, []
    if not _share_ground(one, other):
        factor *= ELSEWHERE
        reasons.append("地区不同 / of another area")
    if core_of(one.title).its_own and one.provider != other.provider:
        factor *= OWN_BUSINESS
        reasons.append("各单位均有自己的此类信息 / every body has its own of these")
    if one.basic_class and other.basic_class and one.basic_class != other.basic_class:
        factor *= OTHER_CLASS
        reasons.append("基础信息类别不同 / of another class of basic information")
    return factor, tuple(reasons)


def _share_ground(one: Thing, other: Thing) -> bool:
    return not _ground(one).isdisjoint(_ground(other))


def _ground(thing: Thing) -> frozenset[str]:
    if thing.areas:
        return ground(thing.areas)
    return ground(core_of(thing.title).districts or _seat(thing.provider))


@lru_cache(maxsize=4_096)
def _seat(provider: str) -> frozenset[str]:
    body = organisation(provider)
    if body is None or body.tier is not Tier.DISTRICT:
        return frozenset({CITY})
    return frozenset({body.parent or body.code})


def _title_reasons(one: Core, other: Core, share: float) -> Iterator[str]:
    if one.text == other.text:
        yield "名称相同(不计地区、年度和通用词) / the same name, but for region, year and generic words"
    elif share == NARROWER:
        yield "一方名称是另一方的细分 / one name narrows the other down"
    elif share:
        yield f"名称相近,{share:.0%} / similar names, {share:.0%}"


def _item_reasons(common: Sequence[str], one: Thing, other: Thing) -> Iterator[str]:
    if common:
        names = "、".join(common[:5])
        of = f"{len(common)}/{len(one.items)}, {len(common)}/{len(other.items)}"
        yield f"共有数据项({of}):{names} / data items in common ({of})"
    if one.basic_class and one.basic_class == other.basic_class:
        yield "同一类基础信息 / of the same class of basic information"


def _without_tails(text: str) -> str:
    while tail := next((tail for tail in TAILS if text.endswith(tail) and len(text) > len(tail)), None):
        text = text.removesuffix(tail)
    return text


def _pairs(text: str) -> Iterator[str]:
    return (text[place : place + 2] for place in range(max(1, len(text) - 1))) if text else iter(())


@lru_cache(maxsize=1)
def _districts() -> tuple[tuple[str, str], ...]:
    bodies = (body for body in organisations().values() if body.tier is Tier.DISTRICT and body.code.isdigit())
    return tuple((name, body.code) for body in bodies for name in (*(n.zh for n in body.names), *body.aliases))


@lru_cache(maxsize=1)
def _place_names() -> re.Pattern[str]:
    return re.compile("|".join(sorted((re.escape(name) for name, _ in _districts()), key=len, reverse=True)))
