"""A database in a list, of the public catalogue, of a unit, of what waits in a state; and whom it waits for. Pure."""

from collections.abc import Iterable
from datetime import datetime

from pydantic import AwareDatetime

from services.catalog.catalogues import Listed
from services.catalog.database import CaseState as C
from services.catalog.database import Database, Kind, LifecycleCase, State
from services.catalog.database_life import LIFE
from services.catalog.lifecycle_case import COORDINATION, MACHINES
from services.catalog.search import provider_name
from services.shared.coordination import State as CoordinationState
from services.shared.lifecycle import Party
from services.shared.model import Model
from services.shared.organisations import ARCHIVES_BUREAU, LEADING_GROUP, OFFICE, SECRECY_BUREAU, STATISTICS_BUREAU
from services.shared.views import Waiting
from services.shared.working_days import day_in_beijing

ESCALATED = "ESCALATED"
CODES = {
    Party.OFFICE: OFFICE,
    Party.STATISTICS: STATISTICS_BUREAU,
    Party.SECRECY: SECRECY_BUREAU,
    Party.ARCHIVES: ARCHIVES_BUREAU,
    Party.LEADING_GROUP: LEADING_GROUP,
}
# Who may list what stands in a state; the two that review may list all.
LISTERS: dict[str, frozenset[str]] = {
    State.DEREGISTERED: frozenset({ARCHIVES_BUREAU}),
    ESCALATED: frozenset({LEADING_GROUP}),
}


class DatabaseLine(Model):
    """A database in the list of a unit, or, with its `kind`, a lifecycle case in the list of a state."""

    id: str
    number: str | None
    title: str
    basic_class: str | None
    unit: str
    unit_name: str
    items: tuple[str, ...]
    areas: tuple[str, ...]
    state: str
    kind: Kind | None
    awaiting: tuple[Waiting, ...]
    changed_at: AwareDatetime


class DatabasePage(Model):
    """A page of the public catalogue, or of a unit's or a state's databases; `next` asks for the page after it."""

    items: tuple[Listed | DatabaseLine, ...]
    next: str | None


def case_stands(case: LifecycleCase) -> str:
    """Return the state a case is listed under: ESCALATED while the leading group has it."""
    escalated = case.coordination and case.coordination.state is CoordinationState.ESCALATED
    return ESCALATED if escalated and case.state is C.CONTESTED else case.state


def may_list(state: str, organisation: str) -> bool:
    """Return whether an organisation may list what stands in a state."""
    return organisation in {OFFICE, STATISTICS_BUREAU} | LISTERS.get(state, frozenset())


def case_waits(case: LifecycleCase) -> tuple[Waiting, ...]:
    """Return whom a lifecycle case waits for: while it is contested, whom its coordination waits for."""
    if case.coordination and case.state is C.CONTESTED:
        return _waiting(COORDINATION.awaiting(case.coordination), case.unit)
    return _waiting(MACHINES[case.kind].awaiting(case), case.unit)


def waiting_for(database: Database, cases: Iterable[LifecycleCase]) -> tuple[Waiting, ...]:
    """Return whom a database waits for, these cases of it included."""
    own = [party for party in LIFE.awaiting(database) if party is not Party.SYSTEM]
    waits = [*_waiting(own, database.unit), *(wait for case in cases for wait in case_waits(case))]
    return tuple(dict.fromkeys(waits))


def line_of(database: Database, case: LifecycleCase | None = None) -> DatabaseLine:
    """Return how a database stands in its unit's list, or a case of it in a state's."""
    said, shown = database.description, [case] if case else [one for one in database.cases if one.is_known]
    return DatabaseLine(
        id=database.id,
        number=database.number,
        title=said.title,
        basic_class=said.basic_class,
        unit=database.unit,
        unit_name=provider_name(database.unit, database.changed_at),
        items=tuple(item.name for item in said.items),
        areas=said.areas,
        state=case_stands(case) if case else database.state,
        kind=case.kind if case else None,
        awaiting=case_waits(case) if case else waiting_for(database, shown),
        changed_at=database.changed_at,
    )


def listed_of(database: Database) -> Listed:
    """Return how a registered database stands in the public catalogue; `updated` is when it was last heard of."""
    said = database.description
    return Listed(
        kind="database",
        id=database.id,
        title=said.title,
        unit=database.unit,
        unit_name=provider_name(database.unit, database.changed_at),
        number=database.number,
        basic_class=said.basic_class,
        update_cycle=said.update_cycle,
        heard_at=last_heard(database) if database.state is State.OPERATING else None,
        updated=day_in_beijing(last_heard(database)).isoformat(),
    )


def last_heard(database: Database) -> datetime:
    """Return when a database was last reported on, went live, or was registered, whichever it has of these first."""
    reported = database.reports[-1].at if database.reports else None
    return reported or database.live_at or database.registered_at or database.changed_at


def _waiting(parties: Iterable[Party], unit: str) -> tuple[Waiting, ...]:
    return tuple(Waiting(party=party, organisation=CODES.get(party, unit)) for party in parties)
