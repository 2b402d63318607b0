"""What a caller sees of an entry: its published face, the open version if they may, and what they may do now. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from pydantic import AwareDatetime

from services.catalog.deadlines import due_of
from services.catalog.diff import Change, changes
from services.catalog.entry import Entry, Former
from services.catalog.metadata import Metadata
from services.catalog.quality import Quality, quality_of
from services.catalog.resource import FILED, MACHINE, relations
from services.catalog.resource_acts import LINKS, Action, Linked
from services.catalog.resource_guards import is_ownerless
from services.catalog.resource_lines import waiting_for
from services.catalog.reviewing import Gap, Review
from services.catalog.search import provider_name
from services.catalog.staleness import version_stale_since
from services.catalog.version import Source, State, Version
from services.shared.callers import Caller
from services.shared.clocks import Due
from services.shared.errors import NotFound
from services.shared.lifecycle import Party
from services.shared.model import Model
from services.shared.views import FilingView, Waiting, filing_view

PUBLIC = frozenset(LINKS)  # agreements are their parties' to see
UNSAID: Mapping[str, object] = {"gaps": (), "reviews": (), "reason": None}


class Face(Model):
    """One version as it is shown; `lag_seconds` is how long it waited from approval to publication.

    `metadata_hash` is the SHA-256 of the canonical JSON of `metadata`, and stands in the ledger's entries.
    `stale_since` is set once nobody has confirmed it for longer than its update cycle and the grace.
    What reviewers and the provider wrote (`gaps`, `reviews`, `reason`) is there for those who follow the entry. Of a
    withdrawn entry everybody else sees a tombstone: title, catalogue, code and hashes.
    """

    number: int
    state: State
    legacy: bool
    metadata: Metadata
    metadata_hash: str
    quality: Quality
    source: Source | None
    resource_code: str | None
    gaps: tuple[Gap, ...]
    reviews: tuple[Review, ...]
    reason: str | None
    reason_sha256: str | None
    submitted_at: AwareDatetime | None
    approved_at: AwareDatetime | None
    published_at: AwareDatetime | None
    confirmed_at: AwareDatetime | None
    lag_seconds: int | None
    stale_since: AwareDatetime | None


class OpenFace(Face):
    """The open version, and in what it differs from the published one."""

    changes: tuple[Change, ...]


class ResourceView(Model):
    """An entry; `state` is the open version's where the caller sees one. `due` says why it is due.

    `related` is what it is linked with in public; `impact` everything that loses it when it is withdrawn, for those
    who may withdraw it.
    """

    id: str
    version: int
    state: State
    provider: str
    provider_name: str
    resource_code: str | None
    live: Face | None
    open: OpenFace | None
    related: tuple[Linked, ...]
    impact: tuple[Linked, ...]
    former: tuple[Former, ...]
    filing: FilingView | None
    awaiting: tuple[Waiting, ...]
    due_at: AwareDatetime | None
    due: Due | None
    actions: tuple[str, ...]
    changed_at: AwareDatetime


def current(entry: Entry, caller: Caller) -> Version:
    """Return the version that this caller sees first. Raises NotFound when there is none that they may see."""
    version = entry.open_for(caller) or entry.live
    if version is None:
        raise NotFound("there is no such entry")
    return version


class Beside(NamedTuple):
    """What is shown with an entry: its receipts, by event id to ledger index, and what it is linked with."""

    receipts: Mapping[str, int]
    related: tuple[Linked, ...]


def view_of(entry: Entry, beside: Beside, caller: Caller, at: datetime) -> ResourceView:
    """Return an entry as this caller sees it. Raises NotFound when there is nothing that they may see."""
    opened, first, full = entry.open_for(caller), current(entry, caller), entry.is_followed_by(caller)
    due = due_of(first)
    return ResourceView(
        **entry.model_dump(include={"id", "version", "provider", "changed_at"}),
        state=first.state,
        provider_name=provider_name(entry.provider, at),
        resource_code=entry.resource_code,
        live=Face(**_shown(entry.live, at, full=full)) if entry.live else None,
        open=OpenFace(**_shown(opened, at, full=full), changes=_changes(entry, opened)) if opened else None,
        related=tuple(linked for linked in beside.related if linked.kind in PUBLIC),
        impact=beside.related if _may_withdraw(entry, caller) else (),
        former=entry.former if full else (),
        filing=filing_of(entry.live, beside.receipts),
        awaiting=waiting_for(first),
        due_at=due.due_at if due else None,
        due=due,
        actions=actions_for(entry, caller),
    )


def _shown(version: Version, at: datetime, *, full: bool) -> dict[str, object]:
    """Return the fields of a face."""
    said = {name: getattr(version, name) for name in Face.model_fields.keys() & Version.model_fields.keys()}
    return {
        **said,
        **({} if full else UNSAID),
        "metadata": version.metadata if full or version.state is State.LIVE else _tombstone(version.metadata),
        "metadata_hash": version.metadata_hash,
        "legacy": version.source is not None,
        "quality": quality_of(version),
        "lag_seconds": version.lag_seconds,
        "stale_since": version_stale_since(version, at),
    }


def _tombstone(metadata: Metadata) -> Metadata:
    return Metadata(title=metadata.title, catalogue=metadata.catalogue)


def _changes(entry: Entry, opened: Version) -> tuple[Change, ...]:
    return changes(entry.live.metadata if entry.live else None, opened.metadata)


def _may_withdraw(entry: Entry, caller: Caller) -> bool:
    return entry.published is not None and bool(relations(entry.published, caller) & {Party.PROVIDER, Party.OFFICE})


def actions_for(entry: Entry, caller: Caller) -> tuple[str, ...]:
    """Return what this caller may try now, on either version; while one is open no other can be begun."""
    opened = entry.open_for(caller)
    on_open = MACHINE.actions_for(opened, caller) if opened else ()
    on_live = MACHINE.actions_for(entry.live, caller) if entry.live else ()
    vain = {Action.REVISE} if opened else set()
    if entry.open or not (entry.live and is_ownerless(entry.live)):
        vain.add(Action.ASSIGN)
    return on_open + tuple(action for action in on_live if action not in vain)


def filing_of(version: Version | None, receipts: Mapping[str, int]) -> FilingView | None:
    """Return the filing that published a version, with the state of its receipt; None when there is none."""
    if version is None or version.filed_as is None:
        return None
    return filing_view(FILED, version.filed_as, receipts)
