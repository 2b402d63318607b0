"""How far entries give what the 2017 guide asks for: each entry, each unit, each district. Pure."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from statistics import fmean
from typing import NamedTuple, TypeVar

from services.catalog.quality import TO_DO
from services.catalog.reports import ConformanceLine, Lacking, QualityLine
from services.catalog.search import Summary, provider_name
from services.shared.organisations import Tier, organisation

K = TypeVar("K")
T = TypeVar("T")


class Standing(NamedTuple):
    """How far entries give the twelve groups of metadata: how many, their mean score, what most of them lack first."""

    entries: int
    score: int
    lacking: tuple[Lacking, ...]


def quality_of_all(entries: Sequence[Summary]) -> Iterator[QualityLine]:
    """Yield the units' lines, then the entries', of each the worst first."""
    by_unit = grouped(entries, lambda entry: entry.provider)
    units = [_quality_line(own) for own in by_unit.values()]
    each = [_quality_line([entry], entry) for entry in entries]
    yield from sorted(units, key=lambda line: (line.score, line.unit))
    yield from sorted(each, key=lambda line: (line.score, line.unit, line.id or ""))


def _quality_line(entries: Sequence[Summary], one: Summary | None = None) -> QualityLine:
    unit = {"unit": entries[0].provider, "unit_name": entries[0].provider_name}
    named = {"id": one.id if one else None, "title": one.title if one else None}
    return QualityLine(**unit, **named, **_standing(entries)._asdict())


def conformance_of(entries: Iterable[Summary], at: datetime) -> Iterator[ConformanceLine]:
    """Yield a line for each district that has entries of its own or its units'."""
    by_district = grouped(entries, lambda entry: district_of(entry.provider))
    for district in sorted(code for code in by_district if code):
        own = by_district[district]
        yield ConformanceLine(
            district=district,
            district_name=provider_name(district, at),
            units=len({entry.provider for entry in own}),
            complete=sum(not entry.missing for entry in own),
            legacy=sum(entry.legacy for entry in own),
            **_standing(own)._asdict(),
        )


def district_of(unit: str) -> str | None:
    """Return the district that a unit is, or belongs to; None for a municipal one."""
    body = organisation(unit)
    return (body.parent or body.code) if body and body.tier is Tier.DISTRICT else None


def _standing(entries: Sequence[Summary]) -> Standing:
    found = Counter(group for entry in entries for group in entry.missing)
    most_first = sorted(found, key=lambda group: (-found[group], group))
    score = round(fmean(entry.score for entry in entries))
    return Standing(len(entries), score, tuple(_lacking(group, found[group]) for group in most_first))


def _lacking(group: str, entries: int) -> Lacking:
    zh, en = TO_DO[group]
    return Lacking(group=group, zh=zh, en=en, entries=entries)


def grouped(things: Iterable[T], key: Callable[[T], K]) -> Mapping[K, list[T]]:
    """Return things by their key, in the order in which they came."""
    groups: dict[K, list[T]] = defaultdict(list)
    for thing in things:
        groups[key(thing)].append(thing)
    return groups
