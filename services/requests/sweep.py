"""What is due: each hour, the cases and demands in which something happens by itself because its day has come.

A case that someone else moved meanwhile is left to the next run; one that fails does not hold up the others, and the
run fails after them, so that its alarm is heard.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from services.requests import case_work, demand_work
from services.requests.kinds import KINDS
from services.requests.store import request_store
from services.shared.canonical import now
from services.shared.dynamo import dynamodb, plain
from services.shared.errors import NotFound, Stale
from services.shared.observe import count, logger, traced

MOST = 500  # of a kind, in one run
PAGE = 100
OVERTAKEN = (NotFound, Stale)  # another run, or somebody, was first
# How what is due goes on; every other kind of record lies in a request's case.
GOES_ON: Mapping[str, Callable[[str, datetime], int]] = {"demand": demand_work.go_on}


class Due(NamedTuple):
    """A case in which something is due, by its id, and the kind of record that it was found by."""

    kind: str
    case: str


@traced
def handler(_event: Mapping[str, Any], _context: object) -> dict[str, int]:
    """Let every case go on whose day has come; return how many cases and steps there were."""
    return sweep(now())


def sweep(at: datetime) -> dict[str, int]:
    """Return how many cases were due and how many steps were taken. Raises RuntimeError when one failed, after all."""
    due = list(due_cases(at))
    outcomes = [_outcome(each, at) for each in due]
    steps = sum(outcome for outcome in outcomes if outcome)
    count("CasesSwept", len(due))
    if failed := outcomes.count(None):
        raise RuntimeError(f"{failed} cases whose day has come could not go on")
    return {"cases": len(due), "steps": steps}


def due_cases(at: datetime) -> Iterator[Due]:
    """Yield each case in which something is due, the longest overdue of each kind first; at most 500 by each kind."""
    seen: set[str] = set()
    for kind in KINDS:
        for case in islice(_due_of(kind, at), MOST):
            if case not in seen:
                seen.add(case)
                yield Due(kind, case)


def _due_of(kind: str, at: datetime) -> Iterator[str]:
    query: dict[str, Any] = {
        "TableName": request_store().table,
        "IndexName": "due",
        "KeyConditionExpression": "clock = :kind AND due_at <= :now",
        "ExpressionAttributeValues": {":kind": {"S": kind}, ":now": {"S": at.isoformat()}},
        "Limit": PAGE,
    }
    answer = dynamodb().query(**query)
    yield from (str(plain(item)["pk"]) for item in answer["Items"])
    while "LastEvaluatedKey" in answer:
        answer = dynamodb().query(**query, ExclusiveStartKey=answer["LastEvaluatedKey"])
        yield from (str(plain(item)["pk"]) for item in answer["Items"])


def _outcome(due: Due, at: datetime) -> int | None:
    """Return how many steps a case took; None when it failed."""
    try:
        return GOES_ON.get(due.kind, case_work.go_on)(due.case, at)
    except OVERTAKEN as error:
        logger.info("swept by another", extra={"case": due.case, "reason": error.detail})
        return 0
    except Exception:  # noqa: BLE001 - whatever it was, the others go on and the run fails
        logger.exception("sweep failed", extra={"case": due.case})
        return None
