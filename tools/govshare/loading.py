"""Loads an older catalogue, a JSONL file of one row a line, through the API's import of the guide's table.

Safe to run again after any failure: what the catalogue has stays as it is. Knows nothing of what a row means.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.catalog.columns import HEADERS, Row
from tools.govshare.client import Api, checked
from tools.govshare.failures import Refused, Unusable
from tools.govshare.older import ColumnFile, older_row, table_rows

ROUTE = "/catalog/imports"
CREATED, OK = 201, 200
UNDERWAY = frozenset({"CHECKING", "COMMITTING"})
PATIENCE_SECONDS = 900.0  # without any progress; a job may run that long
POLL_SECONDS = 0.3

Progress = Callable[[int, int], None]
"""Told while rows are committed how many are done, and how many there are."""
Record = Mapping[str, Any]


@dataclass(frozen=True)
class RefusedRow:
    """A row that was not taken, by its line in the file, numbered from 1, and why."""

    line: int
    reason: str


@dataclass(frozen=True)
class LoadReport:
    """What became of a file's rows; together they are all of them."""

    imported: int
    unchanged: int
    refused: tuple[RefusedRow, ...]


@dataclass(frozen=True)
class Table:
    """The guide's table of a file: its rows, the first of each line's rows in the sheet, and lines that are no rows."""

    rows: tuple[Row, ...]
    lines: Mapping[int, int]
    refused: tuple[RefusedRow, ...]


def load_catalogue(
    base_url: str,
    token: str,
    path: Path,
    progress: Progress = lambda _done, _all: None,
    *,
    columns: Mapping[str, ColumnFile] | None = None,
) -> LoadReport:
    """Import every row of `path`; what is refused does not keep the others out, and stands in the report.

    `columns` give types and lengths of data items. Raises Unusable when the file cannot be read, Refused when the API
    fails or refuses the import as a whole; what was committed until then stays, and a second run finds it.
    """
    table = table_of(path, columns or {})
    if not table.rows:
        return LoadReport(0, 0, table.refused)
    # What writes workbooks takes a moment to load, and other commands do not need it.
    from services.catalog.sheets import write_xlsx  # noqa: PLC0415

    with closing(Api(base_url, token)) as api:
        job = _sent(api, write_xlsx(HEADERS, table.rows))
        job = _settled(api, _act(api, job, "check"), progress, len(table.lines))
        if job["state"] == "REFUSED":
            raise Refused(f"the file was refused: {'; '.join(job['refusals'])}")
        if job["counts"]["good"]:
            job = _settled(api, _act(api, job, "commit"), progress, len(table.lines))
        refused = [*table.refused, *_refused(api, job, table)]
    progress(len(table.lines), len(table.lines))
    done = job["results"]["new"] + job["results"]["revised"]
    return LoadReport(done, job["counts"]["unchanged"], tuple(sorted(refused, key=lambda row: row.line)))


def table_of(path: Path, columns: Mapping[str, ColumnFile]) -> Table:
    """Return a JSONL file as the guide's table; empty lines are nothing. Raises Unusable."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise Unusable(f"{path} cannot be read: {error}") from error
    rows: list[Row] = []
    places: dict[int, int] = {}
    refused: list[RefusedRow] = []
    for number, line in enumerate(lines, start=1):
        try:
            made = list(_rows(line, columns)) if line.strip() else []
        except ValueError as error:
            refused.append(RefusedRow(number, str(error)))
            continue
        if made:
            places[len(rows) + 2] = number  # the first row holds the headers
            rows += made
    return Table(tuple(rows), places, tuple(refused))


def _rows(line: str, columns: Mapping[str, ColumnFile]) -> Iterator[Row]:
    try:
        content = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"not JSON: {error}") from error
    if not isinstance(content, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - a line is at fault, not a caller
    row = older_row(content)
    yield from table_rows(row, columns.get(row.id))


def _sent(api: Api, data: bytes) -> Record:
    """Return a new import, its file sent."""
    made: Record = checked(
        api.call("POST", ROUTE, json={"format": "xlsx", "as": "legacy", "size": len(data)}), CREATED
    ).json()
    upload = made["upload"]
    answer = api.post_form(upload["url"], upload["fields"], data)
    if not answer.is_success:
        raise Refused(f"the file was not taken: {answer.status_code} {answer.text[:200]}")
    return made


def _act(api: Api, job: Record, action: str) -> Record:
    named = {"If-Match": f'"{job["version"]}"'}
    found: Record = checked(api.call("POST", f"{ROUTE}/{job['id']}/{action}", json={}, headers=named), OK).json()
    return found


def _settled(api: Api, job: Record, progress: Progress, total: int) -> Record:
    """Return the import once nothing is underway. Raises Refused when it stands still for too long."""
    seen, until = job["progress"], time.monotonic() + PATIENCE_SECONDS
    while job["state"] in UNDERWAY:
        if time.monotonic() > until:
            raise Refused(f"import {job['id']} stands still in {job['state']}; run it again")
        time.sleep(POLL_SECONDS)
        job = api.read(f"{ROUTE}/{job['id']}").json()
        if job["progress"] != seen:
            seen, until = job["progress"], time.monotonic() + PATIENCE_SECONDS
            progress(seen["committed"], total)
    return job


def _refused(api: Api, job: Record, table: Table) -> Iterator[RefusedRow]:
    """Yield the lines whose rows have errors, each with all that is wrong with it."""
    reasons: dict[int, list[str]] = {}
    starts = sorted(table.lines)
    for problem in _problems(api, job):
        if problem["weight"] == "error":
            first = max(start for start in starts if start <= problem["row"])
            reasons.setdefault(table.lines[first], []).append(f"{problem['column']} {problem['detail']}".strip())
    for line, said in reasons.items():
        yield RefusedRow(line, "; ".join(said))


def _problems(api: Api, job: Record) -> Iterator[Record]:
    following: str | None = ""
    while following is not None:
        page = api.read(f"{ROUTE}/{job['id']}/problems?limit=100{following and f'&next={following}'}").json()
        yield from page["items"]
        following = page["next"]
