"""Posting to a witness over HTTP: within seconds, following it nowhere, and reading no more than is useful."""

import urllib.request
from functools import cache
from http.client import HTTPException, HTTPResponse
from urllib.error import HTTPError

from services.audit.cosigning import Answer, NotCosigned
from services.audit.witness import State

SECONDS = 5
MOST_BYTES = 16_384  # some signature lines have about 200 each


class _NoFurther(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        """Follow nobody: a witness is where the policy says."""


def post(url: str, body: bytes) -> Answer:
    """Return a witness's answer, cut at 16 KB. Raises NotCosigned, silent, when none comes in five seconds."""
    request = urllib.request.Request(  # noqa: S310 - the policy's addresses are checked: https, or this machine
        url, data=body, headers={"Content-Type": "text/plain; charset=utf-8"}, method="POST"
    )
    try:
        with _send(request) as answer:
            return _read(answer)
    except (OSError, HTTPException) as error:
        raise NotCosigned(State.SILENT, f"no answer: {error or type(error).__name__}") from error


def _send(request: urllib.request.Request) -> HTTPResponse | HTTPError:
    try:
        answer: HTTPResponse = _opener().open(request, timeout=SECONDS)
    except HTTPError as error:  # a refusal is an answer too
        return error
    return answer


def _read(answer: HTTPResponse | HTTPError) -> Answer:
    return Answer(answer.status or 0, answer.headers.get("Content-Type", ""), answer.read(MOST_BYTES))


@cache
def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(_NoFurther)
