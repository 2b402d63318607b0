"""What each type of event of a demand carries: codes, titles, numbers and hashes; never free text."""

from pydantic import AwareDatetime

from services.shared.model import Model


class DemandMoved(Model):
    """A step in the life of a demand; `wanted_hash` is the hash of what it says.

    `count` organisations want it, `urgent` of them urgently; `kind` is what it is proposed as, `unit` to whom.
    """

    state: str
    requester: str
    wanted_hash: str
    count: int
    urgent: int
    kind: str | None = None
    unit: str | None = None


class DemandBacked(DemandMoved):
    """An organisation says that it wants it: for which duty, and in which of the urgent work areas if it is urgent."""

    duty: str
    work_area: str | None


class DemandTakenUp(DemandMoved):
    """A unit takes a demand up: what its collection duty or database is to hold, and for which areas (GB/T 2260).

    `proposal` is the id under which the unit finds the draft in the catalogue.
    """

    kind: str
    unit: str
    proposal: str
    title: str
    items: tuple[str, ...]
    areas: tuple[str, ...]


class DemandMerged(DemandMoved):
    """A demand that goes on as another: `into` is that one's id."""

    into: str


class DemandMet(DemandMoved):
    """A demand that is met: `resource` is the id of the catalogue's entry."""

    resource: str


class DemandOverdue(DemandMoved):
    """That a day has passed; `clock` is a code of the clock profiles. It decides nothing."""

    clock: str
    due_at: AwareDatetime | None


# Each type with its body and the services that listen.
TYPES: dict[str, tuple[type[Model], tuple[str, ...]]] = {
    "demand.filed": (DemandBacked, ("requests",)),
    "demand.supported": (DemandBacked, ("requests",)),
    "demand.revised": (DemandBacked, ("requests",)),
    "demand.proposed": (DemandMoved, ("requests",)),
    "demand.taken_up": (DemandTakenUp, ("catalog", "requests")),
    "demand.handed_back": (DemandMoved, ("requests",)),
    "demand.declined": (DemandMoved, ("requests",)),
    "demand.merged": (DemandMerged, ("requests",)),
    "demand.met": (DemandMet, ("requests",)),
    "demand.withdrawn": (DemandMoved, ("requests",)),
    "demand.overdue": (DemandOverdue, ("requests",)),
}
