"""What a caller sees of an adjudication: the two, the verdict, and who decided. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from pydantic import AwareDatetime

from services.catalog.adjudication import MACHINE, Adjudication, Compared, Judged, State
from services.catalog.catalogues import KINDS
from services.catalog.likeness import Verdict
from services.catalog.search import provider_name
from services.shared.callers import Caller
from services.shared.model import Model
from services.shared.views import Waiting


class SideView(Model):
    """One of the two; `href` is its address, `unit` whose it is."""

    kind: str
    id: str
    title: str
    unit: str
    unit_name: str
    href: str


class AdjudicationView(Model):
    """A verdict about two things, which stands whenever they come up again; the reasons are read in its history."""

    id: str
    version: int
    state: State
    one: SideView
    other: SideView
    verdict: Verdict
    by: str
    by_name: str
    awaiting: tuple[Waiting, ...] = ()
    due_at: None = None
    actions: tuple[str, ...]
    filing: None = None
    changed_at: AwareDatetime


class AdjudicationLine(Model):
    """An adjudication in a list; `one` and `other` are ids."""

    id: str
    one: str
    one_title: str
    other: str
    other_title: str
    verdict: Verdict
    by: str
    changed_at: AwareDatetime


class AdjudicationPage(Model):
    """A page of adjudications, the latest change first."""

    items: tuple[AdjudicationLine, ...]
    next: str | None


def view_of(adjudication: Adjudication, caller: Caller, at: datetime) -> AdjudicationView:
    """Return an adjudication as this caller sees it now."""
    same = ("id", "version", "state", "verdict", "by", "changed_at")
    return AdjudicationView(
        **{name: getattr(adjudication, name) for name in same},
        one=_side(adjudication.one, at),
        other=_side(adjudication.other, at),
        by_name=provider_name(adjudication.by, at),
        actions=MACHINE.actions_for(adjudication, caller),
    )


def line_of(adjudication: Adjudication) -> AdjudicationLine:
    """Return how an adjudication stands in a list."""
    one, other = adjudication.one, adjudication.other
    same = {name: getattr(adjudication, name) for name in ("id", "verdict", "by", "changed_at")}
    return AdjudicationLine(**same, one=one.id, one_title=one.title, other=other.id, other_title=other.title)


def verdicts_by_pair(lines: Iterable[AdjudicationLine]) -> Mapping[frozenset[str], Judged]:
    """Return verdicts by the ids of the two things."""
    return {frozenset({line.one, line.other}): Judged(line.verdict, line.id) for line in lines}


def _side(side: Compared, at: datetime) -> SideView:
    collection = KINDS[side.kind].collection if side.kind in KINDS else "checks"
    said = side.model_dump(include={"kind", "id", "title", "unit"})
    return SideView(**said, unit_name=provider_name(side.unit, at), href=f"/catalog/{collection}/{side.id}")
