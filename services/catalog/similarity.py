"""How alike two things of the catalogues are, whether they are one, and why, in a clerk's words (S-055, S-069).

What two names say more than each other decides: nothing, or something on one side alone, can be the same register;
something on either side is another. Then data items, place and time. The threshold is fixed from labelled pairs of
real entries. Pure.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from heapq import nlargest
from re import compile as pattern

from services.catalog.likeness import DUPLICATES, Difference, Likeness, Match, Thing, Verdict, says
from services.catalog.names import WORDLESS, Core, core_of, generic_words, unmarked
from services.catalog.scope import CITY, ground
from services.catalog.wording import plain
from services.shared.organisations import Tier, organisation

STRONG = 70  # fixed from labelled pairs of real entries: tests/unit/test_catalog_similarity.py says what it reaches
WEAKEST = 30  # what is less alike is no evidence
MOST = 20
SAME_NAME, ONE_MORE, TWO_SIDED = 85, 76, 65  # what a name is worth: the same, one says more, each says something else
ITEMS, ITEMS_OF_ONE_MORE, ITEMS_OF_TWO = 15, 40, 10  # what all data items in common add to each
LENGTH, ASPECT = 30, 30  # what is taken off for what one name says more: by its length, and for another aspect
ALL = 100
MOST_APART = 60  # of what cannot be the same
ELSEWHERE = 0.6  # what place, body or class leave of a score
UNKNOWN = 0.6  # the share of common items where one side lists none
ALIKE = 0.5  # item names that share so many pairs of characters are one, for a part
PART = 0.8
FEWEST_COMMON = 2  # characters
# Bodies of the city whose ground is a part of it.
OWN_GROUND = frozenset({"development_area_committee", "station_areas_committee", "tiananmen_area_committee"})
TRIVIAL = frozenset({"序号", "id", "主键", "备注", "更新时间", "交换时间", "编号", "创建时间"})
NO_ITEM = pattern(r"^[一二三四五六七八九十\d]*个?(文本|表格|文件|字段)|^其中包含")


def ranked(subject: Thing, candidates: Sequence[Thing], most: int = MOST) -> list[Match]:
    """Return what is most like the subject, best first; what is no evidence is left out."""
    found = (Match(place, pair_score(subject, candidate)) for place, candidate in enumerate(candidates))
    return nlargest(most, (m for m in found if m.likeness.score >= WEAKEST), key=lambda m: (m.likeness.score, -m.place))


def pair_score(one: Thing, other: Thing) -> Likeness:
    """Return how alike two things are; the order of the two does not matter."""
    first, second = core_of(one.title), core_of(other.title)
    difference, share = difference_of(first, second), _item_share(one.items, other.items)
    score, doubts = _by_name(first, second, difference, share), tuple(_doubts(one, other))
    whole = round(min(MOST_APART, score * ELSEWHERE) if doubts else score)
    verdict = _verdict(one, other, difference, whole)
    reasons = (*_name_reasons(difference), *_item_reasons(one, other), *doubts, *_extent_reasons(one, other, verdict))
    return Likeness(whole, verdict, reasons)


def difference_of(one: Core, other: Core) -> Difference:
    """Return in what two names differ, whatever the order of their words: in official names, or in their own."""
    official = _difference(one.text, other.text)
    if (one.plainly, other.plainly) == (one.text, other.text):
        return official
    ways = (official, _difference(one.plainly, other.plainly))
    return min(ways, key=lambda way: (way.two_sided, len(way.one) + len(way.other)))


def _difference(one: str, other: str) -> Difference:
    # Names are short, and millions of them are compared: no multiset is as quick.
    left, right = "", other
    for character in one:
        if character in right:
            right = right.replace(character, "", 1)
        else:
            left += character
    said = unmarked(one), unmarked(other)
    return Difference(
        left,
        right,
        len(one) - len(left),
        max(len(one), len(other)),
        min(map(len, said)),
        not (said[0] in said[1] or said[1] in said[0]),
    )


def in_common(one: Iterable[str], other: Iterable[str]) -> list[str]:
    """Return the names of `one` that `other` has too, whatever their spaces, signs and widths."""
    known = {_item_key(name) for name in other}
    return [name for name in dict.fromkeys(one) if _item_key(name) in known]


def _by_name(one: Core, other: Core, difference: Difference, share: float | None) -> float:
    items = UNKNOWN if share is None else share
    if difference.two_sided or difference.common < min(FEWEST_COMMON, difference.length):
        return min(MOST_APART, TWO_SIDED * _pairs_share(one.text, other.text) + ITEMS_OF_TWO * items)
    if not difference.more:
        return SAME_NAME + ITEMS * items
    another = ASPECT if says(difference.more, generic_words().aspects) else 0
    score = ONE_MORE + ITEMS_OF_ONE_MORE * items - LENGTH * len(difference.more) / difference.length - another
    return min(ALL, score)


def _verdict(one: Thing, other: Thing, difference: Difference, score: int) -> Verdict:
    if score < STRONG:
        return Verdict.RELATED if score >= WEAKEST else Verdict.DIFFERENT
    if _covers_more(one, other) or _covers_more(other, one):
        return Verdict.CONTAINS
    if core_of(one.title).periods != core_of(other.title).periods:
        return Verdict.OTHER_PERIOD
    return Verdict.CONTAINS if difference.more else Verdict.SAME


def _item_share(one: Iterable[str], other: Iterable[str]) -> float | None:
    """Return how much of the shorter list the longer one has; None where one of them lists nothing that says much."""
    few, many = sorted((_telling(tuple(one)), _telling(tuple(other))), key=lambda names: (len(names), names))
    if not few:
        return None
    return sum(1.0 if name in many else _likest(name, many) for name in few) / len(few)


def _likest(name: str, names: Iterable[str]) -> float:
    best = max(1.0 if name in other or other in name else _pairs_share(name, other) for other in names)
    return best * PART if best >= ALIKE else 0.0


@lru_cache(maxsize=16_384)
def _telling(names: tuple[str, ...]) -> tuple[str, ...]:
    keys = dict.fromkeys(_item_key(name) for name in names)
    return tuple(key for key in keys if key and key not in TRIVIAL and not NO_ITEM.match(key))


@lru_cache(maxsize=32_768)
def _item_key(name: str) -> str:
    return WORDLESS.sub("", plain(name))


def _pairs_share(one: str, other: str) -> float:
    """Return how many pairs of characters two texts have in common, of all that they have (Dice)."""
    first, second = _pairs(one), _pairs(other)
    return 2 * len(first & second) / (len(first) + len(second))


@lru_cache(maxsize=32_768)
def _pairs(text: str) -> frozenset[str]:
    return frozenset(text[place : place + 2] for place in range(max(1, len(text) - 1)))


def _doubts(one: Thing, other: Thing) -> Iterator[str]:
    """Yield why two things cannot be one, whatever their names and items say."""
    first, second = core_of(one.title), core_of(other.title)
    if not _share_ground(one, other):
        yield "地区不同 / of another area"
    elif first.bodies and second.bodies and first.bodies != second.bodies:
        yield "名称所指单位不同 / their names name other bodies"
    elif first.its_own and second.its_own and not _of_one_body(one, other):
        yield "各单位均有自己的此类信息 / every body has its own of these"
    if one.basic_class and other.basic_class and one.basic_class != other.basic_class:
        yield "基础信息类别不同 / of another class of basic information"


def _of_one_body(one: Thing, other: Thing) -> bool:
    """Return whether one body has both; where nobody knows one of them, their names must name the same."""
    if one.provider and other.provider:
        return one.provider == other.provider
    first, second = core_of(one.title), core_of(other.title)
    return bool(first.districts | first.bodies) and (first.districts, first.bodies) == (
        second.districts,
        second.bodies,
    )


def _share_ground(one: Thing, other: Thing) -> bool:
    first, second = _areas(one), _areas(other)
    if not (first and second):
        return True
    if core_of(one.title).of_city_level is not core_of(other.title).of_city_level:
        return CITY in first & second
    return CITY in first | second or not ground(first).isdisjoint(ground(second))


def _covers_more(one: Thing, other: Thing) -> bool:
    return CITY in _areas(one) and bool(_areas(other)) and CITY not in _areas(other)


def _areas(thing: Thing) -> frozenset[str]:
    core = core_of(thing.title)
    return frozenset(thing.areas) or core.districts or core.bodies & OWN_GROUND or _seat(thing.provider)


@lru_cache(maxsize=4_096)
def _seat(provider: str) -> frozenset[str]:
    body = organisation(provider)
    if body is None or provider in OWN_GROUND:
        return frozenset({provider} if body else {CITY} if provider else ())
    return frozenset({(body.parent or body.code) if body.tier is Tier.DISTRICT else CITY})


def _name_reasons(difference: Difference) -> Iterator[str]:
    one, other = unmarked(difference.one), unmarked(difference.other)
    if difference.two_sided:
        yield f"名称不同处:{one or '—'} 与 {other or '—'} / their names differ in these characters"
    elif difference.more:
        yield f"一方名称多出:{difference.more} / one name says these characters more"
    else:
        yield "名称相同(不计地区、时间和通用词) / the same name, but for place, time and generic words"


def _item_reasons(one: Thing, other: Thing) -> Iterator[str]:
    if common := in_common(one.items, other.items):
        names = "、".join(common[:5])
        of = f"{len(common)}/{len(one.items)}, {len(common)}/{len(other.items)}"
        yield f"共有数据项({of}):{names} / data items in common ({of})"
    if one.basic_class and one.basic_class == other.basic_class:
        yield "同一类基础信息 / of the same class of basic information"


def _extent_reasons(one: Thing, other: Thing, verdict: Verdict) -> Iterator[str]:
    if verdict is Verdict.CONTAINS and (_covers_more(one, other) or _covers_more(other, one)):
        yield "一方覆盖全市,另一方为其一区 / one covers the whole city, the other a district of it"
    periods = [sorted(core_of(thing.title).periods) for thing in (one, other)]
    if verdict in DUPLICATES and periods[0] != periods[1]:
        told = " / ".join("、".join(each) or "未写明" for each in periods)
        yield f"时间不同:{told} / of other periods"
