"""What a caller sees of an accurate figure: its published face, the open version if they may, and its rivals. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from pydantic import AwareDatetime

from services.catalog.catalogues import Listed
from services.catalog.figure import Figure, FormerVersion, Meaning, NameClaim, State, Version, differences
from services.catalog.figure_life import MACHINE, Action
from services.catalog.figure_steps import follows, open_for
from services.catalog.reviewing import Gap, Review
from services.catalog.search import BEIJING, provider_name
from services.shared.callers import Caller
from services.shared.errors import NotFound
from services.shared.lifecycle import Party
from services.shared.model import Model
from services.shared.organisations import OFFICE, STATISTICS_BUREAU
from services.shared.views import Waiting

REVIEWERS = frozenset({OFFICE, STATISTICS_BUREAU})


class FigureFace(Model):
    """One version as it is shown; `lag_seconds` is how long it waited from approval to publication.

    `definition_hash` is the SHA-256 of the canonical JSON of `meaning`, and stands in the ledger's entries.
    """

    number: int
    state: State
    meaning: Meaning
    definition_hash: str
    authority_name: str | None
    gaps: tuple[Gap, ...]
    reviews: tuple[Review, ...]
    reason: str | None
    submitted_at: AwareDatetime | None
    approved_at: AwareDatetime | None
    published_at: AwareDatetime | None
    lag_seconds: int | None


class FigureRival(Model):
    """Another figure of the same name: what it says, and in which fields that differs."""

    figure: str
    unit: str
    unit_name: str
    published: bool
    differs: tuple[str, ...]
    meaning: Meaning


class FigureView(Model):
    """A figure; `state` is the open version's where the caller sees one.

    `rivals` are shown with an open version: all of them to the reviewers, to its unit the published one.
    """

    id: str
    version: int
    state: State
    unit: str
    unit_name: str
    live: FigureFace | None
    open: FigureFace | None
    former: tuple[FormerVersion, ...]
    rivals: tuple[FigureRival, ...]
    filing: None = None
    awaiting: tuple[Waiting, ...]
    due_at: None = None
    actions: tuple[str, ...]
    changed_at: AwareDatetime


class FigureLine(Model):
    """A figure in the list of its unit or of the reviewers."""

    id: str
    name: str
    state: State
    unit: str
    unit_name: str
    authority: str | None
    changed_at: AwareDatetime


class FigurePage(Model):
    """A page of figures: of the published ones as every public catalogue shows them, or of those at work."""

    items: tuple[Listed | FigureLine, ...]
    next: str | None


def first_of(figure: Figure, caller: Caller) -> Version:
    """Return the version that this caller sees first. Raises NotFound when there is none that they may see."""
    version = open_for(figure, caller) or figure.live
    if version is None:
        raise NotFound("there is no such figure")
    return version


def view_of(figure: Figure, claims: Sequence[NameClaim], caller: Caller, at: datetime) -> FigureView:
    """Return a figure as this caller sees it. Raises NotFound when there is nothing that they may see."""
    opened, first = open_for(figure, caller), first_of(figure, caller)
    full = follows(figure, caller)
    return FigureView(
        **figure.model_dump(include={"id", "version", "unit", "changed_at"}),
        state=first.state,
        unit_name=provider_name(figure.unit, at),
        live=_face(figure.live, at, full=full) if figure.live else None,
        open=_face(opened, at, full=full) if opened else None,
        former=figure.former if full else (),
        rivals=tuple(_rivals(opened, claims, caller, at)) if opened else (),
        awaiting=_waiting(first),
        actions=_actions(figure, caller),
    )


def line_of(figure: Figure) -> FigureLine:
    """Return a figure as those at work on it list it."""
    version = figure.open or figure.live
    if version is None:
        raise ValueError("a figure has a version")
    return FigureLine(
        **figure.model_dump(include={"id", "unit", "changed_at"}),
        state=version.state,
        name=version.meaning.name,
        unit_name=provider_name(figure.unit, figure.changed_at),
        authority=version.meaning.authority,
    )


def listed_of(version: Version) -> Listed:
    """Return a published figure as the public list shows it: under the organisation whose number counts."""
    meaning, since = version.meaning, version.published_at or version.changed_at
    return Listed(
        kind="figure",
        id=version.id,
        title=meaning.name,
        unit=meaning.authority or version.unit,
        unit_name=provider_name(meaning.authority or version.unit, since),
        update_cycle=meaning.cycle,
        lag_seconds=version.lag_seconds,
        updated=since.astimezone(BEIJING).date().isoformat(),
    )


def _face(version: Version, at: datetime, *, full: bool) -> FigureFace:
    """Return a version as it is shown; what reviewers wrote only to those who follow it."""
    said = {"gaps", "reviews", "reason"}
    same = version.model_dump(include=(FigureFace.model_fields.keys() & Version.model_fields.keys()) - said)
    words = version.model_dump(include=said) if full else {"gaps": (), "reviews": (), "reason": None}
    authority = version.meaning.authority
    return FigureFace(
        **same | words,
        definition_hash=version.definition_hash,
        authority_name=provider_name(authority, at) if authority else None,
        lag_seconds=version.lag_seconds,
    )


def _rivals(version: Version, claims: Sequence[NameClaim], caller: Caller, at: datetime) -> Iterable[FigureRival]:
    for claim in claims:
        if claim.figure != version.id and (claim.published or caller.organisation in REVIEWERS):
            yield FigureRival(
                figure=claim.figure,
                unit=claim.unit,
                unit_name=provider_name(claim.unit, at),
                published=claim.published,
                differs=differences(version.meaning, claim.meaning),
                meaning=claim.meaning,
            )


def _waiting(version: Version) -> tuple[Waiting, ...]:
    codes = {Party.UNIT: version.unit, Party.OFFICE: OFFICE, Party.STATISTICS: STATISTICS_BUREAU}
    return tuple(Waiting(party=party, organisation=codes[party]) for party in MACHINE.awaiting(version))


def _actions(figure: Figure, caller: Caller) -> tuple[str, ...]:
    """Return what this caller may try now, on either version; while one is open no other can be begun."""
    opened = open_for(figure, caller)
    on_open = MACHINE.actions_for(opened, caller) if opened else ()
    on_live = MACHINE.actions_for(figure.live, caller) if figure.live else ()
    return on_open + tuple(action for action in on_live if not (opened and action == Action.REVISE))
