"""A catalogue entry: at most one published version and one open one beside it, moved by one step at a time.

A step is a pure decision: the entry after it and the one event that records it. Knows no table and no HTTP.
"""

from dataclasses import replace
from datetime import datetime

from pydantic import AwareDatetime

from services.catalog.metadata import Draft
from services.catalog.resource import MACHINE, relations, reviewers
from services.catalog.resource_acts import LINKS, Action, Given
from services.catalog.resource_events import event_for, published_body, words_of
from services.catalog.version import State, Version
from services.shared.callers import SYSTEM, Caller, Claim
from services.shared.canonical import new_id
from services.shared.errors import Conflict, Forbidden, NotFound
from services.shared.lifecycle import Act, Moved, Party, Record
from services.shared.model import Model
from services.shared.steps import Step, step_of

__all__ = ["Entry", "Former", "create", "published_body", "take"]

ON_LIVE = frozenset({Action.CONFIRM, Action.ASSIGN, Action.WITHDRAW})


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
    def published(self) -> Version | None:
        """The version that stands in the catalogue now; None once the entry was withdrawn."""
        return self.live if self.live and self.live.state is State.LIVE else None

    @property
    def resource_code(self) -> str | None:
        """The entry's code; None before its first publication, and for a legacy entry that came without one."""
        return self.live.resource_code if self.live else None

    @property
    def links(self) -> dict[str, str]:
        """What the published version rests on: ids by kind."""
        version = self.published
        named = {kind: getattr(version.metadata, kind) for kind in LINKS} if version else {}
        return {kind: name for kind, name in named.items() if name is not None}

    @property
    def next_number(self) -> int:
        """The number of a version made now."""
        numbers = [version.number for version in (self.live, self.open, *self.former) if version]
        return max(numbers, default=0) + 1


def create(draft: Draft, caller: Caller, at: datetime) -> Step[Entry]:
    """Return a new entry of the caller's organisation with a first draft. Raises Forbidden for other than officers."""
    if Claim.OFFICER not in caller.claims:
        raise Forbidden("only an officer with the role 'officer' may create an entry")
    case, act = new_id(), Act(Action.REVISE, draft, caller, at)
    version = _first_state(case, act, number=1).model_copy(update={"version": 1, "case_seq": 1})
    entry = Entry(
        id=case, state=State.DRAFT, version=1, case_seq=1, changed_at=at, provider=caller.organisation, open=version
    )
    return step_of(entry, event_for("resource.created", version, act))


def take(entry: Entry, act: Act) -> Step[Entry]:
    """Return the entry after an act on the version it concerns; `act.given` is a Given, or None for nothing.

    Raises NotFound when the caller may see neither version, Conflict when an entry with an open version would change
    hands, and what the machine raises.
    """
    act = replace(act, given=act.given or Given(code=entry.resource_code))
    moved = MACHINE.advance(_concerned(entry, act), act)
    if act.action is Action.ASSIGN and entry.open:
        raise Conflict("another version is open: it is published or discarded first")
    version = _new_draft(entry, moved) if _starts_a_version(moved) else moved.record
    event = event_for(moved.move.event, version, act, filed=moved.filing is not None)
    step = step_of(entry, event, words_of(act))
    version = version.model_copy(update=_bound(moved, step))
    settled = entry.model_copy(update=_settled(entry, version, act))
    face = settled.live or settled.open
    numbers = {"version": version.case_seq, "case_seq": version.case_seq, "changed_at": act.at}
    return step._replace(record=settled.model_copy(update=numbers | {"state": face.state if face else entry.state}))


def _bound(moved: Moved[Version], step: Step[Entry]) -> dict[str, object]:
    """Return what a version keeps of its own event: which one filed it, the hash of the reason to withdraw it."""
    filed: dict[str, object] = {"filed_as": step.event.id} if moved.filing else {}
    gone = moved.act.action is Action.WITHDRAW
    return filed | ({"reason_sha256": step.event.payload_sha256} if gone else {})


def _concerned(entry: Entry, act: Act) -> Version:
    opened = entry.open_for(act.caller)
    version = (entry.live or opened) if act.action in ON_LIVE else (opened or entry.live)
    if version is None:
        raise NotFound("there is no such entry")
    return version.model_copy(update={"case_seq": entry.case_seq})


def _starts_a_version(moved: Moved[Version]) -> bool:
    return moved.act.action is Action.REVISE and moved.record.state is State.LIVE


def _new_draft(entry: Entry, moved: Moved[Version]) -> Version:
    seq = moved.record.case_seq
    draft = _first_state(entry.id, moved.act, number=entry.next_number)
    return draft.model_copy(update={"version": seq, "case_seq": seq})


def _first_state(case: str, act: Act, *, number: int) -> Version:
    return Version(
        id=case,
        state=State.DRAFT,
        number=number,
        provider=act.caller.organisation,
        metadata=act.body.kept(),
        changed_at=act.at,
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
    if act.action in ON_LIVE:
        return {"live": version, "provider": version.provider}
    return {"open": version}


def _ended(version: Version | None, action: Action, at: datetime) -> tuple[Former, ...]:
    if version is None:
        return ()
    ended = MACHINE.advance(version, Act(action, None, SYSTEM, at)).record
    return (Former(number=ended.number, state=ended.state, at=at),)
