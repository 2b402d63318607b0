"""From a bag or an act to a package's record and the one event of it; and whether a case can be packaged. Pure but for
fresh ids."""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum

from services.audit.package import Made, Package, State, package_id
from services.audit.package_life import MACHINE, Action, facts
from services.audit.retention import Standing, class_named
from services.shared.callers import Caller
from services.shared.errors import Conflict, Problem
from services.shared.events import Event, Filing, Origin, event_of
from services.shared.ledger_bodies import PackageMoved
from services.shared.lifecycle import Act
from services.shared.organisations import ARCHIVES_BUREAU, OFFICE
from services.shared.steps import Step, step_of
from services.shared.working_days import day_in_beijing

PARTIES = (OFFICE, ARCHIVES_BUREAU)


class Readiness(StrEnum):
    """Whether a package can be made of a case now: the last three can."""

    OPEN = "open"
    NEVER = "never"  # its class is in no package
    PACKAGED = "packaged"
    WAITING = "waiting"  # its package lies before the archives, and the case has gone on
    NEW = "new"
    AGAIN = "again"  # its package was returned
    NEXT = "next"  # its package is handed over, and the case has gone on


REFUSED: dict[Readiness, str] = {
    Readiness.OPEN: "案卷尚未办结 / the case is not closed",
    Readiness.NEVER: "此类案卷不组包 / cases of this class are not packaged",
    Readiness.PACKAGED: "案卷已组包 / the case is packaged",
    Readiness.WAITING: "前一归档包尚待档案部门处理 / its package waits for the archives",
}


def readiness(standing: Standing, latest: Package | None, at: datetime) -> Readiness:
    """Return whether a package can be made of a case that stands so, whose latest package is this one."""
    if not class_named(standing.retention_class).packaged:
        return Readiness.NEVER
    if standing.closed_at is None or standing.closed_at > at:
        return Readiness.OPEN
    if latest is None:
        return Readiness.NEW
    if latest.state is State.RETURNED:
        return Readiness.AGAIN
    if standing.settled_seq <= latest.settled_seq:
        return Readiness.PACKAGED
    return Readiness.WAITING if latest.state is State.PREPARED else Readiness.NEXT


def refuse_unready(ready: Readiness, standing: Standing, latest: Package | None) -> None:
    """Raise Conflict, with everything that is missing, unless a package can be made of the case."""
    if ready in REFUSED:
        raise Conflict(REFUSED[ready], tuple(_missing(ready, standing, latest)))


def refuse_failed(made: Made) -> None:
    """Raise Conflict, with every reason, when the bag failed one of its checks: it is not offered to the archives."""
    problems = tuple(
        Problem(pointer="/case", detail=f"{check.zh} / {check.en}: {reason}")
        for check in made.report.failed
        for reason in check.reasons
    )
    if problems:
        raise Conflict("四性检测未通过 / the package fails its checks", problems)


def begin(made: Made, before: Package | None, caller: Caller, at: datetime) -> Step[Package]:
    """Return the package of a bag, the first of its case or the one after `before`."""
    edition = before.edition + 1 if before else 1
    package = Package.model_validate(
        facts(made)
        | {
            "id": package_id(made.standing.case, edition),
            "state": State.PREPARED,
            "version": 1,
            "case_seq": 1,
            "changed_at": at,
            "archived_case": made.standing.case,
            "edition": edition,
            "supersedes": before.id if before else None,
            "prepared_at": at,
        }
    )
    return step_of(package, _event("archive.prepared", package, caller, at))


def take(package: Package, act: Act) -> Step[Package]:
    """Return the package after an act, and its event. Raises what the machine raises."""
    moved = MACHINE.advance(package, act)
    event = _event(moved.move.event, moved.record, act.caller, act.at, moved.filing)
    received = {"transfer": event.id} if act.action is Action.RECEIVE else {}
    return step_of(moved.record.model_copy(update=received), event)


def _event(kind: str, package: Package, caller: Caller, at: datetime, filing: Filing | None = None) -> Event:
    body = PackageMoved.model_validate(package.model_dump(mode="json", include=set(PackageMoved.model_fields)))
    origin = Origin(package.id, package.case_seq, caller.organisation, caller.officer, at)
    return event_of(kind, body, origin, parties=PARTIES, filing=filing)


def _missing(ready: Readiness, standing: Standing, latest: Package | None) -> Iterator[Problem]:
    if ready is Readiness.OPEN:
        for thread in standing.open:
            yield Problem(pointer="/case", detail=f"未办结 / still open: {thread}")
        if standing.closed_at:
            day = day_in_beijing(standing.closed_at)
            yield Problem(pointer="/case", detail=f"有效至{day} / counts until {day}")
    elif latest and ready in {Readiness.PACKAGED, Readiness.WAITING}:
        yield Problem(pointer="/case", detail=f"归档包 / package {latest.id}: {latest.state}")
