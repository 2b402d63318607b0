"""How a step of a database is told: the event with its body and its readers, and the words sealed beside it.

Free text is sealed, an event carries codes, titles, numbers and hashes. Pure but for fresh ids and keys.
"""

from collections.abc import Callable
from typing import NamedTuple

from pydantic import JsonValue

from services.catalog.database import Database, Filed, LifecycleCase
from services.catalog.database_acts import CaseAction, Report, Reuse, Takeover
from services.catalog.database_guards import Face
from services.catalog.database_sight import readers_of, readers_of_case
from services.shared.database_bodies import (
    TYPES,
    DatabaseArchived,
    DatabaseMoved,
    DatabaseRedirected,
    DatabaseReported,
    DatabaseStands,
)
from services.shared.event_bodies import ReuseWanted
from services.shared.events import Filing, Origin, event_of
from services.shared.lifecycle import Act
from services.shared.model import Model
from services.shared.organisations import ARCHIVES_BUREAU
from services.shared.steps import Step, step_of

# What people write, by the name it has in an act's body.
SPOKEN = {"reason", "evidence", "comment", "gaps", "incidents", "proposal", "docket", "instructions", "meeting"}
FILED = frozenset({CaseAction.FILE, CaseAction.SUPPLEMENT})
MOST_NAMED = 500  # dependants in an event; a reader counts the rest


class Told(NamedTuple):
    """What a step is told as."""

    type: str
    filing: Filing | None = None
    dependants: tuple[Face, ...] = ()


def told(database: Database, case: LifecycleCase | None, act: Act, how: Told) -> Step[Database]:
    """Return the step: the database, where it files knowing of its filing, its event and the sealed words."""
    event = event_of(
        how.type,
        _body(database, case, act, how),
        Origin(database.id, database.case_seq, act.caller.organisation, act.caller.officer, act.at),
        parties=_readers(database, case, act, how),
        filing=how.filing,
    )
    if how.filing:
        filed = Filed(**how.filing.model_dump(), event_id=event.id, at=act.at)
        database = database.model_copy(update={"filings": (*database.filings, filed)})
    return step_of(database, event, _words(case, act))


def _words(case: LifecycleCase | None, act: Act) -> dict[str, JsonValue]:
    if case and act.action in FILED:
        return {"statement": case.statement.model_dump(mode="json")}
    spoken = act.body.model_dump(mode="json", include=SPOKEN) if isinstance(act.body, Model) else {}
    return {name: text for name, text in spoken.items() if text}


def _readers(database: Database, case: LifecycleCase | None, act: Act, how: Told) -> tuple[str, ...]:
    mine = readers_of_case(database, case) if case else readers_of(database)
    archives = (ARCHIVES_BUREAU,) if how.type == "database.deregistered" else ()
    return (*mine, act.caller.organisation, *archives, *(face.unit for face in how.dependants))


def _body(database: Database, case: LifecycleCase | None, act: Act, how: Told) -> DatabaseMoved:
    model = TYPES[how.type][0]
    return BODIES.get(model, _moved)(database, case, act, how)


def _moved(database: Database, case: LifecycleCase | None, _: Act, __: Told) -> DatabaseMoved:
    return DatabaseMoved(**_facts(database, case))


def _stands(database: Database, case: LifecycleCase | None, _: Act, how: Told) -> DatabaseStands:
    return DatabaseStands(**_facts(database, case), **_face(database, how))


def _reported(database: Database, case: LifecycleCase | None, act: Act, _: Told) -> DatabaseReported:
    report: Report = act.body
    return DatabaseReported(**_facts(database, case), **report.model_dump(exclude={"incidents"}))


def _archived(database: Database, case: LifecycleCase | None, act: Act, how: Told) -> DatabaseArchived:
    taken: Takeover = act.body
    return DatabaseArchived(**_facts(database, case), **_face(database, how), **taken.model_dump())


def _redirected(database: Database, case: LifecycleCase | None, act: Act, _: Told) -> DatabaseRedirected:
    wish: Reuse = act.body
    said = database.description
    wanted = ReuseWanted(
        request=act.given.request,
        unit=database.unit,
        resource=wish.resource,
        duty=wish.duty,
        purpose=wish.purpose,
        items=wish.items or tuple(item.name for item in said.items),
        areas=said.areas,
        subject=said.title,
    )
    return DatabaseRedirected(**_facts(database, case), wanted=wanted)


def _facts(database: Database, case: LifecycleCase | None) -> dict[str, str | None]:
    said = (case and case.statement.description) or database.description
    coordination = case.coordination if case else None
    return {
        "state": database.state,
        "unit": database.unit,
        "description_hash": said.hash,
        "kind": case.kind if case else None,
        "case_state": case.state if case else None,
        "coordination": coordination.state if coordination else None,
    }


def _face(database: Database, how: Told) -> dict[str, object]:
    return {
        "title": database.description.title,
        "number": database.number,
        "basic_class": database.description.basic_class,
        "edition": database.edition,
        "dependants": tuple(face.id for face in how.dependants[:MOST_NAMED]),
        "dependant_count": len(how.dependants),
    }


BODIES: dict[type[Model], Callable[[Database, LifecycleCase | None, Act, Told], DatabaseMoved]] = {
    DatabaseStands: _stands,
    DatabaseReported: _reported,
    DatabaseRedirected: _redirected,
    DatabaseArchived: _archived,
}
