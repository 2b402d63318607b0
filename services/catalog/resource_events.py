"""The event of each step of an entry: what it carries, who may read it, which of it people wrote. Pure."""

from collections.abc import Callable, Mapping

from pydantic import JsonValue

from services.catalog.resource import FILED, reviewers
from services.catalog.resource_acts import WORDS, Action
from services.catalog.version import Version
from services.shared.event_bodies import PublishedItem, ResourceMoved, ResourcePublished
from services.shared.events import Event, Origin, event_of
from services.shared.lifecycle import Act, Party
from services.shared.organisations import OFFICE, STATISTICS_BUREAU

ITEM = set(PublishedItem.model_fields)  # lengths and descriptions stay with the entry
OFFERED = {"basic_class", "share_method", "formats", "update_cycle"}
CODES = {Party.OFFICE: OFFICE, Party.STATISTICS: STATISTICS_BUREAU}


def moved_body(version: Version) -> ResourceMoved:
    """Return where a version stands, and the hash of what it says."""
    return ResourceMoved(
        state=version.state,
        provider=version.provider,
        entry_version=version.number,
        metadata_hash=version.metadata_hash,
    )


def published_body(version: Version) -> ResourcePublished:
    """Return a published version as other services hear of it."""
    metadata = version.metadata
    return ResourcePublished(
        state=version.state,
        provider=version.provider,
        entry_version=version.number,
        metadata_hash=version.metadata_hash,
        title=metadata.title or "",
        catalogue=metadata.catalogue,
        share_type=metadata.share_type,
        legacy=version.source is not None,
        source_id=version.source.source_id if version.source else None,
        resource_code=version.resource_code,
        **metadata.model_dump(include=OFFERED),
        items=tuple(PublishedItem(**item.model_dump(include=ITEM)) for item in metadata.items),
    )


def event_for(kind: str, version: Version, act: Act, *, filed: bool = False) -> Event:
    """Return the event of a step: read by the provider, by whoever acted, and by the reviewers once it is submitted."""
    return event_of(
        kind,
        BODIES.get(kind, moved_body)(version),
        Origin(version.id, version.case_seq, act.caller.organisation, act.caller.officer, act.at),
        parties=(version.provider, act.caller.organisation, *_reviewers(version)),
        filing=FILED if filed else None,
    )


def words_of(act: Act) -> dict[str, JsonValue]:
    """Return what people wrote in an act, to be sealed; nothing when they wrote nothing."""
    sealed = WORDS.get(Action(act.action))
    said: Mapping[str, JsonValue] = act.body.model_dump(mode="json", include=set(sealed)) if sealed else {}
    return {name: value for name, value in said.items() if value is not None}


def _reviewers(version: Version) -> tuple[str, ...]:
    known = version.submitted_at is not None or version.published_at is not None
    return tuple(CODES[party] for party in reviewers(version)) if known else ()


BODIES: Mapping[str, Callable[[Version], ResourceMoved]] = {
    "resource.published": published_body,
    "resource.imported": published_body,
    "resource.assigned": published_body,
}
