"""From an act to a demand after it and the one event that records it. Pure but for fresh ids and keys."""

from datetime import datetime
from typing import Any

from pydantic import JsonValue

from services.requests.acts import Nothing, Reasoned
from services.requests.demand import Backing, Demand, DemandAction, DemandState, Merge, Triage, Wanted
from services.requests.demand_life import CLOCKS, MACHINE, wanted_faults
from services.requests.state_clocks import clocked
from services.shared.callers import SYSTEM, Caller, Claim
from services.shared.canonical import new_id
from services.shared.demand_bodies import TYPES
from services.shared.errors import Forbidden, refuse_if
from services.shared.events import Event, Origin, event_of
from services.shared.lifecycle import Act
from services.shared.model import Model
from services.shared.organisations import OFFICE
from services.shared.steps import Step, step_of

WITH_WORDS = (Wanted, Triage, Merge, Reasoned)  # what people wrote is sealed beside the event


def file(wanted: Wanted, caller: Caller, at: datetime) -> Step[Demand]:
    """Return a new demand of the caller's organisation.

    Raises Forbidden without the officer's role, Invalid with everything wrong at once.
    """
    if Claim.OFFICER not in caller.claims:
        raise Forbidden("only an officer with the role 'officer' may file a demand")
    refuse_if(wanted_faults(wanted, caller.organisation), "cannot file this demand: not valid")
    filed = Demand(
        id=new_id(),
        state=DemandState.FILED,
        version=1,
        case_seq=1,
        changed_at=at,
        filed_at=at,
        requester=caller.organisation,
        wanted=wanted,
    )
    filed = clocked(None, filed, at, CLOCKS)
    return step_of(filed, _event("demand.filed", filed, filed, caller), _words(wanted))


def take(demand: Demand, act: Act) -> Step[Demand]:
    """Return the demand after an act. Raises what the machine raises."""
    moved = MACHINE.advance(demand, act)
    # Who is asked instead of another has the whole time.
    before = None if act.action == DemandAction.TRIAGE else demand
    after = clocked(before, moved.record, act.at, CLOCKS)
    return step_of(after, _event(moved.move.event, demand, after, act.caller), _words(act.body))


def next_of_the_demand(demand: Demand, at: datetime) -> Step[Demand] | None:
    """Return the mark of a demand that is overdue at an aware moment, or None: nothing else happens by itself."""
    late = demand.wakes_at is not None and at > demand.wakes_at
    return take(demand, Act(DemandAction.MARK_OVERDUE, Nothing(), SYSTEM, at)) if late else None


def readers(demand: Demand) -> tuple[str, ...]:
    """Return who reads the events of a demand: who wants it, the office, and the unit that it is proposed to."""
    return (*demand.backers, OFFICE, *((demand.unit,) if demand.unit else ()))


def _event(kind: str, before: Demand, after: Demand, caller: Caller) -> Event:
    body, _ = TYPES[kind]
    facts = _facts(before, after, caller)
    origin = Origin(after.id, after.case_seq, caller.organisation, caller.officer, after.changed_at)
    said = body(**{name: facts[name] for name in body.model_fields})
    return event_of(kind, said, origin, parties=(*readers(before), *readers(after)))


def _facts(before: Demand, after: Demand, caller: Caller) -> dict[str, Any]:
    """Return all that an event of a demand may say; each takes what its body has."""
    proposal, backing = after.proposal or before.proposal, after.backers.get(caller.organisation)
    clock = after.clock
    return {
        "state": after.state,
        "requester": after.requester,
        "wanted_hash": after.wanted_hash,
        "count": len(after.backers),
        "urgent": len(after.urgencies),
        "kind": proposal.kind if proposal else None,
        "unit": proposal.unit if proposal else None,
        "proposal": proposal.id if proposal else None,
        "duty": backing.duty if backing else None,
        "work_area": backing.urgency.work_area if backing and backing.urgency else None,
        "title": after.wanted.title,
        "items": after.wanted.items,
        "areas": after.wanted.areas,
        "into": after.merged_into,
        "resource": after.resource,
        "clock": clock.clock if clock else None,
        "due_at": clock.due.due_at if clock and clock.due else None,
    }


def _words(body: Model) -> dict[str, JsonValue] | None:
    said = isinstance(body, WITH_WORDS) or (isinstance(body, Backing) and body.urgency is not None)
    return body.model_dump(mode="json") if said else None
