"""One step of a collection responsibility, and of every claimant that it moves with it.

A step is a pure decision: each case after it, the one event that records it there, and what changes in who holds what.
Knows no table of items and no HTTP.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from pydantic import JsonValue

from services.catalog.collection import ENDED, Action, Collection, State
from services.catalog.collection_acts import WORDS
from services.catalog.collection_claims import Grounds, grounds_of, refuse_if_held
from services.catalog.collection_events import body_of, readers
from services.catalog.collection_statement import CollectionDraft
from services.catalog.responsibility import FILED, MACHINE
from services.shared.callers import SYSTEM, Caller, Claim
from services.shared.canonical import new_id
from services.shared.errors import Forbidden
from services.shared.events import Event, Origin, event_of
from services.shared.lifecycle import Act, Moved
from services.shared.steps import Step, step_of

OPENING = frozenset({Action.OPEN_COORDINATION, Action.CONTEST})
DECIDING = frozenset({Action.SETTLE, Action.RULE})
TOGETHER = OPENING | DECIDING | {Action.ESCALATE, Action.REMAND}  # one step of every claimant
OPEN = frozenset({State.APPLIED, State.JOINT_REVIEW, State.COORDINATION})
# Which other claimants an action moves: those in these states.
GATHERED: Mapping[Action, frozenset[State]] = {
    Action.OPEN_COORDINATION: OPEN,
    Action.CONTEST: OPEN,
    Action.SETTLE: frozenset({State.COORDINATION}),
    Action.ESCALATE: frozenset({State.COORDINATION}),
    Action.RULE: frozenset({State.ESCALATED}),
    Action.REMAND: frozenset({State.ESCALATED}),
}
ON_PENDING = frozenset({Action.RETURN, Action.APPROVE, Action.DECLINE})


class Change(NamedTuple):
    """What a step makes of one case; `before` is None for a new one."""

    before: Collection | None
    step: Step[Collection]
    grounds: Grounds = Grounds()


def create(draft: CollectionDraft, caller: Caller, at: datetime, *, collection_id: str | None = None) -> Change:
    """Return a new case of the caller's organisation, with a fresh id unless one is given.

    Raises Forbidden for other than officers.
    """
    if Claim.OFFICER not in caller.claims:
        raise Forbidden("only an officer with the role 'officer' may create a collection")
    collection = Collection(
        id=collection_id or new_id(),
        state=State.DRAFT,
        version=1,
        case_seq=1,
        changed_at=at,
        since=at,
        unit=caller.organisation,
        statement=draft.kept(),
    )
    event = _event("collection.created", collection, Act(Action.REVISE, draft, caller, at))
    return Change(None, step_of(collection, event))


def take(collection: Collection, act: Act) -> tuple[Change, ...]:
    """Return what an act makes of the case, first, and of every claimant that it moves with it.

    Raises what the machine raises, and Conflict when ground that it designates is held by another.
    """
    moved = MACHINE.advance(_concerned(collection, act), act)
    if act.action not in TOGETHER:
        return (_change(collection, moved, act),)
    return tuple(_changes((collection, *act.given.members), act))


def _changes(claimants: tuple[Collection, ...], act: Act) -> Iterator[Change]:
    for claimant in claimants:
        others = tuple(other for other in claimants if other is not claimant)
        mine = replace(act, given=replace(act.given, members=others))
        part = _part_of(claimant, mine, addressed=claimant is claimants[0])
        if part is not None:
            yield _change(claimant, MACHINE.advance(claimant, part), mine)


def _part_of(claimant: Collection, act: Act, *, addressed: bool) -> Act | None:
    if act.action in DECIDING:
        return act if claimant.id in act.body.chosen else replace(act, action=Action.REDIRECT)
    if addressed or act.action not in OPENING:
        return act
    if claimant.state is State.COORDINATION:
        return None  # it is being coordinated already
    return replace(act, action=Action.CALL_IN, caller=SYSTEM) if act.action is Action.CONTEST else act


def _concerned(collection: Collection, act: Act) -> Collection:
    pending = collection.under_review
    on_pending = pending is not None and act.action in ON_PENDING | {Action.REVISE}
    return pending if pending is not None and on_pending else collection


def _change(before: Collection, moved: Moved[Collection], act: Act) -> Change:
    after = _settled(before, moved, act)
    kind = _kind(before, moved)
    event = _event(kind, after, act, filed=moved.filing is not None)
    if moved.filing:
        after = after.model_copy(update={"filed_as": event.id})
    grounds = grounds_of(before, after, act.given.book)
    refuse_if_held(grounds, act.given.book)
    words = {} if moved.act.action == Action.CALL_IN else _words(act)
    return Change(before, step_of(after, event, words), grounds)


def _settled(before: Collection, moved: Moved[Collection], act: Act) -> Collection:
    after = moved.record
    if _concerned(before, act) is not before:
        return _adopted(before, after) if after.state is State.DESIGNATED else before.beside(after)
    update: dict[str, object] = {"since": act.at} if after.state is not before.state else {}
    return after.model_copy(update=update | ({"pending": None} if after.state in ENDED else {}))


def _adopted(before: Collection, reviewed: Collection) -> Collection:
    numbers = reviewed.model_dump(include={"version", "case_seq"})
    said = {name: getattr(reviewed, name) for name in ("statement", "reviews", "changed_at")}
    return before.model_copy(
        update={**numbers, **said, "edition": before.edition + 1, "edition_at": reviewed.changed_at, "pending": None}
    )


def _kind(before: Collection, moved: Moved[Collection]) -> str:
    if before.state is State.PUBLISHED and moved.record.state is State.DESIGNATED:
        return "collection.published"  # what the register says in public has changed
    if moved.act.action == Action.TRANSFER and not moved.complete:
        return "collection.transfer_agreed"
    return moved.move.event


def _words(act: Act) -> dict[str, JsonValue]:
    sealed = WORDS.get(Action(act.action), frozenset[str]())
    words: dict[str, JsonValue] = act.body.model_dump(mode="json", include=set(sealed)) if sealed else {}
    return words


def _event(kind: str, collection: Collection, act: Act, *, filed: bool = False) -> Event:
    return event_of(
        kind,
        body_of(kind, collection, act),
        Origin(collection.id, collection.case_seq, act.caller.organisation, act.caller.officer, act.at),
        parties=readers(collection, act),
        filing=FILED if filed else None,
    )
