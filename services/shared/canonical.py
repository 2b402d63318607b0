"""One spelling for each value: canonical JSON (RFC 8785), its SHA-256, and new identifiers."""

import hashlib
from datetime import UTC, datetime

import rfc8785
import uuid_utils
from pydantic import BaseModel, JsonValue


def canonical(value: JsonValue | BaseModel) -> bytes:
    """Return the RFC 8785 bytes of a JSON value, or of a model's JSON form."""
    plain = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
    return rfc8785.dumps(plain)


def digest(value: JsonValue | BaseModel) -> str:
    """Return the lower-case hex SHA-256 of the canonical bytes."""
    return hashlib.sha256(canonical(value)).hexdigest()


def new_id() -> str:
    """Return a fresh UUIDv7 (RFC 9562 §5.7), so that ids sort by the time they were made."""
    return str(uuid_utils.uuid7())


def now() -> datetime:
    """Return the present moment, aware, in UTC, to the millisecond: what is stored is what was meant."""
    present = datetime.now(UTC)
    return present.replace(microsecond=present.microsecond // 1000 * 1000)
