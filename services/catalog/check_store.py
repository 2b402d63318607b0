"""Search certificates in the catalogue's table, and what the two searches look through.

Items: `<certificate id>` / `STATE#certificate`, `EVENT#<seq>`, `PAYLOAD#<event id>`. What is published is found by the
search engine, what stands in a state that leads there by the table's index of states.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Set
from typing import Any

from services.catalog.certificate import Certificate
from services.catalog.check_views import CheckLine, line_of
from services.catalog.checking import UNDER_WAY, Candidate, Searched
from services.catalog.counters import last_of
from services.catalog.findable import Findable
from services.catalog.index_store import standing, touched
from services.catalog.likeness import Thing
from services.catalog.listing import BY_STATE, BY_UNIT, page_of
from services.catalog.partners import alike, thing_of
from services.catalog.retrieval import Engine
from services.shared.cases import Cases
from services.shared.errors import Unavailable
from services.shared.once import Once
from services.shared.steps import Step

LINES = 1_000  # a call; a page of an index ends at a megabyte before that
MOST_BEHIND = 5_000  # changes that a search reads one by one
DUTIES, RESOURCES = ("collection",), ("resource", "database")


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

    def searched(self, engine: Engine, subject: Thing, named: Mapping[str, str]) -> Searched:
        """Return what could be the same as a subject: what the engine finds, what changed since, and what is under way.

        What is `named`, kinds by ids, is there however unlike it is, as long as it is published.
        What is published after the number of its version was read may be in it too. Raises Unavailable while the engine
        is too far behind the catalogues.
        """
        version = last_of(self.table, "CHANGES")
        fresh = self._fresh(engine, version)
        found = [row for kinds in (DUTIES, RESOURCES) for row in alike(engine, subject, kinds) if row.id not in fresh]
        known = fresh.keys() | {row.id for row in found}
        rows = [*found, *(row for row in fresh.values() if row), *self._named(named, known)]
        duties = [_published(row) for row in rows if row.kind in DUTIES]
        resources = [_published(row) for row in rows if row.kind in RESOURCES]
        return Searched(
            _once([*self._standing("collection"), *duties]),
            _once([*self._standing("database"), *resources]),
            version,
        )

    def _named(self, named: Mapping[str, str], known: Set[str]) -> Iterator[Findable]:
        for kind in (*DUTIES, *RESOURCES):
            cases = [case for case, its_kind in named.items() if its_kind == kind and case not in known]
            yield from standing(self.table, kind, cases).values() if cases else ()

    def _fresh(self, engine: Engine, version: int) -> dict[str, Findable | None]:
        known = engine.version
        if version - known > MOST_BEHIND:
            raise Unavailable("the search is catching up with the catalogues; try again in a minute")
        return touched(self.table, known, version) if known < version else {}

    def _standing(self, kind: str) -> Iterator[Candidate]:
        """Yield what is under way, so that two who mean to do the same find each other."""
        for state in UNDER_WAY[kind]:
            yield from (_candidate(kind, line) for line in self._lines(f"{kind}#{state}"))

    def _lines(self, value: str) -> Iterator[dict[str, Any]]:
        after, more = None, True
        while more:
            lines, after = page_of(self.table, BY_STATE, value, limit=LINES, after=after)
            yield from map(json.loads, lines)
            more = after is not None


def _once(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Return each thing once, as it is published where it is: what has just moved on may stand in two places."""
    return list({candidate.id: candidate for candidate in candidates}.values())


def _published(row: Findable) -> Candidate:
    return Candidate(row.kind, row.id, row.title, row.unit, thing_of(row))


def _candidate(kind: str, line: Mapping[str, Any]) -> Candidate:
    """Return a line of what is under way as what is compared."""
    thing = Thing(line["title"], tuple(line["items"]), line["unit"], line.get("basic_class"), tuple(line["areas"]))
    return Candidate(kind, line["id"], line["title"], line["unit"], thing, open=True)


def _index(certificate: Certificate) -> dict[str, str]:
    line = line_of(certificate).model_dump_json()
    return {"unit": f"check#{certificate.unit}", "changed_at": certificate.changed_at.isoformat(), "line": line}


def check_store() -> CheckStore:
    """Return the store of this function's table and bucket."""
    return CheckStore(os.environ["CATALOG_TABLE"], os.environ["PAYLOAD_BUCKET"])
