"""A log is exported from its bucket, or over the API by who oversees it, and verified elsewhere with its key alone."""

import json
import os
import tarfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import boto3
import pytest

from services.audit import listen
from services.audit.api import handler
from services.shared.organisations import OFFICE
from tests.alone import run_alone
from tests.filing import a_case, a_sequencer, log, policy, prepare_ledger, take_in
from tests.support import Reply, call, token
from tools.govshare.client import Api
from tools.govshare.evidence import verify_folder_log
from tools.govshare.export_sources import ApiLog, BucketLog
from tools.govshare.exporting import Exported, Source, export_log
from tools.govshare.failures import Refused

SIZE = 18
SIGNED = "?X-Amz-Credential=a%2Fb&X-Amz-Signature=c"
VERIFY = """
import pathlib, sys
from services.audit.verify.directory import log_in
from services.audit.verify.log import verify_log
from services.audit.verify.policy import trust_log

print(verify_log(log_in(pathlib.Path("export")), trust_log(sys.argv[1])).size)
"""


@pytest.fixture(scope="module", autouse=True)
def ledger(stack_in_memory: dict[str, str]) -> Iterator[None]:
    """The ledger of three cases, filed in six batches; the tests only read it."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in prepare_ledger(stack_in_memory).items():
            patch.setenv(name, value)
        events = [event for number in range(3) for event in a_case(SIZE // 3, case=f"c-{number}")]
        for at in range(0, SIZE, 3):
            assert take_in(*events[at : at + 3]) == []
            a_sequencer().run()
        yield


class Door(BaseHTTPRequestHandler):
    """The gateway before the function, and the bucket that it sends to; no token may reach the bucket."""

    def do_GET(self) -> None:
        if not self.path.startswith("/bucket/"):
            self._answer(call(handler, "GET", self.path, headers=dict(self.headers)))
        elif "Authorization" in self.headers or not self.path.endswith(SIGNED):
            self._send(400, b"not as it was signed, or with a token that is none of mine")
        else:
            self._give(self.path.removeprefix("/bucket/").removesuffix(SIGNED))

    def _give(self, path: str) -> None:
        try:
            self._send(200, log().read(path))
        except LookupError:
            self._send(404, b"")

    def _answer(self, reply: Reply) -> None:
        body = reply.body if isinstance(reply.body, str) else json.dumps(reply.body)
        self._send(reply.status, body.encode(), reply.headers.get("location"))

    def _send(self, status: int, body: bytes, location: str | None = None) -> None:
        self.send_response(status)
        if location is not None:
            path = urlsplit(location).path.partition("/tile/")[2]
            self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/bucket/tile/{path}{SIGNED}")  # type: ignore[attr-defined]  # it is an HTTPServer
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Stay silent."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Where the API is reached over HTTP."""
    with HTTPServer(("127.0.0.1", 0), Door) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def over_the_api(address: str, organisation: str, *roles: str) -> ApiLog:
    return ApiLog(Api(address, token(organisation, *roles), pauses=()))


def bucket() -> BucketLog:
    return BucketLog(os.environ["LOG_BUCKET"])


def key() -> str:
    return str(listen.sign({"action": "vkey"}, None)["vkey"])


def export(source: Source, folder: Path) -> Exported:
    return export_log(source, folder, f"log {key()}\nquorum none\n".encode())


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def objects() -> dict[str, bytes]:
    """Every object of the log, as an export has it."""
    listed = boto3.client("s3").list_objects_v2(Bucket=os.environ["LOG_BUCKET"])["Contents"]
    beside = {"log.vkey": f"{key()}\n".encode(), "policy": f"log {key()}\nquorum none\n".encode()}
    return {each["Key"]: log().read(each["Key"]) for each in listed} | beside


def test_an_export_from_the_bucket_is_the_log_byte_for_byte_and_verifies(tmp_path: Path) -> None:
    assert export(bucket(), tmp_path).size == SIZE
    assert files(tmp_path) == objects()
    verdict = verify_folder_log(tmp_path, policy())
    assert (verdict.size, verdict.cases, verdict.checkpoints) == (SIZE, 3, 6)


@pytest.mark.parametrize(
    ("organisation", "role"), [(OFFICE, "officer"), ("supervision_bureau", "auditor"), ("archives_bureau", "officer")]
)
def test_who_oversees_sharing_exports_the_same_over_the_api(
    tmp_path: Path, address: str, organisation: str, role: str
) -> None:
    source = over_the_api(address, organisation, role)
    assert export(source, tmp_path).size == SIZE
    assert files(tmp_path) == objects()
    source.close()


@pytest.mark.parametrize(("organisation", "role"), [("transport_commission", "officer"), (OFFICE, "administrator")])
def test_who_does_not_oversee_it_gets_no_entries(tmp_path: Path, address: str, organisation: str, role: str) -> None:
    with pytest.raises(Refused, match=r"tile/entries/000\.p/\d+ is not there, or not for you to read"):
        export(over_the_api(address, organisation, role), tmp_path)


def test_who_says_nothing_of_who_they_are_is_refused(tmp_path: Path, address: str) -> None:
    with pytest.raises(Refused, match="got 401"):
        export(ApiLog(Api(address, pauses=())), tmp_path)


def test_what_is_not_there_is_a_lookup_error_from_both_sources(address: str) -> None:
    for source in (bucket(), over_the_api(address, OFFICE)):
        for path in ("tile/0/000.p/5", "tile/entries/000.p/5", "tile/0/000", "checkpoints/5"):
            with pytest.raises(LookupError):
                source.read(path)


def test_an_export_that_is_packed_and_unpacked_elsewhere_is_verified_with_the_key_alone(tmp_path: Path) -> None:
    export(bucket(), tmp_path / "log")
    with tarfile.open(tmp_path / "log.tar", "w") as packed:
        packed.add(tmp_path / "log", "export")
    with tarfile.open(tmp_path / "log.tar") as packed:
        packed.extractall(tmp_path / "elsewhere", filter="data")
    assert run_alone(tmp_path / "elsewhere", VERIFY, key()) == f"{SIZE}\n"
    changed = tmp_path / "elsewhere/export/tile/entries/000.p/3"
    changed.write_bytes(changed.read_bytes()[:-1])
    assert "tile/entries/000.p/3 does not hold the first 3 entries" in run_alone(tmp_path / "elsewhere", VERIFY, key())


def get(path: str) -> Reply:
    return call(handler, "GET", path)


def test_anyone_reads_which_checkpoints_are_archived_page_by_page() -> None:
    first = get("/audit/checkpoints?limit=4").body
    second = get(f"/audit/checkpoints?limit=4&next={first['next']}").body
    assert [*first["items"], *second["items"]] == [12, 15, 18, 3, 6, 9]
    assert (first["next"], second["next"]) == ("3", None)
    assert get("/audit/checkpoints").body == {"items": [12, 15, 18, 3, 6, 9], "next": None}
    assert get("/audit/checkpoints?next=9").body == {"items": [], "next": None}


@pytest.mark.parametrize("query", ["next=x", "next=-1", "next=01", "next=", "limit=0", "limit=101"])
def test_a_bad_page_is_told(query: str) -> None:
    answer = get(f"/audit/checkpoints?{query}")
    assert (answer.status, len(answer.pointers)) == (422, 1)


def test_anyone_reads_an_archived_checkpoint_byte_for_byte_and_may_keep_it() -> None:
    answer = get("/audit/checkpoints/6")
    assert (answer.status, answer.body.encode()) == (200, log().read("checkpoints/6"))
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize(("size", "status"), [("7", 404), ("0", 404), ("-1", 422), ("x", 422)])
def test_a_checkpoint_of_no_batch_is_not_there(size: str, status: int) -> None:
    assert get(f"/audit/checkpoints/{size}").status == status
