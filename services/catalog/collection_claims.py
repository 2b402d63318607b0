"""Who claims and who holds the collection of one basic item, district by district: what keeps collectors from doubling.

The book of an item is read consistently and decided on; what a step changes in it is written with the step. Pure.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from services.catalog.collection import CONTENDING, HOLDING, UNCLAIMED, Collection, State
from services.catalog.scope import ground, overlap
from services.shared.errors import Conflict
from services.shared.model import Model


class Claim(Model):
    """One case's claim on an item, as the other claimants, the office and the statistics bureau see it."""

    id: str
    unit: str
    title: str
    areas: tuple[str, ...]
    state: State


class Book(Model):
    """Everything about one item: its claims, who holds which district, which holder has a designated successor.

    `head` counts what changed who contends; a decision about all claimants is void when it moved meanwhile.
    """

    key: str
    head: int = 0
    claims: tuple[Claim, ...] = ()
    held: Mapping[str, str] = {}
    heirs: Mapping[str, str] = {}

    def rivals_of(self, collection: Collection) -> tuple[Claim, ...]:
        """Return every other claim over shared ground, open or held."""
        areas = collection.statement.areas
        return tuple(c for c in self.claims if c.id != collection.id and overlap(c.areas, areas))

    def open_rivals_of(self, collection: Collection) -> tuple[Claim, ...]:
        """Return the other claims over shared ground that are not decided."""
        return tuple(claim for claim in self.rivals_of(collection) if claim.state in CONTENDING)

    def claimants(self, collection: Collection, states: Iterable[State]) -> tuple[str, ...]:
        """Return the cases in these states that reach the collection's ground, directly or one over the other."""
        among, reached = set(states), set(collection.ground)
        rest = [claim for claim in self.claims if claim.state in among and claim.id != collection.id]
        found: list[str] = []
        while touching := [claim for claim in rest if reached & ground(claim.areas)]:
            found += [claim.id for claim in touching]
            reached.update(*(ground(claim.areas) for claim in touching))
            rest = [claim for claim in rest if claim.id not in found]
        return tuple(sorted(found))

    def holds(self, case: str) -> frozenset[str]:
        """Return the districts that a case holds."""
        return frozenset(district for district, holder in self.held.items() if holder == case)

    def lacks(self, collection: Collection) -> frozenset[str]:
        """Return the districts of its own ground that a designated successor does not hold yet."""
        return collection.ground - self.holds(collection.id)


class Grounds(NamedTuple):
    """What a step changes in who holds what, all in one book.

    `taken` are districts that nobody may hold before; `heir_of` is whose designated successor the case becomes;
    `freed` are districts that it gives up, `handed` those of them that go to its own successor, `heir`.
    """

    taken: frozenset[str] = frozenset()
    heir_of: str | None = None
    freed: frozenset[str] = frozenset()
    handed: frozenset[str] = frozenset()
    heir: str | None = None
    ended: bool = False


def claim_of(collection: Collection) -> Claim | None:
    """Return the claim that a case makes; None before it was applied for and after its end."""
    if collection.state in UNCLAIMED or collection.statement.item_key is None:
        return None
    same = collection.model_dump(include={"id", "unit", "state"})
    return Claim(**same, title=collection.title, areas=collection.statement.areas)


def grounds_of(before: Collection, after: Collection, book: Book) -> Grounds:
    """Return what a step changes in who holds what.

    At most one of DESIGNATED, REGISTERED, PUBLISHED per item and district (machine B). A designated successor is no
    exception: it takes what its predecessor does not hold, and the rest when that one ends.
    """
    if before.state not in HOLDING and after.state not in HOLDING:
        return Grounds()
    had, heir, holding = book.holds(after.id), book.heirs.get(after.id), after.state in HOLDING
    wants = after.ground if holding else frozenset[str]()
    inherits = book.holds(after.statement.succeeds) & wants if after.statement.succeeds else frozenset[str]()
    freed = had - wants
    return Grounds(
        taken=wants - had - inherits,
        heir_of=after.statement.succeeds if inherits and before.state not in HOLDING else None,
        freed=freed,
        handed=freed & _ground_of(book, heir),
        heir=heir,
        ended=not holding,
    )


def refuse_if_held(grounds: Grounds, book: Book) -> None:
    """Raise Conflict, naming the holders, when ground that a case would take is held by another."""
    holders = {book.held[district] for district in grounds.taken if district in book.held}
    if grounds.heir_of and grounds.heir_of in book.heirs:
        holders.add(book.heirs[grounds.heir_of])
    if holders:
        units = sorted({claim.unit for claim in book.claims if claim.id in holders})
        who, cases = "、".join(units), ", ".join(sorted(holders))
        raise Conflict(f"该信息在此范围已确定采集部门：{who} / this item is already collected there by {who}: {cases}")


def _ground_of(book: Book, case: str | None) -> frozenset[str]:
    return next((ground(claim.areas) for claim in book.claims if claim.id == case), frozenset())
