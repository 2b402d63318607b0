"""What the catalogue hears: receipts for its filings, what was published or ended, which entries are shared, and
demands that a unit took up, which it drafts for it.

Every message may come twice and is idempotent; anything that fails is raised, and comes again in order.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import ValidationError

from services.catalog import exchange, exchange_store, feed, feed_store
from services.catalog.collection_store import collection_store
from services.catalog.database_store import database_store
from services.catalog.proposals import proposed_collection, proposed_database, taken_up_in
from services.shared import doorbell
from services.shared.cases import Cases, keep_receipt
from services.shared.errors import Invalid, NotFound
from services.shared.event_bodies import FilingReceipted
from services.shared.events import Event
from services.shared.observe import count, logger, traced
from services.shared.queue import Failures, consume

Numbered = frozenset[str]  # ids of the events whose changes have their numbers


@traced
def handler(event: Mapping[str, Any], _context: object) -> Failures:
    """Take a batch of messages; report those that failed, and of the same case those behind them."""
    numbered = number_ahead(event)
    failures = consume(event, lambda said: hear(said, numbered))
    if any(said.type in feed.CHANGES for said in _readable(event)):
        _ring()
    return failures


def hear(event: Event, numbered: Numbered = frozenset()) -> None:
    """Do what one message asks for. Raises KeyError for a type nobody subscribed to."""
    if event.type in feed.CHANGES:
        _changed(event, numbered)
    else:
        HEARD[event.type](event)


def number_ahead(batch: Mapping[str, Any]) -> Numbered:
    """Number all changes of a batch in one transaction; return the ids of the events that need nothing more of it.

    When that fails none is numbered, and each message is on its own again.
    """
    changes = [event for event in _readable(batch) if event.type in feed.CHANGES]
    try:
        feed_store.number(_table(), changes)
    except Exception:  # noqa: BLE001 - one may have spoilt it for all; each that fails alone is reported so
        logger.exception("not numbered together")
        return frozenset()
    return frozenset(event.id for event in changes)


def _readable(batch: Mapping[str, Any]) -> Iterator[Event]:
    for record in batch["Records"]:
        try:
            yield Event.model_validate_json(record["body"])
        except ValidationError:
            continue  # `consume` reports it


def _changed(event: Event, numbered: Numbered) -> None:
    if event.id not in numbered:
        feed_store.number(_table(), [event])
    if event.type in RESHELVING:
        exchange_store.refresh(_table(), event.case)


def _ring() -> None:
    """Wake the indexer; what cannot be rung for it finds by itself within a minute."""
    try:
        doorbell.ring(os.environ["INDEX_QUEUE_URL"], "index")
    except (BotoCoreError, ClientError):
        logger.exception("the indexer was not rung for")


def _receipted(event: Event) -> None:
    keep_receipt(_table(), event.case, FilingReceipted.model_validate(dict(event.body)))


def _agreed(event: Event) -> None:
    exchange_store.hear(_table(), event)


def _taken_up(event: Event) -> None:
    """Draft what a unit took up, once; what cannot be a draft is told of and dropped."""
    taken = taken_up_in(event)
    try:
        DRAFTED[taken.kind](event, taken.proposal)
    except Invalid as error:
        count("ProposalsDropped", 1)
        reasons = [problem.pointer for problem in error.problems]
        about = {"case": event.case, "event_id": event.id, "reason": error.detail, "problems": reasons}
        logger.warning("proposal dropped", extra=about)


def _collection(event: Event, proposal: str) -> None:
    if not _is_there(collection_store(), proposal):
        collection_store().create(proposed_collection(event), None)


def _database(event: Event, proposal: str) -> None:
    if not _is_there(database_store(), proposal):
        database_store().save_step(proposed_database(event), None)


def _is_there(store: Cases[Any], case: str) -> bool:
    try:
        store.get(case)
    except NotFound:
        return False
    return True


def _table() -> str:
    return os.environ["CATALOG_TABLE"]


# An import is of an entry that nobody shares yet.
RESHELVING = frozenset({"resource.published", "resource.assigned", "resource.withdrawn"})
DRAFTED: Mapping[str, Callable[[Event, str], None]] = {"collection": _collection, "database": _database}
HEARD: dict[str, Callable[[Event], None]] = {
    "filing.receipted": _receipted,
    "demand.taken_up": _taken_up,
    **dict.fromkeys(exchange.HEARD, _agreed),
}
