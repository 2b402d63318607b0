"""What tests of erasures share: something that was written with an event, its erasure, and what is left of it."""

import json
from base64 import b64encode
from typing import Any, NamedTuple

import boto3

from services.shared.payloads import Address, key_item, place
from tests.figure_routes import a_figure
from tests.routes import Sent, handler_of
from tests.sharing import REFUSAL, REQUESTER, Side, a_request
from tests.stack import stored
from tests.support import Reply, call, token


class Written(NamedTuple):
    """Something that was written with an event: where, under which hash, and what keeps it."""

    table: str
    case: str
    event: str
    sha256: str
    key: bytes
    salt: bytes

    @property
    def address(self) -> Address:
        """Its case and its event."""
        return Address(self.case, self.event)

    @property
    def item(self) -> dict[str, Any]:
        """What lies beside the event."""
        return key_item(self.table, self.address)

    def box_in(self, bucket: str) -> bool:
        """Return whether its box is there."""
        found = boto3.client("s3").list_objects_v2(Bucket=bucket, Prefix=place(*self.address))
        return bool(found["KeyCount"])

    def asked(self, ground: str = "personal_information") -> dict[str, str]:
        """Return the body that asks for its erasure."""
        return {"case": self.case, "event_id": self.event, "ground": ground}


def a_refusal(table: str, **said: str) -> Written:
    """Return the words of a refusal: the provider wrote them, both sides and the office read them."""
    request_id, _, giving = a_request("SUBMITTED")
    refused = giving.act(request_id, "refuse", REFUSAL | said)
    assert refused.status == 200, refused.body
    return told_as(table, request_id, "request.refused")


def a_draft(table: str, **said: Any) -> Written:
    """Return the words of the draft of a request that is submitted: the requester wrote them."""
    request_id, _, _ = a_request("SUBMITTED", **said)
    return told_as(table, request_id, "request.created")


def told_as(table: str, request_id: str, event_type: str) -> Written:
    """Return what was written with the event of a type in the case of a request."""
    lines = Side(REQUESTER).get(f"/requests/{request_id}/history").body["items"]
    return written(table, next(line["event"] for line in lines if line["event"]["type"] == event_type))


def a_comment(table: str) -> Written:
    """Return the office's comment on a figure that it approved."""
    lines = Sent("GET", f"/catalog/figures/{a_figure()['id']}/history").by("office").body["items"]
    return written(table, next(line["event"] for line in lines if line["event"]["type"] == "figure.approved"))


def written(table: str, event: dict[str, Any]) -> Written:
    """Return what was written with an event, as it is kept."""
    item = key_item(table, Address(event["case"], event["id"]))
    key, salt = bytes(item["key"]), bytes(item["salt"])
    return Written(table, event["case"], event["id"], event["payload_sha256"], key, salt)


def erase(route: str, body: Any, organisation: str | None, *roles: str, key: str | None = None) -> Reply:
    """Ask for an erasure as an approver of an organisation, unless `roles` say otherwise, or as nobody."""
    headers = {"Idempotency-Key": key} if key else {}
    bearer = token(organisation, *(roles or ("approver",))) if organisation else None
    return call(handler_of(route), "POST", route, token=bearer, json=body, headers=headers)


def holds(table: str, secret: bytes) -> bool:
    """Return whether any item of a table holds these bytes, as bytes (shown in base64) or written out."""
    spellings = (b64encode(secret).decode(), secret.hex())
    return any(spelling in repr(item) for item in stored(table) for spelling in spellings)


def says(table: str, words: str) -> bool:
    """Return whether any item of a table holds these words, alone or among others, in clear or as JSON spells them."""
    spellings = (words, json.dumps(words)[1:-1])
    return any(spelling in repr(item) for item in stored(table) for spelling in spellings)
