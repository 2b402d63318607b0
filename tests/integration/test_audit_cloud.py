"""The cloud in memory, in which the ledger dies so often, answers every call of the ledger as moto does."""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st
from moto import mock_aws

from tests.ledger_cloud import Cloud
from tests.ledger_wire import wired
from tests.stack import REGION

Ask = Callable[[Any, Any, str], Any]
"""A call of the table's or the bucket's client, on what is named with a prefix of its own."""
TABLE, BUCKET = "audit", "log"
STORIES = count()

a_name, a_number = st.sampled_from("abc"), st.integers(0, 2)
a_body = st.sampled_from([b"one", b"two", b""])


def item(prefix: str, pk: str, sk: str, number: int) -> dict[str, Any]:
    return key(prefix, pk, sk) | {"number": {"N": str(number)}, "bytes": {"B": b"\x00" * number}}


def key(prefix: str, pk: str, sk: str) -> dict[str, Any]:
    return {"pk": {"S": f"{prefix}#{pk}"}, "sk": {"S": sk}}


def condition(number: int | None) -> dict[str, Any]:
    if number is None:
        return {"ConditionExpression": "attribute_not_exists(pk)"}
    return {
        "ConditionExpression": "#number = :number AND #pk = :pk",
        "ExpressionAttributeNames": {"#number": "number", "#pk": "pk"},
        "ExpressionAttributeValues": {":number": {"N": str(number)}},
    }


@st.composite
def puts(draw: st.DrawFn) -> Callable[[str], dict[str, Any]]:
    """Draw a put of an item, with or without a condition."""
    pk, sk, number = draw(a_name), draw(a_name), draw(a_number)
    if draw(st.booleans()):
        return lambda prefix: {"TableName": TABLE, "Item": item(prefix, pk, sk, number)}
    before = draw(st.none() | a_number)

    def put(prefix: str) -> dict[str, Any]:
        said = condition(before)
        if before is not None:
            said["ExpressionAttributeValues"] |= {":pk": {"S": f"{prefix}#{pk}"}}
        return {"TableName": TABLE, "Item": item(prefix, pk, sk, number), **said}

    return put


def put_item(put: Callable[[str], dict[str, Any]]) -> Ask:
    return lambda table, _, prefix: table.put_item(**put(prefix))


def get_item(pk: str, sk: str) -> Ask:
    return lambda table, _, prefix: table.get_item(TableName=TABLE, Key=key(prefix, pk, sk), ConsistentRead=True)


def batch_get(names: list[tuple[str, str]]) -> Ask:
    def ask(table: Any, _: Any, prefix: str) -> Any:
        wanted = {"Keys": [key(prefix, *name) for name in names], "ConsistentRead": True}
        said = table.batch_get_item(RequestItems={TABLE: wanted})
        return sorted(said["Responses"][TABLE], key=str)

    return ask


def batch_write(names: list[tuple[str, str]], number: int | None) -> Ask:
    def request(prefix: str, name: tuple[str, str]) -> Any:
        if number is None:
            return {"DeleteRequest": {"Key": key(prefix, *name)}}
        return {"PutRequest": {"Item": item(prefix, *name, number)}}

    return lambda table, _, prefix: table.batch_write_item(
        RequestItems={TABLE: [request(prefix, name) for name in names]}
    )


def transact(all_puts: list[Callable[[str], dict[str, Any]]]) -> Ask:
    def ask(table: Any, _: Any, prefix: str) -> Any:
        different = {str(put(prefix)["Item"]["pk"]) + str(put(prefix)["Item"]["sk"]): put(prefix) for put in all_puts}
        return table.transact_write_items(TransactItems=[{"Put": each} for each in different.values()])

    return ask


def query(pk: str, limit: int) -> Ask:
    """Ask for a partition page by page; DynamoDB may send an empty page at the end, and moto does not."""

    def ask(table: Any, _: Any, prefix: str) -> Any:
        pages = table.get_paginator("query").paginate(
            TableName=TABLE,
            KeyConditionExpression="pk = :bucket",
            ExpressionAttributeValues={":bucket": {"S": f"{prefix}#{pk}"}},
            ConsistentRead=True,
            PaginationConfig={"PageSize": limit},
        )
        return [item for page in pages for item in page["Items"]]

    return ask


def put_object(name: str, body: bytes, condition: str) -> Ask:
    def ask(_: Any, bucket: Any, prefix: str) -> Any:
        said: dict[str, Any] = {"IfNoneMatch": "*"} if condition == "new" else {}
        if condition == "latest":
            said = {"IfMatch": _tag(bucket, f"{prefix}/{name}")}
        return bucket.put_object(Bucket=BUCKET, Key=f"{prefix}/{name}", Body=body, **said)["ETag"]

    return ask


def _tag(bucket: Any, path: str) -> str:
    try:
        return str(bucket.get_object(Bucket=BUCKET, Key=path)["ETag"])
    except ClientError:
        return '"of nothing"'


def put_late(name: str, body: bytes) -> Ask:
    """Ask for the replacement of a version that is not the latest."""
    return lambda _, bucket, prefix: bucket.put_object(
        Bucket=BUCKET, Key=f"{prefix}/{name}", Body=body, IfMatch='"of another"'
    )


def get_object(name: str) -> Ask:
    def ask(_: Any, bucket: Any, prefix: str) -> Any:
        said = bucket.get_object(Bucket=BUCKET, Key=f"{prefix}/{name}")
        return said["Body"].read(), said["ETag"]

    return ask


def delete_object(name: str) -> Ask:
    def ask(_: Any, bucket: Any, prefix: str) -> None:
        bucket.delete_object(Bucket=BUCKET, Key=f"{prefix}/{name}")

    return ask


def list_objects(limit: int, after: str) -> Ask:
    def ask(_: Any, bucket: Any, prefix: str) -> Any:
        said = bucket.list_objects_v2(Bucket=BUCKET, Prefix=f"{prefix}/", MaxKeys=limit, StartAfter=f"{prefix}/{after}")
        return said["IsTruncated"], [each["Key"] for each in said.get("Contents", [])]

    return ask


names = st.lists(st.tuples(a_name, a_name), min_size=1, max_size=4, unique=True)
asks = st.one_of(
    st.builds(put_item, puts()),
    st.builds(get_item, a_name, a_name),
    st.builds(batch_get, names),
    st.builds(batch_write, names, st.none() | a_number),
    st.builds(transact, st.lists(puts(), min_size=1, max_size=3)),
    st.builds(query, a_name, st.integers(1, 4)),
    st.builds(put_object, a_name, a_body, st.sampled_from(["none", "new", "latest"])),
    st.builds(put_late, a_name, a_body),
    st.builds(get_object, a_name),
    st.builds(delete_object, a_name),
    st.builds(list_objects, st.integers(1, 3), st.sampled_from(["", "a", "b"])),
)


@pytest.fixture(scope="module")
def clients() -> Iterator[tuple[Any, Any]]:
    """A table and a versioned bucket in moto, and the clients that reach them, or the cloud in memory."""
    with mock_aws():
        table, bucket = boto3.client("dynamodb", region_name=REGION), boto3.client("s3", region_name=REGION)
        table.create_table(
            TableName=TABLE,
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            BillingMode="PAY_PER_REQUEST",
        )
        bucket.create_bucket(Bucket=BUCKET)
        bucket.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        yield table, bucket


def answered(ask: Ask, clients: tuple[Any, Any], prefix: str) -> Any:
    """Return what a caller sees of the answer."""
    try:
        said = ask(*clients, prefix)
    except ClientError as error:
        reasons = [reason["Code"] for reason in error.response.get("CancellationReasons", [])]
        return type(error).__name__, error.response["Error"]["Code"], reasons
    if isinstance(said, dict):
        return {name: said[name] for name in ("Item", "UnprocessedItems") if name in said}
    return said


@given(st.lists(asks, max_size=12))
@settings(max_examples=60)
def test_whatever_is_asked_in_whatever_order_the_answers_are_the_same(
    clients: tuple[Any, Any], story: list[Ask]
) -> None:
    prefix, cloud = f"story-{next(STORIES)}", Cloud()

    for ask in story:
        expected = answered(ask, clients, prefix)
        with wired(cloud.answer):
            assert answered(ask, clients, prefix) == expected
