"""An import as it goes on: from the file that is awaited to the rows that were committed, as a table of states.

It is no case of the ledger: the entries that it makes have their own events. Knows no file and no table.
"""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum

from services.catalog.import_checks import Purpose
from services.catalog.import_record import ImportJob, State, Wanted
from services.shared.callers import SYSTEM, Caller, Claim
from services.shared.canonical import new_id
from services.shared.errors import Forbidden, Problem
from services.shared.lifecycle import Act, Machine, Move, Party
from services.shared.model import Model
from services.shared.organisations import OFFICE
from services.shared.texts import Line

MOST_LATE = 100  # problems of a commit that are kept by name


class Action(StrEnum):
    """What can be done with an import; the last four are the worker's."""

    CHECK = "check"
    COMMIT = "commit"
    DISCARD = "discard"
    NOTE = "note"
    ACCEPT = "accept"
    REFUSE = "refuse"
    FINISH = "finish"


SYSTEM_ACTIONS = frozenset({Action.NOTE, Action.ACCEPT, Action.REFUSE, Action.FINISH})


class Discarding(Model):
    """Why an import is given up: for the unit's other officers."""

    reason: Line


def create(wanted: Wanted, caller: Caller, at: datetime) -> ImportJob:
    """Return a new import of the caller's unit. Raises Forbidden for whom may not make it."""
    if Claim.OFFICER not in caller.claims:
        raise Forbidden("only an officer with the role 'officer' may import")
    if wanted.purpose is Purpose.LEGACY and caller.organisation != OFFICE:
        raise Forbidden("only an officer of the informatization_office may import an older catalogue")
    return ImportJob(
        id=new_id(),
        state=State.AWAITING_FILE,
        version=1,
        case_seq=1,
        changed_at=at,
        unit=caller.organisation,
        officer=caller.officer,
        format=wanted.format,
        purpose=wanted.purpose,
        size=wanted.size,
    )


def relations(job: ImportJob, caller: Caller) -> frozenset[Party]:
    """Return what the caller is to an import: it is its unit's, and nobody else knows of it."""
    if caller == SYSTEM:
        return frozenset({Party.SYSTEM})
    return frozenset({Party.UNIT} if caller.organisation == job.unit else ())


def noted(job: ImportJob, action: Action, update: dict[str, object], at: datetime) -> ImportJob:
    """Return the import after the worker's action, with what the worker found. Raises Conflict in another state."""
    return MACHINE.advance(job, Act(action, update, SYSTEM, at)).record


def _file_is_there(_: ImportJob, act: Act) -> Iterator[Problem]:
    if act.given is None:
        yield Problem(pointer="", detail="文件尚未上传 / the file has not been sent yet")


def _something_good(job: ImportJob, _: Act) -> Iterator[Problem]:
    if not job.counts.good:
        yield Problem(pointer="", detail="没有可导入的行 / there is nothing to commit")


def _updated(job: ImportJob, act: Act) -> ImportJob:
    return job.model_copy(update=act.body)


def _committed_by(job: ImportJob, act: Act) -> ImportJob:
    return job.model_copy(update={"officer": act.caller.officer})


def _discarded(job: ImportJob, act: Act) -> ImportJob:
    return job.model_copy(update={"reason": act.body.reason})


UNIT, BY_ITSELF = frozenset({Party.UNIT}), frozenset({Party.SYSTEM})
NO_EVENT = ""
DISCARD = Move(UNIT, State.DISCARDED, NO_EVENT, effect=_discarded, awaited=False)
RESUME = Move[ImportJob](UNIT, None, NO_EVENT, awaited=False)
NOTE = Move(BY_ITSELF, None, NO_EVENT, effect=_updated)

TABLE: dict[tuple[State, Action], Move[ImportJob]] = {
    (State.AWAITING_FILE, Action.CHECK): Move(UNIT, State.CHECKING, NO_EVENT, guards=(_file_is_there,)),
    (State.AWAITING_FILE, Action.DISCARD): DISCARD,
    (State.CHECKING, Action.CHECK): RESUME,
    (State.CHECKING, Action.NOTE): NOTE,
    (State.CHECKING, Action.ACCEPT): Move(BY_ITSELF, State.CHECKED, NO_EVENT, effect=_updated),
    (State.CHECKING, Action.REFUSE): Move(BY_ITSELF, State.REFUSED, NO_EVENT, effect=_updated),
    (State.CHECKING, Action.DISCARD): DISCARD,
    (State.CHECKED, Action.COMMIT): Move(
        UNIT, State.COMMITTING, NO_EVENT, guards=(_something_good,), effect=_committed_by
    ),
    (State.CHECKED, Action.DISCARD): DISCARD,
    (State.COMMITTING, Action.COMMIT): RESUME,
    (State.COMMITTING, Action.NOTE): NOTE,
    (State.COMMITTING, Action.FINISH): Move(BY_ITSELF, State.DONE, NO_EVENT, effect=_updated),
}

MACHINE = Machine[ImportJob](
    name="import",
    table=TABLE,
    relations=relations,
    initial=State.AWAITING_FILE,
    terminal=frozenset({State.REFUSED, State.DONE, State.DISCARDED}),
)
