"""The AWS calls that the ledger makes, answered from memory in microseconds: for tests that play thousands of deaths.

It stands where botocore would send a call, so that all code above is the code that ships. What it answers is compared
with moto's answers in `test_audit_cloud.py`. A read that does not ask for consistency is refused: AWS promises nothing.
"""

import json
import re
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from hashlib import md5
from io import BytesIO
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
Params = dict[str, Any]
Item = dict[str, dict[str, Any]]
SPKI = b64decode("MCowBQYDK2VwAyEA")  # what RFC 8410 puts before the 32 bytes of a key
EXISTS = re.compile(r"attribute_(not_)?exists\((\S+)\)")


class Refused(Exception):
    """AWS answers an error; `more` stands beside its code."""

    def __init__(self, code: str, **more: Any) -> None:
        super().__init__(code)
        self.response = {"Error": {"Code": code, "Message": code}, "ResponseMetadata": {}} | more


@dataclass
class Cloud:
    """One table (`items` by pk and sk, in DynamoDB's notation), buckets with every version, a key, and functions.

    A version that is None is a delete marker. `signed` is every message that the key ever signed.
    """

    items: dict[str, dict[str, Item]] = field(default_factory=dict)
    objects: dict[str, dict[str, tuple[bytes | None, ...]]] = field(default_factory=dict)
    signed: list[bytes] = field(default_factory=list)
    functions: Mapping[str, Callable[[Any], object]] = field(default_factory=dict)
    key: Ed25519PrivateKey = field(default_factory=lambda: Ed25519PrivateKey.from_private_bytes(bytes(32)))

    def copy(self) -> "Cloud":
        """Return a cloud that holds the same and goes its own way; a partition is exchanged, never changed."""
        objects = {bucket: dict(held) for bucket, held in self.objects.items()}
        return Cloud(dict(self.items), objects, list(self.signed), self.functions, self.key)

    def answer(self, client: Any, operation: str, params: Params) -> Any:
        """Carry out a call, as `BaseClient._make_api_call` does."""
        try:
            return ANSWERS[operation](self, params)
        except Refused as refused:
            code = refused.response["Error"]["Code"]
            raise client.exceptions.from_code(code)(refused.response, operation) from None

    def latest(self, bucket: str, key: str) -> bytes | None:
        """Return an object as a plain read finds it."""
        return self.objects.get(bucket, {}).get(key, (None,))[-1]

    def add(self, bucket: str, key: str, body: bytes | None) -> None:
        """Write a version of an object, whatever is there."""
        held = self.objects.setdefault(bucket, {})
        held[key] = (*held.get(key, ()), body)

    def item(self, key: Item) -> Item | None:
        """Return the item of a key."""
        return self.items.get(key["pk"]["S"], {}).get(key["sk"]["S"])

    def _put(self, item: Item) -> None:
        name = item["pk"]["S"]
        self.items[name] = {**self.items.get(name, {}), item["sk"]["S"]: item}

    def _delete(self, key: Item) -> None:
        name = key["pk"]["S"]
        self.items[name] = {sk: item for sk, item in self.items.get(name, {}).items() if sk != key["sk"]["S"]}

    def _get_item(self, params: Params) -> Params:
        _consistent(params)
        found = self.item(params["Key"])
        return {"Item": found} if found else {}

    def _batch_get_item(self, params: Params) -> Params:
        ((table, wanted),) = params["RequestItems"].items()
        _consistent(wanted)
        return {"Responses": {table: [found for key in wanted["Keys"] if (found := self.item(key))]}}

    def _query(self, params: Params) -> Params:
        _consistent(params)
        assert re.fullmatch(r"pk = :\w+", params["KeyConditionExpression"])
        ((_, partition),) = params["ExpressionAttributeValues"].items()
        held = self.items.get(partition["S"], {})
        after = params.get("ExclusiveStartKey", {}).get("sk", {}).get("S", "")
        names = sorted(name for name in held if name > after)
        page = names[: params.get("Limit")]
        if page and len(page) == params.get("Limit"):
            return {"Items": [held[name] for name in page], "LastEvaluatedKey": _key_of(held[page[-1]])}
        return {"Items": [held[name] for name in page]}

    def _put_item(self, params: Params) -> Params:
        if not self._meets(params):
            raise Refused("ConditionalCheckFailedException")
        self._put(params["Item"])
        return {}

    def _batch_write_item(self, params: Params) -> Params:
        ((_, requests),) = params["RequestItems"].items()
        for request in requests:
            if "PutRequest" in request:
                self._put(request["PutRequest"]["Item"])
            else:
                self._delete(request["DeleteRequest"]["Key"])
        return {"UnprocessedItems": {}}

    def _transact_write_items(self, params: Params) -> Params:
        puts = [each["Put"] for each in params["TransactItems"]]
        reasons = [{"Code": "None" if self._meets(each) else "ConditionalCheckFailed"} for each in puts]
        if any(reason["Code"] != "None" for reason in reasons):
            raise Refused("TransactionCanceledException", CancellationReasons=reasons)
        for each in puts:
            self._put(each["Item"])
        return {}

    def _meets(self, request: Params) -> bool:
        if (condition := request.get("ConditionExpression")) is None:
            return True
        item = self.item(request["Item"]) or {}
        return all(_holds(term, request, item) for term in condition.split(" AND "))

    def _get_object(self, params: Params) -> Params:
        body = self.latest(params["Bucket"], params["Key"])
        if body is None:
            raise Refused("NoSuchKey")
        return {"Body": BytesIO(body), "ETag": _tag(body)}

    def _put_object(self, params: Params) -> Params:
        bucket, key = params["Bucket"], params["Key"]
        standing = self.latest(bucket, key)
        if params.get("IfNoneMatch") == "*" and standing is not None:
            raise Refused("PreconditionFailed")
        if "IfMatch" in params and standing is None:
            raise Refused("NoSuchKey")
        if "IfMatch" in params and params["IfMatch"] != _tag(standing or b""):
            raise Refused("PreconditionFailed")
        self.add(bucket, key, params["Body"])
        return {"ETag": _tag(params["Body"])}

    def _delete_object(self, params: Params) -> Params:
        self.add(params["Bucket"], params["Key"], None)
        return {"DeleteMarker": True}

    def _list_objects_v2(self, params: Params) -> Params:
        held = self.objects.get(params["Bucket"], {})
        after, most = params.get("StartAfter", ""), params.get("MaxKeys", 1_000)
        keys = sorted(
            key for key in held if key.startswith(params["Prefix"]) and key > after and held[key][-1] is not None
        )
        found = [{"Key": key, "LastModified": NOON} for key in keys[:most]]
        return {"IsTruncated": len(keys) > most} | ({"Contents": found} if found else {})

    def _send_message(self, params: Params) -> Params:
        return {"MessageId": params["MessageDeduplicationId"]}

    def _get_public_key(self, _: Params) -> Params:
        return {"PublicKey": SPKI + self.key.public_key().public_bytes_raw()}

    def _sign(self, params: Params) -> Params:
        assert (params["MessageType"], params["SigningAlgorithm"]) == ("RAW", "ED25519_SHA_512")
        self.signed.append(params["Message"])
        return {"Signature": self.key.sign(params["Message"])}

    def _invoke(self, params: Params) -> Params:
        try:
            said = self.functions[params["FunctionName"]](json.loads(params["Payload"]))
        except Exception as error:  # noqa: BLE001 - as Lambda: whatever it was, the caller is told
            payload = json.dumps({"errorType": type(error).__name__, "errorMessage": str(error)})
            return {"FunctionError": "Unhandled", "Payload": BytesIO(payload.encode())}
        return {"Payload": BytesIO(json.dumps(said).encode())}


ANSWERS: dict[str, Callable[[Cloud, Params], Params]] = {
    "GetItem": Cloud._get_item,
    "BatchGetItem": Cloud._batch_get_item,
    "Query": Cloud._query,
    "PutItem": Cloud._put_item,
    "BatchWriteItem": Cloud._batch_write_item,
    "TransactWriteItems": Cloud._transact_write_items,
    "GetObject": Cloud._get_object,
    "PutObject": Cloud._put_object,
    "DeleteObject": Cloud._delete_object,
    "ListObjectsV2": Cloud._list_objects_v2,
    "SendMessage": Cloud._send_message,
    "GetPublicKey": Cloud._get_public_key,
    "Sign": Cloud._sign,
    "Invoke": Cloud._invoke,
}


def _key_of(item: Item) -> Item:
    return {"pk": item["pk"], "sk": item["sk"]}


def _consistent(params: Params) -> None:
    assert params.get("ConsistentRead"), "a read that does not ask for consistency may answer anything"


def _holds(term: str, request: Params, item: Item) -> bool:
    if found := EXISTS.fullmatch(term):
        return (found[2] in item) is not bool(found[1])
    name, sign, value = term.split(" ")
    assert sign == "=", f"the condition {term} is not known here"
    return bool(item.get(request["ExpressionAttributeNames"][name]) == request["ExpressionAttributeValues"][value])


@cache
def _tag(body: bytes) -> str:
    return f'"{md5(body, usedforsecurity=False).hexdigest()}"'
