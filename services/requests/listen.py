"""What requests hears: entries published and withdrawn, receipts, which may let a case go on by itself, and wishes.

Every message may come twice and is idempotent; anything that fails is raised, and comes again in order.
"""

import os
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from services.requests.entry import published_entry
from services.requests.steps import next_of_the_system
from services.requests.store import request_store
from services.requests.wish import wanted_in, wished_step
from services.shared.canonical import now
from services.shared.cases import keep_receipt
from services.shared.errors import Forbidden, GovShareError, Invalid, NotFound
from services.shared.event_bodies import FilingReceipted
from services.shared.events import Event
from services.shared.observe import count, logger, traced
from services.shared.queue import Failures, consume

PATIENCE = timedelta(minutes=3)  # less than a message's five receives take


@traced
def handler(event: Mapping[str, Any], _context: object) -> Failures:
    """Take a batch of messages; report those that failed, and of the same case those behind them."""
    return consume(event, hear)


def hear(event: Event) -> None:
    """Do what one message asks for."""
    HEARD[event.type](event)


def entry_published(event: Event) -> None:
    """Keep the entry as it now stands."""
    request_store().project(published_entry(event))


def entry_withdrawn(event: Event) -> None:
    """Mark the entry as gone; an entry never heard of needs no mark."""
    try:
        entry = request_store().entry(event.case)
    except NotFound:
        return
    request_store().project(entry.model_copy(update={"published": False, "case_seq": event.case_seq}))


def filing_receipted(event: Event) -> None:
    """Keep the receipt, then take every step that the case was only waiting for receipts to take."""
    keep_receipt(os.environ["REQUESTS_TABLE"], event.case, FilingReceipted.model_validate(dict(event.body)))
    while True:
        case = request_store().get(event.case)
        step = next_of_the_system(case.request, case.given, now())
        if step is None:
            return
        request_store().save(step)


def reuse_wanted(event: Event) -> None:
    """Draft the request that a unit wishes for, once; a wish that cannot be a draft is told of and dropped."""
    wanted, store = wanted_in(event), request_store()
    if store.knows(wanted.request):
        return
    try:
        step = wished_step(event, store.entry(wanted.resource))
    except (Forbidden, Invalid, NotFound) as error:
        if isinstance(error, NotFound) and now() - event.at < PATIENCE:
            raise  # the entry's own message may be on its way
        _dropped(event, error)
        return
    store.save(step)


def _dropped(event: Event, error: GovShareError) -> None:
    count("WishesDropped", 1)
    reasons = [problem.pointer for problem in error.problems]
    about = {"case": event.case, "event_id": event.id, "reason": error.detail, "problems": reasons}
    logger.warning("wish dropped", extra=about)


HEARD: dict[str, Callable[[Event], None]] = {
    "resource.published": entry_published,
    "resource.imported": entry_published,
    "resource.assigned": entry_published,
    "resource.withdrawn": entry_withdrawn,
    "check.hit_reused": reuse_wanted,
    "database.redirected": reuse_wanted,
    "filing.receipted": filing_receipted,
}
