"""Adjudications in the catalogue's table: what was decided about two things, found by the two.

Items: `<adjudication id>` / `STATE#adjudication`, `EVENT#<seq>`, `PAYLOAD#<event id>`; the id is made of the two, so
that there is one of each pair. `JUDGED#<key>` / `<adjudication id>`: what is decided about one of them.
"""

import json
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from services.catalog.adjudication import CHECK, About, Adjudication, Compared, Side, key_of, key_of_subject
from services.catalog.adjudication_views import AdjudicationLine, line_of
from services.catalog.certificate import Certificate
from services.catalog.checking import UNDER_WAY
from services.catalog.findables import FOUND_IN
from services.catalog.index_store import standing
from services.catalog.listing import BY_STATE, items_of, page_of
from services.shared.cases import Cases
from services.shared.dynamo import item_of, query_page
from services.shared.errors import NotFound
from services.shared.once import Once
from services.shared.steps import Step

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

STANDING = "adjudication#JUDGED"
LINES = 1_000


class AdjudicationStore(Cases[Adjudication]):
    """Adjudications with their events, and the two sides that they are about."""

    def __init__(self, table: str, bucket: str) -> None:
        super().__init__(table, bucket, "adjudication", Adjudication)
        self._certificates = Cases(table, bucket, "certificate", Certificate)

    def save_step(self, step: Step[Adjudication], once: Once | None = None) -> None:
        """Write an adjudication, its event, and what is decided about each side, or nothing.

        Raises Stale when someone else was first.
        """
        made = step.record
        index = {"standing": STANDING, "changed_at": made.changed_at.isoformat()}
        beside = [self._about(made, made.one, made.other), self._about(made, made.other, made.one)]
        self.save(step, index | {"line": line_of(made).model_dump_json()}, once=once, beside=beside)

    def side(self, side: Side) -> Compared | None:
        """Return one of two things as it stands now, published or under way, or None when there is none."""
        if side.kind == CHECK:
            return self._subject(side.id)
        row = standing(self.table, side.kind, [side.id]).get(side.id)
        key = key_of(side.kind, side.id)
        if row:
            return Compared(kind=side.kind, id=side.id, title=row.title, unit=row.unit, key=key)
        return self._under_way(side, key)

    def about(self, key: str) -> dict[str, About]:
        """Return all that is decided about one thing, by the other's key, in one call."""
        found: dict[str, About] = {}
        after, more = None, True
        while more:
            items, after = query_page(self._decided(key), after=after, key={"pk": f"JUDGED#{key}", "sk": None})
            found |= {item["other"]: About.model_validate_json(item["about"]) for item in items}
            more = after is not None
        return found

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

    def _about(self, made: Adjudication, one: Compared, other: Compared) -> "TransactWriteItemTypeDef":
        said = About(other=other.key, kind=other.kind, id=other.id, verdict=made.verdict, adjudication=made.id)
        item = {"pk": f"JUDGED#{one.key}", "sk": made.id, "other": other.key, "about": said.model_dump_json()}
        return {"Put": {"TableName": self.table, "Item": item_of(item)}}

    def _decided(self, key: str) -> dict[str, Any]:
        return {
            "TableName": self.table,
            "KeyConditionExpression": "pk = :judged",
            "ExpressionAttributeValues": item_of({":judged": f"JUDGED#{key}"}),
            "ConsistentRead": True,
        }

    def _under_way(self, side: Side, key: str) -> Compared | None:
        """Return what is not published yet and every search certificate shows all the same."""
        place = {"pk": side.id, "sk": f"STATE#{FOUND_IN[side.kind][0]}"}
        item = next(items_of(self.table, [place]), None)
        states = UNDER_WAY.get(side.kind, ())
        if item is None or item.get("standing") not in {f"{side.kind}#{state}" for state in states}:
            return None
        line = json.loads(item["line"])
        return Compared(kind=side.kind, id=side.id, title=line["title"], unit=line["unit"], key=key)

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
