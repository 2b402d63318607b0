"""What happens by itself when its day has come: each hour, a limited number of cases of each clock.

A case that someone else moved meanwhile is left as it is; one that fails does not hold up the others, and the run
fails after them, so that its alarm is heard.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from services.catalog.collection import Action
from services.catalog.collection_sight import expires_at
from services.catalog.collection_store import EXPIRES, collection_store
from services.catalog.reviewing import Nothing
from services.shared.callers import SYSTEM
from services.shared.canonical import now
from services.shared.dynamo import dynamodb, plain
from services.shared.errors import Conflict, NotFound, Stale
from services.shared.lifecycle import Act
from services.shared.observe import count, logger, traced

MOST = 100  # of a clock, in one run
OVERTAKEN = (Conflict, NotFound, Stale)  # another run, or somebody, was first


@traced
def handler(_event: Mapping[str, Any], _context: object) -> dict[str, int]:
    """Move every case whose day has come; return how many by each clock."""
    return sweep(now())


def sweep(at: datetime) -> dict[str, int]:
    """Return how many cases each clock moved. Raises RuntimeError when one failed, after all were tried."""
    moved, failed = {}, 0
    for clock, act in CLOCKS.items():
        outcomes = [_outcome(clock, case, act, at) for case in due_cases(clock, at)]
        moved[clock] = outcomes.count(True)
        failed += outcomes.count(None)
    count("CasesSwept", sum(moved.values()))
    if failed:
        raise RuntimeError(f"{failed} cases whose day has come could not be moved")
    return moved


def due_cases(clock: str, at: datetime) -> list[str]:
    """Return the cases whose day has come by a clock, the longest overdue first; at most 100."""
    answer = dynamodb().query(
        TableName=collection_store().table,
        IndexName="due",
        KeyConditionExpression="clock = :clock AND due_at <= :now",
        ExpressionAttributeValues={":clock": {"S": clock}, ":now": {"S": at.isoformat()}},
        Limit=MOST,
    )
    return [plain(item)["pk"] for item in answer["Items"]]


def expire(case: str, at: datetime) -> None:
    """End a published duty whose last day is over. Raises Conflict when it has ended, or its end was put off."""
    store = collection_store()
    collection = store.get(case).record
    ends = expires_at(collection)
    if ends is None or ends > at:
        raise Conflict("its day has not come")
    store.move(collection, Act(Action.EXPIRE, Nothing(), SYSTEM, at))


def _outcome(clock: str, case: str, act: Callable[[str, datetime], None], at: datetime) -> bool | None:
    """Return whether a case was moved; None when it failed."""
    try:
        act(case, at)
    except OVERTAKEN as error:
        logger.info("swept by another", extra={"clock": clock, "case": case, "reason": error.detail})
        return False
    except Exception:  # noqa: BLE001 - whatever it was, the others go on and the run fails
        logger.exception("sweep failed", extra={"clock": clock, "case": case})
        return None
    return True


CLOCKS: Mapping[str, Callable[[str, datetime], None]] = {EXPIRES: expire}
