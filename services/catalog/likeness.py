"""Two things of the catalogues as they are compared: in what their names differ, what they are to each other. Pure."""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from services.catalog.names import BEARER, TITLE, generic_words, unmarked

SHORTEST = 3  # characters of a name that another, twice as long, can be narrower than


class Verdict(StrEnum):
    """What two things are to each other; the first three are one register."""

    SAME = "same"
    CONTAINS = "contains"
    OTHER_PERIOD = "other_period"
    RELATED = "related"
    DIFFERENT = "different"


ZH = {
    Verdict.SAME: "同一信息",
    Verdict.CONTAINS: "一方包含另一方",
    Verdict.OTHER_PERIOD: "同一信息的另一时期",
    Verdict.RELATED: "相关而不重复",
    Verdict.DIFFERENT: "不同信息",
}
DUPLICATES = frozenset({Verdict.SAME, Verdict.CONTAINS, Verdict.OTHER_PERIOD})


class Thing(NamedTuple):
    """What is compared: `items` are names, `areas` codes; without areas the title and the provider's seat count.

    No `provider` is one that nobody knows.
    """

    title: str
    items: tuple[str, ...] = ()
    provider: str = ""
    basic_class: str | None = None
    areas: tuple[str, ...] = ()


class Likeness(NamedTuple):
    """0 to 100, the verdict, and the reasons, Chinese and English in each."""

    score: int
    verdict: Verdict
    reasons: tuple[str, ...]

    @property
    def strong(self) -> bool:
        """Whether the two are one register."""
        return self.verdict in DUPLICATES


class Match(NamedTuple):
    """A candidate by its place in what was given."""

    place: int
    likeness: Likeness


class Difference(NamedTuple):
    """What each of two names says that the other does not, marks included; `common` counts the characters of both.

    `length` is that of the longer one, `shortest` that of the shorter without its marks; `scattered` says that neither
    stands in the other as it is written.
    """

    one: str
    other: str
    common: int
    length: int
    shortest: int
    scattered: bool

    @property
    def more(self) -> str:
        """What one of them says more, without marks; empty when each does, or neither."""
        one, other = unmarked(self.one), unmarked(self.other)
        return "" if one and other else one or other

    @property
    def two_sided(self) -> bool:
        """Whether each says something that the other does not.

        Who is listed counts against people (机构, 人员), what is held against another aspect (许可, 处罚).
        """
        one, other = unmarked(self.one), unmarked(self.other)
        if (one or other) and (self.scattered or self.shortest < SHORTEST) and 2 * len(one or other) >= self.length:
            return True  # hardly more in common than a few characters
        words = generic_words()
        marks = (
            (self.one, other, BEARER, words.persons),
            (self.other, one, BEARER, words.persons),
            (self.one, other, TITLE, words.aspects),
            (self.other, one, TITLE, words.aspects),
        )
        return bool(one and other) or any(mark in said and says(against, of) for said, against, mark, of in marks)


def says(text: str, words: Iterable[str]) -> bool:
    """Return whether a text has one of the words in it."""
    return any(word in text for word in words)
