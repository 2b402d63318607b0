"""What a step of a collection responsibility tells: codes, titles and hashes, and who may read it. Pure."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from services.catalog.collection import Action, Collection
from services.shared.catalog_bodies import (
    CollectionMoved,
    CollectionRevoked,
    CollectionSettled,
    CollectionTransferred,
)
from services.shared.lifecycle import Act
from services.shared.organisations import LEADING_GROUP, OFFICE, STATISTICS_BUREAU

if TYPE_CHECKING:
    from services.catalog.collection_acts import Revoked, Settled

# Positions and contests are written for whoever decides in the end.
FOR_THE_GROUP = frozenset({Action.BE_HEARD, Action.CONTEST})


def readers(collection: Collection, act: Act) -> tuple[str, ...]:
    """Return who may read an event of the case: its unit alone until it applies, then both reviewers.

    The leading group reads what is said to it, and everything once a case was brought before it.
    """
    if collection.applied_at is None:
        return (collection.unit,)
    group = (LEADING_GROUP,) if collection.escalated_at or act.action in FOR_THE_GROUP else ()
    return (collection.unit, OFFICE, STATISTICS_BUREAU, *group)


def body_of(kind: str, collection: Collection, act: Act) -> CollectionMoved:
    """Return what an event of this type carries."""
    model, more = CARRIED.get(kind, (CollectionMoved, _nothing))
    return model(
        state=collection.state,
        unit=collection.unit,
        title=collection.title,
        basic_class=collection.statement.basic_class,
        areas=collection.statement.areas,
        edition=collection.edition,
        statement_hash=(collection.pending or collection).statement.statement_hash,
        rivals=collection.rivals,
        number=collection.number,
        **more(collection, act),
    )


def _nothing(_: Collection, __: Act) -> dict[str, Any]:
    return {}


def _outcome(collection: Collection, act: Act) -> dict[str, Any]:
    body: Settled = act.body
    everyone = {collection.id, *(member.id for member in act.given.members)}
    return {"designated": tuple(sorted(body.chosen)), "redirected": tuple(sorted(everyone - body.chosen))}


def _successor(_: Collection, act: Act) -> dict[str, Any]:
    return {"successor": act.body.successor}


def _basis(_: Collection, act: Act) -> dict[str, Any]:
    body: Revoked = act.body
    return body.basis.model_dump()


CARRIED: Mapping[str, tuple[type[CollectionMoved], Callable[[Collection, Act], dict[str, Any]]]] = MappingProxyType(
    {
        "collection.settled": (CollectionSettled, _outcome),
        "collection.ruled": (CollectionSettled, _outcome),
        "collection.transferred": (CollectionTransferred, _successor),
        "collection.transfer_agreed": (CollectionTransferred, _successor),
        "collection.revoked": (CollectionRevoked, _basis),
    }
)
