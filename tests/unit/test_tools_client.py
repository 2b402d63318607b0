"""How the command line calls the API: it has patience with a busy server, and says a refusal in words."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from infra.local.emulator import free_port
from tools.govshare.client import Api, checked
from tools.govshare.failures import Refused, Unusable

PROBLEM = {"detail": "the request is not valid", "errors": [{"pointer": "/duty", "detail": "not a duty"}]}


@contextmanager
def serving(*statuses: int, body: str = "{}") -> Iterator[str]:
    """A server on loopback that answers with these statuses in turn; yields its address."""
    left = list(statuses)

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(left.pop(0))
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1"
        server.shutdown()
    assert left == [], "fewer calls were made than expected"


def get(address: str) -> int:
    with closing(Api(address, pauses=(0.0, 0.0))) as api:
        return api.call("GET", "/x").status_code


@pytest.mark.parametrize("busy", [429, 500, 503])
def test_a_busy_server_is_asked_again(busy: int) -> None:
    with serving(busy, busy, 200) as address:
        assert get(address) == 200


def test_patience_ends_and_the_last_answer_is_returned() -> None:
    with serving(503, 503, 503) as address:
        assert get(address) == 503


@pytest.mark.parametrize("final", [200, 404, 409, 412])
def test_an_answer_that_will_not_change_is_taken_at_once(final: int) -> None:
    with serving(final) as address:
        assert get(address) == final


def test_no_server_is_said_in_words_with_its_address() -> None:
    with pytest.raises(Refused, match=r"GET /x: no answer from http://127\.0\.0\.1"):
        get(f"http://127.0.0.1:{free_port()}/v1")


def test_a_refusal_names_call_status_and_every_error() -> None:
    with (
        serving(422, body=json.dumps(PROBLEM)) as address,
        closing(Api(address)) as api,
        pytest.raises(Refused, match=r"GET /v1/x: expected 200, got 422: the request is not valid; /duty: not a duty"),
    ):
        api.read("/x")


def test_an_answer_that_is_no_problem_document_is_quoted() -> None:
    with serving(403, body="<html>no</html>") as address, closing(Api(address)) as api:
        answer = api.call("GET", "/x")
    with pytest.raises(Refused, match="got 403: <html>no</html>"):
        checked(answer, 200)


@pytest.mark.parametrize("address", ["", "localhost:4566", "file:///etc/passwd", "http://"])
def test_what_is_not_the_address_of_an_api_is_refused(address: str) -> None:
    with pytest.raises(Unusable, match="not the address of an API"):
        Api(address)
