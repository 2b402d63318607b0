"""moto's long ways round, cut short: the tables in memory answer what they answered, in half of the time.

Most of what a test in memory takes is taken by moto. Each shortcut is moto's alone, and holds once `take` was called.
"""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from copy import deepcopy
from functools import cache
from threading import Lock
from typing import Any, cast

from botocore import useragent
from botocore.useragent import sanitize_user_agent_string_component
from moto.core import responses
from moto.core.serialize import BaseJSONSerializer
from moto.core.utils import method_names_from_class
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table

Keys = tuple[DynamoType, DynamoType]
SERIALIZED = BaseJSONSerializer._serialize_type_structure
QUERIED = Table.query
TRANSACTED = DynamoDBBackend.transact_write_items
TURNS = Lock()
CAST = vars(DynamoType)["cast_value"].fget


def take() -> None:
    """Let moto take the shortcuts from here on."""
    for place, name, shortcut in SHORTCUTS:
        setattr(place, name, shortcut)


def serialized(serializer: BaseJSONSerializer, into: Any, value: Any, shape: Any, key: str) -> None:
    """Write a structure of an answer; an attribute is sent as it is held, where moto looks for ten kinds in each."""
    if shape.name == "AttributeValue":
        into[key] = _as_sent(value)
    else:
        SERIALIZED(serializer, into, value, shape, key)


def _as_sent(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _as_sent(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_as_sent(inner) for inner in value]
    return b64encode(value).decode() if isinstance(value, bytes) else value


def cast_value(value: DynamoType) -> Any:
    """Return a value to compare; most are strings, which moto sees last."""
    return value.value if value.type == "S" else CAST(value)


def all_items(table: Table) -> list[Item]:
    """Return the items of a table with sort keys in the order of their keys; moto asks each pair which is less."""
    items = [item for partition in table.items.values() for item in partition.values()]
    return sorted(items, key=_order)


def _order(item: Any) -> tuple[Any, Any]:
    return item.hash_key.cast_value, item.range_key.cast_value


def queried(table: Table, hash_key: Any, *asked: Any, **said: Any) -> Any:
    """Query an index, or a partition alone; moto puts the whole table in order first."""
    of_index = asked[6] is not None
    return QUERIED(table if of_index else cast("Table", _Partition(table, hash_key)), hash_key, *asked, **said)


class _Partition:
    """A table that has one partition's items."""

    def __init__(self, table: Table, key: DynamoType) -> None:
        self._table, self._key = table, key

    def __getattr__(self, name: str) -> Any:
        return getattr(self._table, name)

    def all_items(self) -> list[Item]:
        return list(self._table.items.get(self._key, {}).values())


def transacted(backend: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> None:
    """Carry out all of a transaction or nothing, and one at a time; moto copies whole tables to go back to."""
    writes = [write for each in transact_items for write in each.values()]
    with TURNS:
        before = [_before(backend.tables[write["TableName"]], write) for write in writes]
        try:
            TRANSACTED(backend, transact_items)
        except Exception:
            _put_back(before)
            raise


def _before(table: Table, write: Mapping[str, Any]) -> tuple[Table, Keys, Item | None]:
    key = write.get("Key") or write["Item"]
    keys = DynamoType(key[table.hash_key_attr]), DynamoType(key[str(table.range_key_attr)])
    return table, keys, deepcopy(table.get_item(*keys))


def _put_back(before: Sequence[tuple[Table, Keys, Item | None]]) -> None:
    for table, (partition, sort), item in before:
        if item is None:
            table.items[partition].pop(sort, None)
        else:
            table.items[partition][sort] = item


def _itself(table: Table, _: Any) -> Table:
    return table


SHORTCUTS: tuple[tuple[Any, str, Any], ...] = (
    (BaseJSONSerializer, "_serialize_type_structure", serialized),
    (DynamoType, "cast_value", property(cast_value)),
    (Table, "all_items", all_items),
    (Table, "query", queried),
    (Table, "__deepcopy__", _itself),
    (DynamoDBBackend, "transact_write_items", transacted),
    # Both are worked out anew for every call, from what never changes.
    (responses, "method_names_from_class", cache(method_names_from_class)),
    (useragent, "sanitize_user_agent_string_component", cache(sanitize_user_agent_string_component)),
)
