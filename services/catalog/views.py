"""What a caller sees of an entry: its published face, the open version if they may, and what they may do now. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from pydantic import AwareDatetime

from services.catalog.deadlines import due_of
from services.catalog.entry import Entry, Former
from services.catalog.metadata import Metadata
from services.catalog.quality import Quality, quality_of
from services.catalog.resource import FILED, MACHINE, Action
from services.catalog.search import provider_name
from services.catalog.staleness import version_stale_since
from services.catalog.version import Gap, Source, State, Version
from services.shared.callers import Caller
from services.shared.clocks import Due
from services.shared.errors import NotFound
from services.shared.lifecycle import Party
from services.shared.model import Model
from services.shared.organisations import OFFICE, STATISTICS_BUREAU
from services.shared.steps import Step
from services.shared.views import FilingView, Waiting, filing_view


class Face(Model):
    """One version as it is shown; `lag_seconds` is how long it waited from approval to publication.

    `metadata_hash` is the SHA-256 of the canonical JSON of `metadata`, and stands in the ledger's entries.
    `stale_since` is set once nobody has confirmed it for longer than its update cycle and the grace.
    """

    number: int
    state: State
    legacy: bool
    metadata: Metadata
    metadata_hash: str
    quality: Quality
    source: Source | None
    gaps: tuple[Gap, ...]
    reason: str | None
    submitted_at: AwareDatetime | None
    approved_at: AwareDatetime | None
    published_at: AwareDatetime | None
    confirmed_at: AwareDatetime | None
    lag_seconds: int | None
    stale_since: AwareDatetime | None


class ResourceView(Model):
    """An entry; `state` is the open version's where the caller sees one. `due` says why it is due."""

    id: str
    version: int
    state: State
    provider: str
    provider_name: str
    live: Face | None
    open: Face | None
    former: tuple[Former, ...]
    filing: FilingView | None
    awaiting: tuple[Waiting, ...]
    due_at: AwareDatetime | None
    due: Due | None
    actions: tuple[str, ...]
    changed_at: AwareDatetime


class Imported(Model):
    """What became of one row: `imported` now, or `unchanged` because it was there."""

    source_id: str
    id: str
    status: str


class ImportAnswer(Model):
    """What became of every row, in the order they were sent."""

    items: tuple[Imported, ...]


def current(entry: Entry, caller: Caller) -> Version:
    """Return the version that this caller sees first. Raises NotFound when there is none that they may see."""
    version = entry.open_for(caller) or entry.live
    if version is None:
        raise NotFound("there is no such entry")
    return version


def view_of(entry: Entry, receipts: Mapping[str, int], caller: Caller, at: datetime) -> ResourceView:
    """Return an entry as this caller sees it. Raises NotFound when there is nothing that they may see."""
    opened, first = entry.open_for(caller), current(entry, caller)
    due = due_of(first)
    return ResourceView(
        **entry.model_dump(include={"id", "version", "provider", "changed_at"}),
        state=first.state,
        provider_name=provider_name(entry.provider, at),
        live=face_of(entry.live, at) if entry.live else None,
        open=face_of(opened, at) if opened else None,
        former=entry.former if entry.is_followed_by(caller) else (),
        filing=filing_of(entry.live, receipts),
        awaiting=waiting_for(first),
        due_at=due.due_at if due else None,
        due=due,
        actions=actions_for(entry, caller),
    )


def face_of(version: Version, at: datetime) -> Face:
    """Return a version as it is shown."""
    same = version.model_dump(include=Face.model_fields.keys() & Version.model_fields.keys())
    legacy, lag = version.source is not None, version.lag_seconds
    return Face(
        **same,
        metadata_hash=version.metadata_hash,
        legacy=legacy,
        quality=quality_of(version),
        lag_seconds=lag,
        stale_since=version_stale_since(version, at),
    )


def actions_for(entry: Entry, caller: Caller) -> tuple[str, ...]:
    """Return what this caller may try now, on either version; while one is open no other can be begun."""
    opened = entry.open_for(caller)
    on_open = MACHINE.actions_for(opened, caller) if opened else ()
    on_live = MACHINE.actions_for(entry.live, caller) if entry.live else ()
    return on_open + tuple(action for action in on_live if not (opened and action == Action.REVISE))


def waiting_for(version: Version) -> tuple[Waiting, ...]:
    """Return whom a version waits for."""
    codes = {Party.PROVIDER: version.provider, Party.OFFICE: OFFICE, Party.STATISTICS: STATISTICS_BUREAU}
    return tuple(Waiting(party=party, organisation=codes[party]) for party in MACHINE.awaiting(version))


def filing_of(version: Version | None, receipts: Mapping[str, int]) -> FilingView | None:
    """Return the filing that published a version, with the state of its receipt; None when there is none."""
    if version is None or version.filed_as is None:
        return None
    return filing_view(FILED, version.filed_as, receipts)


def import_answer(source_ids: Iterable[str], made: Mapping[str, str], steps: Mapping[str, Step[Entry]]) -> ImportAnswer:
    """Return what became of rows: those made before, and those that are new."""
    rows = (
        Imported(source_id=source_id, id=made[source_id], status="unchanged")
        if source_id in made
        else Imported(source_id=source_id, id=steps[source_id].record.id, status="imported")
        for source_id in source_ids
    )
    return ImportAnswer(items=tuple(rows))
