"""What entries are linked with in the catalogue's table, and what must stand there for an entry to rest on it.

A link lies in both partitions, as `RELATED#<kind>#<id>`, written in the transaction that publishes the entry.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from services.catalog.catalogues import Listed
from services.catalog.entry import Entry
from services.catalog.listing import items_of
from services.catalog.metadata import Metadata
from services.catalog.resource_acts import LINKS, Linked
from services.shared.cases import Related, relate, unrelate
from services.shared.dynamo import item_of

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef


def standing(table: str, metadata: Metadata) -> dict[str, Linked]:
    """Return those things that the metadata name which stand in a public catalogue, by kind, in one call at most."""
    named = {kind: name for kind in LINKS if (name := getattr(metadata, kind)) is not None}
    keys = [{"pk": name, "sk": f"STATE#{kind}"} for kind, name in named.items()]
    lines = (Listed.model_validate_json(item["listed"]) for item in items_of(table, keys) if "catalogue" in item)
    return {line.kind: Linked(kind=line.kind, id=line.id, title=line.title) for line in lines}


def linked_after(before: Sequence[Related], entry: Entry, given: Mapping[str, Linked]) -> tuple[Related, ...]:
    """Return what an entry is linked with once it stands as it does; `given` are the things that it rests on."""
    links = {(kind, name): given.get(kind) for kind, name in entry.links.items()}
    rest = [one for one in before if one.kind not in LINKS or (one.kind, one.id) in links]
    known = {(one.kind, one.id) for one in rest}
    new = [Related(**one.model_dump()) for place, one in links.items() if one and place not in known]
    return (*rest, *new)


def link_writes(
    table: str, before: Entry, after: Entry, given: Mapping[str, Linked]
) -> "Iterator[TransactWriteItemTypeDef]":
    """Yield the writes that link an entry with what it now rests on, and take away what it no longer does.

    They fail when what it rests on left its catalogue meanwhile.
    """
    mine = Related(kind="resource", id=after.id, title=_title(after))
    for kind, name in before.links.items():
        if after.links.get(kind) != name:
            yield unrelate(table, after.id, Related(kind=kind, id=name, title=""))
            yield unrelate(table, name, mine)
    for kind, linked in given.items():
        if after.links.get(kind) == linked.id:
            yield relate(table, after.id, Related(**linked.model_dump()))
            yield relate(table, linked.id, mine)
            yield _still_stands(table, linked)


def _still_stands(table: str, linked: Linked) -> "TransactWriteItemTypeDef":
    return {
        "ConditionCheck": {
            "TableName": table,
            "Key": item_of({"pk": linked.id, "sk": f"STATE#{linked.kind}"}),
            "ConditionExpression": "attribute_exists(catalogue)",
        }
    }


def _title(entry: Entry) -> str:
    version = entry.live or entry.open
    return (version.metadata.title if version else None) or ""
