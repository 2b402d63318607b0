"""The only file that knows the catalogue's table.

Items: `<entry id>` / `STATE#entry`, `EVENT#<seq>`, `RECEIPT#<event id>`; `SOURCE#<source id>` / `SOURCE` (what was
imported); `KEY#…` / `KEY` (idempotency). The index `published` holds live entries alone.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from services.catalog.entry import Entry, Step
from services.catalog.search import Listing, Summary, provider_mark, provider_name, summary_of, text_of
from services.catalog.version import State
from services.shared.dynamo import (
    Attributes,
    dynamodb,
    history,
    item_of,
    load_case,
    open_token,
    page_token,
    plain,
    put_event,
    put_new,
    put_record,
    record_in,
    write,
)
from services.shared.errors import NotFound
from services.shared.event_bodies import FilingReceipted
from services.shared.events import Event
from services.shared.once import Once, bind, made_before
from services.shared.organisations import organisation

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

LIVE = "LIVE"
PLACE = {"published": LIVE, "pk": None, "sk": "STATE#entry"}  # what a page token of the list names
ROWS_A_WRITE = 33  # a transaction holds 100 writes, and a row is three
CALLS_A_LIST = 2  # a page of the index is a megabyte before the filter; the caller goes on with `next`


class Found(NamedTuple):
    """An entry with its receipts: event id to ledger index."""

    entry: Entry
    receipts: dict[str, int]


class CatalogStore:
    """Entries with their events and receipts, and what was imported, in one table."""

    def __init__(self, table: str) -> None:
        self._table = table

    def get(self, entry_id: str) -> Found:
        """Return an entry as it stands, consistently, in one call. Raises NotFound."""
        items = load_case(self._table, entry_id)
        entry = record_in(items, "entry", Entry)
        if entry is None:
            raise NotFound("there is no such entry")
        receipts = {item["sk"].removeprefix("RECEIPT#"): item for item in items if item["sk"].startswith("RECEIPT#")}
        return Found(entry, {event_id: int(item["index"]) for event_id, item in receipts.items()})

    def save(self, step: Step, once: Once | None = None) -> None:
        """Write an entry and its event, or nothing. Raises Stale when someone else was first."""
        writes = self._writes(step)
        if once:
            writes.append(bind(self._table, once, step.entry.id, step.event.at))
        write(writes)

    def made_before(self, once: Once) -> str | None:
        """Return the entry that an Idempotency-Key made before, or None."""
        return made_before(self._table, once)

    def history(self, entry_id: str, *, limit: int, after: str | None) -> tuple[list[Event], str | None]:
        """Return a page of the entry's events in order, and the next page's token."""
        return history(self._table, entry_id, limit=limit, after=after)

    def keep_receipt(self, entry_id: str, receipt: FilingReceipted) -> None:
        """Keep a receipt beside its entry. Writing it again changes nothing."""
        name = {"pk": entry_id, "sk": f"RECEIPT#{receipt.event_id}"}
        place = {"index": receipt.index, "checkpoint_size": receipt.checkpoint_size}
        dynamodb().put_item(TableName=self._table, Item=item_of(name | place))

    def imported_as(self, source_ids: Iterable[str]) -> dict[str, str]:
        """Return the entries that rows became before, by the rows' ids; at most 100 at once."""
        wanted = [item_of(_source(source_id)) for source_id in source_ids]
        found: dict[str, str] = {}
        while wanted:
            answer = dynamodb().batch_get_item(RequestItems={self._table: {"Keys": wanted, "ConsistentRead": True}})
            items = [plain(item) for item in answer["Responses"][self._table]]
            found |= {item["pk"].removeprefix("SOURCE#"): item["made"] for item in items}
            left = answer["UnprocessedKeys"]
            wanted = list(left[self._table]["Keys"]) if left else []
        return found

    def save_imports(self, steps: Mapping[str, Step]) -> None:
        """Write new legacy entries by their rows' ids, 33 in a transaction.

        Raises Stale when someone else imported one of them meanwhile: what was written stays, sending again goes on.
        """
        rest = iter(steps.items())
        while chunk := list(islice(rest, ROWS_A_WRITE)):
            write([put for source_id, step in chunk for put in self._import_writes(source_id, step)])

    def published(self, words: Sequence[str], *, provider: str | None, limit: int, after: str | None) -> Listing:
        """Return published entries that contain every word, newest first, with at most two calls."""
        wanted = [*words, *([provider_mark(provider)] if provider else [])]
        start: Attributes = {"ExclusiveStartKey": open_token(after, PLACE)} if after else {}
        found: list[Attributes] = []
        for _ in range(CALLS_A_LIST):
            answer = dynamodb().query(**self._query(wanted, limit + 1), **start)
            found += [plain(item) for item in answer["Items"]]
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]} if "LastEvaluatedKey" in answer else {}
            if len(found) > limit or not start:
                break
        if len(found) > limit:
            start = {"ExclusiveStartKey": item_of({name: found[limit - 1][name] for name in ("pk", "sk", "published")})}
        summaries = (Summary.model_validate_json(item["summary"]) for item in found[:limit])
        return Listing(items=tuple(summaries), next=page_token(start.get("ExclusiveStartKey")))

    def _query(self, wanted: Sequence[str], limit: int) -> Attributes:
        query: Attributes = {
            "TableName": self._table,
            "IndexName": "published",
            "KeyConditionExpression": "published = :live",
            "ExpressionAttributeValues": {":live": {"S": LIVE}},
            "ScanIndexForward": False,
        }
        if not wanted:
            return query | {"Limit": limit}
        # `Limit` counts what is looked at before the filter, so a search goes without one.
        query["ExpressionAttributeValues"] |= {f":w{n}": {"S": word} for n, word in enumerate(wanted)}
        names = {"#search": "search"}
        terms = " AND ".join(f"contains(#search, :w{n})" for n in range(len(wanted)))
        return query | {"FilterExpression": terms, "ExpressionAttributeNames": names}

    def _writes(self, step: Step) -> list["TransactWriteItemTypeDef"]:
        entry = step.entry
        return [
            put_record(self._table, entry.id, "entry", entry, _index(entry)),
            put_event(self._table, step.event),
        ]

    def _import_writes(self, source_id: str, step: Step) -> list["TransactWriteItemTypeDef"]:
        source = put_new(self._table, _source(source_id) | {"made": step.entry.id})
        return [*self._writes(step), source]


def _source(source_id: str) -> dict[str, str]:
    return {"pk": f"SOURCE#{source_id}", "sk": "SOURCE"}


def _index(entry: Entry) -> dict[str, str]:
    version = entry.live
    if version is None or version.state is not State.LIVE:
        return {}
    summary = summary_of(version, provider_name(entry.provider, version.changed_at))
    body = organisation(entry.provider)
    names = [summary.provider_name, *(body.aliases if body else ())]
    text = text_of(summary.title, entry.provider, names, summary.items)
    return {"published": LIVE, "search": text, "summary": summary.model_dump_json()}


@cache
def _store_of(table: str) -> CatalogStore:
    return CatalogStore(table)


def catalog_store() -> CatalogStore:
    """Return this process's store."""
    return _store_of(os.environ["CATALOG_TABLE"])
