"""What a caller sees of a demand: everybody the same, but for what they may do. Pure."""

from collections.abc import Iterator

from pydantic import AwareDatetime

from services.requests.demand import Demand, DemandKind, DemandProposal, DemandState, DemandUrgency, HandedBack, Wanted
from services.requests.demand_life import MACHINE, actions_for
from services.requests.views import due_of, waiting_for
from services.shared.callers import Caller
from services.shared.clock_views import ClockView, explained
from services.shared.model import Model
from services.shared.views import Waiting

CATALOGUED = {DemandKind.COLLECTION: "/catalog/collections", DemandKind.DATABASE: "/catalog/databases"}


class SupporterView(Model):
    """Another organisation that wants the same, and for which of its duties."""

    organisation: str
    duty: str
    urgent: bool
    at: AwareDatetime


class UrgencyView(DemandUrgency):
    """Who claims that it is urgent, in which work area, and why."""

    organisation: str


class ProposalView(DemandProposal):
    """A proposal; its unit finds at `address` what it drafts for it, null until it takes it up."""

    address: str | None


class DemandView(Model):
    """A demand; `count` organisations want it, `urgent` of them urgently: those in `urgencies`, with their reasons.

    `wanted_hash` is the SHA-256 of the canonical JSON of `wanted`, and stands in the ledger's entries. Who supports it
    since before `revised_at` supported it as it was worded then. `clock` says by which rule it is due, null while none
    runs; `due_at` is null where no number does.
    """

    id: str
    version: int
    state: DemandState
    requester: str
    wanted: Wanted
    wanted_hash: str
    supporters: tuple[SupporterView, ...]
    urgencies: tuple[UrgencyView, ...]
    count: int
    urgent: int
    proposal: ProposalView | None
    handed_back: HandedBack | None
    merged_into: str | None
    resource: str | None
    reason: str | None
    filing: None = None
    awaiting: tuple[Waiting, ...]
    due_at: AwareDatetime | None
    overdue_since: AwareDatetime | None
    clock: ClockView | None
    actions: tuple[str, ...]
    filed_at: AwareDatetime
    revised_at: AwareDatetime | None
    changed_at: AwareDatetime


class DemandLine(Model):
    """A demand in a list; `kind` and `unit` say what it is proposed as and to whom."""

    id: str
    version: int
    state: DemandState
    requester: str
    title: str
    count: int
    urgent: int
    kind: DemandKind | None
    unit: str | None
    awaiting: tuple[Waiting, ...]
    due_at: AwareDatetime | None
    overdue_since: AwareDatetime | None
    actions: tuple[str, ...]
    filed_at: AwareDatetime
    changed_at: AwareDatetime


class DemandPage(Model):
    """A page of demands; `next` is null at the list's end."""

    items: tuple[DemandLine, ...]
    next: str | None


def view_of(demand: Demand, caller: Caller) -> DemandView:
    """Return a demand as this caller sees it."""
    line = line_of(demand, caller).model_dump(exclude={"title", "kind", "unit"})
    same = demand.model_dump(include=DemandView.model_fields.keys() & Demand.model_fields.keys())
    shown = {
        "wanted_hash": demand.wanted_hash,
        "supporters": tuple(_supporters(demand)),
        "urgencies": tuple(_urgencies(demand)),
        "proposal": _proposal(demand),
        "clock": explained(demand.clock) if demand.clock else None,
    }
    return DemandView(**same | line | shown)


def line_of(demand: Demand, caller: Caller) -> DemandLine:
    """Return a demand as a line of this caller's list."""
    return DemandLine(
        **demand.model_dump(include={"id", "version", "state", "requester", "filed_at", "changed_at"}),
        title=demand.wanted.title,
        count=len(demand.backers),
        urgent=len(demand.urgencies),
        kind=demand.proposal.kind if demand.proposal else None,
        unit=demand.unit,
        awaiting=waiting_for(demand, MACHINE),
        due_at=due_of(demand),
        overdue_since=demand.clock.overdue_since if demand.clock else None,
        actions=actions_for(demand, caller),
    )


def _supporters(demand: Demand) -> Iterator[SupporterView]:
    for each in demand.supporters:
        yield SupporterView(organisation=each.organisation, duty=each.duty, urgent=each.urgency is not None, at=each.at)


def _urgencies(demand: Demand) -> Iterator[UrgencyView]:
    for who, said in demand.urgencies.items():
        yield UrgencyView(organisation=who, **said.model_dump())


def _proposal(demand: Demand) -> ProposalView | None:
    if (proposal := demand.proposal) is None:
        return None
    address = f"{CATALOGUED[proposal.kind]}/{proposal.id}" if proposal.id else None
    return ProposalView(**proposal.model_dump(), address=address)
