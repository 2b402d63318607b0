"""How each report's lines are made from what is published. Pure; one pass over the entries for each."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from statistics import fmean, median
from typing import NamedTuple, TypeVar

from services.catalog.catalogues import Listed, Shelf
from services.catalog.consolidation import clusters_of
from services.catalog.counts import counts_of
from services.catalog.quality import TO_DO
from services.catalog.reports import (
    ConformanceLine,
    Lacking,
    Line,
    OverdueLine,
    PublicationLine,
    QualityLine,
    ReportName,
    Within,
)
from services.catalog.search import Summary, provider_name
from services.catalog.staleness import stale_since, start_of
from services.shared.clocks import due
from services.shared.organisations import Tier, organisation
from services.shared.working_days import day_in_beijing

K = TypeVar("K")
DAY = 86_400  # seconds


class Facts(NamedTuple):
    """What a report is made from: published entries, what stands on the shelves it asks for, and the moment."""

    entries: Sequence[Summary]
    listed: Sequence[tuple[Shelf, Listed]]
    at: datetime


class Heard(NamedTuple):
    """Something published, and when it was last heard of."""

    kind: str
    id: str
    title: str
    unit: str
    unit_name: str
    update_cycle: str | None
    heard_at: datetime


class Standing(NamedTuple):
    """How far entries give the twelve groups of metadata: how many, their mean score, what most of them lack first."""

    entries: int
    score: int
    lacking: tuple[Lacking, ...]


def lines_of(name: ReportName, facts: Facts, within: Within) -> Sequence[Line]:
    """Return a report's lines about the units that are `within`, the worst or the greatest first."""
    if name is ReportName.CONSOLIDATION:  # a cluster is seen by each unit that has an entry in it
        return [one for one in clusters_of(facts.entries) if any(within(member.unit) for member in one.members)]
    entries = [entry for entry in facts.entries if within(entry.provider)]
    listed = [(shelf, line) for shelf, line in facts.listed if within(line.unit)]
    return list(MAKERS[name](Facts(entries, listed, facts.at)))


def _counts(facts: Facts) -> Iterator[Line]:
    return counts_of(facts.entries, facts.listed, day_in_beijing(facts.at))


def _staleness(facts: Facts) -> Iterator[Line]:
    heard = [*map(_heard, facts.entries), *(_heard_of(line) for _, line in facts.listed)]
    return _overdue(heard, lambda one: stale_since(one.update_cycle, one.heard_at, facts.at))


def _confirmation(facts: Facts) -> Iterator[Line]:
    def since(one: Heard) -> datetime | None:
        yearly = due("confirm_yearly", one.heard_at)
        return yearly.due_at if yearly and yearly.due_at < facts.at else None

    return _overdue(map(_heard, facts.entries), since)


def _overdue(heard: Iterable[Heard], since_of: Callable[[Heard], datetime | None]) -> Iterator[Line]:
    late = (OverdueLine(**one._asdict(), since=since) for one in heard if (since := since_of(one)))
    return iter(sorted(late, key=lambda one: (one.unit, one.since, one.id)))


def _heard(entry: Summary) -> Heard:
    unit = (entry.provider, entry.provider_name)
    return Heard("resource", entry.id, entry.title, *unit, entry.update_cycle, entry.heard_at)


def _heard_of(line: Listed) -> Heard:
    at = start_of(date.fromisoformat(line.updated))
    return Heard(line.kind, line.id, line.title, line.unit, line.unit_name, line.update_cycle, at)


def _quality(facts: Facts) -> Iterator[Line]:
    by_unit = _grouped(facts.entries, lambda entry: entry.provider)
    units = [_quality_line(own) for own in by_unit.values()]
    each = [_quality_line([entry], entry) for entry in facts.entries]
    yield from sorted(units, key=lambda line: (line.score, line.unit))
    yield from sorted(each, key=lambda line: (line.score, line.unit, line.id or ""))


def _quality_line(entries: Sequence[Summary], one: Summary | None = None) -> QualityLine:
    unit = {"unit": entries[0].provider, "unit_name": entries[0].provider_name}
    named = {"id": one.id if one else None, "title": one.title if one else None}
    return QualityLine(**unit, **named, **_standing(entries)._asdict())


def _publication(facts: Facts) -> Iterator[Line]:
    measured = [entry for entry in facts.entries if entry.lag_seconds is not None]
    if measured:
        yield _lag(None, None, measured)
    by_unit = _grouped(measured, lambda entry: entry.provider)
    lines = (_lag(unit, own[0].provider_name, own) for unit, own in by_unit.items())
    yield from sorted(lines, key=lambda line: (-line.median_days, -line.max_days, line.unit or ""))


def _lag(unit: str | None, name: str | None, entries: Sequence[Summary]) -> PublicationLine:
    days = [(entry.lag_seconds or 0) / DAY for entry in entries]
    return PublicationLine(
        unit=unit,
        unit_name=name,
        published=len(days),
        median_days=round(median(days), 2),
        max_days=round(max(days), 2),
    )


def _conformance(facts: Facts) -> Iterator[Line]:
    by_district = _grouped(facts.entries, lambda entry: district_of(entry.provider))
    for district in sorted(code for code in by_district if code):
        own = by_district[district]
        yield ConformanceLine(
            district=district,
            district_name=provider_name(district, facts.at),
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


def _grouped(entries: Iterable[Summary], key: Callable[[Summary], K]) -> Mapping[K, list[Summary]]:
    groups: dict[K, list[Summary]] = defaultdict(list)
    for entry in entries:
        groups[key(entry)].append(entry)
    return groups


MAKERS: Mapping[ReportName, Callable[[Facts], Iterator[Line]]] = {
    ReportName.COUNTS: _counts,
    ReportName.STALENESS: _staleness,
    ReportName.QUALITY: _quality,
    ReportName.PUBLICATION: _publication,
    ReportName.CONFIRMATION: _confirmation,
    ReportName.CONFORMANCE: _conformance,
}
# What a report reads beside the entries.
SHELVES: Mapping[ReportName, tuple[Shelf, ...]] = {
    ReportName.COUNTS: (Shelf.DATABASES, Shelf.COLLECTION, Shelf.EXCHANGE, Shelf.FIGURES),
    ReportName.STALENESS: (Shelf.DATABASES,),
}
