"""Loading an older catalogue: every row gets in or is named with the reason, however often the file is loaded.

The catalogue's own function answers, behind an HTTP server on loopback.
"""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from services.catalog.api import handler
from tests.support import call, token
from tools.govshare.failures import Refused, Unusable
from tools.govshare.loading import LoadReport, load_catalogue

SAMPLE = Path(__file__).parents[2] / "data" / "beijing_catalogue.jsonl"
ROWS: list[dict[str, Any]] = [json.loads(line) for line in SAMPLE.read_text().splitlines()[:5]]


class Catalogue(BaseHTTPRequestHandler):
    """API Gateway's part between a client and the function."""

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
        reply = call(handler, "POST", self.path, raw=sent, headers=dict(self.headers))
        body = json.dumps(reply.body).encode()
        self.send_response(reply.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Stay silent."""


@pytest.fixture
def api(data_stack: dict[str, str]) -> Iterator[str]:
    """The address of an API with an empty catalogue."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Catalogue) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of five good rows."""
    return written(tmp_path / "rows.jsonl", *map(json.dumps, ROWS))


def written(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def load(api: str, path: Path, organisation: str = "informatization_office") -> LoadReport:
    return load_catalogue(api, token(organisation), path, batch=2)


def test_every_row_is_imported_and_progress_is_told(api: str, file: Path) -> None:
    told: list[tuple[int, int]] = []
    report = load_catalogue(
        api, token("informatization_office"), file, lambda done, rows: told.append((done, rows)), batch=2
    )

    assert report == LoadReport(imported=5, unchanged=0, refused=())
    assert told == [(2, 5), (4, 5), (5, 5)]


def test_a_second_load_changes_nothing(api: str, file: Path) -> None:
    load(api, file)
    assert load(api, file) == LoadReport(imported=0, unchanged=5, refused=())


def test_a_load_that_was_cut_short_is_carried_on(api: str, file: Path, tmp_path: Path) -> None:
    load(api, written(tmp_path / "half.jsonl", *map(json.dumps, ROWS[:3])))
    assert load(api, file) == LoadReport(imported=2, unchanged=3, refused=())


def test_rows_that_the_api_refuses_are_named_by_line_and_keep_no_other_out(api: str, tmp_path: Path) -> None:
    faulty = ROWS[1] | {"title": "", "updated": "yesterday"}
    path = written(tmp_path / "rows.jsonl", json.dumps(ROWS[0]), json.dumps(faulty), json.dumps(ROWS[2]))

    report = load(api, path)

    assert (report.imported, [row.line for row in report.refused]) == (2, [2])
    assert "/title" in report.refused[0].reason
    assert "/updated" in report.refused[0].reason


def test_lines_that_are_not_json_objects_are_refused_before_anything_is_sent(api: str, tmp_path: Path) -> None:
    path = written(tmp_path / "rows.jsonl", "{", "[1]", "", json.dumps(ROWS[0]))

    report = load(api, path)

    assert (report.imported, [row.line for row in report.refused]) == (1, [1, 2])
    assert report.refused[0].reason.startswith("not JSON: ")
    assert report.refused[1].reason == "not a JSON object"


def test_a_row_given_twice_is_taken_once(api: str, tmp_path: Path) -> None:
    path = written(tmp_path / "rows.jsonl", json.dumps(ROWS[0]), json.dumps(ROWS[0]))

    report = load(api, path)

    assert (report.imported, [row.line for row in report.refused]) == (1, [2])


def test_who_may_not_import_is_told_so(api: str, file: Path) -> None:
    with pytest.raises(Refused, match="got 403: only an officer of the informatization_office"):
        load(api, file, organisation="sports_bureau")


def test_a_file_that_is_not_there_is_unusable(api: str, tmp_path: Path) -> None:
    with pytest.raises(Unusable, match=r"none\.jsonl cannot be read"):
        load(api, tmp_path / "none.jsonl")
