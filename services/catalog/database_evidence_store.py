"""What lies beside a database and a decision about it rests on: read consistently, and only what the act needs.

A book of claims is `CLAIMS#database#<what>#<key>`: `<database id>` (a claim), `HEAD` (how often one became open). Who
holds a basic class stands in `BASIC#<class>` / `DATABASE`.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from services.catalog.certificate import Certificate
from services.catalog.database import Database, Kind, LifecycleCase, Rival
from services.catalog.database_acts import Action, CaseAction, Reuse
from services.catalog.database_claims import keys_of, rivals_among
from services.catalog.database_guards import Face, Given
from services.catalog.exchange import Agreement, Exchange
from services.catalog.listing import items_of
from services.shared.canonical import new_id
from services.shared.cases import Cases, Found
from services.shared.dynamo import Attributes, dynamodb, item_of, plain
from services.shared.errors import NotFound
from services.shared.lifecycle import Act
from services.shared.working_days import day_in_beijing

FILING = frozenset({CaseAction.FILE, CaseAction.SUPPLEMENT})
DECIDING = FILING | {CaseAction.APPROVE}
TOLD = frozenset({Action.SUSPEND, Action.RESUME})  # dependants are


HEAD = "HEAD"  # in a book of claims: how often a claim in it became open
Books = Mapping[str, list[Attributes]]  # by the keys of a database's claims


class Evidence:
    """Everything beside one database, in the catalogue's table."""

    def __init__(self, certificates: Cases[Certificate], found: Found[Database], at: datetime) -> None:
        self._table, self._found, self._at = certificates.table, found, at
        self._certificates = certificates

    def for_case(self, kind: Kind, act: Act) -> Given:
        """Return what the guards of an act on a lifecycle case look at."""
        database, case, action = self._found.record, self._found.record.case_of(kind), CaseAction(act.action)
        filing, plan = action in FILING, kind is Kind.ESTABLISHMENT
        judged = plan and action in DECIDING
        ending = kind is Kind.DEREGISTRATION and action in DECIDING
        changed = kind is Kind.CHANGE and action is CaseAction.APPROVE
        books = self._books() if judged else {}
        return Given(
            in_force=database.description if database.edition else None,
            certificate=self._certificate(case) if filing and case else None,
            collections=self.collections(case) if case and (filing or action is CaseAction.APPROVE) else {},
            rivals=self._rivals(books),
            heads=_heads(books) if action is CaseAction.APPROVE else {},
            central=self._central() if judged else None,
            dependants=self.dependants() if ending or changed else (),
            resource=self._resource(act.body) if action is CaseAction.REUSE else None,
            request=new_id() if action is CaseAction.REUSE else None,
        )

    def for_database(self, act: Act) -> Given:
        """Return what an act on the database itself needs: whom it is told to."""
        return Given(dependants=self.dependants() if act.action in TOLD else ())

    def rivals(self) -> tuple[Rival, ...]:
        """Return the databases that would be the same as this one."""
        return self._rivals(self._books())

    def dependants(self) -> tuple[Face, ...]:
        """Return what lives on the database: the published entries that come from it, the agreements on these."""
        entries = [related.id for related in self._found.related if related.kind == "resource"]
        places = [{"pk": entry, "sk": sk} for entry in entries for sk in ("STATE#entry", "SHELF#EXCHANGE")]
        return tuple(sorted(self._living(items_of(self._table, places)), key=lambda face: (face.kind, face.id)))

    def collections(self, case: LifecycleCase) -> Mapping[str, Face]:
        """Return the collection duties that a case's description rests on, by id; those that exist."""
        named = case.statement.description.collections if case.statement.description else ()
        places = [{"pk": duty, "sk": "STATE#collection"} for duty in named]
        return {item["pk"]: _face("collection", item) for item in items_of(self._table, places)}

    def _certificate(self, case: LifecycleCase) -> Certificate | None:
        try:
            return self._certificates.get(case.statement.certificate).record if case.statement.certificate else None
        except NotFound:
            return None

    def _books(self) -> Books:
        keys = (f"{same}#{key}" for same, key in keys_of(self._found.record.description).items())
        return {key: list(self._book(key)) for key in keys}

    def _book(self, key: str) -> Iterator[Attributes]:
        pages = (
            dynamodb()
            .get_paginator("query")
            .paginate(
                TableName=self._table,
                KeyConditionExpression="pk = :book",
                ExpressionAttributeValues={":book": {"S": claims_at(key)}},
                ConsistentRead=True,
            )
        )
        for page in pages:
            yield from (plain(item) for item in page["Items"])

    def _rivals(self, books: Books) -> tuple[Rival, ...]:
        claims = (item["claim"] for book in books.values() for item in book if "claim" in item)
        return rivals_among(self._found.record, map(Rival.model_validate_json, claims))

    def _central(self) -> Face | None:
        said = self._found.record.description
        if said.basic_class is None:
            return None
        answer = dynamodb().get_item(TableName=self._table, Key=item_of(held_at(said.basic_class)), ConsistentRead=True)
        return Face.model_validate_json(plain(answer["Item"])["held_by"]) if "Item" in answer else None

    def _resource(self, wish: Reuse) -> Face | None:
        items = items_of(self._table, [{"pk": wish.resource, "sk": "STATE#entry"}])
        return next((_entry(item) for item in items if "summary" in item), None)

    def _living(self, items: Iterable[Mapping[str, Any]]) -> Iterator[Face]:
        today = day_in_beijing(self._at)
        for item in items:
            if "summary" in item:
                yield _entry(item)
            elif "exchange" in item:
                known = Exchange.model_validate_json(item["exchange"]).agreements
                yield from (_agreement(one) for one in known if one.valid_until >= today and not one.ended)


def _heads(books: Books) -> dict[str, int]:
    """Return how often each book changed who is open in it."""
    return {key: sum(int(item["head"]) for item in book if item["sk"] == HEAD) for key, book in books.items()}


def claims_at(key: str) -> str:
    """Return the partition of a book of claims."""
    return f"CLAIMS#database#{key}"


def held_at(basic_class: str) -> dict[str, str]:
    """Return the place of the one database of a basic class."""
    return {"pk": f"BASIC#{basic_class}", "sk": "DATABASE"}


def _entry(item: Mapping[str, Any]) -> Face:
    summary = json.loads(item["summary"])
    return Face(kind="resource", id=item["pk"], unit=summary["provider"], state="LIVE", title=summary["title"])


def _agreement(known: Agreement) -> Face:
    return Face(kind="agreement", id=known.id, unit=known.requester, state="ACTIVE", title=known.title)


def _face(kind: str, item: Mapping[str, Any]) -> Face:
    record, line = json.loads(item["record"]), json.loads(item["line"])
    return Face(kind=kind, id=item["pk"], unit=record["unit"], state=record["state"], title=line["title"])
