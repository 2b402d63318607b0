"""Sealed bundles in the audit table; it decides nothing.

| item                              | pk                             | sk             |
|-----------------------------------|--------------------------------|----------------|
| record of a sealed bundle         | `EVIDENCE#<id>`                | `EVIDENCE`     |
| its event, in the outbox          | `EVIDENCE#<id>`                | `EVENT#sealed` |
| the same, by accountability case  | `INQUIRY#<accountability case>`| `<id>`         |
"""

import os

from services.audit.bulk import get_one
from services.audit.evidence import Evidence
from services.shared.dynamo import put_new, query_page, write
from services.shared.errors import NotFound
from services.shared.events import Event
from services.shared.once import Once, bind, made_before


class EvidenceStore:
    """The sealed bundles of one table."""

    def __init__(self, table: str) -> None:
        self._table = table

    def save(self, evidence: Evidence, event: Event, once: Once | None) -> None:
        """Write a sealed bundle's record and its event, or nothing. Raises Stale when the key was used meanwhile."""
        record = {"evidence": evidence.model_dump_json()}
        place = {"pk": f"EVIDENCE#{evidence.id}"}
        inquiry = {"pk": _inquiry(evidence.accountability_case), "sk": evidence.id}
        outbox = place | {"sk": "EVENT#sealed", "event": event.model_dump_json()}
        items = (place | {"sk": "EVIDENCE"} | record, outbox, inquiry | record)
        bound = [bind(self._table, once, evidence.id, evidence.sealed_at)] if once else []
        write([*(put_new(self._table, item) for item in items), *bound])

    def get(self, evidence_id: str) -> Evidence:
        """Return a sealed bundle's record. Raises NotFound."""
        found = get_one(self._table, {"pk": f"EVIDENCE#{evidence_id}", "sk": "EVIDENCE"})
        if found is None:
            raise NotFound("there is no such evidence")
        return Evidence.model_validate_json(found["evidence"])

    def made_before(self, once: Once) -> str | None:
        """Return the id of what an Idempotency-Key sealed before, or None."""
        return made_before(self._table, once)

    def page(self, accountability_case: str, *, limit: int, after: str | None) -> tuple[list[Evidence], str | None]:
        """Return a page of an accountability case's bundles as they were sealed, and the next page's token."""
        inquiry = _inquiry(accountability_case)
        query = {
            "TableName": self._table,
            "KeyConditionExpression": "pk = :inquiry",
            "ExpressionAttributeValues": {":inquiry": {"S": inquiry}},
            "ConsistentRead": True,
            "Limit": limit,
        }
        found, token = query_page(query, after=after, key={"pk": inquiry, "sk": None})
        return [Evidence.model_validate_json(item["evidence"]) for item in found], token


def _inquiry(accountability_case: str) -> str:
    return f"INQUIRY#{accountability_case}"


def evidence_store() -> EvidenceStore:
    """Return the store of this function's table."""
    return EvidenceStore(os.environ["AUDIT_TABLE"])
