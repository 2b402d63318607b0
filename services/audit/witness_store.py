"""The only module that knows where the audit table keeps what witnesses did; it decides nothing.

| item                               | pk                | sk                        |
|------------------------------------|-------------------|---------------------------|
| how far a witness is               | `WITNESS#<log>`   | `<key's name>+<key's id>` |
| what the quorum cosigned last      | `WITNESSED#<log>` | `WITNESSED`               |
| since when a checkpoint awaits it  | `WITNESSED#<log>` | `AWAITED`                 |

The first two only grow. None of them is read by what files.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from services.audit.bulk import get_all, get_one, over, swapped
from services.audit.witness import Awaited, Standing, Witness, Witnessed
from services.shared.dynamo import Attributes, item_of
from services.shared.model import Model

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Known:
    """All that is known of a log's witnesses: the `standings` by the witness's id, what they did and what waits."""

    standings: Mapping[str, Standing]
    witnessed: Witnessed
    awaited: Awaited


class WitnessStore:
    """The items of one log's witnesses in one table."""

    def __init__(self, table: str, log: str) -> None:
        self._table = table
        self._log = log

    def load(self, witnesses: Collection[Witness]) -> Known:
        """Return what is known of the witnesses, read consistently in one call; one that was never asked is new."""
        names = [self._witness(each.id) for each in witnesses]
        found = get_all(self._table, [*names, self._witnessed("WITNESSED"), self._witnessed("AWAITED")])
        items = {(item["pk"], item["sk"]): item for item in found}

        def value(model: type[M], name: Attributes) -> M:
            return _value(model, items.get((name["pk"], name["sk"]), {}))

        return Known(
            standings={each.id: value(Standing, self._witness(each.id)) for each in witnesses},
            witnessed=value(Witnessed, self._witnessed("WITNESSED")),
            awaited=value(Awaited, self._witnessed("AWAITED")),
        )

    def witnessed(self) -> Witnessed:
        """Return what the quorum cosigned last, read consistently; nothing before the first."""
        return _value(Witnessed, get_one(self._table, self._witnessed("WITNESSED")) or {})

    def save(self, witness: Witness, standing: Standing) -> bool:
        """Write how far a witness is; False, and nothing written, when it is further already."""
        return self._grown(self._witness(witness.id), standing, "#size <= :size", {":size": standing.size})

    def save_witnessed(self, witnessed: Witnessed) -> bool:
        """Write what the quorum cosigned; False when a larger tree is, or as large a one by as many witnesses."""
        more = "#size < :size OR (#size = :size AND root = :root AND cosignatures < :cosignatures)"
        values = {":size": witnessed.size, ":root": witnessed.root, ":cosignatures": witnessed.cosignatures}
        return self._grown(self._witnessed("WITNESSED"), witnessed, more, values)

    def save_awaited(self, awaited: Awaited, before: Awaited) -> bool:
        """Write since when a checkpoint waits; False when somebody else noted it since `before` was read."""
        name = self._witnessed("AWAITED")
        expected = {"above": before.above} if before.since else {}
        return swapped(over(self._table, name | _attributes(awaited), expected))

    def _grown(self, name: Attributes, value: Model, more: str, values: Attributes) -> bool:
        return swapped(
            {
                "TableName": self._table,
                "Item": item_of(name | _attributes(value)),
                "ConditionExpression": f"attribute_not_exists(pk) OR {more}",
                "ExpressionAttributeNames": {"#size": "size"},
                "ExpressionAttributeValues": item_of(values),
            }
        )

    def _witness(self, name: str) -> Attributes:
        return {"pk": f"WITNESS#{self._log}", "sk": name}

    def _witnessed(self, kind: str) -> Attributes:
        return {"pk": f"WITNESSED#{self._log}", "sk": kind}


def _attributes(value: Model) -> Attributes:
    return value.model_dump(mode="json", exclude_none=True)


def _value(model: type[M], item: Mapping[str, Any]) -> M:
    """Return the model made of its own attributes of an item."""
    return model.model_validate({name: value for name, value in item.items() if name in model.model_fields})
