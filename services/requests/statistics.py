"""What refusals rest on, and who calls how much urgent: counted from the events, so that both are seen. Pure.

Abuse of urgency cannot be forbidden by a table; it can be shown (S-011). Refusals are counted by their clause (S-085).
"""

from collections import Counter
from collections.abc import Iterable

from services.shared.events import Event
from services.shared.model import Model
from services.shared.working_days import day_in_beijing

COUNTED = frozenset({"request.submitted", "request.refused", "request.refusal_upheld", "request.ruled_to_refuse"})


class Counted(Model):
    """One event that is counted: `work_area` of an urgent request, `instrument` and `clause` of a refusal."""

    event: str
    type: str
    year: int
    requester: str
    provider: str
    work_area: str | None = None
    instrument: str | None = None
    clause: str | None = None


class RefusalsByBasis(Model):
    """How often a clause was what a refusal rested on."""

    instrument: str
    clause: str
    refusals: int
    providers: dict[str, int]


class UrgencyOfUnit(Model):
    """How many of a unit's requests were claimed to be urgent, and in which work areas."""

    requester: str
    submitted: int
    urgent: int
    work_areas: dict[str, int]


class Statistics(Model):
    """A year's count; most first."""

    year: int
    refusals: tuple[RefusalsByBasis, ...]
    urgency: tuple[UrgencyOfUnit, ...]


def counted(event: Event) -> Counted:
    """Return what is counted of an event of one of the types COUNTED."""
    named = {name: event.body.get(name) for name in ("requester", "provider", "work_area", "instrument", "clause")}
    return Counted.model_validate(
        named | {"event": event.id, "type": event.type, "year": day_in_beijing(event.at).year}
    )


def statistics_of(year: int, events: Iterable[Counted]) -> Statistics:
    """Return the count of a year's events."""
    known = tuple(events)
    submitted = [one for one in known if one.type == "request.submitted"]
    refused = [one for one in known if one.type != "request.submitted"]
    return Statistics(year=year, refusals=_by_basis(refused), urgency=_by_unit(submitted))


def _by_basis(refused: list[Counted]) -> tuple[RefusalsByBasis, ...]:
    bases = Counter((one.instrument or "", one.clause or "") for one in refused)
    return tuple(
        RefusalsByBasis(
            instrument=instrument,
            clause=clause,
            refusals=number,
            providers=_most(one.provider for one in refused if (one.instrument, one.clause) == (instrument, clause)),
        )
        for (instrument, clause), number in bases.most_common()
    )


def _by_unit(submitted: list[Counted]) -> tuple[UrgencyOfUnit, ...]:
    made = [
        UrgencyOfUnit(
            requester=unit,
            submitted=number,
            urgent=sum(one.requester == unit and one.work_area is not None for one in submitted),
            work_areas=_most(one.work_area for one in submitted if one.requester == unit and one.work_area),
        )
        for unit, number in Counter(one.requester for one in submitted).items()
    ]
    return tuple(sorted(made, key=lambda unit: (-unit.urgent, unit.requester)))


def _most(names: Iterable[str]) -> dict[str, int]:
    return dict(Counter(names).most_common())
