"""What is kept of an import: what was sent, how far it has come, what was found and what was done. Values only."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from services.catalog.import_checks import Purpose
from services.catalog.import_rows import RowProblem
from services.shared.lifecycle import Record
from services.shared.model import Model

MOST_BYTES = 20_000_000


class Format(StrEnum):
    """What kind of file it is."""

    XLSX = "xlsx"
    CSV = "csv"


class State(StrEnum):
    """Where an import stands; what is underway has a state of its own, so that a break-off is seen and resumed."""

    AWAITING_FILE = "AWAITING_FILE"
    CHECKING = "CHECKING"
    CHECKED = "CHECKED"
    COMMITTING = "COMMITTING"
    REFUSED = "REFUSED"
    DONE = "DONE"
    DISCARDED = "DISCARDED"


class Wanted(Model):
    """What an officer means to send: `size` is the file's, in bytes."""

    format: Format
    purpose: Annotated[Purpose, Field(alias="as")]
    size: Annotated[int, Field(ge=1, le=MOST_BYTES, strict=True)]


class Progress(Model):
    """How far it has come, in entries; `rows` counts the sheet's. An entry may take many rows."""

    rows: int = 0
    entries: int = 0
    checked: int = 0
    committed: int = 0


class Counts(Model):
    """What the entries of the table are to the catalogue; `good` is what a commit takes. `problems` counts lines."""

    good: int = 0
    bad: int = 0
    unchanged: int = 0
    new: int = 0
    revised: int = 0
    problems: int = 0


class Results(Model):
    """What a commit has done so far: entries made and revised, and `left` as they were, with a problem each."""

    new: int = 0
    revised: int = 0
    left: int = 0


class ImportJob(Record):
    """An import. `attempt` names the check whose chunks count, `next` of its `chunks` is the one to commit."""

    state: State
    unit: str
    officer: str
    format: Format
    purpose: Purpose
    size: int
    progress: Progress = Progress()
    counts: Counts = Counts()
    results: Results = Results()
    refusals: tuple[str, ...] = ()
    late: tuple[RowProblem, ...] = ()
    reason: str | None = None
    attempt: str | None = None
    chunks: int = 0
    next: int = 0

    @property
    def key(self) -> str:
        """Where its file lies."""
        return f"imports/{self.id}/file.{self.format}"
