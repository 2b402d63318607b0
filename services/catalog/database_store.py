"""Databases in the catalogue's table: what a step of one writes, and the lists.

Items: `<database id>` / `STATE#database`, `EVENT#<seq>`, `RECEIPT#…`, `PAYLOAD#…`, and what stands beside them:
`database_writes_store.py`; claims and basic classes: `database_evidence_store.py`.
"""

import os
import random
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from services.catalog.catalogues import Listed, Shelf
from services.catalog.certificate import Certificate
from services.catalog.counters import numbered, taking
from services.catalog.database import STANDING, Database, Kind, State
from services.catalog.database_acts import CaseAction
from services.catalog.database_description import Description
from services.catalog.database_evidence_store import Evidence
from services.catalog.database_guards import Given
from services.catalog.database_lines import DatabaseLine, DatabasePage, line_of, listed_of
from services.catalog.database_steps import coordinate, take, take_case
from services.catalog.database_writes_store import Change, edition_at, writes_beside
from services.catalog.listing import BY_CATALOGUE, BY_STATE, BY_UNIT, Holding, items_of, page_of
from services.catalog.search import provider_name, text_of
from services.shared.cases import Cases, Found
from services.shared.errors import NotFound, Stale
from services.shared.lifecycle import Act
from services.shared.once import Once
from services.shared.organisations import organisation
from services.shared.steps import Step
from services.shared.working_days import day_in_beijing

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

ATTEMPTS, LONGEST_WAIT = 4, 0.2  # seconds
NOTHING = Given()


class DatabaseStore(Cases[Database]):
    """Databases with their lifecycle cases, claims, links and numbers."""

    def __init__(self, table: str, bucket: str) -> None:
        super().__init__(table, bucket, "database", Database)
        self._certificates = Cases(table, bucket, "certificate", Certificate)

    def evidence(self, found: Found[Database], at: datetime) -> Evidence:
        """Return the reader of what lies beside a database at a moment."""
        return Evidence(self._certificates, found, at)

    def save_step(
        self,
        step: Step[Database],
        before: Database | None,
        *,
        once: Once | None = None,
        given: Given = NOTHING,
        taken: Sequence["TransactWriteItemTypeDef"] = (),
    ) -> Database:
        """Write a step with everything that follows from it, or nothing; return the record.

        `given` is what it was decided on. Raises Stale when someone else was first: with the database, its number, its
        basic class, or a filing for the same.
        """
        change = Change(before, step.record, given)
        self.save(step, _index(step.record), once=once, beside=[*writes_beside(self.table, change), *taken])
        return step.record

    def move_case(self, found: Found[Database], kind: Kind, act: Act) -> Database:
        """Return a database after an act on its case of a kind, decided and written; a registration takes a number.

        What lies beside it is read and decided on again when it changed meanwhile.
        """
        for _ in range(ATTEMPTS - 1):
            try:
                return self._move_case(found, kind, act)
            except Stale as lost:
                time.sleep(random.uniform(0, LONGEST_WAIT) if lost.in_flight else 0)  # noqa: S311 - spreads out who waits
        return self._move_case(found, kind, act)

    def move(self, found: Found[Database], act: Act) -> Database:
        """Return a database after an act on itself, decided and written."""
        act = replace(act, given=self.evidence(found, act.at).for_database(act))
        return self.save_step(take(found.record, act), found.record)

    def move_coordination(self, found: Found[Database], kind: Kind | None, act: Act) -> Database:
        """Return a database after an act in a coordination, decided and written."""
        return self.save_step(coordinate(found.record, kind, act), found.record)

    def edition(self, case: str, number: int) -> Description:
        """Return what was in force as a database's edition of this number. Raises NotFound."""
        for item in items_of(self.table, [edition_at(case, number)]):
            return Description.model_validate_json(item["description"])
        raise NotFound("there is no such edition")

    def lines(self, index_value: tuple[str, str], *, limit: int, after: str | None) -> DatabasePage:
        """Return a page of databases: of a `unit`, or of those, and of those cases, standing in a `state`."""
        name, value = index_value
        index = {"unit": BY_UNIT, "state": BY_STATE}[name]
        lines, token = page_of(self.table, index, f"database#{value}", limit=limit, after=after)
        return DatabasePage(items=tuple(map(DatabaseLine.model_validate_json, lines)), next=token)

    def catalogue(self, holding: Sequence[Holding], *, limit: int, after: str | None) -> DatabasePage:
        """Return a page of the public catalogue, of the databases that are `holding` every text given."""
        lines, token = page_of(self.table, BY_CATALOGUE, Shelf.DATABASES, limit=limit, after=after, holding=holding)
        return DatabasePage(items=tuple(map(Listed.model_validate_json, lines)), next=token)

    def _move_case(self, found: Found[Database], kind: Kind, act: Act) -> Database:
        act = replace(act, given=self.evidence(found, act.at).for_case(kind, act))
        if (kind, act.action) != (Kind.REGISTRATION, CaseAction.APPROVE):
            return self.save_step(take_case(found.record, kind, act), found.record, given=act.given)
        year = day_in_beijing(act.at).year
        name = f"DATABASE#{year}"

        def save(number: int) -> Database:
            numbered_act = replace(act, given=act.given._replace(number=f"D-{year}-{number:06}"))
            step = take_case(found.record, kind, numbered_act)
            return self.save_step(step, found.record, given=act.given, taken=[taking(self.table, name, number)])

        return numbered(self.table, name, save)


def _index(database: Database) -> dict[str, str]:
    index = {
        "unit": f"database#{database.unit}",
        "changed_at": database.changed_at.isoformat(),
        "line": line_of(database).model_dump_json(),
    }
    if database.is_known or database.state is not State.PLANNED:
        index["standing"] = f"database#{database.state}"
    return index | (_shelved(database) if database.state in STANDING else {})


def _shelved(database: Database) -> dict[str, str]:
    body, said = organisation(database.unit), database.description
    names = [provider_name(database.unit, database.changed_at), *(body.aliases if body else ())]
    text = text_of(said.title, database.unit, names, [item.name for item in said.items])
    return {"catalogue": str(Shelf.DATABASES), "listed": listed_of(database).model_dump_json(), "search": text}


def database_store() -> DatabaseStore:
    """Return the store of this function's table and bucket."""
    return DatabaseStore(os.environ["CATALOG_TABLE"], os.environ["PAYLOAD_BUCKET"])
