"""A catalogue entry: at most one published version and one open one beside it, moved by one step at a time.

A step is a pure decision: the entry after it and the one event that records it. Knows no table and no HTTP.
"""

from datetime import datetime

from pydantic import AwareDatetime

from services.catalog.metadata import Draft
from services.catalog.resource import FILED, MACHINE, Action, relations, reviewers
from services.catalog.version import State, Version
from services.shared.callers import SYSTEM, Caller, Claim
from services.shared.canonical import new_id
from services.shared.errors import Forbidden, NotFound
from services.shared.event_bodies import PublishedItem, ResourceMoved, ResourcePublished
from services.shared.events import Event, Origin, event_of
from services.shared.lifecycle import Act, Moved, Party, Record
from services.shared.model import Model
from services.shared.organisations import STATISTICS_BUREAU
from services.shared.steps import Step, step_of

ON_LIVE = frozenset({Action.CONFIRM, Action.WITHDRAW})
PUBLISHED = set(PublishedItem.model_fields)  # lengths and descriptions stay with the entry


class Former(Model):
    """A version that has ended while the entry goes on."""

    number: int
    state: State
    at: AwareDatetime


class Entry(Record):
    """An entry; `live` is its published face, or the tombstone of one, `open` what is being worked on."""

    state: State
    provider: str
    live: Version | None = None
    open: Version | None = None
    former: tuple[Former, ...] = ()

    def open_for(self, caller: Caller) -> Version | None:
        """Return the open version if this caller may see it: its provider, and who reviews it once submitted."""
        if self.open is None:
            return None
        mine = relations(self.open, caller)
        reviewing = self.open.submitted_at is not None and mine & reviewers(self.open)
        return self.open if Party.PROVIDER in mine or reviewing else None

    def is_followed_by(self, caller: Caller) -> bool:
        """Return whether this caller may read what happened to the entry, not only how it stands."""
        if self.open_for(caller):
            return True
        return self.live is not None and bool(relations(self.live, caller) & ({Party.PROVIDER} | reviewers(self.live)))

    @property
    def next_number(self) -> int:
        """The number of a version made now."""
        numbers = [version.number for version in (self.live, self.open, *self.former) if version]
        return max(numbers, default=0) + 1


def create(draft: Draft, caller: Caller, at: datetime) -> Step[Entry]:
    """Return a new entry of the caller's organisation with a first draft. Raises Forbidden for other than officers."""
    if Claim.OFFICER not in caller.claims:
        raise Forbidden("only an officer with the role 'officer' may create an entry")
    case = new_id()
    version = _first_state(case, draft, caller, at, number=1).model_copy(update={"version": 1, "case_seq": 1})
    entry = Entry(
        id=case, state=State.DRAFT, version=1, case_seq=1, changed_at=at, provider=caller.organisation, open=version
    )
    return step_of(entry, _event("resource.created", version, caller, at))


def take(entry: Entry, act: Act) -> Step[Entry]:
    """Return the entry after an act on the version it concerns.

    Raises NotFound when the caller may see neither version, and what the machine raises.
    """
    moved = MACHINE.advance(_concerned(entry, act), act)
    version = _new_draft(entry, moved) if _starts_a_version(moved) else moved.record
    event = _event(moved.move.event, version, act.caller, act.at, filed=moved.filing is not None)
    if moved.filing:
        version = version.model_copy(update={"filed_as": event.id})
    settled = entry.model_copy(update=_settled(entry, version, act))
    face = settled.live or settled.open
    numbers = {"version": version.case_seq, "case_seq": version.case_seq, "changed_at": act.at}
    return step_of(settled.model_copy(update=numbers | {"state": face.state if face else entry.state}), event)


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
        items=tuple(PublishedItem(**item.model_dump(include=PUBLISHED)) for item in metadata.items),
    )


def _concerned(entry: Entry, act: Act) -> Version:
    opened = entry.open_for(act.caller)
    version = (entry.live or opened) if act.action in ON_LIVE else (opened or entry.live)
    if version is None:
        raise NotFound("there is no such entry")
    return version.model_copy(update={"case_seq": entry.case_seq})


def _starts_a_version(moved: Moved[Version]) -> bool:
    return moved.act.action is Action.REVISE and moved.record.state is State.LIVE


def _new_draft(entry: Entry, moved: Moved[Version]) -> Version:
    act, seq = moved.act, moved.record.case_seq
    draft = _first_state(entry.id, act.body, act.caller, act.at, number=entry.next_number)
    return draft.model_copy(update={"version": seq, "case_seq": seq})


def _first_state(case: str, draft: Draft, caller: Caller, at: datetime, *, number: int) -> Version:
    return Version(
        id=case,
        state=State.DRAFT,
        number=number,
        provider=caller.organisation,
        metadata=draft.kept(),
        changed_at=at,
    )


def _settled(entry: Entry, version: Version, act: Act) -> dict[str, object]:
    if act.action is Action.PUBLISH:
        ended = _ended(entry.live, Action.SUPERSEDE, act.at)
        return {"live": version, "open": None, "former": (*entry.former, *ended)}
    if act.action is Action.WITHDRAW:
        ended = _ended(entry.open, Action.DROP, act.at)
        return {"live": version, "open": None, "former": (*entry.former, *ended)}
    if act.action is Action.DISCARD and entry.live:
        ended = (Former(number=version.number, state=version.state, at=act.at),)
        return {"open": None, "former": (*entry.former, *ended)}
    return {"live": version} if act.action is Action.CONFIRM else {"open": version}


def _ended(version: Version | None, action: Action, at: datetime) -> tuple[Former, ...]:
    if version is None:
        return ()
    ended = MACHINE.advance(version, Act(action, None, SYSTEM, at)).record
    return (Former(number=ended.number, state=ended.state, at=at),)


def _event(kind: str, version: Version, caller: Caller, at: datetime, *, filed: bool = False) -> Event:
    return event_of(
        kind,
        published_body(version) if filed else moved_body(version),
        Origin(version.id, version.case_seq, caller.organisation, caller.officer, at),
        parties=(version.provider, *((STATISTICS_BUREAU,) if version.is_basic else ())),
        filing=FILED if filed else None,
    )
