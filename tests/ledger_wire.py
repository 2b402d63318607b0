"""The wire between the ledger's code and AWS: who makes a call there may die before or after it, be told that it failed
although it was done, or have it delivered twice; and whole processes take turns at their calls.

The code above knows nothing of it: calls are caught where botocore would send them.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Semaphore, Thread
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError, ReadTimeoutError

from tests.ledger_cloud import Params
from tests.stack import WRITES as WRITES_OF_TABLES_AND_BUCKETS
from tests.stack import Crash

Send = Callable[[Params], Any]
Hook = Callable[[str, Params, Send], Any]
Answer = Callable[[Any, str, Params], Any]

WRITES = WRITES_OF_TABLES_AND_BUCKETS | {"Sign"}
HOOK: ContextVar[Hook | None] = ContextVar("hook", default=None)


@contextmanager
def wired(answer: Answer) -> Iterator[None]:
    """Have every call inside the block answered by `answer`, by way of the hook of whoever makes it."""

    def call(client: BaseClient, operation: str, params: Params) -> Any:
        def send(sent: Params) -> Any:
            return answer(client, operation, sent)

        hook = HOOK.get()
        return hook(operation, params, send) if hook else send(params)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseClient, "_make_api_call", call)
        yield


@contextmanager
def hooked(hook: Hook | None) -> Iterator[None]:
    """Have the calls that are made inside the block go through `hook`."""
    before = HOOK.set(hook)
    try:
        yield
    finally:
        HOOK.reset(before)


class Fault(StrEnum):
    """What may happen to a write."""

    DIES_BEFORE = "dies before it"
    DIES_AFTER = "dies after it"
    DIES_HALFWAY = "dies when half of it is done"
    FAILS = "is told that it failed, and it did"
    UNTOLD = "is told that it failed, and it was done"
    TWICE = "has it delivered twice"
    CONFLICT = "meets another write of the same object"
    PARTLY = "has only a part of it taken"


def suffer(fault: Fault, operation: str, params: Params, send: Send) -> Any:
    """Send a write and let the fault happen to it, if it can."""
    if operation not in ONLY.get(fault, WRITES):
        return send(params)
    return SUFFERING[fault](operation, params, send)


def _dies_before(operation: str, params: Params, send: Send) -> Any:
    raise Crash(f"before {operation}")


def _dies_after(operation: str, params: Params, send: Send) -> Any:
    send(params)
    raise Crash(f"after {operation}")


def _dies_halfway(operation: str, params: Params, send: Send) -> Any:
    """DynamoDB takes a batch item by item."""
    ((table, requests),) = params["RequestItems"].items()
    send({"RequestItems": {table: requests[: len(requests) // 2]}})
    raise Crash(f"halfway {operation}")


def _fails(operation: str, params: Params, send: Send) -> Any:
    raise ClientError({"Error": {"Code": "InternalError", "Message": "we are sorry"}}, operation)


def _untold(operation: str, params: Params, send: Send) -> Any:
    send(params)
    raise ReadTimeoutError(endpoint_url="https://aws.test")


def _twice(operation: str, params: Params, send: Send) -> Any:
    """The caller, or botocore for it, waits in vain and sends the same once more: it sees the second answer."""
    send(params)
    return send(params)


def _conflict(operation: str, params: Params, send: Send) -> Any:
    """S3 refuses the later of two puts at once; botocore does not try again by itself."""
    raise ClientError({"Error": {"Code": "ConditionalRequestConflict", "Message": "again"}}, operation)


def _partly(operation: str, params: Params, send: Send) -> Any:
    """DynamoDB is busy, and says what it left undone."""
    ((table, requests),) = params["RequestItems"].items()
    taken = len(requests) // 2
    send({"RequestItems": {table: requests[:taken]}})
    return {"UnprocessedItems": {table: requests[taken:]}}


ONLY = {
    Fault.DIES_HALFWAY: {"BatchWriteItem"},
    Fault.CONFLICT: {"PutObject"},
    Fault.PARTLY: {"BatchWriteItem"},
}
SUFFERING: dict[Fault, Callable[[str, Params, Send], Any]] = {
    Fault.DIES_BEFORE: _dies_before,
    Fault.DIES_AFTER: _dies_after,
    Fault.DIES_HALFWAY: _dies_halfway,
    Fault.FAILS: _fails,
    Fault.UNTOLD: _untold,
    Fault.TWICE: _twice,
    Fault.CONFLICT: _conflict,
    Fault.PARTLY: _partly,
}


@dataclass
class AtCall:
    """A hook that does something instead of sending the nth call (from 1) among some operations, or among all.

    `met` tells whether there was an nth.
    """

    nth: int
    deed: Hook
    among: Collection[str] = ()
    calls: int = 0
    met: bool = False

    def __call__(self, operation: str, params: Params, send: Send) -> Any:
        """Pass a call on, or do the deed."""
        counts = not self.among or operation in self.among
        self.calls += counts
        if self.met or not counts or self.calls != self.nth:
            return send(params)
        self.met = True
        return self.deed(operation, params, send)


def failing(fault: Fault, nth: int) -> AtCall:
    """Return a hook that lets a fault happen to the nth of the writes that it can happen to."""
    return AtCall(nth, lambda *call: suffer(fault, *call), ONLY.get(fault, WRITES))


def overtaken(by: Callable[[], object], nth: int, among: Collection[str] = ()) -> AtCall:
    """Return a hook by which somebody else does something just before the nth call among some, or all, is sent."""

    def stall(operation: str, params: Params, send: Send) -> Any:
        with hooked(None):
            by()
        return send(params)

    return AtCall(nth, stall, among)


@dataclass
class Process:
    """Work that stands still at each of its calls until it is let on; exactly one process runs at a time.

    `fate` is what happens to its calls otherwise; `error` is what ended it.
    """

    work: Callable[[], object]
    fate: Hook = lambda _operation, params, send: send(params)
    alive: bool = True
    error: BaseException | None = None
    _left: int = 0
    _stop: str = ""
    _killed: bool = False
    _go: Semaphore = field(default_factory=lambda: Semaphore(0))
    _back: Semaphore = field(default_factory=lambda: Semaphore(0))

    def __post_init__(self) -> None:
        Thread(target=self._live, daemon=True).start()

    def advance(self, calls: int) -> None:
        """Let it make so many calls and go on to the next one, or to its end."""
        if self.alive:
            self._left = calls
            self._go.release()
            self._back.acquire()

    def advance_to(self, operation: str) -> None:
        """Let it run until it stands before its next call of an operation, or to its end."""
        self._stop = operation
        self.finish()

    def finish(self) -> None:
        """Let it run to its end."""
        self.advance(1_000_000)

    def kill(self) -> None:
        """Let it die where it stands."""
        self._killed = True
        self.advance(1)

    def _live(self) -> None:
        self._go.acquire()
        try:
            with hooked(self._at_call):
                self.work()
        except BaseException as error:  # noqa: BLE001 - whoever started it judges it
            self.error = error
        self.alive = False
        self._back.release()

    def _at_call(self, operation: str, params: Params, send: Send) -> Any:
        if self._left == 0 or operation == self._stop:
            self._stop = ""
            self._back.release()
            self._go.acquire()
        if self._killed:
            raise Crash(f"killed at {operation}")
        self._left -= 1
        return self.fate(operation, params, send)
