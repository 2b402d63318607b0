"""How long the decision of a transition takes in process, and what the sweep reads among many open cases."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from statistics import median
from typing import Any, NamedTuple

from services.requests import acts
from services.requests.entry import published_entry
from services.requests.guards import Given
from services.requests.request import Action, Request
from services.requests.shelves import index_of
from services.requests.steps import first_step, take
from services.requests.sweep import sweep
from services.requests.telling import Step
from services.requests.terms import Terms
from services.shared.callers import Caller, Claim
from services.shared.canonical import new_id
from services.shared.dynamo import dynamodb, item_of
from services.shared.lifecycle import Act
from services.shared.running import start
from tests.sharing import ITEMS, NOON, PROVIDER, PUBLIC, REQUESTER, draft, published, terms

ROUNDS = 200
OPEN, DUE = 100_000, 20
BATCH = 25  # BatchWriteItem
EVERY_CLAIM = frozenset({Claim.OFFICER, Claim.APPROVER})
ASKING = Caller(organisation=REQUESTER, officer="o-1", claims=EVERY_CLAIM)
GIVING = Caller(organisation=PROVIDER, officer="o-1", claims=EVERY_CLAIM)
ENTRY = published_entry(published("0195d7a0-0000-7000-8000-000000000001"))


class Decided(NamedTuple):
    """A transition, the median milliseconds to decide it, and how many times the yardstick that is."""

    action: str
    milliseconds: float
    ratio: float


class Swept(NamedTuple):
    """Open cases, those of which something was due, items that the sweep's index gave, and seconds."""

    cases: int
    due: int
    read: int
    seconds: float


def decisions() -> tuple[float, list[Decided]]:
    """Return the yardstick, reading the record from its stored JSON, and each decision of one negotiation."""
    story = list(_story())
    stored = story[-1][0].model_dump_json()
    yardstick = _milliseconds(lambda: Request.model_validate_json(stored))
    found = []
    for request, act in story:
        took = _milliseconds(partial(take, request, act))
        found.append(Decided(act.action, took, took / yardstick))
    return yardstick, found


def swept(table: str) -> Swept:
    """Return what a sweep reads where few of many open cases are due; wants the stack in the environment."""
    at = NOON + timedelta(days=60)
    template = _submitted()
    _put(table, (_open(template, late=number < DUE, at=at) for number in range(OPEN)))
    read = 0

    def note(parsed: dict[str, Any], **_: object) -> None:
        nonlocal read
        read += parsed.get("ScannedCount", 0)

    dynamodb().meta.events.register("after-call.dynamodb.Query", note)
    started = time.perf_counter()
    outcome = sweep(at)
    took = time.perf_counter() - started
    dynamodb().meta.events.unregister("after-call.dynamodb.Query", note)
    return Swept(OPEN, outcome["cases"], read, took)


def _story() -> Iterator[tuple[Request, Act]]:
    request = _first().records["request"]
    for action, body, caller in (
        (Action.PROPOSE, acts.Nothing(), ASKING),
        (Action.SUBMIT, acts.Nothing(), ASKING),
        (Action.ACCEPT_FOR_PROCESSING, acts.Nothing(), GIVING),
        (Action.CLASSIFY, acts.Classification.model_validate(PUBLIC), GIVING),
        (Action.COUNTER, acts.Counter(terms=_terms("2027-06-30")), GIVING),
        (Action.COUNTER, acts.Counter(terms=_terms("2027-12-31")), ASKING),
        (Action.AGREE, None, GIVING),
        (Action.DRAFT, acts.Nothing(), GIVING),
        (Action.SIGN, None, GIVING),
        (Action.SIGN, None, ASKING),
    ):
        assert isinstance(request, Request)
        named = body or acts.Named(terms_hash=request.latest.terms_hash)
        act = Act(action, named, caller, NOON, Given(entry=ENTRY))
        yield request, act
        request = take(request, act).records["request"]


def _first() -> Step:
    return first_step(acts.Draft.model_validate(draft(ENTRY.id)), ENTRY, caller=ASKING, at=NOON)


def _terms(until: str) -> Terms:
    return Terms.model_validate(terms(items=ITEMS[:1], until=until))


def _submitted() -> Request:
    return next(request for request, act in _story() if act.action == Action.ACCEPT_FOR_PROCESSING)


def _open(template: Request, *, late: bool, at: Any) -> Request:
    clock = start("reply_conditional", at - timedelta(days=40 if late else 1))
    return template.model_copy(update={"id": new_id(), "clock": clock})


def _put(table: str, requests: Iterator[Request]) -> None:
    waiting: list[Any] = []
    for request in requests:
        item = {"pk": request.id, "sk": "STATE#request", "version": request.version}
        item |= {"record": request.model_dump_json()} | index_of("request", request)
        waiting.append({"PutRequest": {"Item": item_of(item)}})
        if len(waiting) == BATCH:
            dynamodb().batch_write_item(RequestItems={table: waiting})
            waiting = []
    if waiting:
        dynamodb().batch_write_item(RequestItems={table: waiting})


def _milliseconds(work: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        times.append((time.perf_counter() - started) * 1000)
    return median(times)
