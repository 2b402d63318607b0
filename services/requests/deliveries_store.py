"""What the exchange tells of deliveries, kept beside their case, each counted once.

Items: `<case>` / `DELIVERY#<delivery>`, that it was counted; `REPORTED#period-2027Q1`, the count of that report period.
"""

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from services.requests.period import name_of
from services.requests.period_parts import Facts
from services.requests.report_schedule import period_on
from services.shared.dynamo import Attributes, dynamodb, item_of, plain, put_new, write
from services.shared.errors import Stale
from services.shared.events import Event
from services.shared.report_bodies import DeliveryAccepted

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

COUNT, DELIVERY = "REPORTED#", "DELIVERY#"


def delivery_accepted(event: Event) -> None:
    """Count a delivery in the period that its day lies in; one that was counted before changes nothing.

    Raises Stale when another delivery was just being counted: the message comes again.
    """
    table, delivery = os.environ["REQUESTS_TABLE"], DeliveryAccepted.model_validate(dict(event.body))
    count = COUNT + name_of(period_on(delivery.delivered_on))
    found = _item(table, delivery.agreement, count)
    facts = _added(Facts.model_validate_json(found["facts"]) if found else Facts(), delivery)
    counted = {"pk": delivery.agreement, "sk": DELIVERY + delivery.delivery, "event": event.id}
    try:
        write([put_new(table, counted), _put_count(table, delivery.agreement, count, facts)])
    except Stale:
        if not _item(table, delivery.agreement, DELIVERY + delivery.delivery):
            raise


def facts_in(items: Iterable[Attributes]) -> Mapping[str, Facts]:
    """Return what the exchange saw, by the name of the period's record, from a case's items."""
    counts = ((str(item["sk"]), item) for item in items)
    return {
        sk.removeprefix(COUNT): Facts.model_validate_json(item["facts"]) for sk, item in counts if sk.startswith(COUNT)
    }


def _added(facts: Facts, delivery: DeliveryAccepted) -> Facts:
    day = delivery.delivered_on
    return Facts(
        deliveries=facts.deliveries + 1,
        rows=facts.rows + delivery.rows,
        items=tuple(sorted({*facts.items, *delivery.items})),
        first_on=min(facts.first_on or day, day),
        last_on=max(facts.last_on or day, day),
    )


def _put_count(table: str, case: str, count: str, facts: Facts) -> "TransactWriteItemTypeDef":
    """Return the write of a count over the one that it was made from."""
    item = {"pk": case, "sk": count, "version": facts.deliveries, "facts": facts.model_dump_json()}
    return {
        "Put": {
            "TableName": table,
            "Item": item_of(item),
            "ConditionExpression": "attribute_not_exists(pk) OR version < :version",
            "ExpressionAttributeValues": item_of({":version": facts.deliveries}),
        }
    }


def _item(table: str, case: str, name: str) -> Attributes:
    key = item_of({"pk": case, "sk": name})
    return plain(dynamodb().get_item(TableName=table, Key=key, ConsistentRead=True).get("Item", {}))
