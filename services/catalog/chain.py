"""The catalogue chain (S-008): from a collection duty to the agreements it leads to, and from an agreement back.

From any node both ways, and only onwards: never down one branch and up another. Pure; reading is its caller's.
"""

from collections import deque
from collections.abc import Callable, Iterator
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from services.catalog.exchange import Agreement, Exchange
from services.catalog.feed import Change
from services.shared.callers import Caller
from services.shared.errors import NotFound
from services.shared.model import Model
from services.shared.organisations import OFFICE

MOST_NODES = 200


class Kind(StrEnum):
    """The links of the chain in their order; a channel is named `<entry id>.<channel code>`."""

    COLLECTION = "collection"
    DATABASE = "database"
    RESOURCE = "resource"
    CHANNEL = "channel"
    AGREEMENT = "agreement"

    @property
    def rank(self) -> int:
        """How far down the chain it stands, from 0."""
        return list(Kind).index(self)


class Node(Model):
    """One thing on the chain: whose it is, its number, and where it can be read."""

    kind: Kind
    id: str
    title: str | None
    unit: str | None
    number: str | None
    href: str


class Link(Model):
    """That one node leads to the next: both by kind and id, `upper` nearer to the collection duty."""

    upper: str
    lower: str


class Chain(Model):
    """What is linked with a node, in the chain's order.

    `cut` when there is more than 200 nodes; `withheld` counts agreements in force that only their parties may see.
    """

    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    cut: bool
    withheld: int


class Step(NamedTuple):
    """A node by its kind and id."""

    kind: Kind
    id: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.id}"


class Place(NamedTuple):
    """What one read of a case brings: its latest public change, what it is linked with, how it is shared."""

    change: Change | None
    related: tuple[Step, ...]
    exchange: Exchange | None


Read = Callable[[str], Place]


def chain_of(start: Step, read: Read, caller: Caller, day: date) -> Chain:
    """Return the chain through a node as this caller sees it on a day; `read` is asked once for each case.

    Raises NotFound when there is no such node in public, or it is an agreement of others.
    """
    walk = _Walk(read, caller, day)
    if walk.node(start) is None:
        raise NotFound("there is no such node on the chain")
    for direction in (-1, 1):
        walk.go(start, direction)
    return walk.chain()


class _Walk:
    """What one walk along the chain has found."""

    def __init__(self, read: Read, caller: Caller, day: date) -> None:
        self._read, self._caller, self._day = read, caller, day
        self._places: dict[str, Place] = {}
        self._nodes: dict[Step, Node | None] = {}
        self._links: set[tuple[Step, Step]] = set()
        self._cut = False

    def node(self, step: Step) -> Node | None:
        """Return a node if there is one that the caller may see."""
        if step not in self._nodes:
            self._nodes[step] = NODES[step.kind](self, step)
        return self._nodes[step]

    def go(self, start: Step, direction: int) -> None:
        """Follow the chain from a node, up (-1) or down (1), until nothing more is linked or it is enough."""
        ahead = deque([start])
        while ahead:
            here = ahead.popleft()
            for there in self._linked(here):
                if (there.kind.rank - here.kind.rank) * direction <= 0 or (here, there)[::direction] in self._links:
                    continue
                if there not in self._nodes and len(self._nodes) >= MOST_NODES:
                    self._cut = True
                    return
                if self.node(there):
                    self._links.add((here, there) if direction > 0 else (there, here))
                    ahead.append(there)

    def chain(self) -> Chain:
        """Return what was found, in the chain's order."""
        seen = sorted((node for node in self._nodes.values() if node), key=lambda node: (node.kind.rank, node.id))
        links = sorted(self._links, key=lambda link: (link[0].kind.rank, link))
        return Chain(
            nodes=tuple(seen),
            links=tuple(Link(upper=str(upper), lower=str(lower)) for upper, lower in links),
            cut=self._cut,
            withheld=sum(node is None and step.kind is Kind.AGREEMENT for step, node in self._nodes.items()),
        )

    def case(self, step: Step) -> Node | None:
        """Return the node of something published, or of what is left of it."""
        change = self._place(step.id).change
        if change is None or change.kind != step.kind:
            return None
        same = change.model_dump(include={"id", "title", "unit", "number", "href"})
        return Node(kind=step.kind, **same)

    def channel(self, step: Step) -> Node | None:
        """Return the node of a channel through which an entry is shared now."""
        entry, code = _parts(step)
        shared = any(agreement.channel == code for agreement in self._in_force(entry))
        above = self.node(Step(Kind.RESOURCE, entry)) if shared else None
        return above and Node(kind=step.kind, id=step.id, title=code, unit=above.unit, number=None, href=above.href)

    def agreement(self, step: Step) -> Node | None:
        """Return the node of an agreement in force, for its parties and the office."""
        known = self._agreement(step)
        if known is None or self._caller.organisation not in {OFFICE, known.provider, known.requester}:
            return None
        href = f"/requests/{step.id}/agreement"
        return Node(kind=step.kind, id=step.id, title=known.title, unit=known.requester, number=None, href=href)

    def _linked(self, here: Step) -> Iterator[Step]:
        if here.kind is Kind.AGREEMENT:
            known = self._agreement(here)
            yield from (Step(Kind.CHANNEL, f"{entry}.{known.channel}") for entry in self._entries(here) if known)
        elif here.kind is Kind.CHANNEL:
            entry, code = _parts(here)
            yield Step(Kind.RESOURCE, entry)
            yield from (Step(Kind.AGREEMENT, one.id) for one in self._in_force(entry) if one.channel == code)
        else:
            yield from (step for step in self._place(here.id).related if step.kind is not Kind.AGREEMENT)
            channels = dict.fromkeys(one.channel for one in self._in_force(here.id))
            yield from (Step(Kind.CHANNEL, f"{here.id}.{channel}") for channel in channels)

    def _agreement(self, step: Step) -> Agreement | None:
        return next((one for entry in self._entries(step) for one in self._in_force(entry) if one.id == step.id), None)

    def _entries(self, step: Step) -> Iterator[str]:
        return (related.id for related in self._place(step.id).related if related.kind is Kind.RESOURCE)

    def _in_force(self, entry: str) -> tuple[Agreement, ...]:
        exchange = self._place(entry).exchange
        return exchange.in_force(self._day) if exchange else ()

    def _place(self, case: str) -> Place:
        if case not in self._places:
            self._places[case] = self._read(case)
        return self._places[case]


def _parts(step: Step) -> tuple[str, str]:
    entry, _, code = step.id.rpartition(".")
    return entry, code


NODES: dict[Kind, Callable[[_Walk, Step], Node | None]] = {
    Kind.COLLECTION: _Walk.case,
    Kind.DATABASE: _Walk.case,
    Kind.RESOURCE: _Walk.case,
    Kind.CHANNEL: _Walk.channel,
    Kind.AGREEMENT: _Walk.agreement,
}
