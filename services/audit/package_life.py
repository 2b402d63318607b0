"""The life of an archive package, as a table (S-036): prepared, handed over or returned, prepared again.

The archives show that they have this very bag by naming the hash of its manifest; what they return they return for
checks that failed with them, from a closed list, so that no free text comes into the ledger.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from services.audit.four_properties import CheckCode
from services.audit.package import Made, Package, State
from services.shared.callers import SYSTEM, Caller, Claim
from services.shared.errors import Forbidden, Problem
from services.shared.events import Filing, FilingKind
from services.shared.lifecycle import Act, Machine, Move, Party
from services.shared.model import Model
from services.shared.organisations import ARCHIVES_BUREAU, OFFICE

PREPARERS = frozenset({OFFICE, ARCHIVES_BUREAU})
FILED = Filing(kind=FilingKind.ARCHIVE, authority=ARCHIVES_BUREAU)


class Action(StrEnum):
    """What can be done with a package."""

    RECEIVE = "receive"
    RETURN = "return"
    PREPARE = "prepare"


class Received(Model):
    """The archives' word that they have the bag: the SHA-256 of its tag manifest, hex."""

    manifest_sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Returned(Model):
    """Why a package is returned: the checks that failed with the archives."""

    failed: Annotated[tuple[CheckCode, ...], Field(min_length=1, max_length=len(CheckCode))]


class Nothing(Model):
    """An action that needs no input."""


def relations(_: Package, caller: Caller) -> frozenset[Party]:
    """Return what the caller is to a package."""
    if caller == SYSTEM:
        return frozenset({Party.SYSTEM})
    codes = {Party.OFFICE: OFFICE, Party.ARCHIVES: ARCHIVES_BUREAU}
    return frozenset(party for party, code in codes.items() if code == caller.organisation)


def check_may_prepare(caller: Caller) -> None:
    """Raise Forbidden unless the caller may have a case packaged before it is due."""
    if caller.organisation not in PREPARERS or Claim.OFFICER not in caller.claims:
        raise Forbidden(
            "由信息化主管部门或档案部门的工作人员组包 / officers of the office or the archives prepare packages"
        )


def check_may_act(package: Package, act: Act) -> None:
    """Raise what the machine would raise for the state or the caller, before any work is done for the act."""
    if act.action not in MACHINE.actions_for(package, act.caller):
        MACHINE.advance(package, act)


def _same_bag(package: Package, act: Act) -> Iterator[Problem]:
    if act.body.manifest_sha256 != package.manifest_sha256:
        yield Problem(pointer="/manifest_sha256", detail="与移交的包不符 / this is not the bag that is offered")


def _named_once(_: Package, act: Act) -> Iterator[Problem]:
    for place, code in enumerate(act.body.failed):
        if code in act.body.failed[:place]:
            yield Problem(pointer=f"/failed/{place}", detail="重复 / named before")


def _returned(package: Package, act: Act) -> Package:
    return package.model_copy(update={"failed": act.body.failed})


def _prepared(package: Package, act: Act) -> Package:
    return package.model_copy(update=facts(act.given) | {"prepared_at": act.at, "failed": ()})


def facts(made: Made) -> dict[str, object]:
    """Return what a package's record holds of the bag that was made."""
    standing = made.standing
    return {
        "retention_class": standing.retention_class,
        "years": standing.years,
        "entries": standing.case_seq,
        "settled_seq": standing.settled_seq,
        "checkpoint_size": made.checkpoint_size,
        "manifest_sha256": made.manifest_sha256,
        "size": len(made.body),
        "report": made.report,
    }


ARCHIVES = frozenset({Party.ARCHIVES})

TABLE: dict[tuple[State, Action], Move[Package]] = {
    (State.PREPARED, Action.RECEIVE): Move(
        ARCHIVES, State.TRANSFERRED, "archive.transferred", guards=(_same_bag,), filing=FILED
    ),
    (State.PREPARED, Action.RETURN): Move(
        ARCHIVES, State.RETURNED, "archive.returned", guards=(_named_once,), effect=_returned
    ),
    (State.RETURNED, Action.PREPARE): Move(
        ARCHIVES | {Party.OFFICE, Party.SYSTEM}, State.PREPARED, "archive.prepared", effect=_prepared
    ),
}

MACHINE = Machine[Package](
    name="package",
    table=TABLE,
    relations=relations,
    initial=State.PREPARED,
    terminal=frozenset({State.TRANSFERRED}),
)
