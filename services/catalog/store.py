"""The only file that knows the catalogue's table.

Items: `<entry id>` / `STATE#entry`, `EVENT#<seq>`, `RECEIPT#<event id>`; `SOURCE#<source id>` / `SOURCE` (what was
imported); `KEY#…` / `KEY` (idempotency). The index `published` holds live entries alone.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from services.catalog.entry import Entry
from services.catalog.search import Listing, Summary, provider_mark, provider_name, summary_of, text_of
from services.catalog.version import State
from services.shared.cases import Cases
from services.shared.dynamo import Attributes, dynamodb, item_of, open_token, page_token, plain, put_new, write
from services.shared.once import Once
from services.shared.organisations import organisation
from services.shared.steps import Step

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

LIVE = "LIVE"
PLACE = {"published": LIVE, "pk": None, "sk": "STATE#entry"}  # what a page token of the list names
ROWS_A_WRITE = 33  # a transaction holds 100 writes, and a row is three
CALLS_A_LIST = 2  # a page of the index is a megabyte before the filter; the caller goes on with `next`


class CatalogStore(Cases[Entry]):
    """Entries with their events and receipts, and what was imported, in one table."""

    def __init__(self, table: str, bucket: str) -> None:
        super().__init__(table, bucket, "entry", Entry)

    def save_step(self, step: Step[Entry], once: Once | None = None) -> None:
        """Write an entry and its event, or nothing. Raises Stale when someone else was first."""
        self.save(step, _index(step.record), once=once)

    def imported_as(self, source_ids: Iterable[str]) -> dict[str, str]:
        """Return the entries that rows became before, by the rows' ids; at most 100 at once."""
        wanted = [item_of(_source(source_id)) for source_id in source_ids]
        found: dict[str, str] = {}
        while wanted:
            answer = dynamodb().batch_get_item(RequestItems={self.table: {"Keys": wanted, "ConsistentRead": True}})
            items = [plain(item) for item in answer["Responses"][self.table]]
            found |= {item["pk"].removeprefix("SOURCE#"): item["made"] for item in items}
            left = answer["UnprocessedKeys"]
            wanted = list(left[self.table]["Keys"]) if left else []
        return found

    def save_imports(self, steps: Mapping[str, Step[Entry]]) -> None:
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
            "TableName": self.table,
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

    def _import_writes(self, source_id: str, step: Step[Entry]) -> list["TransactWriteItemTypeDef"]:
        source = put_new(self.table, _source(source_id) | {"made": step.record.id})
        return [*self.writes(step, _index(step.record)), source]


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


def catalog_store() -> CatalogStore:
    """Return the store of this function's table and bucket."""
    return CatalogStore(os.environ["CATALOG_TABLE"], os.environ["PAYLOAD_BUCKET"])
