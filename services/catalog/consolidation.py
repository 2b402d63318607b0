"""Entries of several units that say the same: clusters to be brought together, and why (S-068). Pure.

Not every two entries are compared, only those of which one name says all that the other does: what that leaves out is
no duplicate. What reviewers decided about two entries goes before what their names and items say.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from types import MappingProxyType
from typing import NamedTuple

from services.catalog.adjudication import Judged, ruling
from services.catalog.likeness import DUPLICATES, Likeness, Thing, Verdict
from services.catalog.names import Core, core_of, unmarked
from services.catalog.search import Summary
from services.catalog.similarity import difference_of, pair_score
from services.shared.model import Model

MOST_OF_A_NAME = (
    50  # entries of one name that another entry is compared with; a name that all have stays seconds of work
)
RAREST = 5  # letters of a name that its candidates are found by; the others are looked at one by one
NOTHING: Mapping[frozenset[str], Judged] = MappingProxyType({})


class Member(Model):
    """One entry of a cluster."""

    id: str
    title: str
    unit: str
    unit_name: str


class Bond(Model):
    """Why two entries of a cluster belong together; `score` is 0 to 100, each reason Chinese and English.

    `judged` is the adjudication that says so, null where only the score does.
    """

    one: str
    other: str
    score: int
    verdict: Verdict
    reasons: tuple[str, ...]
    judged: str | None = None


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
    judged: str | None = None


def clusters_of(entries: Iterable[Summary], judged: Mapping[frozenset[str], Judged] = NOTHING) -> list[Cluster]:
    """Return the clusters of near-duplicates across units, those of most units first; `judged` is by two ids."""
    ordered = sorted(entries, key=lambda entry: entry.id)
    strongest_first = sorted(_strong(ordered, judged), key=lambda pair: (-pair.likeness.score, pair.one, pair.other))
    found = [_cluster(ordered, held) for held in _held_together(strongest_first)]
    return sorted(found, key=lambda cluster: (-cluster.units, -cluster.score, cluster.id))


def candidates(names: Sequence[Core]) -> set[tuple[int, int]]:
    """Return each two places of different names, the smaller first, that could make a strong pair."""
    included = {pair for way in ("text", "plainly") for pair in _included([getattr(name, way) for name in names])}
    return {(one, other) for one, other in included if not difference_of(names[one], names[other]).two_sided}


def _included(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the places of each two texts of which one has all characters of the other, marks set aside.

    A text of marks alone is found by any of them.
    """
    everything = [Counter(text) for text in texts]
    letters = [Counter(unmarked(text)) for text in texts]
    frequency = Counter(letter for own in letters for letter in own)
    holding: dict[str, set[int]] = defaultdict(set)
    for place, own in enumerate(everything):
        for letter in own:
            holding[letter].add(place)
    for place, own in enumerate(letters):
        rarest = sorted(own, key=lambda letter: (frequency[letter], letter))[:RAREST]
        near = (
            set.intersection(*(holding[letter] for letter in rarest)) if rarest else _near(everything[place], holding)
        )
        yield from ((min(place, n), max(place, n)) for n in near if n != place and own <= everything[n])


def _near(marks: Iterable[str], holding: Mapping[str, set[int]]) -> set[int]:
    return set().union(*(holding[mark] for mark in marks))


def _strong(entries: Sequence[Summary], judged: Mapping[frozenset[str], Judged]) -> Iterator[Alike]:
    things = [_thing(entry) for entry in entries]
    decided = _decided(entries, judged)
    for one, other in {*_compared([core_of(thing.title) for thing in things]), *decided}:
        if entries[one].provider != entries[other].provider:
            alike = _alike(one, other, pair_score(things[one], things[other]), decided.get((one, other)))
            if alike.likeness.strong:
                yield alike


def _thing(entry: Summary) -> Thing:
    return Thing(entry.title, entry.items, "" if entry.nobodys else entry.provider, entry.basic_class)


def _decided(entries: Sequence[Summary], judged: Mapping[frozenset[str], Judged]) -> dict[tuple[int, int], Judged]:
    """Return what is decided about two entries, by their places, the smaller first."""
    places = {entry.id: place for place, entry in enumerate(entries)} if judged else {}
    known = ((sorted(places[each] for each in pair), said) for pair, said in judged.items() if pair <= places.keys())
    return {(pair[0], pair[1]): said for pair, said in known}


def _alike(one: int, other: int, likeness: Likeness, said: Judged | None) -> Alike:
    if said is None:
        return Alike(one, other, likeness)
    score = 100 if said.verdict in DUPLICATES else 0
    return Alike(
        one, other, Likeness(score, said.verdict, (ruling(said.verdict), *likeness.reasons)), said.adjudication
    )


def _compared(cores: Sequence[Core]) -> Iterator[tuple[int, int]]:
    """Yield the places of each two entries to compare: those of one name, and those of names that are near."""
    of_name: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, core in enumerate(cores):
        of_name[core.text, core.plainly].append(place)
    places = list(of_name.values())
    for same in places:
        yield from ((one, other) for at, other in enumerate(same) for one in same[max(0, at - MOST_OF_A_NAME) : at])
    for one, other in candidates([cores[same[0]] for same in places]):
        both = product(places[one][:MOST_OF_A_NAME], places[other][:MOST_OF_A_NAME])
        yield from ((min(pair), max(pair)) for pair in both)


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
    said = pair.likeness
    return Bond(one=one, other=other, score=said.score, verdict=said.verdict, reasons=said.reasons, judged=pair.judged)
