"""Idempotency-Key: the same key and body get the same answer, the same key and another body are refused.

The key is bound in the transaction that makes the thing, so that neither exists without the other.
"""

from typing import TYPE_CHECKING

from services.shared.canonical import digest
from services.shared.dynamo import dynamodb, item_of, plain, put_new
from services.shared.errors import Invalid
from services.shared.model import Model

if TYPE_CHECKING:
    from datetime import datetime

    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

KEPT_SECONDS = 7 * 24 * 3600


class Once(Model):
    """One organisation's Idempotency-Key and the hash of the body it came with."""

    organisation: str
    key: str
    body_hash: str

    @classmethod
    def of(cls, organisation: str, key: str | None, body: Model) -> "Once | None":
        """Return the key to bind, or None when the caller sent none."""
        return cls(organisation=organisation, key=key, body_hash=digest(body)) if key else None

    @property
    def name(self) -> str:
        """The item's partition key."""
        return f"KEY#{self.organisation}#{self.key}"


def bind(table: str, once: Once, made: str, at: "datetime") -> "TransactWriteItemTypeDef":
    """Return the write that binds the key to the id it made; it expires by time to live."""
    expires = int(at.timestamp()) + KEPT_SECONDS
    return put_new(
        table, {"pk": once.name, "sk": "KEY", "body_hash": once.body_hash, "made": made, "expires_at": expires}
    )


def made_before(table: str, once: Once) -> str | None:
    """Return the id that this key made before, or None. Raises Invalid when it came with another body."""
    key = item_of({"pk": once.name, "sk": "KEY"})
    found = dynamodb().get_item(TableName=table, Key=key, ConsistentRead=True).get("Item")
    if found is None:
        return None
    bound = plain(found)
    if bound["body_hash"] != once.body_hash:
        raise Invalid("this Idempotency-Key was used for another body")
    return str(bound["made"])
