"""The reports of dynamic management (S-067, S-068): which there are, who may read which lines, and what a line says.

Values and the rule of access; how the lines are made is in `measures.py`.
"""

from collections.abc import Callable
from enum import StrEnum

from pydantic import AwareDatetime

from services.catalog.consolidation import Cluster
from services.shared.callers import Caller
from services.shared.errors import Forbidden, Unauthenticated
from services.shared.model import Model
from services.shared.organisations import OFFICE, STATISTICS_BUREAU, organisation

SUPERVISION_BUREAU = "supervision_bureau"
OVERSEERS = frozenset({OFFICE, STATISTICS_BUREAU, SUPERVISION_BUREAU})
Within = Callable[[str], bool]


class ReportName(StrEnum):
    """A report as it is called in an address."""

    COUNTS = "counts"
    STALENESS = "staleness"
    QUALITY = "quality"
    PUBLICATION = "publication"
    CONFIRMATION = "confirmation"
    CONSOLIDATION = "consolidation"
    CONFORMANCE = "conformance"


PUBLIC = frozenset({ReportName.COUNTS, ReportName.PUBLICATION})


class CountLine(Model):
    """How many published things of a kind have one value; `code` is null for those that do not say."""

    kind: str
    by: str
    code: str | None
    zh: str
    en: str
    count: int


class OverdueLine(Model):
    """Something that was last heard of at `heard_at`, and since when that is too long ago."""

    kind: str
    id: str
    title: str
    unit: str
    unit_name: str
    update_cycle: str | None
    heard_at: AwareDatetime
    since: AwareDatetime


class Lacking(Model):
    """One of the twelve groups of metadata, what to do about it, and how many entries lack it."""

    group: str
    zh: str
    en: str
    entries: int


class QualityLine(Model):
    """The quality of one entry, or of a unit's entries together, where `id` and `title` are null; of 100."""

    unit: str
    unit_name: str
    id: str | None
    title: str | None
    entries: int
    score: int
    lacking: tuple[Lacking, ...]


class PublicationLine(Model):
    """How long what was approved waited for its publication, in days; all units together where `unit` is null."""

    kind: str
    unit: str | None
    unit_name: str | None
    published: int
    median_days: float
    max_days: float


class ConformanceLine(Model):
    """How far a district's entries follow the city's standard: `complete` are those that lack none of its groups."""

    district: str
    district_name: str
    units: int
    entries: int
    complete: int
    legacy: int
    score: int
    lacking: tuple[Lacking, ...]


Line = CountLine | OverdueLine | QualityLine | PublicationLine | ConformanceLine | Cluster


class Report(Model):
    """A page of a report as it stands now; `next` asks for the page after it."""

    name: ReportName
    at: AwareDatetime
    items: tuple[Line, ...]
    next: str | None


def scope_of(name: ReportName, caller: Caller, unit: str | None) -> Within:
    """Return which units' things a caller reads about: the one asked for, else all that they may.

    A unit reads about itself, a district about its units too, the overseeing offices and every reader of a public
    report about all. Raises Unauthenticated for the anonymous, Forbidden when they ask for more.
    """
    allowed = _allowed(name, caller)
    if unit is None:
        return allowed
    if not allowed(unit):
        raise Forbidden("this report shows you your own unit alone")
    return lambda other: is_of(other, unit)


def is_of(unit: str, body: str) -> bool:
    """Return whether a unit is this body, or one of the units of this district."""
    known = organisation(unit)
    return unit == body or (known is not None and known.parent == body)


def _allowed(name: ReportName, caller: Caller) -> Within:
    if name in PUBLIC or caller.organisation in OVERSEERS:
        return lambda _: True
    if caller.anonymous:
        raise Unauthenticated("this needs a token")
    return lambda unit: is_of(unit, caller.organisation)
