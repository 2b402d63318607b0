"""A walk along the catalogue chain (S-008), both ways from any node.

Only onwards: never down one branch and up another. Pure; reading is its caller's.
"""

from collections import deque
from collections.abc import Callable, Iterator
from datetime import date

from services.catalog.chain import Chain, Kind, Link, Node, Place, Read, Step
from services.catalog.exchange import Agreement
from services.shared.callers import Caller
from services.shared.errors import NotFound
from services.shared.organisations import OFFICE

MOST_NODES = 200
NOWHERE = Place(None, (), None)  # of a channel that names no entry


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
        self._deals: dict[str, tuple[str, Agreement]] = {}
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
        deal = self._deal(step)
        if deal is None or self._caller.organisation not in {OFFICE, deal[1].provider, deal[1].requester}:
            return None
        known = deal[1]
        href = f"/requests/{step.id}/agreement"
        return Node(kind=step.kind, id=step.id, title=known.title, unit=known.requester, number=None, href=href)

    def _linked(self, here: Step) -> Iterator[Step]:
        if here.kind is Kind.AGREEMENT:
            if deal := self._deal(here):
                yield Step(Kind.CHANNEL, f"{deal[0]}.{deal[1].channel}")
        elif here.kind is Kind.CHANNEL:
            entry, code = _parts(here)
            yield Step(Kind.RESOURCE, entry)
            yield from (Step(Kind.AGREEMENT, one.id) for one in self._in_force(entry) if one.channel == code)
        else:
            yield from (step for step in self._place(here.id).related if step.kind is not Kind.AGREEMENT)
            channels = dict.fromkeys(one.channel for one in self._in_force(here.id))
            yield from (Step(Kind.CHANNEL, f"{here.id}.{channel}") for channel in channels)

    def _deal(self, step: Step) -> tuple[str, Agreement] | None:
        """Return an agreement in force with its entry: known from the entry that led here, else looked up."""
        if step.id not in self._deals:
            for related in self._place(step.id).related:
                self._in_force(related.id)
        return self._deals.get(step.id)

    def _in_force(self, entry: str) -> tuple[Agreement, ...]:
        exchange = self._place(entry).exchange
        live = exchange.in_force(self._day) if exchange else ()
        self._deals.update({agreement.id: (entry, agreement) for agreement in live})
        return live

    def _place(self, case: str) -> Place:
        if case not in self._places:
            self._places[case] = self._read(case) if case else NOWHERE
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
