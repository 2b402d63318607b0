"""The HTTP of a witness: one address that takes checkpoints; what is cosigned is decided in `witness`.

It speaks plain HTTP: between it and the world stands a proxy that speaks TLS.
"""

from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tools.govshare.witness import TEXT, Answer, Witness
from tools.govshare.witness_key import Unfit

PATH = "/add-checkpoint"
MOST_BYTES = 65_536  # 63 hashes, and a note of 64 signatures
SECONDS = 10


class WitnessServer(ThreadingHTTPServer):
    """Serves one witness at an address; port 0 is any that is free. Raises OSError when the address is taken."""

    daemon_threads = True

    def __init__(self, witness: Witness, host: str, port: int) -> None:
        super().__init__((host, port), _Door)
        self.witness = witness

    @property
    def url(self) -> str:
        """The address to write into a log's policy, as this machine sees it."""
        return f"http://{self.server_address[0]!s}:{self.server_address[1]}"


class _Door(BaseHTTPRequestHandler):
    server: WitnessServer
    timeout = SECONDS
    server_version = "govshare-witness"
    sys_version = ""

    def do_POST(self) -> None:
        """Take a checkpoint."""
        answer = self._answer()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(answer.body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(answer.body)

    def _answer(self) -> Answer:
        if self.path != PATH:
            return _plain(HTTPStatus.NOT_FOUND, f"checkpoints are taken at {PATH}")
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdecimal()):
            return _plain(HTTPStatus.LENGTH_REQUIRED, "say how long the body is")
        if int(length[:10]) > MOST_BYTES:
            return _plain(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a request has at most {MOST_BYTES} bytes")
        body = self.rfile.read(int(length))
        try:
            return self.server.witness.add_checkpoint(body)
        except (OSError, Unfit) as error:
            self.log_error("cannot keep what is cosigned: %s", error)
            return _plain(HTTPStatus.INTERNAL_SERVER_ERROR, "this witness cannot keep what it cosigns")


def _plain(status: HTTPStatus, reason: str) -> Answer:
    return Answer(status, TEXT, f"{reason}\n".encode())
