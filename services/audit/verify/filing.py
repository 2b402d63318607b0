"""With which authority an entry is filed, and as what; a receipt may repeat it. Knows no signature and no tree."""

import json
from dataclasses import dataclass

from services.audit.verify.canonical import Fields, parse_entry
from services.audit.verify.errors import Malformed, NotVerified


@dataclass(frozen=True)
class Filing:
    """That an entry is filed (备案) with an `authority`, an organisation's code, as a `kind`."""

    kind: str
    authority: str

    @property
    def extra(self) -> bytes:
        """The filing as a receipt carries it: canonical JSON, so that receipts differ by authority."""
        named = {"authority": self.authority, "kind": self.kind}
        return json.dumps(named, separators=(",", ":"), ensure_ascii=False).encode()


def filing_of(entry: bytes, extra: bytes = b"") -> Filing | None:
    """Return the filing that an entry names; None for one that files nothing, and for bytes that are no entry of ours.

    Raises NotVerified when a receipt's `extra` names a filing and an entry of ours names another one or none.
    """
    try:
        fields = parse_entry(entry)
    except Malformed:
        return None
    filing = _named(fields)
    if _names_a_filing(extra) and (filing is None or extra != filing.extra):
        said = f"is filed with {filing.authority} as {filing.kind}" if filing else "is not a filing"
        raise NotVerified(f"its extra line is {extra[:200].decode(errors='replace')}, but the entry {said}")
    return filing


def _named(fields: Fields) -> Filing | None:
    named = fields.get("filing")
    if not isinstance(named, dict) or named.keys() != {"kind", "authority"}:
        return None
    kind, authority = named["kind"], named["authority"]
    return Filing(kind, authority) if isinstance(kind, str) and isinstance(authority, str) else None


def _names_a_filing(extra: bytes) -> bool:
    """Say whether a receipt's extra line could be read as naming a filing, in whatever spelling."""
    try:
        said = json.loads(extra)
    except (ValueError, RecursionError):
        return False
    return isinstance(said, dict) and not said.keys().isdisjoint({"kind", "authority"})
