"""Where the exchange catalogue lies in the catalogue's table: `<entry id>` / `SHELF#EXCHANGE`, beside the entry.

The links of agreement and entry stand in both partitions; an agreement's is the id of its case.
"""

from typing import TYPE_CHECKING

from services.catalog.catalogues import Shelf, entry_line
from services.catalog.chain import Kind, Place, Step
from services.catalog.entry import Entry
from services.catalog.exchange import HEARD, Exchange, line_of
from services.catalog.feed import Mark
from services.catalog.feed_store import MARK
from services.catalog.search import provider_name, text_of
from services.catalog.version import State
from services.shared.cases import Related, relate
from services.shared.dynamo import Attributes, dynamodb, item_of, load_case, plain, record_in, write
from services.shared.errors import NotFound
from services.shared.events import Event

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

PLACE = "SHELF#EXCHANGE"  # among what one read of a case brings


def hear(table: str, event: Event) -> None:
    """Do what an event of an agreement does to the entry it is on. Raises NotFound, and Stale to be heard again."""
    entry, before = _load(table, str(event.body["resource"]))
    after = HEARD[event.type](before, event)
    if after.agreements != before.agreements:
        _save(table, entry, after, [*_links(table, entry, after, event.case)])


def refresh(table: str, entry_id: str) -> None:
    """Bring an entry's line up to what the entry now says; one that was never shared has none. Raises Stale."""
    entry, exchange = _load(table, entry_id)
    if exchange.version:
        _save(table, entry, exchange, [])


def _load(table: str, entry_id: str) -> tuple[Entry, Exchange]:
    items = load_case(table, entry_id)
    entry = record_in(items, "entry", Entry)
    if entry is None:
        raise NotFound(f"there is no entry {entry_id}")
    found = (item["exchange"] for item in items if item["sk"] == PLACE)
    return entry, next(map(Exchange.model_validate_json, found), Exchange(entry=entry_id))


def _save(table: str, entry: Entry, exchange: Exchange, beside: list["TransactWriteItemTypeDef"]) -> None:
    made = exchange.model_copy(update={"version": exchange.version + 1})
    item = {"pk": entry.id, "sk": PLACE, "version": made.version, "exchange": made.model_dump_json()}
    put: TransactWriteItemTypeDef = {
        "Put": {
            "TableName": table,
            "Item": item_of(item | _index(entry, made)),
            "ConditionExpression": "attribute_not_exists(pk) OR version = :before",
            "ExpressionAttributeValues": {":before": {"N": str(exchange.version)}},
        }
    }
    write([put, *beside])


def _index(entry: Entry, exchange: Exchange) -> Attributes:
    version = entry.live
    if version is None or version.state is not State.LIVE:
        return {}
    name = provider_name(entry.provider, version.changed_at)
    line = entry_line(version, name, number=version.resource_code)
    text = text_of(line.title, line.unit, [line.unit_name], (item.name for item in version.metadata.items))
    return {"catalogue": Shelf.EXCHANGE, "listed": line_of(exchange, line).model_dump_json(), "search": text}


def _links(table: str, entry: Entry, exchange: Exchange, case: str) -> "Iterator[TransactWriteItemTypeDef]":
    title = entry.live.metadata.title if entry.live else None
    for agreement in exchange.agreements:
        if agreement.id == case:
            yield relate(table, entry.id, Related(kind="agreement", id=case, title=agreement.title))
            yield relate(table, case, Related(kind="resource", id=entry.id, title=title or ""))


def place_of(table: str, case: str) -> Place:
    """Return what the chain knows of a case, consistently, in one call; nothing of one that was never public."""
    answer = dynamodb().query(
        TableName=table,
        KeyConditionExpression="pk = :case AND sk BETWEEN :first AND :last",
        ExpressionAttributeValues=item_of({":case": case, ":first": "RELATED#", ":last": "SHELF#~"}),
        ConsistentRead=True,
    )
    items = {item["sk"]: item for item in map(plain, answer["Items"])}
    related = (sk.split("#", 2)[1:] for sk in items if sk.startswith("RELATED#"))
    return Place(
        change=Mark.model_validate_json(items[MARK]["mark"]).change if MARK in items else None,
        related=tuple(Step(Kind(kind), name) for kind, name in related if kind in set(Kind)),
        exchange=Exchange.model_validate_json(items[PLACE]["exchange"]) if PLACE in items else None,
    )
