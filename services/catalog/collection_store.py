"""Collection responsibilities in the catalogue's table: what a decision rests on, and the writing of every case of it.

Items of a case as everywhere; the books of claims are in `claims_store.py`.
"""

import os
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from services.catalog.catalogues import Listed, Shelf
from services.catalog.certificate import Certificate
from services.catalog.claims_store import book_of, claim_writes, ground_writes, head_write
from services.catalog.collection import Action, Collection, State
from services.catalog.collection_acts import MAX_CLAIMANTS
from services.catalog.collection_claims import Book
from services.catalog.collection_guards import Given
from services.catalog.collection_lines import CollectionLine, CollectionPage, line_of, listed_of
from services.catalog.collection_sight import expires_at
from services.catalog.collection_statement import Statement
from services.catalog.collection_steps import GATHERED, Change, take
from services.catalog.counters import numbered, taking
from services.catalog.listing import BY_CATALOGUE, BY_STATE, BY_UNIT, Holding, items_of, page_of
from services.catalog.search import provider_name, text_of
from services.shared.cases import Cases, Related, relate
from services.shared.dynamo import record_in, write
from services.shared.errors import NotFound, Stale
from services.shared.lifecycle import Act, Record
from services.shared.organisations import organisation
from services.shared.working_days import day_in_beijing

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

    from services.shared.once import Once

R = TypeVar("R", bound=Record)
ATTEMPTS, LONGEST_WAIT = 4, 0.2  # seconds
EXPIRES = "collection.expire"  # the sweep's clock


class CollectionStore(Cases[Collection]):
    """Cases of collection responsibility, with the books of who claims and holds what."""

    def __init__(self, table: str, bucket: str) -> None:
        super().__init__(table, bucket, "collection", Collection)
        self._certificates = Cases(table, bucket, "certificate", Certificate)

    def book(self, collection: Collection) -> Book:
        """Return the book of a case's item, consistently, in one call."""
        return book_of(self.table, collection.statement.item_key)

    def create(self, change: Change, once: "Once | None") -> None:
        """Write a new case. Raises Stale when its Idempotency-Key made one before."""
        self.save(change.step, _index(change.step.record), once=once)

    def move(self, collection: Collection, act: Act) -> Collection:
        """Return a case after an act that is decided and written with every case it moves, or not at all.

        What lies beside the case is read and decided on again when it changed meanwhile. Raises what the decision
        raises, and Stale when the case itself changed after it was read.
        """
        for _ in range(ATTEMPTS - 1):
            try:
                return self._moved(collection, act)
            except Stale as lost:
                time.sleep(random.uniform(0, LONGEST_WAIT) if lost.in_flight else 0)  # noqa: S311 - spreads out who waits
        return self._moved(collection, act)

    def lines(self, index_value: tuple[str, str], *, limit: int, after: str | None) -> CollectionPage:
        """Return a page of cases: of a `unit`, or of those `standing` in a state."""
        name, value = index_value
        lines, token = page_of(
            self.table, {"unit": BY_UNIT, "state": BY_STATE}[name], f"collection#{value}", limit=limit, after=after
        )
        return CollectionPage(items=tuple(map(CollectionLine.model_validate_json, lines)), next=token)

    def register(self, holding: Sequence[Holding], *, limit: int, after: str | None) -> CollectionPage:
        """Return a page of the public register, of the duties that are `holding` every text given."""
        lines, token = page_of(self.table, BY_CATALOGUE, Shelf.COLLECTION, limit=limit, after=after, holding=holding)
        return CollectionPage(items=tuple(map(Listed.model_validate_json, lines)), next=token)

    def _moved(self, collection: Collection, act: Act) -> Collection:
        act = replace(act, given=self._given(collection, act))
        if act.action != Action.REGISTER:
            return self._save(take(collection, act), act)
        year = day_in_beijing(act.at).year
        name = f"collection-{year}"

        def save(number: int) -> Collection:
            numbered_act = replace(act, given=replace(act.given, number=f"C-{year}-{number:06}"))
            return self._save(take(collection, numbered_act), act, taking(self.table, name, number))

        return numbered(self.table, name, save)

    def _given(self, collection: Collection, act: Act) -> Given:
        book, action = self.book(collection), Action(act.action)
        said = act.body if isinstance(act.body, Statement) else collection.statement
        claimed = action is Action.APPLY or (action is Action.REVISE and collection.state is State.PUBLISHED)
        states = GATHERED.get(action, frozenset())
        return Given(
            book=book,
            certificate=_found(self._certificates, said.certificate) if claimed else None,
            predecessor=_found(self, said.succeeds) if claimed else None,
            members=tuple(self._members(book.claimants(collection, states)[:MAX_CLAIMANTS], states)),
        )

    def _members(self, cases: Sequence[str], states: frozenset[State]) -> Iterator[Collection]:
        for item in items_of(self.table, [{"pk": case, "sk": "STATE#collection"} for case in cases]):
            member = record_in([item], "collection", Collection)
            if member and member.state in states:
                yield member

    def _save(self, changes: Sequence[Change], act: Act, *beside: "TransactWriteItemTypeDef") -> Collection:
        for change in changes:
            self.seal(change.step)
        book: Book = act.given.book
        each = [put for change in changes for put in self._writes_of(change, book)]
        write([*each, *head_write(self.table, book, Action(act.action)), *beside])
        return changes[0].step.record

    def _writes_of(self, change: Change, book: Book) -> "Iterator[TransactWriteItemTypeDef]":
        after = change.step.record
        yield from self.writes(change.step, _index(after))
        yield from claim_writes(self.table, change)
        yield from ground_writes(self.table, book, change)
        if after.state is State.TRANSFERRED and after.successor:
            yield relate(self.table, after.id, _related(after, after.successor))
            yield relate(self.table, after.successor, _related(after, after.id))


def _related(collection: Collection, case: str) -> Related:
    return Related(kind="collection", id=case, title=collection.title)


def _found(cases: Cases[R], case: str | None) -> R | None:
    try:
        return cases.get(case).record if case else None
    except NotFound:
        return None


def _index(collection: Collection) -> dict[str, str]:
    index = {
        "unit": f"collection#{collection.unit}",
        "changed_at": collection.changed_at.isoformat(),
        "line": line_of(collection).model_dump_json(),
    }
    if collection.applied_at:
        index["standing"] = f"collection#{collection.state}"
    return index | (_shelved(collection) if collection.state is State.PUBLISHED else {})


def _shelved(collection: Collection) -> dict[str, str]:
    body, ends = organisation(collection.unit), expires_at(collection)
    names = [provider_name(collection.unit, collection.changed_at), *(body.aliases if body else ())]
    text = text_of(collection.title, collection.unit, names, collection.statement.items)
    shelved = {"catalogue": str(Shelf.COLLECTION), "listed": listed_of(collection).model_dump_json(), "search": text}
    return shelved | ({"clock": EXPIRES, "due_at": ends.isoformat()} if ends else {})


def collection_store() -> CollectionStore:
    """Return the store of this function's table and bucket."""
    return CollectionStore(os.environ["CATALOG_TABLE"], os.environ["PAYLOAD_BUCKET"])
