"""Entries of several units that say the same: clusters to be brought together, and why (S-068). Pure.

Not every two entries are compared, only those whose names could make a strong pair: the same name, one the end of the
other, or a rare pair of characters in common. What that leaves out could not have been strong.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from math import ceil
from typing import NamedTuple

from services.catalog.names import Core, core_of
from services.catalog.search import Summary
from services.catalog.similarity import SHORTEST, Likeness, Thing, pair_score
from services.shared.model import Model

# Titles weigh 80 of 100, and 80 is strong: with all items in common, a title shares at least 0.75 of its pairs (Dice),
# which is 0.6 of all pairs that the two have (Jaccard).
LEAST_SHARE = 0.6
MOST_OF_A_NAME = (
    50  # entries of one name that another entry is compared with; a name that all have stays seconds of work
)


class Member(Model):
    """One entry of a cluster."""

    id: str
    title: str
    unit: str
    unit_name: str


class Bond(Model):
    """Why two entries of a cluster belong together; `score` is 0 to 100, each reason Chinese and English."""

    one: str
    other: str
    score: int
    reasons: tuple[str, ...]


class Cluster(Model):
    """Near-duplicates of at least two units; `bonds` are the fewest and strongest that hold it together.

    `id` is its oldest entry's, `score` that of its weakest bond.
    """

    id: str
    units: int
    score: int
    members: tuple[Member, ...]
    bonds: tuple[Bond, ...]


class Alike(NamedTuple):
    """Two entries by their places, the smaller first, and how alike they are."""

    one: int
    other: int
    likeness: Likeness


def clusters_of(entries: Iterable[Summary]) -> list[Cluster]:
    """Return the clusters of near-duplicates across units, those of most units first."""
    ordered = sorted(entries, key=lambda entry: entry.id)
    strongest_first = sorted(_strong(ordered), key=lambda pair: (-pair.likeness.score, pair.one, pair.other))
    found = [_cluster(ordered, held) for held in _held_together(strongest_first)]
    return sorted(found, key=lambda cluster: (-cluster.units, -cluster.score, cluster.id))


def candidates(names: Sequence[Core]) -> set[tuple[int, int]]:
    """Return each two places of different names, the smaller first, that could make a strong pair."""
    frequency = Counter(pair for name in names for pair in name.pairs)
    named = {name.text: place for place, name in enumerate(names)}
    holding: dict[str, list[int]] = defaultdict(list)
    found: set[tuple[int, int]] = set()
    for place, name in enumerate(names):
        rare = _rarest(name, frequency)
        near = {other for pair in rare for other in holding[pair] if _shares_enough(name, names[other])}
        near.update(named[end] for end in _ends(name.text) if end in named)
        found.update((min(place, other), max(place, other)) for other in near)
        for pair in rare:
            holding[pair].append(place)
    return found


def _strong(entries: Sequence[Summary]) -> Iterator[Alike]:
    things = [Thing(entry.title, entry.items, entry.provider, entry.basic_class) for entry in entries]
    for one, other in _compared([core_of(thing.title) for thing in things]):
        if things[one].provider != things[other].provider:
            likeness = pair_score(things[one], things[other])
            if likeness.strong:
                yield Alike(one, other, likeness)


def _compared(cores: Sequence[Core]) -> Iterator[tuple[int, int]]:
    """Yield the places of each two entries to compare: those of one name, and those of names that are near."""
    of_name: dict[str, list[int]] = defaultdict(list)
    for place, core in enumerate(cores):
        of_name[core.text].append(place)
    places = list(of_name.values())
    for same in places:
        yield from ((one, other) for at, other in enumerate(same) for one in same[max(0, at - MOST_OF_A_NAME) : at])
    for one, other in candidates([cores[same[0]] for same in places]):
        both = product(places[one][:MOST_OF_A_NAME], places[other][:MOST_OF_A_NAME])
        yield from ((min(pair), max(pair)) for pair in both)


def _ends(text: str) -> Iterator[str]:
    return (text[start:] for start in range(1, len(text) - SHORTEST + 1))


def _shares_enough(one: Core, other: Core) -> bool:
    common = len(one.pairs & other.pairs)
    return common >= LEAST_SHARE * (len(one.pairs) + len(other.pairs) - common)


def _rarest(core: Core, frequency: Mapping[str, int]) -> list[str]:
    """Return so many of a name's pairs, rarest first, that every name alike enough has one of its own among them."""
    ordered = sorted(core.pairs, key=lambda pair: (frequency[pair], pair))
    return ordered[: len(ordered) - ceil(LEAST_SHARE * len(ordered)) + 1]


def _held_together(pairs: Iterable[Alike]) -> list[list[Alike]]:
    """Return the pairs that join what was apart, by what they join (Kruskal): the strongest come first."""
    root: dict[int, int] = {}

    def find(place: int) -> int:
        while (above := root.setdefault(place, place)) != place:
            root[place] = place = root[above]
        return place

    joining = []
    for pair in pairs:
        one, other = find(pair.one), find(pair.other)
        if one != other:
            root[max(one, other)] = min(one, other)
            joining.append(pair)
    held: dict[int, list[Alike]] = defaultdict(list)
    for pair in joining:
        held[find(pair.one)].append(pair)
    return list(held.values())


def _cluster(entries: Sequence[Summary], held: Sequence[Alike]) -> Cluster:
    places = sorted({place for pair in held for place in (pair.one, pair.other)})
    return Cluster(
        id=entries[places[0]].id,
        units=len({entries[place].provider for place in places}),
        score=min(pair.likeness.score for pair in held),
        members=tuple(_member(entries[place]) for place in places),
        bonds=tuple(_bond(entries, pair) for pair in held),
    )


def _member(entry: Summary) -> Member:
    return Member(id=entry.id, title=entry.title, unit=entry.provider, unit_name=entry.provider_name)


def _bond(entries: Sequence[Summary], pair: Alike) -> Bond:
    one, other = entries[pair.one].id, entries[pair.other].id
    return Bond(one=one, other=other, score=pair.likeness.score, reasons=pair.likeness.reasons)
