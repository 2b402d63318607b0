"""How far a duty or a database reaches: areas of the city, and when two reach over the same ground. Pure."""

from collections.abc import Iterable, Iterator

from services.shared.errors import Problem
from services.shared.organisations import Tier, organisations

CITY = "110000"  # GB/T 2260: the whole municipality


def districts() -> frozenset[str]:
    """Return the codes of the city's districts (GB/T 2260)."""
    known = organisations().values()
    return frozenset(body.code for body in known if body.tier is Tier.DISTRICT and body.code.isdigit())


def ground(areas: Iterable[str]) -> frozenset[str]:
    """Return the districts that areas cover: the whole city covers each of them, and itself."""
    named = frozenset(areas)
    return named | districts() if CITY in named else named


def overlap(one: Iterable[str], other: Iterable[str]) -> bool:
    """Return whether two scopes share any ground."""
    return bool(ground(one) & ground(other))


def area_faults(areas: Iterable[str], pointer: str) -> Iterator[Problem]:
    """Yield a problem for each area that is neither the city nor one of its districts."""
    for place, area in enumerate(areas):
        if area != CITY and area not in districts():
            yield Problem(pointer=f"{pointer}/{place}", detail=f"'{area}' is not an area of the city")
