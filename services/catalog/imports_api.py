"""Catalogues that come in as files: routes only. The work is done by jobs (`work.py`)."""

from enum import StrEnum
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body

from services.catalog import files_store, import_template
from services.catalog import import_views as views
from services.catalog.import_job import MACHINE, SYSTEM_ACTIONS, Action, Discarding, create
from services.catalog.import_record import Format, ImportJob, State, Wanted
from services.catalog.import_store import import_store, problems_in
from services.catalog.job_store import Job, enqueue
from services.catalog.reviewing import Nothing
from services.catalog.uploads import Upload
from services.shared import http
from services.shared.callers import Caller, Claim
from services.shared.canonical import now
from services.shared.errors import NotFound, Stale
from services.shared.lifecycle import Act
from services.shared.model import Model
from services.shared.once import Once

router = http.make_router()

CREATED, SEE_OTHER = 201, 303
KINDS = {Format.XLSX: files_store.XLSX, Format.CSV: files_store.CSV}
JOBS = {State.CHECKING: "import_check", State.COMMITTING: "import_commit"}
BODIES: dict[Action, type[Model]] = {Action.CHECK: Nothing, Action.COMMIT: Nothing, Action.DISCARD: Discarding}
PublicAction = StrEnum("PublicAction", {action.name: action.value for action in Action if action not in SYSTEM_ACTIONS})  # type: ignore[misc]  # mypy cannot follow an enum made from another


@router.get("/catalog/imports")
def list_imports(limit: http.Limit = 20, next: http.Next = None) -> views.ImportPage:
    """List the imports of the caller's unit, latest change first."""
    caller = http.officer_of(router)
    lines, token = import_store().of_unit(caller.organisation, limit=limit, after=next)
    return views.ImportPage(items=tuple(views.ImportLine.model_validate_json(line) for line in lines), next=token)


@router.post("/catalog/imports")
def create_import(
    wanted: Annotated[Wanted, Body()], idempotency_key: http.IdempotencyKey = None
) -> Response[views.ImportView]:
    """Announce a file of the guide's table; the answer says how to send it. Only the office imports as `legacy`."""
    caller, store = http.officer_of(router), import_store()
    once = Once.of(caller.organisation, idempotency_key, wanted)
    job = create(wanted, caller, now())
    try:
        store.save(job, once)
    except Stale:
        if once is None or (made := store.made_before(once)) is None:
            raise
        job = store.get(made)
    return _shown(job, caller, status=CREATED)


@router.get("/catalog/imports/template")
def read_template() -> Response[str]:
    """Fetch the empty table, with lists to choose from."""
    key = f"imports/templates/{import_template.edition()}.xlsx"
    if files_store.size_of(key) is None:
        files_store.put(key, import_template.build(), files_store.XLSX)
    place: dict[str, str | list[str]] = {"Location": files_store.link(key, import_template.NAME)}
    return Response(status_code=SEE_OTHER, content_type="text/plain", body="", headers=place)


@router.get("/catalog/imports/<import_id>")
def read_import(import_id: str) -> Response[views.ImportView]:
    """Read how far an import has come, and what its rows are to the catalogue."""
    caller = http.officer_of(router)
    return _shown(_own(import_id, caller), caller)


@router.get("/catalog/imports/<import_id>/problems")
def read_problems(import_id: str, limit: http.Limit = 100, next: http.Next = None) -> views.ProblemPage:
    """List what is wrong with rows, by row and column; a row with an error is not committed."""
    job = _own(import_id, http.officer_of(router))
    problems, token = problems_in(job, limit=limit, after=next)
    return views.ProblemPage(items=tuple(problems), next=token)


@router.post("/catalog/imports/<import_id>/<action>")
def act_on_import(
    import_id: str,
    action: PublicAction,
    body: Annotated[dict[str, Any] | None, Body()] = None,
    if_match: http.IfMatch = None,
) -> Response[views.ImportView]:
    """Check the file that was sent, commit its good rows, or discard the import.

    Checking and committing go on after the answer; asking again resumes what broke off.
    """
    caller, known = http.officer_of(router), Action(action.value)
    said = http.body_of(BODIES[known], body)
    job = _own(import_id, caller)
    http.check_version(job.version, if_match)
    sent = files_store.size_of(job.key) if job.state is State.AWAITING_FILE else None
    moved = MACHINE.advance(job, Act(known, said, caller, now(), given=sent)).record
    import_store().save(moved)
    if moved.state in JOBS:
        enqueue(Job(name=JOBS[moved.state], about=moved.id, part=moved.next))
    return _shown(moved, caller)


def _own(import_id: str, caller: Caller) -> ImportJob:
    job = import_store().get(import_id)
    if job.unit != caller.organisation:
        raise NotFound("there is no such import")
    return job


def _shown(job: ImportJob, caller: Caller, *, status: int = 200) -> Response[views.ImportView]:
    sends = job.state is State.AWAITING_FILE and Claim.OFFICER in caller.claims  # with the form anybody could
    view = views.view_of(job, caller, _upload(job) if sends else None)
    location = f"/catalog/imports/{job.id}" if status == CREATED else None
    return http.answer(view, status=status, version=view.version, location=location)


def _upload(job: ImportJob) -> Upload:
    return files_store.upload_to(job.key, kind=KINDS[job.format], size=job.size)
