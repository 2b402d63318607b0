"""The API as a client sees it: timeouts, patience with a busy server, refusals in words. Knows no route."""

import ipaddress
import time
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import httpx

from tools.govshare.failures import Refused, Unusable

TIMEOUT_SECONDS = 35.0  # API Gateway gives up after 29
PAUSES = (0.5, 1.0, 2.0, 4.0)  # seconds before each further try
BUSY = frozenset({429, 500, 502, 503, 504})


class Api:
    """The API at a base address, called with one token or none.

    Everything is tried again on 429, 5xx and a lost connection: creates are idempotent by key, changes by If-Match.
    """

    def __init__(self, base_url: str, token: str | None = None, *, pauses: Sequence[float] = PAUSES) -> None:
        address = urlsplit(base_url)
        if address.scheme not in ("http", "https") or not address.hostname:
            raise Unusable(f"{base_url!r} is not the address of an API")
        self._pauses = pauses
        self.root = address.path.rstrip("/")
        self._http = httpx.Client(
            base_url=base_url,
            headers={"Authorization": f"Bearer {token}"} if token else {},
            timeout=TIMEOUT_SECONDS,
            trust_env=not _is_loopback(address.hostname),  # no proxy on the way to this machine
        )

    def call(
        self, method: str, path: str, *, json: Any = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Return the answer, whatever its status; raises Refused when there is none after the last try."""
        for pause in (*self._pauses, None):
            try:
                answer = self._http.request(method, path, json=json, headers=headers)
            except httpx.TransportError as error:
                if pause is None:
                    raise Refused(f"{method} {path}: no answer from {self._http.base_url}: {error}") from error
            else:
                if answer.status_code not in BUSY or pause is None:
                    return answer
            time.sleep(pause)
        raise AssertionError("the last try returns or raises")

    def read(self, path: str) -> httpx.Response:
        """Return the answer to a GET; raises Refused unless it is 200."""
        return checked(self.call("GET", path), 200)

    def post_form(self, url: str, fields: Mapping[str, str], file: bytes) -> httpx.Response:
        """Return the answer of another place to a form with a file, sent without the token.

        The way there is tried again like any other; raises Refused when there is no answer after the last try.
        """
        host = urlsplit(url).hostname or ""
        for pause in (*self._pauses, None):
            try:
                with httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=not _is_loopback(host)) as http:
                    answer = http.post(url, data=dict(fields), files={"file": file})
            except httpx.TransportError as error:
                if pause is None:
                    raise Refused(f"no answer from {host}: {error}") from error
            else:
                if answer.status_code not in BUSY or pause is None:
                    return answer
            time.sleep(pause)
        raise AssertionError("the last try returns or raises")

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()


def checked(answer: httpx.Response, *expected: int) -> httpx.Response:
    """Return the answer if its status is one of `expected`; raises Refused with what came instead."""
    if answer.status_code in expected:
        return answer
    asked = f"{answer.request.method} {answer.request.url.path}"
    wanted = " or ".join(map(str, expected))
    raise Refused(f"{asked}: expected {wanted}, got {answer.status_code}: {words_of(answer)}")


def words_of(answer: httpx.Response) -> str:
    """Return what a refusal says: the problem's detail and each of its errors, or the start of any other text."""
    try:
        problem = answer.json()
        faults = [f"{fault['pointer']}: {fault['detail']}" for fault in problem.get("errors", ())]
        return "; ".join([str(problem["detail"]), *faults])
    except (ValueError, KeyError, TypeError, AttributeError):
        return answer.text[:200] or "(nothing was said)"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
