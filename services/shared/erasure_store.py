"""Erasing a payload in a table and a bucket: load, decide, and one transaction before the box goes.

A crash between the two leaves a box that no key opens; the erasure asked for again deletes it.
"""

from datetime import datetime
from typing import NamedTuple

from services.shared.callers import Caller
from services.shared.dynamo import dynamodb, item_of, plain, put_event, write
from services.shared.erasure import Erased, ErasureAsked, ErasureView, check_may_erase, erase, view_of
from services.shared.errors import Conflict, NotFound, Stale
from services.shared.events import Event
from services.shared.once import Once, bind, made_before
from services.shared.payloads import Address, delete_box, erased_in, key_item, put_erased


class Kept(NamedTuple):
    """Where a service keeps its events with their payloads' keys, and the payloads themselves."""

    table: str
    bucket: str


class Attempt(NamedTuple):
    """Who asks for an erasure, when, and under which Idempotency-Key."""

    asked: ErasureAsked
    caller: Caller
    at: datetime
    key: str | None = None

    @property
    def once(self) -> Once | None:
        """The key to bind, or None when the caller sent none."""
        return Once.of(self.caller.organisation, self.key, self.asked)


def erase_payload(kept: Kept, attempt: Attempt) -> ErasureView:
    """Erase what was written with an event, once; asked for again, it answers as the first time.

    Raises NotFound for who may not know of the event, Forbidden for who may not erase it, Conflict when nothing was
    written with it, Invalid for an Idempotency-Key that came with another body, Stale when another erasure goes on.
    """
    event = _event(kept.table, attempt.asked)
    check_may_erase(event, attempt.caller)
    if attempt.once is not None:
        made_before(kept.table, attempt.once)
    erased = _written(kept.table, event, attempt)
    delete_box(kept.bucket, Address(event.case, event.id))
    return view_of(erased)


def _written(table: str, event: Event, attempt: Attempt) -> Erased:
    """Return what stays of the payload, once that is what the table holds, whoever wrote it."""
    address = Address(event.case, event.id)
    found = key_item(table, address)
    if (before := erased_in(found)) is not None:
        return before
    if "key" not in found:
        raise Conflict("此步骤没有可删除的内容 / nothing that could be erased was written with this event")
    erased, told = erase(event, str(found["sha256"]), attempt.asked.ground, attempt.caller, attempt.at)
    bound = [bind(table, attempt.once, told.id, attempt.at)] if attempt.once else []
    try:
        write([put_erased(table, erased), put_event(table, told), *bound])
    except Stale:
        if (by_another := erased_in(key_item(table, address))) is None:
            raise
        return by_another
    return erased


def _event(table: str, asked: ErasureAsked) -> Event:
    """Return the event that is meant, read consistently from its case. Raises NotFound."""
    named = {":case": asked.case, ":event": "EVENT#", ":id": asked.event_id}
    pages = (
        dynamodb()
        .get_paginator("query")
        .paginate(
            TableName=table,
            KeyConditionExpression="pk = :case AND begins_with(sk, :event)",
            FilterExpression="contains(#event, :id)",
            ExpressionAttributeNames={"#event": "event"},
            ExpressionAttributeValues=item_of(named),
            ConsistentRead=True,
        )
    )
    events = (Event.model_validate_json(plain(item)["event"]) for page in pages for item in page["Items"])
    event = next((event for event in events if event.id == asked.event_id), None)
    if event is None:
        raise NotFound("there is no such event")
    return event
