"""The test support itself: it counts the calls that are made, and a crash at a write is a death nobody catches."""

import boto3
import pytest

from tests.stack import Calls, Crash


def put(table: str, key: str) -> None:
    item = {"pk": {"S": key}, "sk": {"S": "x"}}
    boto3.client("dynamodb").put_item(TableName=table, Item=item)


def keys_of(table: str) -> set[str]:
    return {item["pk"]["S"] for item in boto3.client("dynamodb").scan(TableName=table)["Items"]}


def test_each_call_is_counted_once_and_in_order(data_stack: dict[str, str], aws_calls: Calls) -> None:
    put(data_stack["CatalogTable"], "a")
    keys_of(data_stack["CatalogTable"])
    assert aws_calls.names == ["PutItem", "Scan"]


@pytest.mark.parametrize(("when", "left"), [("before", {"a"}), ("after", {"a", "b"})])
def test_a_crash_at_the_second_write_leaves_what_was_written(
    when: str, left: set[str], data_stack: dict[str, str], aws_calls: Calls
) -> None:
    with aws_calls.crash(when, 2):
        for key in "abc":
            put(data_stack["CatalogTable"], key)
    assert aws_calls.crashed
    assert keys_of(data_stack["CatalogTable"]) == left


def test_a_crash_is_no_exception_that_a_handler_could_catch() -> None:
    assert not issubclass(Crash, Exception)
