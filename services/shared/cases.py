"""Cases of one kind in a table: a record with its events, receipts, payloads, and what it is related to.

Items of a case: `STATE#<name>`, `EVENT#<seq>`, `RECEIPT#<event id>`, `RELATED#<kind>#<id>`, `PAYLOAD#<event id>`.
Knows no service's records; which attributes stand in an index is its caller's business.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from services.shared.dynamo import (
    Attributes,
    dynamodb,
    history,
    item_of,
    load_case,
    put_event,
    put_record,
    record_in,
    write,
)
from services.shared.errors import NotFound
from services.shared.event_bodies import FilingReceipted
from services.shared.events import Event, readers_of
from services.shared.lifecycle import Record
from services.shared.model import Model
from services.shared.once import Once, bind, made_before
from services.shared.payloads import Address, Opened, open_payload, put_key, store
from services.shared.steps import Step

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

R = TypeVar("R", bound=Record)


class Related(Model):
    """Something that a case is linked with; `kind` is the singular of its collection (`database`, `resource`)."""

    kind: str
    id: str
    title: str


class Found(NamedTuple, Generic[R]):
    """A record with its receipts, by event id to ledger index, and what it is related to."""

    record: R
    receipts: dict[str, int]
    related: tuple[Related, ...] = ()


class Cases(Generic[R]):
    """Every case of one kind; `name` is what its state item is called and what a caller calls it."""

    def __init__(self, table: str, bucket: str, name: str, model: type[R]) -> None:
        self.table, self._bucket = table, bucket
        self._name, self._model = name, model

    def get(self, case: str) -> Found[R]:
        """Return a case as it stands, consistently, in one call. Raises NotFound."""
        items = load_case(self.table, case)
        record = record_in(items, self._name, self._model)
        if record is None:
            raise NotFound(f"there is no such {self._name}")
        return Found(record, _receipts(items), _related(items))

    def writes(self, step: Step[R], index: Mapping[str, Any]) -> list["TransactWriteItemTypeDef"]:
        """Return what a step writes into its case, for a transaction that writes more; `index` is for the indexes."""
        writes = [
            put_record(self.table, step.record.id, self._name, step.record, index),
            put_event(self.table, step.event),
        ]
        return [*writes, put_key(self.table, step.payload, readers_of(step.event))] if step.payload else writes

    def save(
        self,
        step: Step[R],
        index: Mapping[str, Any],
        *,
        once: Once | None = None,
        beside: Sequence["TransactWriteItemTypeDef"] = (),
    ) -> None:
        """Write a step and what goes `beside` it, or nothing. Raises Stale when someone else was first."""
        self.seal(step)
        bound = [bind(self.table, once, step.record.id, step.event.at)] if once else []
        write([*self.writes(step, index), *beside, *bound])

    def seal(self, step: Step[R]) -> None:
        """Write a payload's box, before the transaction: if that fails it is an object that no key opens."""
        if step.payload:
            store(self._bucket, step.payload)

    def made_before(self, once: Once) -> str | None:
        """Return the case that an Idempotency-Key made before, or None."""
        return made_before(self.table, once)

    def history(self, case: str, *, limit: int, after: str | None) -> tuple[list[Event], str | None]:
        """Return a page of a case's events in order, and the next page's token."""
        return history(self.table, case, limit=limit, after=after)

    def payload(self, case: str, event_id: str, *, reader: str) -> Opened:
        """Return what was written with an event, in clear. Raises NotFound for whom it is not meant, or when erased."""
        return open_payload(self.table, self._bucket, Address(case, event_id), reader=reader)


def keep_receipt(table: str, case: str, receipt: FilingReceipted) -> None:
    """Keep a receipt beside its case. Writing it again changes nothing."""
    name = {"pk": case, "sk": f"RECEIPT#{receipt.event_id}"}
    place = {"index": receipt.index, "checkpoint_size": receipt.checkpoint_size}
    dynamodb().put_item(TableName=table, Item=item_of(name | place))


def relate(table: str, case: str, related: Related) -> "TransactWriteItemTypeDef":
    """Return the write that links a case with something else; writing it again changes nothing."""
    item = _place(case, related) | {"related": related.model_dump_json()}
    return {"Put": {"TableName": table, "Item": item_of(item)}}


def unrelate(table: str, case: str, related: Related) -> "TransactWriteItemTypeDef":
    """Return the write that takes a link away."""
    return {"Delete": {"TableName": table, "Key": item_of(_place(case, related))}}


def _place(case: str, related: Related) -> dict[str, str]:
    return {"pk": case, "sk": f"RELATED#{related.kind}#{related.id}"}


def _receipts(items: Sequence[Attributes]) -> dict[str, int]:
    found = ((str(item["sk"]), item) for item in items)
    return {sk.removeprefix("RECEIPT#"): int(item["index"]) for sk, item in found if sk.startswith("RECEIPT#")}


def _related(items: Sequence[Attributes]) -> tuple[Related, ...]:
    return tuple(Related.model_validate_json(i["related"]) for i in items if i["sk"].startswith("RELATED#"))
