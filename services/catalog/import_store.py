"""Imports where they are kept: the job in the catalogue's table, its rows in chunks beside its file.

Items: `<import id>` / `STATE#import`; `IMPORTED#<import id>` / `ROW#<row>` (what was committed of it).
Files: `imports/<id>/<attempt>/rows/<n>`, `…/problems/<n>`, JSON. All of it expires.
"""

import os
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from services.catalog import files_store
from services.catalog.import_matches import Candidate
from services.catalog.import_record import ImportJob
from services.catalog.import_rows import RowProblem
from services.catalog.import_views import line_of
from services.catalog.listing import BY_UNIT, items_of, page_of
from services.shared.dynamo import load_case, open_token, page_token, put_new, put_record, record_in, write
from services.shared.errors import Invalid, NotFound, Problem
from services.shared.once import Once, bind, made_before

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

KEPT = timedelta(days=30)  # as long as its files
JSON = "application/json"
PAGE = 500  # problems in one file
MOST_DIGITS = 9  # of a place in the problems

_candidates = TypeAdapter(tuple[Candidate, ...])
_problems = TypeAdapter(tuple[RowProblem, ...])


class ImportStore:
    """Every import."""

    def __init__(self, table: str) -> None:
        self.table = table

    def get(self, import_id: str) -> ImportJob:
        """Return an import as it stands, consistently, in one call. Raises NotFound."""
        job = record_in(load_case(self.table, import_id), "import", ImportJob)
        if job is None:
            raise NotFound("there is no such import")
        return job

    def save(self, job: ImportJob, once: Once | None = None) -> None:
        """Write an import over the version it was made from. Raises Stale when someone else was first."""
        changed = job.changed_at
        index = {
            "unit": f"import#{job.unit}",
            "changed_at": changed.isoformat(),
            "line": line_of(job).model_dump_json(by_alias=True),
        }
        lasting = {"expires_at": int((changed + KEPT).timestamp())}
        bound = [bind(self.table, once, job.id, changed)] if once else []
        write([put_record(self.table, job.id, "import", job, index | lasting), *bound])

    def made_before(self, once: Once) -> str | None:
        """Return the import that an Idempotency-Key made before, or None."""
        return made_before(self.table, once)

    def of_unit(self, unit: str, *, limit: int, after: str | None) -> tuple[list[str], str | None]:
        """Return a page of a unit's imports as lines (JSON), latest change first, and the next page's token."""
        return page_of(self.table, BY_UNIT, f"import#{unit}", limit=limit, after=after)

    def committed(self, import_id: str, rows: Sequence[int]) -> dict[int, str]:
        """Return which of the rows were committed before, with the entries that they made or revised."""
        found = items_of(self.table, [_row(import_id, row) for row in rows])
        return {int(item["sk"].removeprefix("ROW#")): item["made"] for item in found}

    def commits(self, job: ImportJob, row: int, entry: str) -> "TransactWriteItemTypeDef":
        """Return the write that a row is committed; it fails when it was before."""
        expires = int((job.changed_at + KEPT).timestamp())
        return put_new(self.table, _row(job.id, row) | {"made": entry, "expires_at": expires})


def put_chunks(folder: str, chunks: Sequence[Sequence[Candidate]], problems: Sequence[RowProblem]) -> None:
    """Write what a check found: entries to commit, chunk by chunk, and problems in the order of their rows."""
    for number, chunk in enumerate(chunks):
        files_store.put(f"{folder}/rows/{number}", _candidates.dump_json(tuple(chunk)), JSON)
    for number in range(0, len(problems), PAGE):
        page = _problems.dump_json(tuple(problems[number : number + PAGE]))
        files_store.put(f"{folder}/problems/{number // PAGE}", page, JSON)


def chunk_of(job: ImportJob, number: int) -> tuple[Candidate, ...]:
    """Return one chunk of the entries to commit."""
    return _candidates.validate_json(files_store.read(f"{folder_in(job.id, job.attempt)}/rows/{number}"))


def problems_in(job: ImportJob, *, limit: int, after: str | None) -> tuple[list[RowProblem], str | None]:
    """Return a page of problems in the order of their rows, and the next page's token; those of a commit come last.

    Raises Invalid for a token that is not of this list.
    """
    kept, first = job.counts.problems, _place(after) if after else 0
    last = min(first + limit, kept)
    files = range(first // PAGE, -(-last // PAGE)) if first < last else ()
    read = [problem for number in files for problem in _page(job, number)]
    shown = read[first % PAGE :][: max(last - first, 0)] + list(
        job.late[max(first - kept, 0) : max(first + limit - kept, 0)]
    )
    following = first + len(shown)
    more = following < kept + len(job.late)
    return shown, page_token({"line": {"S": str(following)}}) if more else None


def folder_in(import_id: str, attempt: str | None) -> str:
    """Return where the files of one check of an import lie."""
    return f"imports/{import_id}/{attempt}"


def _page(job: ImportJob, number: int) -> tuple[RowProblem, ...]:
    return _problems.validate_json(files_store.read(f"{folder_in(job.id, job.attempt)}/problems/{number}"))


def _place(token: str) -> int:
    line = str(open_token(token, {"line": None})["line"]["S"])
    if not (line.isascii() and line.isdecimal() and len(line) <= MOST_DIGITS):
        raise Invalid("not a page of this list", [Problem(pointer="/query/next", detail="not a page token")])
    return int(line)


def _row(import_id: str, row: int) -> dict[str, str]:
    # Not with the job: what is read of a case in one call must stay small.
    return {"pk": f"IMPORTED#{import_id}", "sk": f"ROW#{row:08}"}


def import_store() -> ImportStore:
    """Return the store of this function's table."""
    return ImportStore(os.environ["CATALOG_TABLE"])
