"""Numbers and bytes as the ledger's texts write them: each value has exactly one spelling. Knows no format."""

import base64
import re

from services.audit.verify.errors import Malformed

HASH_LENGTH = 32
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")
_LIMIT = 2**63


def read_number(text: str) -> int:
    """Return the ASCII decimal `text`, below 2^63; raises Malformed for a sign, a space or a leading zero."""
    value = int(text) if _DECIMAL.fullmatch(text) else _LIMIT
    if value >= _LIMIT:
        raise Malformed(f"{text[:30]!r} is not a number without sign, space or leading zero")
    return value


def read_base64(text: str) -> bytes:
    """Return the bytes of standard, padded base64 (RFC 4648 §4); raises Malformed for any other spelling of them."""
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise Malformed(f"{text[:30]!r} is not standard base64") from error
    if write_base64(raw) != text:
        raise Malformed(f"{text[:30]!r} is not the one base64 spelling of its bytes")
    return raw


def read_hash(text: str) -> bytes:
    """Return a SHA-256 hash (32 bytes) written in base64; raises Malformed."""
    raw = read_base64(text)
    if len(raw) != HASH_LENGTH:
        raise Malformed(f"{text[:30]!r} has {len(raw)} bytes, a hash has {HASH_LENGTH}")
    return raw


def write_base64(raw: bytes) -> str:
    """Return standard, padded base64 (RFC 4648 §4)."""
    return base64.b64encode(raw).decode("ascii")
