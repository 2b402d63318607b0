"""How good a ranking, and a judgement of pairs, is: the measures and nothing else. Pure."""

from collections.abc import Collection, Sequence
from math import log2

TOP = 10


def recall(ranked: Sequence[str], relevant: Collection[str]) -> float:
    """Return how many of the first ten are relevant, of as many as could be."""
    return sum(one in relevant for one in ranked[:TOP]) / min(TOP, len(relevant))


def reciprocal_rank(ranked: Sequence[str], relevant: Collection[str]) -> float:
    """Return one over the place of the first relevant one; 0 when there is none."""
    return next((1 / place for place, one in enumerate(ranked, 1) if one in relevant), 0.0)


def ndcg(ranked: Sequence[str], relevant: Collection[str]) -> float:
    """Return the discounted gain of the first ten over that of the best order there could be."""
    gain = sum(1 / log2(place + 1) for place, one in enumerate(ranked[:TOP], 1) if one in relevant)
    return gain / sum(1 / log2(place + 1) for place in range(1, min(TOP, len(relevant)) + 1))


def average_precision(ranked: Sequence[bool]) -> float:
    """Return the mean precision at each positive one, of judgements ordered by descending score."""
    hits, total = 0, 0.0
    for place, positive in enumerate(ranked, 1):
        if positive:
            hits += 1
            total += hits / place
    return total / hits if hits else 0.0
