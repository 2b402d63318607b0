"""Loads an older catalogue, a JSONL file of one row a line, through the API's imports.

Safe to run again after any failure: the API answers `unchanged` for a row that it has. Knows nothing of what a row
means.
"""

import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tools.govshare.client import Api, checked, words_of
from tools.govshare.failures import Refused, Unusable

ROUTE = "/catalog/imports"
MOST = 100  # rows in one import
RACES = 5
OK, STALE, INVALID = 200, 412, 422
_ROW = re.compile(r"^/rows/(\d+)(?:/|$)")

Progress = Callable[[int, int], None]
"""Told after each import how many rows are done, and how many there are."""


@dataclass(frozen=True)
class Row:
    """One line of the file, numbered from 1, and the JSON object in it."""

    line: int
    content: dict[str, Any]


@dataclass(frozen=True)
class RefusedRow:
    """A row that was not taken, and why."""

    line: int
    reason: str


@dataclass(frozen=True)
class LoadReport:
    """What became of a file's rows; together they are all of them."""

    imported: int
    unchanged: int
    refused: tuple[RefusedRow, ...]


def load_catalogue(
    base_url: str, token: str, path: Path, progress: Progress = lambda _done, _all: None, *, batch: int = MOST
) -> LoadReport:
    """Import every row of `path`; what is refused does not keep the others out, and stands in the report.

    Raises Unusable when the file cannot be read, Refused when the API fails or refuses the import as a whole; rows
    taken until then stay, and a second run finds them.
    """
    rows, refused = rows_of(path)
    total, counts = len(rows) + len(refused), Counter[str]()
    with closing(Api(base_url, token)) as api:
        for first in range(0, len(rows), batch):
            taken, faulty = _load(api, rows[first : first + batch])
            counts.update(taken)
            refused += faulty
            progress(min(first + batch, len(rows)) + total - len(rows), total)
    return LoadReport(counts["imported"], counts["unchanged"], tuple(sorted(refused, key=lambda row: row.line)))


def rows_of(path: Path) -> tuple[list[Row], list[RefusedRow]]:
    """Return the rows of a JSONL file, and the lines that are none; empty lines are neither. Raises Unusable."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise Unusable(f"{path} cannot be read: {error}") from error
    read = [_row(number, line) for number, line in enumerate(lines, start=1) if line.strip()]
    return [row for row in read if isinstance(row, Row)], [row for row in read if isinstance(row, RefusedRow)]


def _row(number: int, line: str) -> Row | RefusedRow:
    try:
        content = json.loads(line)
    except (ValueError, RecursionError) as error:
        return RefusedRow(number, f"not JSON: {error}")
    return Row(number, content) if isinstance(content, dict) else RefusedRow(number, "not a JSON object")


def _load(api: Api, rows: Sequence[Row]) -> tuple[list[str], list[RefusedRow]]:
    """Return what the API says of each row that it took, and the rows that it refused, which are sent no more."""
    answer = _import(api, rows)
    if answer.status_code != INVALID:
        return [str(item["status"]) for item in checked(answer, OK).json()["items"]], []
    faults = dict(_faults(answer, len(rows)))
    if not faults:
        raise Refused(f"POST {ROUTE}: {words_of(answer)}")
    refused = [RefusedRow(rows[place].line, reason) for place, reason in faults.items()]
    others = [row for place, row in enumerate(rows) if place not in faults]
    taken, more = _load(api, others) if others else ([], [])
    return taken, refused + more


def _import(api: Api, rows: Sequence[Row]) -> httpx.Response:
    """Return the answer to an import; one that lost a race against another import is sent again."""
    body = {"rows": [row.content for row in rows]}
    for wait in range(RACES):
        answer = api.call("POST", ROUTE, json=body)
        if answer.status_code != STALE:
            return answer
        time.sleep(wait * 0.2)
    raise Refused(f"POST {ROUTE}: another import kept changing the same rows; run it again")


def _faults(answer: httpx.Response, count: int) -> Iterator[tuple[int, str]]:
    """Yield the place in the call of each row that the API found fault with, and all that is wrong with it."""
    reasons: dict[int, list[str]] = {}
    for error in answer.json().get("errors", ()):
        found = _ROW.match(error["pointer"])
        if found and int(found[1]) < count:
            inside = error["pointer"][found.end(1) :]
            reasons.setdefault(int(found[1]), []).append(f"{inside} {error['detail']}".strip())
    for place, said in sorted(reasons.items()):
        yield place, "; ".join(said)
