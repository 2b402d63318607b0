"""How well what an engine brings answers what is asked: by rare terms, in the title above all, and by all of it. Pure.

The same for every engine. A term counts by its rarity; of one wanted thing the best wording counts; each further thing
that is said adds a step. It is done for each candidate of each search, so it keeps to lists and numbers.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from services.catalog.retrieval import Candidate, Plan
from services.catalog.wording import standing_alone

TOGETHER = 30.0


class Rule(NamedTuple):
    """A wording as it is scored: the number of the wanted thing that it is of, and what counts how much."""

    wanted: int
    least: int
    needed: int
    in_title: float
    in_rest: float


class Ranking:
    """What a plan's candidates are scored by, made once for all of them; `rarity` is of the terms that count."""

    def __init__(self, plan: Plan, rarity: Mapping[str, float]) -> None:
        decisive = {id(each) for each in plan.decisive}
        self._decisive = frozenset(number for number, each in enumerate(plan.wanted) if id(each) in decisive)
        self._wanted = len(plan.wanted)
        self._rules: list[Rule] = []
        owners: dict[str, list[int]] = {term: [] for term in rarity}
        for number, wanted in enumerate(plan.wanted):
            for said in wanted.wordings:
                for term in owners.keys() & said.terms:
                    owners[term].append(len(self._rules))
                self._rules.append(Rule(number, said.least, plan.needed(said), said.in_title, said.in_rest))
        self._terms = [(term, standing_alone(term), worth, owners[term]) for term, worth in rarity.items()]

    def order(self, candidates: Sequence[Candidate]) -> list[int]:
        """Return the places of those candidates that say something decisive, best first; else as they came."""
        scores = [self.score(candidate.title, candidate.rest) for candidate in candidates]
        found = [(-score, place) for place, score in enumerate(scores) if score is not None]
        return [place for _, place in sorted(found)]

    def score(self, title: str, rest: str) -> float | None:
        """Return the score of plain texts; None when they say nothing decisive."""
        best, said = [0.0] * self._wanted, set()
        for place, (terms, in_title, in_rest, of_title, of_rest) in self._seen(title, rest).items():
            wanted, least, needed, title_weight, rest_weight = self._rules[place]
            value = of_title * title_weight if in_title >= least else 0.0
            if in_rest >= least:
                value += of_rest * rest_weight
            best[wanted] = max(best[wanted], value)
            if terms >= needed:
                said.add(wanted)
        if said.isdisjoint(self._decisive):
            return None
        return sum(best) + TOGETHER * (len(said) - 1)

    def _seen(self, title: str, rest: str) -> dict[int, list[float]]:
        """Return of each rule that is said in part how many terms, in title and in rest, and what those are worth."""
        seen: dict[int, list[float]] = {}
        for term, alone, worth, owners in self._terms:
            in_title, in_rest = term in title, term in rest
            if alone and (in_title or in_rest):
                in_title, in_rest = bool(alone.search(title)), bool(alone.search(rest))
            if in_title or in_rest:
                for place in owners:
                    counts = seen.setdefault(place, [0, 0, 0, 0.0, 0.0])
                    counts[0] += 1
                    if in_title:
                        counts[1] += 1
                        counts[3] += worth
                    if in_rest:
                        counts[2] += 1
                        counts[4] += worth
        return seen


def weights_of(plan: Plan) -> dict[str, float]:
    """Return every term of a plan with the greatest weight that any wording gives it."""
    weights: dict[str, float] = {}
    for wanted in plan.wanted:
        for wording in wanted.wordings:
            for term in wording.terms:
                weights[term] = max(weights.get(term, 0.0), wording.in_rest)
    return weights
