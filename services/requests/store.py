"""The only file that knows the requests table.

Items: `<request id>` / `STATE#request`, `STATE#agreement`, `EVENT#<seq>`, `RECEIPT#<event id>`, `PAYLOAD#<event id>`;
`RESOURCE#<entry id>` / `ENTRY` (the catalogue's projection); `KEY#…` / `KEY` (idempotency).
"""

import os
from typing import NamedTuple

from services.requests.agreement import Agreement
from services.requests.entry import Entry
from services.requests.guards import Given
from services.requests.request import Request
from services.requests.steps import Step
from services.shared.dynamo import (
    Attributes,
    dynamodb,
    history,
    item_of,
    load_case,
    plain,
    put_event,
    put_record,
    query_page,
    record_in,
    write,
)
from services.shared.errors import NotFound
from services.shared.events import Event, readers_of
from services.shared.lifecycle import Party
from services.shared.once import Once, bind, made_before
from services.shared.payloads import Address, Opened, open_payload, put_key, store

INDEXES = {Party.REQUESTER: "by-requester", Party.PROVIDER: "by-provider"}


class Case(NamedTuple):
    """A request with what lies beside it: its receipts, by event id to ledger index, and its agreement."""

    request: Request
    receipts: dict[str, int]
    agreement: Agreement | None = None

    @property
    def given(self) -> Given:
        """What the guards look at."""
        return Given(receipts=frozenset(self.receipts))


class RequestStore:
    """Requests, agreements, receipts and the catalogue's projection in one table; payload boxes in one bucket."""

    def __init__(self, table: str, bucket: str) -> None:
        self._table, self._bucket = table, bucket

    def get(self, request_id: str) -> Case:
        """Return a case as it stands, consistently, in one call. Raises NotFound."""
        items = load_case(self._table, request_id)
        request = record_in(items, "request", Request)
        if request is None:
            raise NotFound("there is no such request")
        receipts = {_event_id(item): int(item["index"]) for item in items if item["sk"].startswith("RECEIPT#")}
        return Case(request, receipts, record_in(items, "agreement", Agreement))

    def knows(self, request_id: str) -> bool:
        """Return whether there is such a request."""
        key = item_of({"pk": request_id, "sk": "STATE#request"})
        answer = dynamodb().get_item(TableName=self._table, Key=key, ConsistentRead=True, ProjectionExpression="pk")
        return "Item" in answer

    def save(self, step: Step, once: Once | None = None) -> None:
        """Write everything a step leaves behind, or nothing; raises Stale when someone else was first.

        The payload's box goes first: if the transaction fails it is an object that no key opens.
        """
        if step.payload:
            store(self._bucket, step.payload)
        request = step.request
        writes = [put_record(self._table, request.id, "request", request, _index(request))]
        writes.append(put_event(self._table, step.event))
        if step.payload:
            writes.append(put_key(self._table, step.payload, readers_of(step.event)))
        if step.agreement:
            writes.append(put_record(self._table, request.id, "agreement", step.agreement, {}))
        if once:
            writes.append(bind(self._table, once, request.id, step.event.at))
        write(writes)

    def made_before(self, once: Once) -> str | None:
        """Return the request that an Idempotency-Key made before, or None."""
        return made_before(self._table, once)

    def page(
        self, organisation: str, party: Party, *, limit: int, after: str | None
    ) -> tuple[list[Request], str | None]:
        """Return an organisation's requests as one of the parties, latest change first, and the next page's token."""
        query = {
            "TableName": self._table,
            "IndexName": INDEXES[party],
            "KeyConditionExpression": "#party = :organisation",
            "ExpressionAttributeNames": {"#party": party},
            "ExpressionAttributeValues": {":organisation": {"S": organisation}},
            "ScanIndexForward": False,
            "Limit": limit,
        }
        place = {"pk": None, "sk": "STATE#request", party: organisation, "changed_at": None}
        found, token = query_page(query, after=after, key=place)
        return [Request.model_validate_json(item["record"]) for item in found], token

    def history(self, request_id: str, *, limit: int, after: str | None) -> tuple[list[Event], str | None]:
        """Return a page of the case's events in order, and the next page's token."""
        return history(self._table, request_id, limit=limit, after=after)

    def payload(self, request_id: str, event_id: str, *, reader: str) -> Opened:
        """Return what was written with an event, in clear.

        Raises NotFound when there is nothing, it was erased, or `reader` is not one of its readers.
        """
        return open_payload(self._table, self._bucket, Address(request_id, event_id), reader=reader)

    def entry(self, entry_id: str) -> Entry:
        """Return the catalogue's entry as last heard of. Raises NotFound."""
        key = item_of({"pk": f"RESOURCE#{entry_id}", "sk": "ENTRY"})
        found = dynamodb().get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")
        if found is None:
            raise NotFound("there is no such entry in the catalogue")
        return Entry.model_validate_json(plain(found)["entry"])

    def project(self, entry: Entry) -> None:
        """Keep what the catalogue says of an entry, unless something newer is known. Bears redelivery."""
        item = {"pk": f"RESOURCE#{entry.id}", "sk": "ENTRY", "entry": entry.model_dump_json()}
        try:
            dynamodb().put_item(
                TableName=self._table,
                Item=item_of(item | {"heard": entry.case_seq}),
                ConditionExpression="attribute_not_exists(pk) OR heard < :seq",
                ExpressionAttributeValues={":seq": {"N": str(entry.case_seq)}},
            )
        except dynamodb().exceptions.ConditionalCheckFailedException:
            return  # told before, or overtaken


def _event_id(item: Attributes) -> str:
    return str(item["sk"]).removeprefix("RECEIPT#")


def _index(request: Request) -> dict[str, str]:
    seen = {"requester": request.requester, "changed_at": request.changed_at.isoformat()}
    return seen | ({"provider": request.provider} if request.submitted_at else {})


def request_store() -> RequestStore:
    """Return the store of this function's table and bucket."""
    return RequestStore(os.environ["REQUESTS_TABLE"], os.environ["PAYLOAD_BUCKET"])
