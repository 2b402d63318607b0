"""Adjudications in the catalogue's table: what was decided about two things, found by the two.

Items: `<adjudication id>` / `STATE#adjudication`, `EVENT#<seq>`, `PAYLOAD#<event id>`; the id is made of the two, so
that there is one of each pair.
"""

import os
from collections.abc import Iterable, Iterator

from services.catalog.adjudication import Adjudication, Compared, Judged, Side, key_of, key_of_subject, pair_id
from services.catalog.adjudication_views import AdjudicationLine, line_of
from services.catalog.certificate import Certificate
from services.catalog.index_store import standing
from services.catalog.listing import BY_STATE, items_of, page_of
from services.shared.cases import Cases
from services.shared.errors import NotFound
from services.shared.once import Once
from services.shared.steps import Step

STANDING = "adjudication#JUDGED"
LINES = 1_000


class AdjudicationStore(Cases[Adjudication]):
    """Adjudications with their events, and the two sides that they are about."""

    def __init__(self, table: str, bucket: str) -> None:
        super().__init__(table, bucket, "adjudication", Adjudication)
        self._certificates = Cases(table, bucket, "certificate", Certificate)

    def save_step(self, step: Step[Adjudication], once: Once | None = None) -> None:
        """Write an adjudication and its event, or nothing. Raises Stale when someone else was first."""
        index = {"standing": STANDING, "changed_at": step.record.changed_at.isoformat()}
        self.save(step, index | {"line": line_of(step.record).model_dump_json()}, once=once)

    def side(self, side: Side) -> Compared | None:
        """Return one of two things as it stands now, or None when there is none."""
        if side.kind == "check":
            return self._subject(side.id)
        row = standing(self.table, side.kind, [side.id]).get(side.id)
        key = key_of(side.kind, side.id)
        return Compared(kind=side.kind, id=side.id, title=row.title, unit=row.unit, key=key) if row else None

    def about(self, key: str, others: Iterable[str]) -> dict[str, Judged]:
        """Return what is decided about one key and each of others, by the other key, in one call for each hundred."""
        pairs = {pair_id(key, other): other for other in others if other != key}
        found = items_of(self.table, [{"pk": pair, "sk": "STATE#adjudication"} for pair in pairs])
        records = (Adjudication.model_validate_json(item["record"]) for item in found)
        return {pairs[record.id]: Judged(record.verdict, record.id) for record in records}

    def page(self, *, limit: int, after: str | None) -> tuple[list[AdjudicationLine], str | None]:
        """Return a page of all adjudications, the latest first, and the next page's token."""
        lines, token = page_of(self.table, BY_STATE, STANDING, limit=limit, after=after)
        return [AdjudicationLine.model_validate_json(line) for line in lines], token

    def everything(self) -> Iterator[AdjudicationLine]:
        """Yield every adjudication."""
        after, more = None, True
        while more:
            lines, after = self.page(limit=LINES, after=after)
            yield from lines
            more = after is not None

    def _subject(self, check: str) -> Compared | None:
        try:
            certificate = self._certificates.get(check).record
        except NotFound:
            return None
        subject = certificate.subject
        return Compared(kind="check", id=check, title=subject.name, unit=certificate.unit, key=key_of_subject(subject))


def adjudication_store() -> AdjudicationStore:
    """Return the store of this function's table and bucket."""
    return AdjudicationStore(os.environ["CATALOG_TABLE"], os.environ["PAYLOAD_BUCKET"])
