"""Entries in the catalogue's table: what a decision rests on, the writing of it, and the lists.

Items: `<entry id>` / `STATE#entry`, `EVENT#<seq>`, `RECEIPT#<event id>`, `RELATED#<kind>#<id>`; `KEY#…` /
`KEY` (idempotency). The index `published` holds live entries alone.
"""

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from services.catalog.basics_store import basics_of
from services.catalog.code_store import coded, entries_of
from services.catalog.codes import class_code, profile_in_force
from services.catalog.entry import Entry, take
from services.catalog.link_store import link_writes, linked_after, standing
from services.catalog.listing import BY_STATE, BY_UNIT, Holding, items_of, page_of
from services.catalog.metadata import Catalogue
from services.catalog.resource_acts import Action, Given, Linked
from services.catalog.resource_lines import LIVE, ResourceLine, index_of
from services.catalog.search import Listing, Summary, provider_mark
from services.shared.cases import Cases, Found
from services.shared.dynamo import Attributes, dynamodb, item_of, open_token, page_token, plain
from services.shared.lifecycle import Act
from services.shared.once import Once
from services.shared.steps import Step

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

PLACE = {"published": LIVE, "pk": None, "sk": "STATE#entry"}  # what a page token of the list names
CALLS_A_LIST = 2  # a page of the index is a megabyte before the filter; the caller goes on with `next`
LISTS = {"unit": BY_UNIT, "state": BY_STATE}
RESTING = frozenset({Action.SUBMIT, Action.PUBLISH})  # what needs the things that an entry rests on


class CatalogStore(Cases[Entry]):
    """Entries with their events, receipts, codes and links."""

    def __init__(self, table: str, bucket: str) -> None:
        super().__init__(table, bucket, "entry", Entry)

    def save_step(self, step: Step[Entry], once: Once | None = None) -> None:
        """Write an entry and its event, or nothing. Raises Stale when someone else was first."""
        self.save(step, index_of(step.record), once=once)

    def writes_of(self, step: Step[Entry]) -> list["TransactWriteItemTypeDef"]:
        """Return what a step writes into its case, for a transaction that writes more."""
        return self.writes(step, index_of(step.record))

    def move(self, found: Found[Entry], act: Act) -> Found[Entry]:
        """Return an entry after an act that is decided and written with its links and its code, or not at all.

        Raises what the decision raises, and Stale when the entry, or what it rests on, changed meanwhile.
        """
        given = self._given(found, act)
        act = replace(act, given=given)
        step = take(found.record, act)
        published = step.record.published
        if act.action is not Action.PUBLISH or published is None or published.resource_code is not None:
            return self._saved(found, step, given)
        classification, profile = published.metadata.classification, profile_in_force()
        if classification is None:
            return self._saved(found, step, given)

        def save(code: str, claims: Sequence["TransactWriteItemTypeDef"]) -> Found[Entry]:
            with_code = replace(given, code=code)
            return self._saved(found, take(found.record, replace(act, given=with_code)), given, claims)

        return coded(self.table, class_code(classification, profile), profile, found.record.id, save)

    def with_code(self, code: str) -> Listing:
        """Return the published entry that has a resource code, alone on its page, or nothing."""
        made = entries_of(self.table, [code]).values()
        found = items_of(self.table, [{"pk": each, "sk": "STATE#entry"} for each in made])
        summaries = (Summary.model_validate_json(item["summary"]) for item in found if "summary" in item)
        return Listing(items=tuple(summaries), next=None)

    def at_work(
        self, by: str, value: str, *, limit: int, after: str | None, holding: Sequence[Holding] = ()
    ) -> tuple[list[ResourceLine], str | None]:
        """Return a page of entries `by` "unit" or "state", latest change first, and the next page's token."""
        named = f"resource#{value}"
        lines, token = page_of(self.table, LISTS[by], named, limit=limit, after=after, holding=holding)
        return [ResourceLine.model_validate_json(line) for line in lines], token

    def published(self, *, provider: str | None, limit: int, after: str | None) -> Listing:
        """Return published entries, those of a provider if one is named, newest first, with at most two calls."""
        wanted = provider_mark(provider) if provider else None
        start: Attributes = {"ExclusiveStartKey": open_token(after, PLACE)} if after else {}
        found: list[Attributes] = []
        for _ in range(CALLS_A_LIST):
            answer = dynamodb().query(**self._query(wanted, limit + 1), **start)
            found += [plain(item) for item in answer["Items"]]
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]} if "LastEvaluatedKey" in answer else {}
            if len(found) > limit or not start:
                break
        if len(found) > limit:
            start = {"ExclusiveStartKey": item_of({name: found[limit - 1][name] for name in ("pk", "sk", "published")})}
        summaries = (Summary.model_validate_json(item["summary"]) for item in found[:limit])
        return Listing(items=tuple(summaries), next=page_token(start.get("ExclusiveStartKey")))

    def _given(self, found: Found[Entry], act: Act) -> Given:
        entry, action = found.record, Action(act.action)
        related = tuple(Linked(**one.model_dump()) for one in found.related)
        given = Given(related=related, code=entry.resource_code)
        version = entry.open_for(act.caller)
        if action not in RESTING or version is None:
            return given
        given = replace(given, standing=standing(self.table, version.metadata))
        if action is Action.SUBMIT and version.metadata.catalogue is Catalogue.APPLICATION:
            return replace(given, basics=basics_of(self.table, entry.provider))
        return given

    def _saved(
        self,
        found: Found[Entry],
        step: Step[Entry],
        given: Given,
        claims: Sequence["TransactWriteItemTypeDef"] = (),
    ) -> Found[Entry]:
        links = link_writes(self.table, found.record, step.record, given.standing)
        self.save(step, index_of(step.record), beside=[*claims, *links])
        related = linked_after(found.related, step.record, given.standing)
        return found._replace(record=step.record, related=related)

    def _query(self, wanted: str | None, limit: int) -> Attributes:
        query: Attributes = {
            "TableName": self.table,
            "IndexName": "published",
            "KeyConditionExpression": "published = :live",
            "ExpressionAttributeValues": {":live": {"S": LIVE}},
            "ScanIndexForward": False,
        }
        if wanted is None:
            return query | {"Limit": limit}
        # `Limit` counts what is looked at before the filter, so a list of one provider's goes without one.
        query["ExpressionAttributeValues"] |= {":wanted": {"S": wanted}}
        filters = {"FilterExpression": "contains(#search, :wanted)", "ExpressionAttributeNames": {"#search": "search"}}
        return query | filters


def catalog_store() -> CatalogStore:
    """Return the store of this function's table and bucket."""
    return CatalogStore(os.environ["CATALOG_TABLE"], os.environ["PAYLOAD_BUCKET"])
