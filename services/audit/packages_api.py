"""Archive packages over HTTP (S-036): routes only. Load, decide, save."""

import os
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query

from services.audit.access import oversees
from services.audit.package import Package, State
from services.audit.package_life import Action, Nothing, Received, Returned, check_may_act, check_may_prepare
from services.audit.package_steps import take
from services.audit.package_store import package_store
from services.audit.package_views import HERE, PackagePage, PackageView, view_of
from services.audit.packaging import carry_out, plan_for
from services.audit.retention import Schedule, schedule
from services.audit.store import AuditStore
from services.shared import http
from services.shared.callers import Caller
from services.shared.canonical import now
from services.shared.errors import Forbidden, NotFound, Stale
from services.shared.lifecycle import Act
from services.shared.model import Model
from services.shared.once import Once
from services.shared.texts import Code
from services.shared.views import HistoryPage, history_page

router = http.make_router()

CREATED = 201
BODIES: dict[Action, type[Model]] = {
    Action.RECEIVE: Received,
    Action.RETURN: Returned,
    Action.PREPARE: Nothing,
}
PackageAction = StrEnum("PackageAction", {action.name: action.value for action in Action})  # type: ignore[misc]  # mypy cannot follow an enum made from another
PackageId = Annotated[str, Path(max_length=80)]
Standing = Annotated[State | None, Query(description="Only packages in this state")]


class Wanted(Model):
    """A closed case that is to be packaged now, before it is due."""

    case: Code


@router.get("/audit/retention")
def read_schedule() -> Schedule:
    """Show the retention schedule: which cases are kept for how long, what closes them, when they are handed over."""
    http.officer_of(router)
    return schedule()


@router.get("/audit/packages")
def list_packages(state: Standing = None, limit: http.Limit = 50, next: http.Next = None) -> PackagePage:
    """List the archive packages, for those who oversee sharing."""
    if not oversees(http.officer_of(router)):
        raise Forbidden("archive packages are for the bodies that oversee sharing")
    lines, token = package_store().page(state, limit=limit, after=next)
    return PackagePage(items=tuple(lines), next=token)


@router.post("/audit/packages")
def prepare_package(
    wanted: Annotated[Wanted, Body()], idempotency_key: http.IdempotencyKey = None
) -> Response[PackageView]:
    """Package a closed case now; refused with everything that is missing while it is open or not filed."""
    caller, store = http.officer_of(router), package_store()
    check_may_prepare(caller)
    once = Once.of(caller.organisation, idempotency_key, wanted)
    if once is not None and (made := store.made_before(once)) is not None:
        return _shown(store.get(made).record, caller, status=CREATED)
    at = now()
    try:
        package = carry_out(plan_for(wanted.case, at), caller, at, once)
    except Stale:
        if once is None or (made := store.made_before(once)) is None:
            raise
        package = store.get(made).record
    return _shown(package, caller, status=CREATED)


@router.get("/audit/packages/<package_id>")
def read_package(package_id: PackageId) -> Response[PackageView]:
    """Read a package with its check report, and what the caller may do with it."""
    caller = http.officer_of(router)
    return _shown(_package(package_id, caller), caller)


@router.get("/audit/packages/<package_id>/bag")
def fetch_bag(package_id: PackageId) -> Response[str]:
    """Redirect to the bag of a package, a zip."""
    place = package_store().bag_link(_package(package_id, http.officer_of(router)))
    return Response(HTTPStatus.FOUND, "text/plain; charset=utf-8", "", headers={"Location": place})


@router.post("/audit/packages/<package_id>/<action>")
def move_package(
    package_id: PackageId,
    action: PackageAction,
    body: Annotated[dict[str, Any] | None, Body()] = None,
    if_match: http.IfMatch = None,
) -> Response[PackageView]:
    """Move a package: the archives receive it or return it, and a returned one is prepared again."""
    caller, known = http.officer_of(router), Action(action.value)
    package = _package(package_id, caller)
    act = Act(known, http.body_of(BODIES[known], body), caller, now())
    http.check_version(package.version, if_match)
    if known is Action.PREPARE:
        check_may_act(package, act)
        return _shown(carry_out(plan_for(package.archived_case, act.at), caller, act.at), caller)
    step = take(package, act)
    package_store().save_step(package, step)
    return _shown(step.record, caller)


@router.get("/audit/packages/<package_id>/history")
def read_history(package_id: PackageId, limit: http.Limit = 100, next: http.Next = None) -> HistoryPage:
    """List the events of a package in order, each with the address of its receipt."""
    _package(package_id, http.officer_of(router))
    events, token = package_store().history(package_id, limit=limit, after=next)
    return history_page(events, token, HERE)


def _package(package_id: str, caller: Caller) -> Package:
    if not oversees(caller):
        raise NotFound("there is no such package")
    return package_store().get(package_id).record


def _shown(package: Package, caller: Caller, *, status: int = 200) -> Response[PackageView]:
    mark = _ledger().mark(package.transfer) if package.transfer else None
    view = view_of(package, mark.index if mark else None, caller)
    location = f"{HERE}/{package.id}" if status == CREATED else None
    return http.answer(view, status=status, version=package.version, location=location)


def _ledger() -> AuditStore:
    return AuditStore(os.environ["AUDIT_TABLE"], os.environ["LOG_ORIGIN"])
