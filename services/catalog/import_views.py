"""What an officer sees of an import: how far it has come, what its rows are to the catalogue, what may be done now."""

from pydantic import AwareDatetime, Field

from services.catalog.import_checks import Purpose
from services.catalog.import_job import MACHINE
from services.catalog.import_record import Counts, Format, ImportJob, Progress, Results, State
from services.catalog.import_rows import RowProblem
from services.catalog.uploads import Upload
from services.shared.callers import Caller
from services.shared.lifecycle import Party
from services.shared.model import Model
from services.shared.views import FilingView, Waiting


class ImportLine(Model):
    """An import in a list."""

    id: str
    state: State
    format: Format
    purpose: Purpose = Field(serialization_alias="as", validation_alias="as")
    progress: Progress
    counts: Counts
    changed_at: AwareDatetime


class ImportView(ImportLine):
    """An import; `upload` is how to send its file, while that is awaited; `refusals` say why a file was not read.

    It is no filing and no clock runs: the entries that it makes have their own.
    """

    version: int
    unit: str
    size: int
    results: Results
    refusals: tuple[str, ...]
    reason: str | None
    upload: Upload | None
    filing: FilingView | None = None
    awaiting: tuple[Waiting, ...]
    due_at: AwareDatetime | None = None
    actions: tuple[str, ...]


class ImportPage(Model):
    """A page of a unit's imports; `next` asks for the page after it."""

    items: tuple[ImportLine, ...]
    next: str | None


class ProblemPage(Model):
    """A page of an import's problems, in the order of their rows."""

    items: tuple[RowProblem, ...]
    next: str | None


def line_of(job: ImportJob) -> ImportLine:
    """Return how an import stands in a list."""
    return ImportLine.model_validate({"as": job.purpose} | job.model_dump(include=LINE))


def view_of(job: ImportJob, caller: Caller, upload: Upload | None) -> ImportView:
    """Return an import as an officer of its unit sees it."""
    same = job.model_dump(include=LINE | {"version", "unit", "size", "results", "refusals", "reason"})
    waiting = tuple(
        Waiting(party=party, organisation=ORGANISATIONS.get(party, job.unit)) for party in MACHINE.awaiting(job)
    )
    shown = {"upload": upload, "awaiting": waiting, "actions": MACHINE.actions_for(job, caller)}
    return ImportView.model_validate({"as": job.purpose} | same | shown)


LINE = {"id", "state", "format", "progress", "counts", "changed_at"}
ORGANISATIONS = {Party.SYSTEM: "system"}
