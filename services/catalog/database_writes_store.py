"""What follows from a step of a database, in its own transaction: claims, links, editions, and the lists of states.

Items: `<database id>` / `CASE#<kind>` (an open case in the list of its state), `EDITION#<number>` (what was in force),
`RELATED#collection#<id>`, and its counterpart in the duty's partition.
"""

from typing import TYPE_CHECKING, Any, NamedTuple

from services.catalog.database import BUILT_UPON, STANDING, Database, LifecycleCase
from services.catalog.database_claims import claims_of, is_open
from services.catalog.database_evidence_store import HEAD, claims_at, held_at
from services.catalog.database_guards import Face, Given
from services.catalog.database_lines import case_stands, line_of
from services.shared.cases import Related, relate, unrelate
from services.shared.dynamo import item_of, put_new

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

    Writes = Iterator["TransactWriteItemTypeDef"]


class Change(NamedTuple):
    """A database before and after a step, and what the step was decided on."""

    before: Database | None
    after: Database
    given: Given


def edition_at(case: str, number: int) -> dict[str, str]:
    """Return the place of what was in force as a database's edition of this number."""
    return {"pk": case, "sk": f"EDITION#{number:06}"}


def writes_beside(table: str, change: Change) -> "Writes":
    """Yield everything that follows from a step, for the step's own transaction."""
    yield from _case_lines(table, change)
    yield from _claims(table, change)
    yield from _unchanged(table, change)
    yield from _central(table, change)
    yield from _links(table, change)
    if change.before and change.after.edition > change.before.edition:
        place = edition_at(change.after.id, change.after.edition)
        yield put_new(table, place | {"description": change.after.description.model_dump_json()})


def _case_lines(table: str, change: Change) -> "Writes":
    """Each open case that the offices know of stands in the list of its state."""
    known = {case.kind: case for case in change.after.cases if case.is_known}
    for case in change.before.cases if change.before else ():
        if case.is_known and case.kind not in known:
            yield {"Delete": {"TableName": table, "Key": item_of(_case_place(change.after, case))}}
    for case in known.values():
        line = line_of(change.after, case).model_dump_json()
        standing = {"standing": f"database#{case_stands(case)}", "changed_at": change.after.changed_at.isoformat()}
        item = _case_place(change.after, case) | standing | {"line": line}
        yield {"Put": {"TableName": table, "Item": item_of(item)}}


def _claims(table: str, change: Change) -> "Writes":
    old, new = claims_of(change.before) if change.before else {}, claims_of(change.after)
    for key in sorted(old.keys() - new.keys()):
        yield {"Delete": {"TableName": table, "Key": item_of({"pk": claims_at(key), "sk": change.after.id})}}
    for key, claim in sorted(new.items()):
        if old.get(key) != claim:
            item = {"pk": claims_at(key), "sk": change.after.id, "claim": claim.model_dump_json()}
            yield {"Put": {"TableName": table, "Item": item_of(item)}}
        if is_open(claim) and not is_open(old.get(key)):
            yield _head(table, key, "Update", UpdateExpression="ADD #head :n", n=1)


def _unchanged(table: str, change: Change) -> "Writes":
    """An approval is void when another's claim became open after the books were read."""
    for key, head in change.given.heads.items():
        if head:
            yield _head(table, key, "ConditionCheck", ConditionExpression="#head = :n", n=head)
        else:
            place = item_of({"pk": claims_at(key), "sk": HEAD})
            missing = "attribute_not_exists(pk)"
            yield {"ConditionCheck": {"TableName": table, "Key": place, "ConditionExpression": missing}}


def _head(table: str, key: str, verb: str, *, n: int, **expressions: str) -> Any:
    place = {"TableName": table, "Key": item_of({"pk": claims_at(key), "sk": HEAD})}
    named = {"ExpressionAttributeNames": {"#head": "head"}, "ExpressionAttributeValues": {":n": {"N": str(n)}}}
    return {verb: {**place, **named, **expressions}}


def _central(table: str, change: Change) -> "Writes":
    """A basic class has one database in the whole city, from its approval until it ends (S-061)."""
    after, basic_class = change.after, change.after.description.basic_class
    was, stands = change.before is not None and change.before.state in BUILT_UPON, after.state in BUILT_UPON
    if basic_class is None or was == stands:
        return
    if stands:
        held_by = Face(kind="database", id=after.id, unit=after.unit, state=after.state, title=after.description.title)
        yield put_new(table, held_at(basic_class) | {"held_by": held_by.model_dump_json()})
    else:
        yield {"Delete": {"TableName": table, "Key": item_of(held_at(basic_class))}}


def _links(table: str, change: Change) -> "Writes":
    """A standing database and the duties it rests on list each other."""
    after, old, new = change.after, _linked(change.before), _linked(change.after)
    mine = Related(kind="database", id=after.id, title=after.description.title)
    titles = {face.id: face.title for face in change.given.collections.values()}
    for duty in sorted(old.keys() - new.keys()):
        yield unrelate(table, after.id, Related(kind="collection", id=duty, title=""))
        yield unrelate(table, duty, mine)
    for duty in sorted(duty for duty, title in new.items() if old.get(duty) != title):
        yield relate(table, after.id, Related(kind="collection", id=duty, title=titles.get(duty, duty)))
        yield relate(table, duty, mine)


def _linked(database: Database | None) -> dict[str, str]:
    """Return the duties that a standing database rests on, each with the title it knows the database by."""
    if database is None or database.state not in STANDING:
        return {}
    return dict.fromkeys(database.description.collections, database.description.title)


def _case_place(database: Database, case: LifecycleCase) -> dict[str, str]:
    return {"pk": database.id, "sk": f"CASE#{case.kind}"}
