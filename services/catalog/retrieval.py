"""The port between what is asked and the engine that looks it up: what a search engine is told, and what it returns.

Two engines stand behind it, tantivy in the process and OpenSearch over the network; neither knows why a term is asked
for, and nothing here knows an engine.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple, Protocol

from services.catalog.findable import Findable


class Field(StrEnum):
    """A field of text; each holds the terms of `wording.terms`."""

    TITLE = "title"
    PROVIDER = "provider"
    ITEMS = "items"
    ABSTRACT = "abstract"
    THEME = "theme"


class Facet(StrEnum):
    """What results are narrowed down and counted by; a thing has any number of values of each."""

    KIND = "kind"
    CATALOGUE = "catalogue"
    PROVIDER = "provider"
    DISTRICT = "district"
    THEME = "theme"
    DOMAIN = "domain"
    SHARE_TYPE = "share_type"
    FORMAT = "format"
    UPDATE_CYCLE = "update_cycle"


Weights = tuple[tuple[Field, float], ...]


class Wording(NamedTuple):
    """One way to put a thing in words: a field counts when it has `least` of the terms, by `weight` for each.

    With `enough` of the terms, wherever they stand, the thing counts as said. No terms: it begins with `prefix`.
    """

    terms: tuple[str, ...]
    least: int
    enough: int
    weight: float
    fields: Weights


class Wanted(NamedTuple):
    """One thing that is asked for: its best wording counts. What is `incidental` makes nothing found by itself."""

    wordings: tuple[Wording, ...]
    incidental: bool = False


class Plan(NamedTuple):
    """What an engine looks for: what says enough of anything wanted, within every filter (any of its values).

    `together` is what each further wanted thing that is said adds to a score. A `loose` plan takes any single term for
    enough. With nothing wanted, all that the filters leave is found, the newest id first.
    """

    wanted: tuple[Wanted, ...]
    filters: tuple[tuple[Facet, tuple[str, ...]], ...] = ()
    together: float = 0.0
    loose: bool = False

    @property
    def decisive(self) -> tuple[Wanted, ...]:
        """What makes something found: what is not incidental, or all when everything is."""
        return tuple(each for each in self.wanted if not each.incidental) or self.wanted


class Scored(NamedTuple):
    """A thing and how well an engine says that it matches; scores compare within one answer alone."""

    thing: Findable
    score: float


class Answer(NamedTuple):
    """So many things match in all; the best of them, best first, those of one score with the newest id first."""

    total: int
    best: Sequence[Scored]


class Engine(Protocol):
    """Something that is searched."""

    @property
    def name(self) -> str:
        """What a later page asks for this engine by, as it is at this moment; empty while it is not `pinned`."""

    @property
    def version(self) -> int:
        """The number of the last change of the catalogues that can be found."""

    def pinned(self) -> "Engine":
        """Return the engine as it is at this moment: what it finds does not change any more."""

    def look_up(self, plan: Plan, *, first: int, most: int) -> Answer:
        """Return the best of what matches, `most` of them from place `first` (0 is the best)."""

    def count_by(self, plan: Plan, facets: Sequence[Facet]) -> Mapping[Facet, Mapping[str, int]]:
        """Return how many of all that matches have each value of these facets, the 50 most frequent values."""

    def by_id(self, ids: Sequence[str]) -> Mapping[str, Findable]:
        """Return those of the named things that can be found."""
