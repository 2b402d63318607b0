"""Who sees what of a database: its unit all, the offices what was filed, everybody what is registered. Pure."""

from services.catalog.database import PUBLIC, Database, LifecycleCase, State
from services.shared.callers import Caller
from services.shared.errors import NotFound
from services.shared.lifecycle import Party
from services.shared.organisations import ARCHIVES_BUREAU, LEADING_GROUP, OFFICE, SECRECY_BUREAU, STATISTICS_BUREAU

REVIEWING = (OFFICE, STATISTICS_BUREAU)


def cases_for(database: Database, caller: Caller) -> tuple[LifecycleCase, ...]:
    """Return the open cases that this caller may see: a draft is its unit's own."""
    return tuple(case for case in database.cases if caller.organisation in readers_of_case(database, case))


def readers_of_case(database: Database, case: LifecycleCase) -> tuple[str, ...]:
    """Return the organisations that follow a case: its unit, who reviews it once it is known, who rules on it."""
    opener = (OFFICE,) if case.opened_by is Party.OFFICE else ()
    reviewing = REVIEWING if case.filed_at else opener
    ruling = (LEADING_GROUP,) if case.was_escalated else ()
    return (database.unit, *reviewing, *ruling)


def readers_of(database: Database) -> tuple[str, ...]:
    """Return the organisations that follow a database itself, beside its cases."""
    reviewing = REVIEWING if database.is_known else ()
    stopped = database.suspension is not None and database.suspension.party is Party.SECRECY
    secrecy = (SECRECY_BUREAU,) if stopped else ()
    archives = (ARCHIVES_BUREAU,) if database.state in {State.DEREGISTERED, State.ARCHIVED} else ()
    ruling = (LEADING_GROUP,) if any(case.ruled for case in database.former) else ()
    return (database.unit, *reviewing, *secrecy, *archives, *ruling)


def follows(database: Database, caller: Caller) -> bool:
    """Return whether a caller may read what happens to a database, not only how it stands."""
    return caller.organisation in readers_of(database) or bool(cases_for(database, caller))


def check_visible(database: Database, caller: Caller) -> None:
    """Return when this caller may know of a database at all. Raises NotFound."""
    if database.state not in PUBLIC and not follows(database, caller):
        raise NotFound("there is no such database")
