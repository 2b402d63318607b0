"""Payloads: what people wrote is kept sealed beside its event, opens for its readers alone, and can be erased."""

import hashlib
from collections.abc import Iterator

import boto3
import pytest
from cryptography.exceptions import InvalidTag
from pydantic import JsonValue

from services.shared.canonical import canonical, new_id
from services.shared.dynamo import write
from services.shared.errors import NotFound
from services.shared.payloads import Address, Payload, open_payload, place, put_key, seal, store
from tests.standing import standing_stack

WORDS: dict[str, JsonValue] = {"reason": "依法不得提供", "items": ["车主姓名"]}
READERS = ("110107", "drc")


@pytest.fixture(scope="module", autouse=True)
def stack() -> Iterator[dict[str, str]]:
    """One table and one bucket for all tests here; each works on cases of its own."""
    with standing_stack() as stack:
        yield stack


@pytest.fixture
def table(stack: dict[str, str]) -> str:
    return stack["RequestsTable"]


@pytest.fixture
def bucket(stack: dict[str, str]) -> str:
    return stack["PayloadBucket"]


def kept(table: str, bucket: str, case: str | None = None) -> Payload:
    payload = seal(case or new_id(), new_id(), WORDS)
    store(bucket, payload)
    write([put_key(table, payload, READERS)])
    return payload


def address(payload: Payload) -> Address:
    return Address(payload.case, payload.event_id)


@pytest.mark.parametrize("reader", READERS)
def test_each_reader_gets_the_words_and_the_salt_that_proves_them(table: str, bucket: str, reader: str) -> None:
    payload = kept(table, bucket)
    opened = open_payload(table, bucket, address(payload), reader=reader)
    assert opened.content == WORDS
    assert hashlib.sha256(bytes.fromhex(opened.salt) + canonical(opened.content)).hexdigest() == payload.sha256


@pytest.mark.parametrize("reader", ["sports_bureau", "", "11010", "1101070", "system"])
def test_nobody_else_learns_that_there_is_a_payload(table: str, bucket: str, reader: str) -> None:
    payload = kept(table, bucket)
    with pytest.raises(NotFound) as refused:
        open_payload(table, bucket, address(payload), reader=reader)
    with pytest.raises(NotFound) as absent:
        open_payload(table, bucket, Address(payload.case, new_id()), reader=reader)
    assert refused.value.detail == absent.value.detail


def test_erasing_the_key_leaves_nothing_to_open(table: str, bucket: str) -> None:
    payload = kept(table, bucket)
    key = {"pk": {"S": payload.case}, "sk": {"S": f"PAYLOAD#{payload.event_id}"}}
    boto3.client("dynamodb").delete_item(TableName=table, Key=key)
    with pytest.raises(NotFound):
        open_payload(table, bucket, address(payload), reader="drc")


def test_neither_box_nor_hash_shows_the_words(table: str, bucket: str) -> None:
    payload = kept(table, bucket)
    box = boto3.client("s3").get_object(Bucket=bucket, Key=place(*address(payload)))["Body"].read()
    assert box == payload.box
    assert "依法".encode() not in box
    assert payload.sha256 != hashlib.sha256(canonical(dict(WORDS))).hexdigest()


def test_the_same_words_are_sealed_differently_each_time() -> None:
    one, two = seal("r-1", "e-1", WORDS), seal("r-1", "e-1", WORDS)
    assert not {one.sha256, one.salt, one.key, one.box} & {two.sha256, two.salt, two.key, two.box}


def test_a_box_that_was_put_in_anothers_place_does_not_open(table: str, bucket: str) -> None:
    mine, theirs = kept(table, bucket), kept(table, bucket)
    store(bucket, mine.model_copy(update={"box": theirs.box}))
    with pytest.raises(InvalidTag):
        open_payload(table, bucket, address(mine), reader="drc")


def test_a_box_and_key_that_were_moved_together_do_not_open_either(table: str, bucket: str) -> None:
    mine = kept(table, bucket)
    moved = mine.model_copy(update={"event_id": new_id()})
    store(bucket, moved)
    write([put_key(table, moved, READERS)])
    with pytest.raises(InvalidTag):
        open_payload(table, bucket, address(moved), reader="drc")


@pytest.mark.parametrize("at", [0, 12, -1])
def test_a_box_with_one_altered_byte_does_not_open(table: str, bucket: str, at: int) -> None:
    payload = kept(table, bucket)
    box = bytearray(payload.box)
    box[at] ^= 1
    store(bucket, payload.model_copy(update={"box": bytes(box)}))
    with pytest.raises(InvalidTag):
        open_payload(table, bucket, address(payload), reader="drc")
