"""How each report's lines are made from what is published. Pure; one pass over the entries for each."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from statistics import median
from typing import NamedTuple

from services.catalog.adjudication import Judged
from services.catalog.catalogues import Listed, Shelf
from services.catalog.consolidation import NOTHING, Cluster, clusters_of
from services.catalog.counts import counts_of
from services.catalog.reports import Line, OverdueLine, PublicationLine, ReportName, Within
from services.catalog.search import Summary
from services.catalog.staleness import stale_since
from services.catalog.standings import conformance_of, grouped, quality_of_all
from services.shared.clocks import due
from services.shared.working_days import day_in_beijing

DAY = 86_400  # seconds


class Facts(NamedTuple):
    """What a report is made from: published entries, what stands on the shelves it asks for, the moment, and verdicts.

    `judged` are the reviewers' verdicts by the ids of the two things.
    """

    entries: Sequence[Summary]
    listed: Sequence[tuple[Shelf, Listed]]
    at: datetime
    judged: Mapping[frozenset[str], Judged] = NOTHING


class Heard(NamedTuple):
    """Something published, and when it was last heard of."""

    kind: str
    id: str
    title: str
    unit: str
    unit_name: str
    update_cycle: str | None
    heard_at: datetime


class Lag(NamedTuple):
    """For how many seconds something waited from approval to publication; None where nobody approved it here."""

    kind: str
    unit: str
    unit_name: str
    seconds: int | None


def lines_of(name: ReportName, facts: Facts, within: Within) -> Sequence[Line]:
    """Return a report's lines about the units that are `within`, the worst or the greatest first."""
    if name is ReportName.CONSOLIDATION:  # a cluster is seen by each unit that has an entry in it
        return [one for one in clusters_of(facts.entries, facts.judged) if _concerns(one, within)]
    entries = [entry for entry in facts.entries if within(entry.provider)]
    listed = [(shelf, line) for shelf, line in facts.listed if within(line.unit)]
    return list(MAKERS[name](Facts(entries, listed, facts.at)))


def _concerns(cluster: Cluster, within: Within) -> bool:
    return any(within(member.unit) for member in cluster.members)


def _counts(facts: Facts) -> Iterator[Line]:
    return counts_of(facts.entries, facts.listed, day_in_beijing(facts.at))


def _staleness(facts: Facts) -> Iterator[Line]:
    heard = [*map(_heard, facts.entries), *(found for _, line in facts.listed if (found := _heard_of(line)))]
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


def _heard_of(line: Listed) -> Heard | None:
    unit = (line.unit, line.unit_name)
    return Heard(line.kind, line.id, line.title, *unit, line.update_cycle, line.heard_at) if line.heard_at else None


def _publication(facts: Facts) -> Iterator[Line]:
    lags = [Lag("resource", one.provider, one.provider_name, one.lag_seconds) for one in facts.entries]
    lags += [Lag(line.kind, line.unit, line.unit_name, line.lag_seconds) for _, line in facts.listed]
    for _, of_kind in sorted(grouped((lag for lag in lags if lag.seconds is not None), lambda lag: lag.kind).items()):
        yield _lag_line(of_kind)
        units = [_lag_line(own, own[0]) for own in grouped(of_kind, lambda lag: lag.unit).values()]
        yield from sorted(units, key=lambda line: (-line.median_days, -line.max_days, line.unit or ""))


def _lag_line(lags: Sequence[Lag], unit: Lag | None = None) -> PublicationLine:
    days = [(lag.seconds or 0) / DAY for lag in lags]
    return PublicationLine(
        kind=lags[0].kind,
        unit=unit.unit if unit else None,
        unit_name=unit.unit_name if unit else None,
        published=len(days),
        median_days=round(median(days), 2),
        max_days=round(max(days), 2),
    )


def _quality(facts: Facts) -> Iterator[Line]:
    return quality_of_all(facts.entries)


def _conformance(facts: Facts) -> Iterator[Line]:
    return conformance_of(facts.entries, facts.at)


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
    ReportName.PUBLICATION: (Shelf.COLLECTION, Shelf.FIGURES),
}
