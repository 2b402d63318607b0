"""How long it takes to tell what is alike: one thing beside the sample, near-duplicates in it and among 10,000 entries.

The yardstick is reading the same entries from their stored JSON, which every report does first.
"""

import json
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any, NamedTuple, TypeVar

from services.catalog.consolidation import clusters_of
from services.catalog.likeness import Thing
from services.catalog.search import Summary
from services.catalog.similarity import ranked
from services.shared.organisations import organisations, provider_of
from tests.summaries import entry

T = TypeVar("T")
SAMPLE = Path(__file__).parents[2] / "data" / "beijing_catalogue.jsonl"
MANY = 10_000
ROUNDS = 3
DISTRICTS = ("东城区", "石景山区", "平谷区", "密云区", "")


class Row(NamedTuple):
    """What says whose a row of the sample is."""

    provider: str
    provider_in_summary: str
    archived: bool


class Found(NamedTuple):
    """What was done to how many entries, what came of it, how long it took, and how many times the yardstick."""

    what: str
    entries: int
    outcome: str
    milliseconds: float
    ratio: float


def sample() -> list[Summary]:
    """Return the sample's entries as they stand in the list of what is published."""
    rows = map(json.loads, SAMPLE.read_text(encoding="utf-8").splitlines())
    return [
        entry(place, row["title"], _owner(row), [i["name"] for i in row["items"]]) for place, row in enumerate(rows)
    ]


def many(entries: list[Summary], seed: int = 1) -> list[Summary]:
    """Return ten thousand entries: the sample's, and others of units drawn at random, with names made of its names."""
    draw, units = Random(seed), sorted(organisations())  # noqa: S311 - a benchmark repeats itself
    made = list(entries)
    while len(made) < MANY:
        one, other = draw.choice(entries), draw.choice(entries)
        half = one.title[: len(one.title) // 2] + other.title[len(other.title) // 2 :]
        title = draw.choice(DISTRICTS) + (one.title if draw.random() < 0.1 else half)
        made.append(entry(len(made), title, draw.choice(units), one.items))
    return made


def measure() -> list[Found]:
    """Return what a search and the two reports took, the best of three rounds each; the first fills the caches."""
    few = sample()
    everything = many(few)
    return [_searched(few), _consolidated(few), _consolidated(everything)]


def _searched(entries: list[Summary]) -> Found:
    things = [Thing(one.title, one.items, one.provider) for one in entries]
    found, taken = _timed(lambda: ranked(things[0], things))
    return Found("one thing compared with", len(entries), f"{len(found)} hits", taken, taken / _read(entries))


def _consolidated(entries: list[Summary]) -> Found:
    found, taken = _timed(lambda: clusters_of(entries))
    outcome = f"{len(found)} clusters of {sum(len(cluster.members) for cluster in found)} entries"
    return Found("near-duplicates in", len(entries), outcome, taken, taken / _read(entries))


def _read(entries: list[Summary]) -> float:
    stored = [one.model_dump_json() for one in entries]
    return _timed(lambda: [Summary.model_validate_json(line) for line in stored])[1]


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    """Return what the work returns, and the milliseconds of its best round."""
    best = float("inf")
    for _ in range(ROUNDS):
        started = time.perf_counter()
        outcome = work()
        best = min(best, (time.perf_counter() - started) * 1000)
    return outcome, best


def _owner(row: dict[str, Any]) -> str:
    return provider_of(Row(**{name: row[name] for name in Row._fields}))
