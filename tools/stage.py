"""What the story is played with: people who call the API, sentences with the calls behind them, expectations.

Knows how requests are read and moved over HTTP; knows nothing of the plot.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

import httpx

from tools.govshare.client import Api, checked
from tools.govshare.running import RunningStack

PATIENCE_SECONDS = 60.0
POLL_SECONDS = 0.5
OK, CREATED = 200, 201

Record = Mapping[str, Any]


class Unexpected(Exception):
    """The answer is not what the story says."""


def say(chinese: str, english: str) -> None:
    """Tell one step of the story."""
    print(f"\n{chinese}\n{english}", flush=True)


def expect(wanted: object, came: object, *, of: str) -> None:
    """Raise Unexpected, with both, unless what came is what the story wants."""
    if came != wanted:
        raise Unexpected(f"{of}: expected {wanted!r}, got {came!r}")


def receipted(request: Record, kind: str) -> bool:
    """Whether the last filing of a kind has its receipt."""
    return [filing["state"] for filing in request["filing"] if filing["kind"] == kind][-1:] == ["receipted"]


@dataclass(frozen=True)
class Person:
    """Someone in one role of one organisation."""

    organisation: str
    api: Api

    @classmethod
    def of(cls, stack: RunningStack, organisation: str, role: str) -> "Person":
        """Return the person with a token of that role."""
        return cls(organisation, Api(stack.api, stack.token(organisation, role)))

    def read(self, path: str) -> Record:
        """Return what stands at an address."""
        return self._told(self.api.call("GET", path), OK)

    def draft(self, body: Record) -> Record:
        """Return a new request in DRAFT."""
        key = {"Idempotency-Key": uuid4().hex}
        request = self._told(self.api.call("POST", "/requests", json=body, headers=key), CREATED)
        expect("DRAFT", request["state"], of="state")
        return request

    def act(self, request: Record, action: str, body: Record | None = None, *, then: str) -> Record:
        """Return the request after an action on the version last seen; raises unless its state is `then`."""
        seen = {"If-Match": f'"{request["version"]}"'}
        path = f"/requests/{request['id']}/{action}"
        moved = self._told(self.api.call("POST", path, json=body or {}, headers=seen), OK)
        expect(then, moved["state"], of=f"state after {action}")
        return moved

    def wait(self, path: str, holds: Callable[[Record], bool], *, for_what: str) -> Record:
        """Return what stands at an address once it `holds`, which sees each look; raises Unexpected after a minute."""
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            answer = self.api.read(path)
            if holds(answer.json()):
                return self._told(answer, OK)
            if time.monotonic() > until:
                raise Unexpected(f"GET {path}: waited {PATIENCE_SECONDS:.0f} s in vain for {for_what}")
            time.sleep(POLL_SECONDS)

    def _told(self, answer: httpx.Response, expected: int) -> Record:
        path = unquote(answer.request.url.raw_path.decode().removeprefix(self.api.root))
        print(f"    {self.organisation}: {answer.request.method} {path} -> {answer.status_code}", flush=True)
        found: Record = checked(answer, expected).json()
        return found
