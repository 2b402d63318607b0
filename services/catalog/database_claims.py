"""Which databases would be the same, and what each lays claim to from its filing until it ends. Pure.

A claim stands under each of a database's keys: its name, its class of basic information, the set of its items.
"""

from collections.abc import Iterable, Mapping

from services.catalog.database import BUILT_UPON, CaseState, Database, Kind, Rival, State
from services.catalog.database_description import Description, name_key
from services.catalog.metadata import folded
from services.catalog.scope import overlap
from services.shared.canonical import digest

FEWEST_ITEMS = 3  # one or two items say too little of a database
CITY_WIDE = "class"  # a basic class is built once for the whole city (S-061)
# A declined rival has had its answer; one that contests is heard first.
OPEN_RIVAL = frozenset({CaseState.FILED, CaseState.UNDER_REVIEW, CaseState.RETURNED, CaseState.CONTESTED})


def keys_of(said: Description) -> Mapping[str, str]:
    """Return what a description lays claim to: in what it would be the same, and the key of that."""
    items = sorted("".join(folded(item.name).split()) for item in said.items)
    return {
        **({"name": name_key(said.name)} if said.name else {}),
        **({"class": said.basic_class} if said.basic_class else {}),
        **({"items": digest(list(items))} if len(items) >= FEWEST_ITEMS else {}),
    }


def claims_of(database: Database) -> Mapping[str, Rival]:
    """Return a database's claims by their keys, `<what>#<key>`; none before its filing and none after its end."""
    plan = database.case_of(Kind.ESTABLISHMENT) if database.state is State.PLANNED else None
    if not (database.state in BUILT_UPON or (plan and plan.filed_at)):
        return {}
    said = database.description
    return {
        f"{same}#{key}": Rival(
            id=database.id,
            unit=database.unit,
            title=said.title,
            state=plan.state if plan else database.state,
            areas=said.areas,
            same=same,
        )
        for same, key in keys_of(said).items()
    }


def rivals_among(database: Database, found: Iterable[Rival]) -> tuple[Rival, ...]:
    """Return whose claims are the same as this database's: another one over the same ground, each once."""
    areas = database.description.areas
    near = (one for one in found if one.same == CITY_WIDE or overlap(one.areas, areas))
    return tuple({rival.id: rival for rival in near if rival.id != database.id}.values())


def is_open(claim: Rival | None) -> bool:
    """Return whether a claim is of a filing that nobody has decided, and so keeps others from approval."""
    return claim is not None and claim.state in OPEN_RIVAL
