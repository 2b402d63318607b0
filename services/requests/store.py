"""The only file that knows how cases lie in the requests table.

Items: `<case>` / `STATE#<name>`, `EVENT#<seq>`, `RECEIPT#<event id>`, `PAYLOAD#<event id>`, `DESK#<name>#<unit>`;
`RESOURCE#<entry id>` / `ENTRY` (the catalogue's projection); `KEY#…` / `KEY` (idempotency).
"""

import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from services.requests.agreement import Agreement, AgreementState
from services.requests.case import Case
from services.requests.case_record import CaseRecord
from services.requests.deliveries_store import facts_in
from services.requests.desk_store import desk_writes
from services.requests.entry import Entry
from services.requests.kinds import KINDS, kind_of
from services.requests.shelves import index_of
from services.requests.telling import Step
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

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

SIDES = {Party.REQUESTER: "by-requester", Party.PROVIDER: "by-provider"}


class RequestStore:
    """Cases with their records, events, receipts and desks, the catalogue's projection; payload boxes in a bucket."""

    def __init__(self, table: str, bucket: str) -> None:
        self.table, self._bucket = table, bucket

    def get(self, case: str) -> Case:
        """Return a case as it stands, consistently, in one call. Raises NotFound."""
        items = load_case(self.table, case)
        names = [str(item["sk"]).removeprefix("STATE#") for item in items if item["sk"].startswith("STATE#")]
        records = dict(_records(items, names))
        if "request" not in records:
            raise NotFound("there is no such request")
        receipts = {_event_id(item): int(item["index"]) for item in items if item["sk"].startswith("RECEIPT#")}
        return Case(records, receipts, facts_in(items))

    def knows(self, case: str) -> bool:
        """Return whether there is such a request."""
        key = item_of({"pk": case, "sk": "STATE#request"})
        answer = dynamodb().get_item(TableName=self.table, Key=key, ConsistentRead=True, ProjectionExpression="pk")
        return "Item" in answer

    def save(self, step: Step, once: Once | None = None) -> None:
        """Write everything a step leaves behind, or nothing; raises Stale when someone else was first.

        The payload's box goes first: if the transaction fails it is an object that no key opens.
        """
        if step.payload:
            store(self._bucket, step.payload)
        writes: list[TransactWriteItemTypeDef] = []
        for name, record in step.records.items():
            writes.append(put_record(self.table, step.case, name, record, index_of(name, record)))
            writes += desk_writes(self.table, name, step.before.get(name), record)
        writes += [put_event(self.table, event) for event in step.events]
        if step.payload:
            writes.append(put_key(self.table, step.payload, readers_of(step.event)))
        if once:
            writes.append(bind(self.table, once, step.case, step.event.at))
        write(writes)

    def made_before(self, once: Once) -> str | None:
        """Return the case that an Idempotency-Key made before, or None."""
        return made_before(self.table, once)

    def page(
        self, kind: str, organisation: str, party: Party, *, limit: int, after: str | None
    ) -> tuple[list[CaseRecord], str | None]:
        """Return a unit's records of a kind as one of the sides, latest change first, and the next page's token."""
        mine = f"{kind}#{organisation}"
        return self._listed(kind, (SIDES[party], party.value, mine, "changed_at"), limit=limit, after=after)

    def standing(self, kind: str, state: str, *, limit: int, after: str | None) -> tuple[list[CaseRecord], str | None]:
        """Return every record of a kind in a state, latest change first, and the next page's token."""
        place = ("by-standing", "standing", f"{kind}#{state}", "place")
        return self._listed(kind, place, limit=limit, after=after)

    def docket(self, kind: str, bureau: str, *, limit: int, after: str | None) -> tuple[list[CaseRecord], str | None]:
        """Return the records of a kind that a bureau follows, latest change first, and the next page's token."""
        place = ("by-docket", "docket", f"{kind}#{bureau}", "changed_at")
        return self._listed(kind, place, limit=limit, after=after)

    def recipients(self, resource: str) -> Iterator[tuple[str, str]]:
        """Yield who has an agreement on an entry that is not over: organisation and case."""
        query = {
            "TableName": self.table,
            "IndexName": "by-resource",
            "KeyConditionExpression": "#resource = :resource",
            "ExpressionAttributeNames": {"#resource": "resource"},
            "ExpressionAttributeValues": {":resource": {"S": resource}},
        }
        place = {"pk": None, "sk": None, "resource": resource, "changed_at": None}
        after, more = None, True
        while more:
            found, after = query_page(query, after=after, key=place)
            yield from ((str(item["requester"]).partition("#")[2], str(item["pk"])) for item in found)
            more = after is not None

    def agreement_on(self, resource: str, organisation: str) -> str | None:
        """Return an organisation's agreement in force on an entry, or None."""
        mine = (case for whose, case in self.recipients(resource) if whose == organisation)
        for case in mine:
            agreement = self.get(case).named("agreement", Agreement)
            if agreement is not None and agreement.state is AgreementState.ACTIVE:
                return case
        return None

    def history(self, case: str, *, limit: int, after: str | None) -> tuple[list[Event], str | None]:
        """Return a page of the case's events in order, and the next page's token."""
        return history(self.table, case, limit=limit, after=after)

    def payload(self, case: str, event_id: str, *, reader: str) -> Opened:
        """Return what was written with an event, in clear.

        Raises NotFound when there is nothing, it was erased, or `reader` is not one of its readers.
        """
        return open_payload(self.table, self._bucket, Address(case, event_id), reader=reader)

    def entry(self, entry_id: str) -> Entry:
        """Return the catalogue's entry as last heard of. Raises NotFound."""
        key = item_of({"pk": f"RESOURCE#{entry_id}", "sk": "ENTRY"})
        found = dynamodb().get_item(TableName=self.table, Key=key, ConsistentRead=True).get("Item")
        if found is None:
            raise NotFound("there is no such entry in the catalogue")
        return Entry.model_validate_json(plain(found)["entry"])

    def project(self, entry: Entry) -> None:
        """Keep what the catalogue says of an entry, unless something newer is known. Bears redelivery."""
        item = {"pk": f"RESOURCE#{entry.id}", "sk": "ENTRY", "entry": entry.model_dump_json()}
        try:
            dynamodb().put_item(
                TableName=self.table,
                Item=item_of(item | {"heard": entry.case_seq}),
                ConditionExpression="attribute_not_exists(pk) OR heard < :seq",
                ExpressionAttributeValues={":seq": {"N": str(entry.case_seq)}},
            )
        except dynamodb().exceptions.ConditionalCheckFailedException:
            return  # told before, or overtaken

    def _listed(
        self, kind: str, place: tuple[str, str, str, str], *, limit: int, after: str | None
    ) -> tuple[list[CaseRecord], str | None]:
        index, attribute, value, order = place
        query = {
            "TableName": self.table,
            "IndexName": index,
            "KeyConditionExpression": "#list = :value",
            "ExpressionAttributeNames": {"#list": attribute},
            "ExpressionAttributeValues": {":value": {"S": value}},
            "ScanIndexForward": False,
            "Limit": limit,
        }
        key = {"pk": None, "sk": None, attribute: value, order: None}
        found, token = query_page(query, after=after, key=key)
        model = KINDS[kind].model
        return [model.model_validate_json(item["record"]) for item in found], token


def _records(items: list[Attributes], names: Iterable[str]) -> Iterator[tuple[str, CaseRecord]]:
    for name in names:
        record = record_in(items, name, KINDS[kind_of(name)].model)
        if record is not None:
            yield name, record


def _event_id(item: Attributes) -> str:
    return str(item["sk"]).removeprefix("RECEIPT#")


def request_store() -> RequestStore:
    """Return the store of this function's table and bucket."""
    return RequestStore(os.environ["REQUESTS_TABLE"], os.environ["PAYLOAD_BUCKET"])
