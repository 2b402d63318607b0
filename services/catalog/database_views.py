"""What a caller sees of a database: its public face, and the cases behind it for those who follow them. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from pydantic import AwareDatetime

from services.catalog.database import (
    Archived,
    CaseState,
    Database,
    FormerCase,
    Kind,
    LifecycleCase,
    ReportEntry,
    Rival,
    Said,
    State,
)
from services.catalog.database_description import Description, Disposal, Statement
from services.catalog.database_guards import Face
from services.catalog.database_life import LIFE
from services.catalog.database_lines import case_waits, last_heard, waiting_for
from services.catalog.database_sight import cases_for, follows
from services.catalog.database_steps import may_open
from services.catalog.lifecycle_case import COORDINATION, MACHINES
from services.catalog.reviewing import Gap
from services.catalog.search import provider_name
from services.catalog.staleness import fresh_until, stale_since
from services.shared.callers import Caller
from services.shared.coordination import Basis, Coordination, Ruling, Seat
from services.shared.coordination import State as CoordinationState
from services.shared.lifecycle import Party
from services.shared.model import Model
from services.shared.views import FilingView, Waiting, filing_view


class CoordinationView(Model):
    """A coordination as its parties see it: the last of each thing that was said, and what the caller may do."""

    state: CoordinationState
    seats: tuple[Seat, ...]
    proposal: str | None
    docket: str | None
    instructions: str | None
    basis: Basis | None
    ruling: Ruling | None
    actions: tuple[str, ...]


class CaseView(Model):
    """A lifecycle case as those see it who follow it; `rivals` are those that stood there when it was filed.

    `impact` is what lives on the database: shown where the case would end it.
    """

    kind: Kind
    number: int
    state: CaseState
    opened_by: Party
    statement: Statement
    rivals: tuple[Rival, ...]
    gaps: tuple[Gap, ...]
    reviews: tuple[Said, ...]
    decline: Said | None
    position: Said | None
    redirected_to: str | None
    filed_at: AwareDatetime | None
    returned_at: AwareDatetime | None
    impact: tuple[Face, ...]
    coordination: CoordinationView | None
    awaiting: tuple[Waiting, ...]
    actions: tuple[str, ...]


class Link(Model):
    """Something that a database is linked with: the duties it rests on, the entries that come from it."""

    kind: str
    id: str
    title: str


class DatabaseView(Model):
    """A database; null or empty for those who do not follow it: cases, filings, reports, reasons, how it is run.

    `rivals` are the databases that would be the same, as they stand now; `openings` the kinds of case that the caller
    could open. `due_at` is by when the next operation report keeps it from being stale; `description_hash` is of the
    whole description, which its public face does not show.
    """

    id: str
    version: int
    state: State
    number: str | None
    unit: str
    unit_name: str
    description: Description
    description_hash: str
    edition: int
    related: tuple[Link, ...]
    rivals: tuple[Rival, ...]
    cases: tuple[CaseView, ...]
    openings: tuple[Kind, ...]
    former: tuple[FormerCase, ...]
    reports: tuple[ReportEntry, ...]
    suspension: Said | None
    disposal: Disposal | None
    archived: Archived | None
    registered_at: AwareDatetime | None
    live_at: AwareDatetime | None
    ended_at: AwareDatetime | None
    stale_since: AwareDatetime | None
    awaiting: tuple[Waiting, ...]
    due_at: AwareDatetime | None
    actions: tuple[str, ...]
    filing: tuple[FilingView, ...]
    changed_at: AwareDatetime


class Beside(NamedTuple):
    """What is shown with a database: its receipts, by event id to ledger index, its links, its rivals, its impact."""

    receipts: Mapping[str, int]
    related: tuple[Link, ...] = ()
    rivals: tuple[Rival, ...] = ()
    impact: tuple[Face, ...] = ()


# What those see of it who do not follow the database.
UNFOLLOWED: dict[str, object] = {"reports": (), "suspension": None, "disposal": None, "archived": None}


def view_of(database: Database, beside: Beside, caller: Caller, at: datetime) -> DatabaseView:
    """Return a database as this caller sees it; whether they see anything is decided before."""
    mine, cases = follows(database, caller), cases_for(database, caller)
    same = {name: getattr(database, name) for name in DatabaseView.model_fields.keys() & Database.model_fields.keys()}
    running = database.state is State.OPERATING
    cycle, heard = database.description.update_cycle, last_heard(database)
    return DatabaseView.model_validate(
        same
        | ({} if mine else UNFOLLOWED)
        | {
            "description": database.description if mine else database.description.public(),
            "description_hash": database.description.hash,
            "unit_name": provider_name(database.unit, at),
            "related": beside.related,
            "rivals": beside.rivals if mine else (),
            "cases": tuple(_case_view(case, beside, caller) for case in cases),
            "openings": may_open(database, caller),
            "former": tuple(
                case for case in database.former if mine and (case.known or caller.organisation == database.unit)
            ),
            "stale_since": stale_since(cycle, heard, at) if running else None,
            "awaiting": waiting_for(database, cases) if mine else (),
            "due_at": fresh_until(cycle, heard) if running and mine else None,
            "actions": LIFE.actions_for(database, caller),
            "filing": _filings(database, beside.receipts) if mine else (),
        }
    )


def _filings(database: Database, receipts: Mapping[str, int]) -> tuple[FilingView, ...]:
    return tuple(filing_view(filed, filed.event_id, receipts) for filed in database.filings)


def _case_view(case: LifecycleCase, beside: Beside, caller: Caller) -> CaseView:
    same = CaseView.model_fields.keys() & LifecycleCase.model_fields.keys() - {"coordination"}
    return CaseView(
        **{name: getattr(case, name) for name in same},
        impact=beside.impact if case.kind is Kind.DEREGISTRATION else (),
        coordination=_coordination_view(case.coordination, caller) if case.coordination else None,
        awaiting=case_waits(case),
        actions=MACHINES[case.kind].actions_for(case, caller),
    )


def _coordination_view(coordination: Coordination, caller: Caller) -> CoordinationView:
    same = CoordinationView.model_fields.keys() & Coordination.model_fields.keys()
    return CoordinationView(
        **{name: getattr(coordination, name) for name in same},
        actions=COORDINATION.actions_for(coordination, caller),
    )
