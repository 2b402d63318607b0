"""How alike two things of the catalogues are, and why in words a clerk understands (S-055, S-069, S-070).

Titles are compared by pairs of characters once region, year and generic words are set aside; then data items, class
and area. Pure; another engine can rank behind `ranked` and `pair_score` without its callers noticing.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from heapq import nlargest
from typing import NamedTuple

from services.catalog.metadata import folded
from services.catalog.names import WORDLESS, Core, core_of
from services.catalog.scope import CITY, ground
from services.shared.organisations import Tier, organisation

STRONG = 80  # fixed from labelled pairs of real entries: tests/unit/test_catalog_similarity.py says what it reaches
WEAKEST = 30  # what is less alike is no evidence
MOST = 20
TITLE, ITEMS = 80, 20  # what title and items weigh
UNKNOWN = 0.5  # the share of common items where one side lists none
NARROWER = 0.95  # one name is the other's with words in front: 备案博物馆, 博物馆
SHORTEST = 3  # characters of a name that another can be narrower than
ELSEWHERE, OWN_BUSINESS, OTHER_CLASS = 0.5, 0.6, 0.7


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


def ranked(subject: Thing, candidates: Sequence[Thing], most: int = MOST) -> list[Match]:
    """Return what is most like the subject, best first; what shares no pair of characters with it is not looked at."""
    wanted = core_of(subject.title).pairs
    near = (place for place, thing in enumerate(candidates) if not wanted.isdisjoint(core_of(thing.title).pairs))
    found = (Match(place, pair_score(subject, candidates[place])) for place in near)
    return nlargest(most, (m for m in found if m.likeness.score >= WEAKEST), key=lambda m: (m.likeness.score, -m.place))


def pair_score(one: Thing, other: Thing) -> Likeness:
    """Return how alike two things are; the order of the two does not matter."""
    first, second = core_of(one.title), core_of(other.title)
    title = _title_share(first, second)
    factor, doubts = _doubts(one, other)
    score = round((TITLE * title + ITEMS * _item_share(one.items, other.items)) * factor)
    reasons = (*_title_reasons(title), *_item_reasons(one, other), *doubts)
    return Likeness(score, score >= STRONG, reasons)


def _title_share(one: Core, other: Core) -> float:
    if one.text == other.text:
        return 1.0 if one.text else 0.0
    short, long = sorted((one.text, other.text), key=len)
    if len(short) >= SHORTEST and long.endswith(short):
        return NARROWER
    together = len(one.pairs) + len(other.pairs)
    return 2 * len(one.pairs & other.pairs) / together if together else 0.0


def _item_share(one: Iterable[str], other: Iterable[str]) -> float:
    """Return how much of the shorter list the longer one has; in the middle where one of them is not known."""
    first, second = ({_item_key(name) for name in names} for names in (one, other))
    return len(first & second) / min(len(first), len(second)) if first and second else UNKNOWN


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


def _title_reasons(share: float) -> Iterator[str]:
    if share == 1:
        yield "名称相同(不计地区、年度和通用词) / the same name, but for region, year and generic words"
    elif share == NARROWER:
        yield "一方名称是另一方的细分 / one name narrows the other down"
    elif share:
        yield f"名称相近,{share:.0%} / similar names, {share:.0%}"


def _item_reasons(one: Thing, other: Thing) -> Iterator[str]:
    if common := in_common(one.items, other.items):
        names = "、".join(common[:5])
        of = f"{len(common)}/{len(one.items)}, {len(common)}/{len(other.items)}"
        yield f"共有数据项({of}):{names} / data items in common ({of})"
    if one.basic_class and one.basic_class == other.basic_class:
        yield "同一类基础信息 / of the same class of basic information"
