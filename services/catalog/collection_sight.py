"""Who may see a collection responsibility, whom it waits for and until when, and what a caller may try. Pure."""

from datetime import datetime

from services.catalog.collection import INTERNAL, Action, Collection, State
from services.catalog.collection_steps import ON_PENDING
from services.catalog.responsibility import MACHINE, parties_of, relations
from services.shared.callers import Caller
from services.shared.clocks import due
from services.shared.lifecycle import Party
from services.shared.organisations import LEADING_GROUP, OFFICE, STATISTICS_BUREAU
from services.shared.views import Waiting
from services.shared.working_days import end_of

CLOCKS = {State.COORDINATION: "coordination", State.ESCALATED: "ruling", State.REGISTERED: "catalog_publish"}
REVIEWERS = frozenset({Party.OFFICE, Party.STATISTICS})
LISTING = frozenset({OFFICE, STATISTICS_BUREAU})


def follows(collection: Collection, caller: Caller) -> bool:
    """Return whether a caller may see the case behind the public face.

    Its unit always, the two reviewers once it was applied for, the leading group once it was brought before it.
    """
    mine = relations(collection, caller)
    reviewing = collection.applied_at is not None and mine & REVIEWERS
    ruling = collection.escalated_at is not None and Party.LEADING_GROUP in mine
    return Party.UNIT in mine or bool(reviewing) or ruling


def sees(collection: Collection, caller: Caller) -> bool:
    """Return whether a caller may see anything: what is or was published is everybody's to see."""
    return collection.published_at is not None or follows(collection, caller)


def actions_for(collection: Collection, caller: Caller) -> tuple[str, ...]:
    """Return what this caller may try now, on the case or on what it is to say next."""
    pending = collection.under_review
    own = MACHINE.actions_for(collection, caller)
    if pending is not None:
        beside = MACHINE.actions_for(pending, caller)
        own = tuple(a for a in own if a != Action.REVISE) + tuple(a for a in beside if a in ON_PENDING)
    return tuple(action for action in own if action not in INTERNAL)


def waiting_for(collection: Collection) -> tuple[Waiting, ...]:
    """Return whom a case waits for; a published one for those who review what it is to say next."""
    codes = parties_of(collection)
    awaited = MACHINE.awaiting(collection.under_review or collection)
    return tuple(Waiting(party=party, organisation=codes[party]) for party in awaited)


def due_at(collection: Collection) -> datetime | None:
    """Return when the next act is due by its clock, or when a published duty ends; None without a number."""
    if collection.state is State.PUBLISHED:
        return expires_at(collection)
    clock = CLOCKS.get(collection.state)
    counted = due(clock, collection.since) if clock else None
    return counted.due_at if counted else None


def expires_at(collection: Collection) -> datetime | None:
    """Return the last second of a published duty; None when it has no end."""
    last = collection.statement.valid_until
    return end_of(last) if last and collection.state is State.PUBLISHED else None


def may_list(state: State, caller: Caller) -> bool:
    """Return whether a caller may list the cases in a state: who reviews, and who rules what is before the group."""
    listing = LISTING | ({LEADING_GROUP} if state is State.ESCALATED else set())
    return caller.organisation in listing
