"""Loading an older catalogue: every row gets in or is named with the reason, however often the file is loaded.

The catalogue's own function answers, behind an HTTP server on loopback.
"""

import json
import os
from collections.abc import Iterator
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, cast

import boto3
import pytest

from services.catalog.api import handler
from tests import transfers
from tests.support import Reply, call, token
from tools.govshare.failures import Refused, Unusable
from tools.govshare.loading import LoadReport, load_catalogue, table_of
from tools.govshare.older import column_files

SAMPLE = Path(__file__).parents[2] / "data" / "beijing_catalogue.jsonl"
ROWS: list[dict[str, Any]] = [json.loads(line) for line in SAMPLE.read_text().splitlines()[:5]]


class Catalogue(BaseHTTPRequestHandler):
    """The platform between a client and the functions: the gateway, the bucket that takes a form, the queue."""

    def do_GET(self) -> None:
        self._answer(call(handler, "GET", self.path, headers=dict(self.headers)))

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/upload":
            parts = message_from_bytes(b"Content-Type: " + self.headers["Content-Type"].encode() + b"\n\n" + sent)
            form = {str(part.get_param("name", header="content-disposition")): part for part in parts.walk()}
            key = str(form["key"].get_payload())
            content = cast("bytes", form["file"].get_payload(decode=True))
            boto3.client("s3").put_object(Bucket=os.environ["FILES_BUCKET"], Key=key, Body=content)
            self._answer(Reply(204, {}, None))
            return
        self._answer(call(handler, "POST", self.path, raw=sent.decode(), headers=dict(self.headers)))
        transfers.work()

    def _answer(self, reply: Reply) -> None:
        if isinstance(reply.body, dict) and reply.body.get("upload"):
            reply.body["upload"]["url"] = f"http://127.0.0.1:{self.server.server_port}/upload"  # type: ignore[attr-defined]  # it is an HTTPServer
        body = json.dumps(reply.body).encode() if reply.body is not None else b""
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
    return load_catalogue(api, token(organisation), path)


def test_every_row_is_imported_and_progress_is_told(api: str, file: Path) -> None:
    told: list[tuple[int, int]] = []
    report = load_catalogue(api, token("informatization_office"), file, lambda done, rows: told.append((done, rows)))

    assert report == LoadReport(imported=5, unchanged=0, refused=())
    assert told[-1] == (5, 5)


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
    assert "信息资源名称" in report.refused[0].reason
    assert "来源更新日期" in report.refused[0].reason


def test_lines_that_are_not_json_objects_are_refused_before_anything_is_sent(api: str, tmp_path: Path) -> None:
    shapeless = json.dumps(ROWS[1] | {"downloads": "many"})
    path = written(tmp_path / "rows.jsonl", "{", "[1]", "", json.dumps(ROWS[0]), shapeless)

    report = load(api, path)

    assert (report.imported, [row.line for row in report.refused]) == (1, [1, 2, 5])
    assert report.refused[2].reason.startswith("/downloads")
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


def test_a_column_file_gives_types_and_lengths_and_the_items_that_a_row_leaves_out(tmp_path: Path) -> None:
    file = {"file": "f.csv", "title": "t", "catalogue_id": ROWS[1]["id"], "provider": "p"}
    measured = [{"name": "总泊位数", "type": "integer", "max_len": 3}, {"name": "新列", "type": "empty", "max_len": 0}]
    columns = column_files(written(tmp_path / "columns.jsonl", json.dumps(file | {"columns": measured})))

    table = table_of(written(tmp_path / "rows.jsonl", json.dumps(ROWS[1])), columns)

    said = {row["信息项名称"]: (row["数据类型"], row["数据长度"]) for row in table.rows}
    assert (said["总泊位数"], said["新列"], said["车场名称"]) == (("整型", "3"), ("", ""), ("", ""))
