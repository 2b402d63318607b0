"""Looks at the log from outside each minute: what waits and for how long, and whether it grows. It writes nothing.

It knows nothing of the sequencer, so that one that is dead is noticed.
"""

import os
from collections.abc import Mapping
from datetime import datetime

from services.audit.batch import CHECKPOINT, Head, Waiting
from services.audit.objects import LogReader
from services.audit.store import AuditStore
from services.audit.verify.checkpoint import parse_checkpoint
from services.audit.verify.note import parse_note
from services.shared.canonical import now
from services.shared.observe import count, logger, traced


@traced
def handler(_event: Mapping[str, object], _context: object) -> None:
    """Report how the log stands, each minute; a table that is older than the log is an alarm."""
    published = _published(LogReader(os.environ["LOG_BUCKET"]))  # read before the head, which is never behind it
    store = AuditStore(os.environ["AUDIT_TABLE"], os.environ["LOG_ORIGIN"])
    head, waiting = store.head(), store.waiting()
    found = measures(head, waiting, published, now())
    for name, value in found.items():
        count(name, value)
    logger.info("watched", extra=found)
    if head.size < published:
        reason = f"the head has {head.size} entries, {published} are published: recover the table from the log"
        logger.error("log_halted", extra={"reason": reason})


def measures(head: Head, waiting: Waiting, published: int, at: datetime) -> dict[str, int]:
    """Return how the log stands, in whole numbers and seconds.

    It stalls when something waits, or is committed and not written out, while nothing is committed after it.
    """
    grown = _seconds(head.committed_at, at)
    waited = _seconds(datetime.fromisoformat(waiting.since), at) if waiting.since else 0
    unapplied = 0 if head.applied else grown
    return {
        "OldestWaitingSeconds": waited,
        "EntriesWaiting": waiting.count,
        "UnappliedSeconds": unapplied,
        "StalledSeconds": max(unapplied, min(waited, grown) if head.committed_at else waited),
        "PublishedSize": published,
    }


def _seconds(since: datetime | None, at: datetime) -> int:
    """Return how long ago it was; 0 when it never was, or by a clock that is ahead."""
    return max(0, int((at - since).total_seconds())) if since else 0


def _published(log: LogReader) -> int:
    try:
        return parse_checkpoint(parse_note(log.read(CHECKPOINT)).text).size
    except LookupError:
        return 0
