"""Witnesses for tests: real ones on this machine, odd ones that answer what they like, and rounds of asking them."""

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.audit.cosigning import Post
from services.audit.published import PublishedCheckpoint
from services.audit.verify.policy import Policy, parse_policy
from services.audit.witness import Standing, stack_policy, witnesses_of
from services.audit.witness_calls import post
from services.audit.witness_store import WitnessStore
from services.audit.witnessing import Round
from tools.govshare.witness import Cosigned, Witness
from tools.govshare.witness_key import WitnessKey
from tools.govshare.witness_server import WitnessServer

SEEN = 1_790_000_000  # what a witness's clock says, in September 2026
LATER = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


def a_key(name: str) -> WitnessKey:
    """Return a witness's key, always the same for a name."""
    return WitnessKey(f"{name}.example/witness", Ed25519PrivateKey.from_private_bytes(name.encode().ljust(32, b".")))


def a_line(name: str, url: str) -> str:
    """Return a witness's line in a policy."""
    return f"witness {name} {a_key(name).public.vkey} {url}\n"


@contextmanager
def a_witness_in(folder: Path, name: str, logs: Policy) -> Iterator[Witness]:
    """A witness that remembers in `folder` and knows the logs of a policy."""
    with closing(Cosigned(folder / name)) as cosigned:
        yield Witness(a_key(name), logs, cosigned, clock=lambda: SEEN)


@contextmanager
def serving(folder: Path, name: str, logs: Policy, port: int = 0) -> Iterator[str]:
    """A witness at an address of this machine; yields its line for a log's policy."""
    with a_witness_in(folder, name, logs) as witness, _running(WitnessServer(witness, "127.0.0.1", port)) as url:
        yield a_line(name, url)


@contextmanager
def answering(
    name: str, answer: Callable[[bytes], tuple[int, bytes]], headers: Mapping[str, str] | None = None
) -> Iterator[str]:
    """What answers in a witness's place, whatever it likes, to what it was sent; yields the witness's line."""

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            status, body = answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(status)
            for field_name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
                self.send_header(field_name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    server.daemon_threads = True
    with _running(server) as url:
        yield a_line(name, url)


def nowhere() -> str:
    """Return an address at which nobody listens."""
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        return _url(server)


@contextmanager
def _running(server: ThreadingHTTPServer) -> Iterator[str]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield _url(server)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _url(server: ThreadingHTTPServer) -> str:
    return f"http://127.0.0.1:{server.server_address[1]}"


@dataclass
class Witnesses:
    """The log's side under a policy of its witnesses' `lines` and its `quorum`."""

    lines: list[str] = field(default_factory=list)
    quorum: str = "quorum none\n"

    @property
    def text(self) -> str:
        """The policy as the stack has it."""
        return "".join(self.lines) + self.quorum

    @property
    def policy(self) -> Policy:
        """The policy."""
        return stack_policy(self.text)

    def with_log(self, log: Policy) -> Policy:
        """Return the policy of a verifier that trusts a log's key and asks for the quorum."""
        return parse_policy(f"log {log.logs[0].vkey}\n{self.text}".encode())

    @property
    def store(self) -> WitnessStore:
        """What the log knows of its witnesses."""
        return WitnessStore(os.environ["AUDIT_TABLE"], os.environ["LOG_ORIGIN"])

    def ask(self, at: datetime = LATER, *, deadline_seconds: float = 5.0, post: Post = post) -> int:
        """Ask them; return for how many seconds something has awaited its quorum."""
        log, store = PublishedCheckpoint(os.environ["LOG_BUCKET"]), self.store
        round_ = Round(policy=self.policy, store=store, log=log, at=at, post=post, deadline_seconds=deadline_seconds)
        return round_.run()

    def standing(self, name: str) -> Standing:
        """Return how far a witness is."""
        known = self.store.load(witnesses_of(self.policy)).standings
        return next(known[each.id] for each in witnesses_of(self.policy) if each.name == name)
