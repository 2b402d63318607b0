"""What each act leaves in a lifecycle case or in a database: the record after it, its state aside. Pure."""

from services.catalog.database import Archived, Database, LifecycleCase, ReportEntry, Said
from services.shared.canonical import new_id
from services.shared.coordination import Coordination, Seat
from services.shared.lifecycle import Act, Party
from services.shared.organisations import OFFICE, STATISTICS_BUREAU

KEPT_REVIEWS = 20  # of a case; all of them are in its events
KEPT_REPORTS = 12
OFFICES = {Party.OFFICE: OFFICE, Party.STATISTICS: STATISTICS_BUREAU}


def revised(case: LifecycleCase, act: Act) -> LifecycleCase:
    """Say something else."""
    return case.model_copy(update={"statement": act.body.kept()})


def filed(case: LifecycleCase, act: Act) -> LifecycleCase:
    """Note when it was filed, and which rivals stood there."""
    return case.model_copy(update={"filed_at": act.at, "rivals": act.given.rivals})


def supplemented(case: LifecycleCase, act: Act) -> LifecycleCase:
    """Close the gaps."""
    return case.model_copy(update={"gaps": (), "rivals": act.given.rivals})


def returned(case: LifecycleCase, act: Act) -> LifecycleCase:
    """Keep the gaps."""
    return case.model_copy(update={"gaps": act.body.gaps, "returned_at": act.at})


def reviewed(case: LifecycleCase, act: Act) -> LifecycleCase:
    """Keep a key with its comment."""
    reviews = (*case.reviews, _said(act, act.body.comment))
    return case.model_copy(update={"reviews": reviews[-KEPT_REVIEWS:]})


def declined(case: LifecycleCase, act: Act) -> LifecycleCase:
    """Keep who declines, why and on what evidence."""
    return case.model_copy(update={"decline": _said(act, act.body.reason, act.body.evidence)})


def contested(case: LifecycleCase, act: Act) -> LifecycleCase:
    """Open a coordination between the unit and the body that declined."""
    if case.decline is None:
        raise ValueError("only what was declined can be contested")
    against = case.decline.party
    seats = (
        Seat(party=Party.UNIT, organisation=case.unit),
        Seat(party=against, organisation=OFFICES[against]),
    )
    opened = Coordination(id=new_id(), seats=seats, changed_at=act.at)
    return case.model_copy(update={"coordination": opened, "position": _said(act, act.body.reason)})


def redirected(case: LifecycleCase, act: Act) -> LifecycleCase:
    """Note which sharing request takes its place."""
    return case.model_copy(update={"redirected_to": act.given.request})


def reported(database: Database, act: Act) -> Database:
    """Keep an operation report."""
    entry = ReportEntry(**act.body.model_dump(), at=act.at)
    return database.model_copy(update={"reports": (*database.reports, entry)[-KEPT_REPORTS:]})


def went_live(database: Database, act: Act) -> Database:
    """Note since when it runs."""
    return database.model_copy(update={"live_at": act.at})


def suspended(database: Database, act: Act) -> Database:
    """Keep who suspends it and why."""
    return database.model_copy(update={"suspension": _said(act, act.body.reason)})


def resumed(database: Database, _: Act) -> Database:
    """Forget the suspension; its event stays."""
    return database.model_copy(update={"suspension": None})


def approved_to_build(database: Database, act: Act) -> Database:
    """Put the plan in force."""
    return _in_force(database, act.body)


def registered(database: Database, act: Act) -> Database:
    """Put what was built in force, under its number."""
    if act.given.number is None:
        raise ValueError("a database is registered under a number")
    return _in_force(database, act.body).model_copy(update={"number": act.given.number, "registered_at": act.at})


def changed(database: Database, act: Act) -> Database:
    """Put the change in force."""
    return _in_force(database, act.body)


def ended(database: Database, act: Act) -> Database:
    """Note when it ended; a deregistration says what becomes of the data."""
    disposal = act.body.statement.disposal if isinstance(act.body, LifecycleCase) else None
    return database.model_copy(update={"ended_at": act.at, "disposal": disposal})


def archived(database: Database, act: Act) -> Database:
    """Keep what the archives took over."""
    return database.model_copy(update={"archived": Archived(**act.body.model_dump(), at=act.at)})


def _in_force(database: Database, case: LifecycleCase) -> Database:
    description = case.statement.description or database.description
    return database.model_copy(update={"description": description, "edition": database.edition + 1})


def _said(act: Act, text: str | None, evidence: str | None = None) -> Said:
    if act.party is None:
        raise ValueError("an act is applied only once its party is known")
    return Said(party=act.party, officer=act.caller.officer, at=act.at, text=text, evidence=evidence)
