"""The change feed: what appeared in the public catalogues, changed there or left them, as one numbered sequence.

A reader who keeps the number of the last change that he saw misses none, a deletion least of all (S-114). Pure.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

from pydantic import AwareDatetime

from services.catalog.catalogues import KINDS, Shelf
from services.shared.events import Event
from services.shared.model import Model


class What(StrEnum):
    """What a change did to the public catalogues."""

    PUBLISHED = "published"
    UPDATED = "updated"
    WITHDRAWN = "withdrawn"


class Change(Model):
    """One change, number `seq` of all from 1 on; `number` is a resource code or a registration number.

    `supersedes` is the `seq` of the change that this one replaces for the same thing: what that one led to is no
    longer what stands. A tombstone (`withdrawn`) keeps title and number.
    """

    seq: int
    kind: str
    id: str
    change: What
    at: AwareDatetime
    title: str | None
    unit: str | None
    number: str | None
    catalogue: Shelf | None
    href: str
    supersedes: int | None

    @property
    def gone(self) -> bool:
        """Whether the thing stands in no catalogue any more."""
        return self.change is What.WITHDRAWN


class Mark(Model):
    """The latest change of one thing, and the number of the event in its case that made it."""

    case_seq: int
    change: Change


class Numbered(NamedTuple):
    """What a batch of events comes to: the changes in order, and the marks that now stand, by case."""

    changes: tuple[Change, ...]
    marks: Mapping[str, Mark]


# What makes a change. A later event that ends or renews something published is one more line.
CHANGES: dict[str, What] = {
    "resource.published": What.PUBLISHED,
    "resource.imported": What.PUBLISHED,
    "resource.assigned": What.PUBLISHED,
    "resource.withdrawn": What.WITHDRAWN,
    "collection.published": What.PUBLISHED,
    "collection.transferred": What.WITHDRAWN,
    "collection.revoked": What.WITHDRAWN,
    "collection.expired": What.WITHDRAWN,
    "database.registered": What.PUBLISHED,
    "database.changed": What.PUBLISHED,
    "database.deregistered": What.WITHDRAWN,
    "figure.published": What.PUBLISHED,
    "figure.withdrawn": What.WITHDRAWN,
}


def numbered_from(first: int, events: Iterable[Event], marks: Mapping[str, Mark]) -> Numbered:
    """Return the changes that events make, numbered from `first` on.

    An event that is no newer than its thing's mark makes none: it was heard before.
    """
    changes: list[Change] = []
    standing: dict[str, Mark] = {}
    for event in events:
        before = standing.get(event.case) or marks.get(event.case)
        if before and (event.case_seq or 0) <= before.case_seq:
            continue
        change = change_of(event, first + len(changes), before.change if before else None)
        changes.append(change)
        standing[event.case] = Mark(case_seq=event.case_seq or 0, change=change)
    return Numbered(tuple(changes), standing)


def change_of(event: Event, seq: int, before: Change | None) -> Change:
    """Return the change that an event makes; what its body does not say stays as it was. Raises KeyError."""
    kind = event.type.partition(".")[0]
    return Change(
        seq=seq,
        kind=kind,
        id=event.case,
        change=_what(event, before),
        at=event.at,
        title=_said(event, "title", "name") or (before and before.title),
        unit=_said(event, "unit", "provider") or (before and before.unit),
        number=_said(event, "number", "resource_code") or (before and before.number),
        catalogue=_shelf(event, kind, before),
        href=f"/catalog/{KINDS[kind].collection}/{event.case}",
        supersedes=before.seq if before else None,
    )


def counted(counts: Mapping[str, int], before: Mapping[str, Mark], after: Mapping[str, Mark]) -> dict[str, int]:
    """Return how many things stand on each shelf, once those of `after` stand where they now do."""
    made = dict(counts)
    for case, mark in after.items():
        left, entered = _stands(before.get(case)), _stands(mark)
        for shelf, step in ((left, -1), (entered, 1)):
            if shelf is not None:
                made[shelf] = made.get(shelf, 0) + step
    return made


def gone(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Return the tombstones among changes in order: the last change of each thing that left and did not come back."""
    last = {change.id: change for change in changes}
    return tuple(change for change in last.values() if change.gone)


def _stands(mark: Mark | None) -> Shelf | None:
    return None if mark is None or mark.change.gone else mark.change.catalogue


def _what(event: Event, before: Change | None) -> What:
    what = CHANGES[event.type]
    return What.UPDATED if what is What.PUBLISHED and before and not before.gone else what


def _said(event: Event, *names: str) -> str | None:
    return next((str(said) for name in names if (said := event.body.get(name))), None)


def _shelf(event: Event, kind: str, before: Change | None) -> Shelf | None:
    if (shelf := KINDS[kind].shelf) is not None:
        return shelf
    # An entry says itself in which of the two sharing catalogues it stands; a legacy one may stand in neither.
    if "catalogue" not in event.body:
        return before.catalogue if before else None
    said = event.body["catalogue"]
    return Shelf(str(said)) if said else None
