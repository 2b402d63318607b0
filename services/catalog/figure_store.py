"""Accurate figures in the catalogue's table.

Items: `<figure id>` / `STATE#figure`, `EVENT#<seq>`, `PAYLOAD#<event id>`; `CLAIMS#figure#<name>` / `<figure id>#live`,
`<figure id>#open` (what versions say under a name) and `HELD` (the one figure that is published under it).
"""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from services.catalog.catalogues import Listed, Shelf
from services.catalog.figure import Figure, Meaning, NameBook, NameClaim, claims_of
from services.catalog.figure_views import FigureLine, line_of, listed_of
from services.catalog.listing import BY_CATALOGUE, BY_STATE, BY_UNIT, Holding, items_of, page_of
from services.shared.cases import Cases
from services.shared.dynamo import dynamodb, item_of, plain, put_new
from services.shared.errors import Conflict, Stale
from services.shared.once import Once
from services.shared.steps import Step

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

LISTS = {"unit": BY_UNIT, "state": BY_STATE}
STATE_ITEMS = {"resource": "STATE#entry", "collection": "STATE#collection", "database": "STATE#database"}
IN_A_CATALOGUE = ("published", "catalogue")  # attributes of what stands in one of the public catalogues


class FigureStore(Cases[Figure]):
    """Figures with their events, and who claims and holds a name."""

    def __init__(self, table: str, bucket: str) -> None:
        super().__init__(table, bucket, "figure", Figure)

    def book(self, name_key: str) -> NameBook:
        """Return who claims a name and who holds it, consistently, in one call."""
        answer = dynamodb().query(
            TableName=self.table,
            KeyConditionExpression="pk = :name",
            ExpressionAttributeValues={":name": {"S": _place(name_key, "")["pk"]}},
            ConsistentRead=True,
        )
        items = [plain(item) for item in answer["Items"]]
        claims = tuple(NameClaim.model_validate_json(item["claim"]) for item in items if "claim" in item)
        return NameBook(claims, next((str(item["holder"]) for item in items if "holder" in item), None))

    def standing_sources(self, meaning: Meaning) -> frozenset[tuple[str, str]]:
        """Return those sources of a figure that stand in a public catalogue, as kind and id, in one call."""
        named = {
            (source.id, STATE_ITEMS[source.kind]): source for source in meaning.sources if source.kind and source.id
        }
        found = items_of(self.table, [{"pk": pk, "sk": sk} for pk, sk in named]) if named else ()
        standing = [(item["pk"], item["sk"]) for item in found if any(name in item for name in IN_A_CATALOGUE)]
        return frozenset((str(named[place].kind), place[0]) for place in standing)

    def save_step(self, before: Figure | None, step: Step[Figure], once: Once | None = None) -> None:
        """Write a figure, its event, its claims and its hold on a name, or nothing.

        Raises Stale when someone else was first, Conflict when another figure was published under the name meanwhile.
        """
        beside = [*_claim_writes(self.table, before, step.record), *_hold_writes(self.table, before, step.record)]
        try:
            self.save(step, _index(step.record), once=once, beside=beside)
        except Stale as lost:
            live = step.record.published
            if live and (holder := self.book(live.meaning.key).holder) not in {None, step.record.id}:
                raise Conflict(f"'{live.meaning.name}' is published already: figure {holder}") from lost
            raise

    def public(self, holding: tuple[Holding, ...], *, limit: int, after: str | None) -> tuple[list[Listed], str | None]:
        """Return a page of the published figures, and the next page's token."""
        lines, token = page_of(self.table, BY_CATALOGUE, Shelf.FIGURES, limit=limit, after=after, holding=holding)
        return [Listed.model_validate_json(line) for line in lines], token

    def at_work(self, by: str, value: str, *, limit: int, after: str | None) -> tuple[list[FigureLine], str | None]:
        """Return a page of figures `by` "unit" or "state", latest change first, and the next page's token."""
        lines, token = page_of(self.table, LISTS[by], f"figure#{value}", limit=limit, after=after)
        return [FigureLine.model_validate_json(line) for line in lines], token


def _claim_writes(table: str, before: Figure | None, after: Figure) -> Iterator["TransactWriteItemTypeDef"]:
    old, new = claims_of(before) if before else {}, claims_of(after)
    for key, which in old.keys() - new.keys():
        yield {"Delete": {"TableName": table, "Key": item_of(_place(key, f"{after.id}#{which}"))}}
    for (key, which), claim in new.items():
        if old.get((key, which)) != claim:
            item = _place(key, f"{after.id}#{which}") | {"claim": claim.model_dump_json()}
            yield {"Put": {"TableName": table, "Item": item_of(item)}}


def _hold_writes(table: str, before: Figure | None, after: Figure) -> Iterator["TransactWriteItemTypeDef"]:
    old, new = _held(before), _held(after)
    if old and old != new:
        yield {
            "Delete": {
                "TableName": table,
                "Key": item_of(_place(old, "HELD")),
                "ConditionExpression": "holder = :figure",
                "ExpressionAttributeValues": {":figure": {"S": after.id}},
            }
        }
    if new and old != new:
        yield put_new(table, _place(new, "HELD") | {"holder": after.id})


def _held(figure: Figure | None) -> str | None:
    return figure.published.meaning.key if figure and figure.published else None


def _place(name_key: str, sk: str) -> dict[str, str]:
    return {"pk": f"CLAIMS#figure#{name_key}", "sk": sk}


def _index(figure: Figure) -> dict[str, str]:
    version = figure.open or figure.live
    index = {
        "unit": f"figure#{figure.unit}",
        "changed_at": figure.changed_at.isoformat(),
        "line": line_of(figure).model_dump_json(),
    }
    if version and version.submitted_at:
        index["standing"] = f"figure#{version.state}"
    if live := figure.published:
        index |= {"catalogue": str(Shelf.FIGURES), "listed": listed_of(live).model_dump_json()}
    return index


def figure_store() -> FigureStore:
    """Return the store of this function's table and bucket."""
    return FigureStore(os.environ["CATALOG_TABLE"], os.environ["PAYLOAD_BUCKET"])
