"""What requests hears: entries published and withdrawn, receipts, which may let a case go on by itself, and wishes.

Every message may come twice and is idempotent; anything that fails is raised, and comes again in order.
"""

import os
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from services.requests.case_work import go_on
from services.requests.deliveries_store import delivery_accepted
from services.requests.entry import published_entry
from services.requests.inbox import event_words, notice_of, resource_in, told_of
from services.requests.inbox_store import inbox_store
from services.requests.statistics import COUNTED, counted
from services.requests.statistics_store import statistics_store
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
    """Do what one message asks for: what its type is heard for, the inboxes, and what the case does by itself."""
    if act := HEARD.get(event.type):
        act(event)
    if event.type in event_words():
        told(event)
    if event.type in COUNTED:
        counted_in(event)
    if event.type.partition(".")[0] in OF_A_CASE:
        case_moved(event)


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
    go_on(event.case, now())


def told(event: Event) -> None:
    """Put an event into the inbox of everybody who may read it, but of who did it."""
    if whose := told_of(event):
        inbox_store().put(whose, notice_of(event, _subject(event)))


def corrected_for_all(event: Event) -> None:
    """Tell everybody else who has the entry that it was corrected, each at the agreement that it is had by (C.4)."""
    notice = notice_of(event, _subject(event))
    known = {*told_of(event), event.organisation}
    for whose, case in request_store().recipients(str(event.body["resource"])):
        if whose not in known:
            inbox_store().put([whose], notice.model_copy(update={"address": f"/agreements/{case}"}))


def counted_in(event: Event) -> None:
    """Count a submission or a refusal."""
    statistics_store().put(counted(event))


def case_moved(event: Event) -> None:
    """Let the case go on, as far as it can without anybody's word."""
    go_on(event.case, now())


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


def _subject(event: Event) -> str | None:
    """Return the title of the entry that an event is about, where it is about one that is known."""
    resource = resource_in(event)
    try:
        return request_store().entry(resource).title if resource else None
    except NotFound:
        return None


OF_A_CASE = frozenset({"request", "agreement", "report", "feedback", "objection", "onward_permission"})
HEARD: dict[str, Callable[[Event], None]] = {
    "resource.published": entry_published,
    "resource.imported": entry_published,
    "resource.assigned": entry_published,
    "resource.withdrawn": entry_withdrawn,
    "check.hit_reused": reuse_wanted,
    "database.redirected": reuse_wanted,
    "filing.receipted": filing_receipted,
    "delivery.accepted": delivery_accepted,
    "objection.corrected": corrected_for_all,
}
