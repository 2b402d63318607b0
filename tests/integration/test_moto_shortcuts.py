"""The shortcuts of the tables in memory: what they answer is what moto answers, and a transaction is all or nothing."""

from itertools import product
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st
from moto.core.serialize import JSONSerializer
from moto.core.utils import get_service_model
from moto.dynamodb.models.dynamo_type import DynamoType, Item

from services.shared.dynamo import dynamodb
from tests.moto_shortcuts import CAST, QUERIED, SERIALIZED, all_items, cast_value, queried, serialized
from tests.stack import stored, table_of

NAMES = st.text(min_size=1)
SCALARS = st.one_of(
    st.builds(lambda text: {"S": text}, st.text()),
    st.builds(lambda number: {"N": str(number)}, st.integers()),
    st.builds(lambda data: {"B": data}, st.binary()),
    st.builds(lambda said: {"BOOL": said}, st.booleans()),
    st.just({"NULL": True}),
    st.builds(lambda texts: {"SS": texts}, st.lists(st.text(), min_size=1)),
    st.builds(lambda data: {"BS": data}, st.lists(st.binary(), min_size=1)),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.builds(lambda values: {"L": values}, st.lists(inner)),
        st.builds(lambda values: {"M": values}, st.dictionaries(NAMES, inner)),
    ),
    max_leaves=4,
)
KEY = {"pk": {"S": "a"}, "sk": {"S": "x"}}
FAILS = {"ConditionCheck": {"Key": KEY | {"sk": {"S": "y"}}, "ConditionExpression": "attribute_exists(pk)"}}
COUNTED = {"UpdateExpression": "ADD n :one", "ExpressionAttributeValues": {":one": {"N": "1"}}}


class Long(JSONSerializer):
    """Answers as moto does."""

    _serialize_type_structure = SERIALIZED


class Short(JSONSerializer):
    """Answers by the shortcut."""

    _serialize_type_structure = serialized  # type: ignore[assignment]  # its parameters are named otherwise


@given(st.dictionaries(NAMES, VALUES))
def test_every_item_is_sent_as_moto_sends_it(item: dict[str, Any]) -> None:
    for operation, answer in [("GetItem", {"Item": item}), ("Query", {"Items": [item, item], "Count": 2})]:
        model = get_service_model("dynamodb").operation_model(operation)
        assert Short(model).serialize(answer) == Long(model).serialize(answer)


@given(VALUES)
def test_every_value_is_compared_as_moto_compares_it(value: dict[str, Any]) -> None:
    assert cast_value(DynamoType(value)) == CAST(DynamoType(value))


@given(st.lists(st.tuples(st.text(), st.text()), unique=True))
def test_items_are_in_the_order_of_their_keys(keys: list[tuple[str, str]]) -> None:
    table: Any = type("Table", (), {"items": {}})
    for partition, sort in keys:
        made = Item(DynamoType({"S": partition}), DynamoType({"S": sort}), {})
        table.items.setdefault(partition, {})[sort] = made
    assert [(item.hash_key.value, item.range_key.value) for item in all_items(table)] == sorted(keys)  # type: ignore[union-attr]


ALL, SOME, FIRST, REST = (None, (), 9, None), (">", ("2",), 9, None), (None, (), 2, None), (None, (), 9, "2")


@pytest.mark.parametrize("asked", [ALL, SOME, FIRST, REST])
@pytest.mark.parametrize("forward", [True, False])
@pytest.mark.parametrize("partition", ["a", "b", "nothing"])
def test_a_partition_is_queried_as_moto_queries_it(
    asked: tuple[Any, ...], partition: str, data_stack: dict[str, str], *, forward: bool
) -> None:
    table, (compared, values, limit, after) = table_of(data_stack["CatalogTable"]), asked
    for each, sort in product("ab", "3142"):
        dynamodb().put_item(TableName=table.name, Item={"pk": {"S": each}, "sk": {"S": sort}})
    start = {"pk": {"S": partition}, "sk": {"S": after}} if after else None
    wanted = [DynamoType({"S": value}) for value in values]
    sent: Any = (DynamoType({"S": partition}), compared, wanted, limit, start, forward, None, None)
    found = queried(table, *sent)
    assert found == QUERIED(table, *sent)
    assert bool(found[0]) is (partition != "nothing")


@pytest.mark.parametrize(
    "write",
    [
        {"Put": {"Item": KEY | {"n": {"N": "2"}}}},
        {"Put": {"Item": KEY | {"sk": {"S": "new"}}}},
        {"Update": {"Key": KEY} | COUNTED},
        {"Update": {"Key": KEY | {"sk": {"S": "new"}}} | COUNTED},
        {"Delete": {"Key": KEY}},
    ],
)
def test_a_transaction_that_is_refused_leaves_no_write_behind(data_stack: dict[str, str], write: Any) -> None:
    table = data_stack["CatalogTable"]
    dynamodb().put_item(TableName=table, Item=KEY | {"n": {"N": "1"}})
    before = stored(table)
    sent: Any = [{name: said | {"TableName": table} for name, said in one.items()} for one in (write, FAILS)]
    with pytest.raises(ClientError, match="TransactionCanceled"):
        dynamodb().transact_write_items(TransactItems=sent)
    assert stored(table) == before
    dynamodb().transact_write_items(TransactItems=sent[:1])
    assert stored(table) != before
