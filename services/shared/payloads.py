"""Free text and personal data, kept outside events: encrypted with a key of their own, bound by a salted hash.

Erasing a payload means deleting the object, its key and its salt; the event's hash stays and still verifies. In the
key's place stands what stays: the hash, and who erased the rest, when and why.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import boto3
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import JsonValue

from services.shared.canonical import canonical
from services.shared.dynamo import Attributes, dynamodb, item_of, plain, put_new
from services.shared.erasure import Erased, sentence
from services.shared.errors import Gone, NotFound
from services.shared.model import Model

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef
    from mypy_boto3_s3 import S3Client

NONCE_BYTES = 12
KEY_BYTES = SALT_BYTES = 32


class Payload(Model):
    """A sealed payload: `sha256` is the hex of SHA-256(salt ‖ canonical JSON); `box` is nonce ‖ AES-256-GCM."""

    case: str
    event_id: str
    sha256: str
    salt: bytes
    key: bytes
    box: bytes


class Opened(Model):
    """A payload as its readers get it: with `salt` (hex) they can recompute `sha256` themselves."""

    event_id: str
    content: JsonValue
    salt: str
    sha256: str


class Address(NamedTuple):
    """Which payload: its case and the event it belongs to."""

    case: str
    event_id: str


@cache
def s3() -> "S3Client":
    """Return this process's S3 client."""
    return boto3.client("s3")


def seal(case: str, event_id: str, content: Mapping[str, JsonValue]) -> Payload:
    """Return the content encrypted with a fresh key and bound by a fresh salt; nothing is written."""
    plain_bytes, salt, key = canonical(dict(content)), os.urandom(SALT_BYTES), os.urandom(KEY_BYTES)
    nonce = os.urandom(NONCE_BYTES)
    box = nonce + AESGCM(key).encrypt(nonce, plain_bytes, place(case, event_id).encode())
    sha256 = hashlib.sha256(salt + plain_bytes).hexdigest()
    return Payload(case=case, event_id=event_id, sha256=sha256, salt=salt, key=key, box=box)


def place(case: str, event_id: str) -> str:
    """Return the object key of a payload."""
    return f"payload/{case}/{event_id}"


def store(bucket: str, payload: Payload) -> None:
    """Write the box. Done before the transaction: a crash between leaves an object that no key opens."""
    s3().put_object(Bucket=bucket, Key=place(payload.case, payload.event_id), Body=payload.box)


def put_key(table: str, payload: Payload, readers: tuple[str, ...]) -> "TransactWriteItemTypeDef":
    """Return the write of a payload's key, salt and readers, to go into the event's own transaction."""
    name = _name(Address(payload.case, payload.event_id)) | {"readers": list(readers)}
    return put_new(table, name | {"key": payload.key, "salt": payload.salt, "sha256": payload.sha256})


def key_item(table: str, address: Address) -> Attributes:
    """Return what is kept beside an event of its payload, consistently: key or erasure, or nothing."""
    key = item_of(_name(address))
    return plain(dynamodb().get_item(TableName=table, Key=key, ConsistentRead=True).get("Item", {}))


def erased_in(item: Attributes) -> Erased | None:
    """Return what stays of a payload that was erased, or None for one that is kept, or never was."""
    return Erased.model_validate_json(item["erased"]) if "erased" in item else None


def put_erased(table: str, erased: Erased) -> "TransactWriteItemTypeDef":
    """Return the write of what stays over the key and the salt; it fails when they are not there any more."""
    name = _name(Address(erased.case, erased.event_id)) | {"readers": list(erased.readers)}
    return {
        "Put": {
            "TableName": table,
            "Item": item_of(name | {"sha256": erased.sha256, "erased": erased.model_dump_json()}),
            "ConditionExpression": "attribute_exists(#key)",
            "ExpressionAttributeNames": {"#key": "key"},
        }
    }


def delete_box(bucket: str, address: Address) -> None:
    """Delete the box; one that is gone already is as good."""
    s3().delete_object(Bucket=bucket, Key=place(*address))


def open_payload(table: str, bucket: str, address: Address, *, reader: str) -> Opened:
    """Return a payload in clear. Raises NotFound when there is none or `reader` may not read it, Gone when erased."""
    found = key_item(table, address)
    if reader not in found.get("readers", []):
        raise NotFound("no payload is kept for this event")
    _check_kept(found)
    content, salt = content_of(table, bucket, address, found), bytes(found["salt"]).hex()
    return Opened(event_id=address.event_id, content=content, salt=salt, sha256=found["sha256"])


def content_of(table: str, bucket: str, address: Address, found: Attributes) -> JsonValue:
    """Return what was written, in clear, by the key that was `found` for it. Raises Gone when it was erased since."""
    name = place(*address)
    try:
        box = s3().get_object(Bucket=bucket, Key=name)["Body"].read()
    except ClientError:
        _check_kept(key_item(table, address))  # it may have been erased since its key was read
        raise
    content: JsonValue = json.loads(
        AESGCM(bytes(found["key"])).decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], name.encode())
    )
    return content


def _check_kept(found: Attributes) -> None:
    if erased := erased_in(found):
        raise Gone(sentence(erased))


def _name(address: Address) -> Attributes:
    return {"pk": address.case, "sk": f"PAYLOAD#{address.event_id}"}
