"""Demands in the requests table: `<demand id>` / `STATE#demand`, `EVENT#<seq>`, `PAYLOAD#<event id>`, `DESK#…`.

What the catalogue has is read from its projection, `RESOURCE#<entry id>` / `ENTRY`. Of the indexes `by-standing` has
what stands in a state in the order of its rank, `by-requester` what an organisation filed.
"""

import os
from typing import TYPE_CHECKING, NamedTuple

from services.requests.demand import Demand, DemandState
from services.requests.demand_life import MACHINE
from services.requests.desk_store import desk_writes
from services.requests.entry import Entry
from services.requests.shelves import sweep_of
from services.shared.cases import Cases
from services.shared.dynamo import Attributes, dynamodb, item_of, plain, query_page
from services.shared.errors import Invalid, Problem, Stale
from services.shared.once import Once
from services.shared.steps import Step

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

ENDED = "没有此需求,或已办结 / there is no such demand, or it has ended"
NAME = "demand"  # of the record in its case, and of its kind
STATE_ITEM = f"STATE#{NAME}"


class Index(NamedTuple):
    """An index: its name, its key attribute, and the one that orders it."""

    name: str
    key: str
    order: str


BY_STANDING = Index("by-standing", "standing", "place")
BY_REQUESTER = Index("by-requester", "requester", "changed_at")


class DemandStore(Cases[Demand]):
    """Demands with their events."""

    def __init__(self, table: str, bucket: str) -> None:
        super().__init__(table, bucket, NAME, Demand)

    def save_step(self, step: Step[Demand], before: Demand | None, once: Once | None = None) -> None:
        """Write a demand, its event and its place on the desks, or nothing; `before` is the demand as it was read.

        Raises Stale when someone else was first, Invalid when the demand that this one goes on as does not go on.
        """
        into = step.record.merged_into
        beside = [*desk_writes(self.table, NAME, before, step.record), *([self._goes_on(into)] if into else [])]
        try:
            self.save(step, _index(step.record), once=once, beside=beside)
        except Stale as lost:
            if into and self._item(into, STATE_ITEM).get("standing") not in GOING_ON:
                raise Invalid("cannot merge: not complete", [Problem(pointer="/into", detail=ENDED)]) from lost
            raise

    def ranked(self, state: DemandState, *, limit: int, after: str | None) -> tuple[list[Demand], str | None]:
        """Return a page of what stands in a state, by rank, and the next page's token."""
        return self._page(BY_STANDING, _standing(state), limit=limit, after=after)

    def filed_by(self, organisation: str, *, limit: int, after: str | None) -> tuple[list[Demand], str | None]:
        """Return a page of what an organisation filed, latest change first, and the next page's token."""
        return self._page(BY_REQUESTER, _filer(organisation), limit=limit, after=after)

    def has_published(self, entry_id: str) -> bool:
        """Return whether an entry stands in the catalogue, as last heard of."""
        found = self._item(f"RESOURCE#{entry_id}", "ENTRY")
        return bool(found) and Entry.model_validate_json(found["entry"]).published

    def _page(self, index: Index, value: str, *, limit: int, after: str | None) -> tuple[list[Demand], str | None]:
        query = {
            "TableName": self.table,
            "IndexName": index.name,
            "KeyConditionExpression": "#key = :value",
            "ExpressionAttributeNames": {"#key": index.key},
            "ExpressionAttributeValues": item_of({":value": value}),
            "ScanIndexForward": False,
            "Limit": limit,
        }
        place = {"pk": None, "sk": STATE_ITEM, index.key: value, index.order: None}
        items, token = query_page(query, after=after, key=place)
        return [Demand.model_validate_json(item["record"]) for item in items], token

    def _goes_on(self, demand_id: str) -> "TransactWriteItemTypeDef":
        """Return the check that another demand has not ended: of two that are merged into each other one stays."""
        states = {f":state{number}": state for number, state in enumerate(sorted(GOING_ON))}
        return {
            "ConditionCheck": {
                "TableName": self.table,
                "Key": item_of({"pk": demand_id, "sk": STATE_ITEM}),
                "ConditionExpression": f"standing IN ({', '.join(states)})",
                "ExpressionAttributeValues": item_of(states),
            }
        }

    def _item(self, pk: str, sk: str) -> Attributes:
        key = item_of({"pk": pk, "sk": sk})
        return plain(dynamodb().get_item(TableName=self.table, Key=key, ConsistentRead=True).get("Item", {}))


def _standing(state: DemandState) -> str:
    return f"demand#{state}"


def _filer(organisation: str) -> str:
    return f"demand#{organisation}"


GOING_ON = frozenset(_standing(state) for state in DemandState if state not in MACHINE.terminal)


def _index(demand: Demand) -> dict[str, str]:
    return {
        "standing": _standing(demand.state),
        "place": demand.place,
        "requester": _filer(demand.requester),
        "changed_at": demand.changed_at.isoformat(),
        **sweep_of(NAME, demand),
    }


def demand_store() -> DemandStore:
    """Return the store of this function's table and bucket."""
    return DemandStore(os.environ["REQUESTS_TABLE"], os.environ["PAYLOAD_BUCKET"])
