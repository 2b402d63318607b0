"""Erasing a payload in a table and a bucket: load, decide, and one transaction before the box goes.

The transaction strikes the words out of the records of the case too, as they were read: the erasure is made anew when
a step moved them meanwhile. A crash before the box goes leaves one that no key opens; asked again, it is deleted.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from services.shared.callers import Caller
from services.shared.dynamo import Attributes, dynamodb, item_of, load_case, plain, put_event, write
from services.shared.erasure import (
    Erased,
    ErasureAsked,
    ErasureView,
    Struck,
    check_may_erase,
    erase,
    struck_item,
    texts_in,
    view_of,
)
from services.shared.errors import Conflict, Gone, NotFound, Stale
from services.shared.events import Event
from services.shared.once import Once, bind, made_before
from services.shared.payloads import Address, content_of, delete_box, erased_in, key_item, put_erased

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

ATTEMPTS = 5
STATE = "STATE#"


class Kept(NamedTuple):
    """Where a service keeps its events with their payloads' keys, and the payloads themselves.

    `bound` are, by the kind of a record, the names of its fields that a hash binds: what was agreed, filed, published.
    """

    table: str
    bucket: str
    bound: Mapping[str, frozenset[str]]


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
    erased = _written(kept, event, attempt)
    delete_box(kept.bucket, Address(event.case, event.id))
    return view_of(erased)


def _written(kept: Kept, event: Event, attempt: Attempt) -> Erased:
    """Return what stays of the payload, once that is what the table holds, whoever wrote it; tried a few times."""
    for _ in range(ATTEMPTS - 1):
        with suppress(Stale, Gone):
            return _tried(kept, event, attempt)
    return _tried(kept, event, attempt)


def _tried(kept: Kept, event: Event, attempt: Attempt) -> Erased:
    address = Address(event.case, event.id)
    found = key_item(kept.table, address)
    if (before := erased_in(found)) is not None:
        return before
    if "key" not in found:
        raise Conflict("此步骤没有可删除的内容 / nothing that could be erased was written with this event")
    texts = texts_in(content_of(kept.table, kept.bucket, address, found))
    records = [(item, _struck(kept, item, texts)) for item in load_case(kept.table, event.case) if _is_record(item)]
    kept_in = tuple(chain.from_iterable(struck.kept_in for _, struck in records))
    erased, told = erase(event, str(found["sha256"]), attempt.asked.ground, attempt.caller, attempt.at, kept_in=kept_in)
    bound = [bind(kept.table, attempt.once, told.id, attempt.at)] if attempt.once else []
    changes = [_change(kept.table, item, struck.changed) for item, struck in records if struck.changed]
    write([put_erased(kept.table, erased), put_event(kept.table, told), *changes, *bound])
    return erased


def _is_record(item: Attributes) -> bool:
    return str(item["sk"]).startswith(STATE)


def _struck(kept: Kept, item: Attributes, texts: frozenset[str]) -> Struck:
    name = str(item["sk"]).removeprefix(STATE)
    return struck_item(name, item, texts, kept.bound.get(name.partition("-")[0], frozenset()))


def _change(table: str, item: Attributes, changed: Mapping[str, str]) -> "TransactWriteItemTypeDef":
    """Return the write of changed attributes over those that were read; the version stays, and must have stayed."""
    names = {f"#{place}": name for place, name in enumerate(changed)}
    old = {f":old{place}": item[name] for place, name in enumerate(changed)}
    new = {f":new{place}": text for place, text in enumerate(changed.values())}
    same = (f"#{place} = :old{place}" for place in range(len(changed)))
    return {
        "Update": {
            "TableName": table,
            "Key": item_of({"pk": item["pk"], "sk": item["sk"]}),
            "UpdateExpression": f"SET {', '.join(f'#{at} = :new{at}' for at in range(len(changed)))} ADD erasures :one",
            "ConditionExpression": " AND ".join(["version = :version", *same]),
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": item_of(old | new | {":version": item["version"], ":one": 1}),
        }
    }


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
