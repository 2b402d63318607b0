"""Search certificates in the catalogue's table, and what the two searches look through.

Items: `<certificate id>` / `STATE#certificate`, `EVENT#<seq>`, `PAYLOAD#<event id>`. The searches read the indexes of
the table alone: what is published, and what stands in a state that leads there.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from services.catalog.certificate import Certificate
from services.catalog.check_views import CheckLine, line_of
from services.catalog.checking import Candidate, Searched
from services.catalog.counters import last_of
from services.catalog.listing import BY_STATE, BY_UNIT, Index, page_of
from services.catalog.similarity import Thing
from services.shared.cases import Cases
from services.shared.once import Once
from services.shared.steps import Step

PUBLISHED = Index("published", "published", "pk", "summary")
LINES = 1_000  # a call; a page of an index ends at a megabyte before that
# What stands in these states is found: what is published, and what is under way, so that two who mean to do the same
# find each other.
COLLECTIONS = {
    "PUBLISHED": False,
    **dict.fromkeys(("APPLIED", "RETURNED", "JOINT_REVIEW", "COORDINATION", "ESCALATED"), True),
    **dict.fromkeys(("DECLINED", "DESIGNATED", "REGISTERED"), True),
}
DATABASES = {
    **dict.fromkeys(("REGISTERED", "OPERATING", "SUSPENDED"), False),
    **dict.fromkeys(("PLANNED", "APPROVED_TO_BUILD"), True),
}


class CheckStore(Cases[Certificate]):
    """Certificates with their events, and every candidate of a search."""

    def __init__(self, table: str, bucket: str) -> None:
        super().__init__(table, bucket, "certificate", Certificate)

    def save_step(self, step: Step[Certificate], once: Once | None = None) -> None:
        """Write a certificate and its event, or nothing. Raises Stale when someone else was first."""
        self.save(step, _index(step.record), once=once)

    def of_unit(self, unit: str, *, limit: int, after: str | None) -> tuple[list[CheckLine], str | None]:
        """Return a page of a unit's certificates, latest change first, and the next page's token."""
        lines, token = page_of(self.table, BY_UNIT, f"check#{unit}", limit=limit, after=after)
        return [CheckLine.model_validate_json(line) for line in lines], token

    def searched(self) -> Searched:
        """Return what there is to find; what is published after the number of its version was read may be in it too."""
        version = last_of(self.table, "CHANGES")
        databases = self._standing("database", DATABASES)
        return Searched(
            _once(self._standing("collection", COLLECTIONS)), _once([*self._entries(), *databases]), version
        )

    def _entries(self) -> Iterator[Candidate]:
        for line in self._lines(PUBLISHED, "LIVE"):
            yield _candidate("resource", line | {"unit": line["provider"]})

    def _standing(self, kind: str, states: Mapping[str, bool]) -> Iterator[Candidate]:
        for state, is_open in states.items():
            for line in self._lines(BY_STATE, f"{kind}#{state}"):
                yield _candidate(kind, line)._replace(open=is_open)

    def _lines(self, index: Index, value: str) -> Iterator[dict[str, Any]]:
        after, more = None, True
        while more:
            lines, after = page_of(self.table, index, value, limit=LINES, after=after)
            yield from map(json.loads, lines)
            more = after is not None


def _once(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Return each thing once: an index shows for a moment what has just moved on in both places, or in none."""
    return list({candidate.id: candidate for candidate in candidates}.values())


def _candidate(kind: str, line: Mapping[str, Any]) -> Candidate:
    """Return a line of an index, of whatever kind, as what is compared."""
    items, areas = tuple(line.get("items") or ()), tuple(line.get("areas") or ())
    thing = Thing(line["title"], items, line["unit"], line.get("basic_class"), areas)
    return Candidate(kind, line["id"], line["title"], line["unit"], thing)


def _index(certificate: Certificate) -> dict[str, str]:
    line = line_of(certificate).model_dump_json()
    return {"unit": f"check#{certificate.unit}", "changed_at": certificate.changed_at.isoformat(), "line": line}


def check_store() -> CheckStore:
    """Return the store of this function's table and bucket."""
    return CheckStore(os.environ["CATALOG_TABLE"], os.environ["PAYLOAD_BUCKET"])
