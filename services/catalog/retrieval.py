"""The port between what is asked and the engine that looks it up: what a search engine is told, and what it returns.

Two engines stand behind it, tantivy in the process and OpenSearch over the network. An engine only brings what shares
rare terms with a question; how good that is, is decided in `ranking.py`, the same for both.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple, Protocol

from services.catalog.findable import Findable


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


Filters = tuple[tuple[Facet, tuple[str, ...]], ...]


class Wording(NamedTuple):
    """One way to put a thing in words. With `enough` of its terms, wherever they stand, the thing is said.

    A title, and all else that an entry says, each count when they have `least` of the terms: by `in_title` and
    `in_rest` for each term.
    """

    terms: tuple[str, ...]
    least: int
    enough: int
    in_title: float
    in_rest: float


class Wanted(NamedTuple):
    """One thing that is asked for: its best wording counts. What is `incidental` makes nothing found by itself."""

    wordings: tuple[Wording, ...]
    incidental: bool = False


class Plan(NamedTuple):
    """What is looked for: what says enough of anything wanted; `loose` takes any single term for enough."""

    wanted: tuple[Wanted, ...]
    loose: bool = False

    @property
    def decisive(self) -> tuple[Wanted, ...]:
        """What makes something found: what is not incidental, or all when everything is."""
        return tuple(each for each in self.wanted if not each.incidental) or self.wanted

    def needed(self, wording: Wording) -> int:
        """Return how many terms of a wording say it."""
        return 1 if self.loose else wording.enough


class Candidate(NamedTuple):
    """What an engine brings: plain texts of the title and of all else, and the row as the index keeps it."""

    title: str
    rest: str
    line: bytes


class Engine(Protocol):
    """Something that is searched, as it was at one moment: what it finds does not change."""

    @property
    def name(self) -> str:
        """What a later page asks for it by."""

    @property
    def version(self) -> int:
        """The number of the last change of the catalogues that can be found."""

    def rarity(self, terms: Sequence[str]) -> Mapping[str, float]:
        """Return how much it says that a thing has a term (BM25's idf), for those terms that any thing has."""

    def best(self, terms: Mapping[str, float], filters: Filters, *, first: int, most: int) -> Sequence[Candidate]:
        """Return what has any of the terms, by their weights the best first, `most` of it from place `first`.

        Without terms, all that the filters leave, the newest id first.
        """

    def count(self, plan: Plan, filters: Filters) -> int:
        """Return how many things a plan finds; all that the filters leave where nothing is wanted."""

    def count_by(self, plan: Plan, filters: Filters, facets: Sequence[Facet]) -> Mapping[Facet, Mapping[str, int]]:
        """Return how many of those have each value of these facets, the 50 most frequent values."""

    def by_id(self, ids: Sequence[str]) -> Mapping[str, Findable]:
        """Return those of the named things that can be found."""
