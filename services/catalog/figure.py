"""An accurate figure (数字准): what it says, its versions, and who claims a name. Values only (S-030).

A figure has at most one published version and one open one beside it; of one name at most one figure is published.
"""

from enum import StrEnum
from typing import Annotated, NamedTuple, Self

from pydantic import AwareDatetime, Field, model_validator

from services.catalog.fields import Prose, Words, listed
from services.catalog.metadata import folded
from services.catalog.parts import LegalBasis
from services.catalog.reviewing import Gap, Review
from services.shared.canonical import digest
from services.shared.lifecycle import Record
from services.shared.model import Model
from services.shared.texts import Code

MAX_SOURCES = 20
COMPARED = ("definition", "unit_of_measure", "method", "authority")


class State(StrEnum):
    """Where a version stands; the last three are ends."""

    DRAFT = "DRAFT"
    UNDER_REVIEW = "UNDER_REVIEW"
    RETURNED = "RETURNED"
    APPROVED = "APPROVED"
    PUBLISHED = "PUBLISHED"
    SUPERSEDED = "SUPERSEDED"
    WITHDRAWN = "WITHDRAWN"
    DISCARDED = "DISCARDED"


OPEN = (State.DRAFT, State.UNDER_REVIEW, State.RETURNED, State.APPROVED)


class SourceKind(StrEnum):
    """What of the catalogue a figure can be taken from."""

    RESOURCE = "resource"
    COLLECTION = "collection"
    DATABASE = "database"


class FigureSource(Model):
    """Where a figure is taken from: something of the catalogue by kind and id, or a source outside it in words."""

    kind: SourceKind | None = None
    id: Code | None = None
    text: Words | None = None

    @model_validator(mode="after")
    def _one_or_the_other(self) -> Self:
        if (self.kind is None) is not (self.id is None) or (self.id is None) is (self.text is None):
            raise ValueError("kind 和 id,或 text / either kind and id, or text")
        return self


class Meaning(Model):
    """What a figure says of itself; `definition` is the 口径, `authority` the organisation whose number counts.

    Everything but the name may wait until it is submitted. `period` says of when a value is: 年末时点, 当年累计.
    """

    name: Words
    definition: Prose | None = None
    unit_of_measure: Words | None = None
    method: Prose | None = None
    sources: Annotated[tuple[FigureSource, ...], Field(max_length=MAX_SOURCES)] = ()
    authority: Code | None = None
    cycle: Annotated[Code, listed("update_cycles")] | None = None
    period: Words | None = None
    legal_basis: LegalBasis | None = None

    @property
    def key(self) -> str:
        """The name as names are compared: at most one published figure has it."""
        return "".join(folded(self.name).split())


class Version(Record):
    """One version of a figure; `number` counts a figure's versions from 1."""

    state: State
    number: int
    unit: str
    meaning: Meaning
    gaps: tuple[Gap, ...] = ()
    reviews: tuple[Review, ...] = ()
    reason: str | None = None
    submitted_at: AwareDatetime | None = None
    approved_at: AwareDatetime | None = None
    published_at: AwareDatetime | None = None

    @property
    def definition_hash(self) -> str:
        """The hash of what the version says: what each of its events binds (RFC 8785, SHA-256)."""
        return digest(self.meaning)

    @property
    def lag_seconds(self) -> int | None:
        """How long an approved version waited to be published (S-049); None before."""
        if self.approved_at is None or self.published_at is None:
            return None
        return int((self.published_at - self.approved_at).total_seconds())


class FormerVersion(Model):
    """A version that has ended while the figure goes on."""

    number: int
    state: State
    at: AwareDatetime


class Figure(Record):
    """A figure; `live` is its published version, or the tombstone of one, `open` what is being worked on."""

    state: State
    unit: str
    live: Version | None = None
    open: Version | None = None
    former: tuple[FormerVersion, ...] = ()

    @property
    def published(self) -> Version | None:
        """The version that everybody reads."""
        return self.live if self.live and self.live.state is State.PUBLISHED else None

    @property
    def next_number(self) -> int:
        """The number of a version made now."""
        numbers = [version.number for version in (self.live, self.open, *self.former) if version]
        return max(numbers, default=0) + 1


class NameClaim(Model):
    """A version that is published or was submitted under a name: what another of that name is compared with."""

    figure: str
    unit: str
    published: bool
    meaning: Meaning


class NameBook(NamedTuple):
    """Who claims a name, and the figure that is published under it, or None."""

    claims: tuple[NameClaim, ...] = ()
    holder: str | None = None


def claims_of(figure: Figure) -> dict[tuple[str, str], NameClaim]:
    """Return the claims of a figure's versions, by the name's key and which version it is: `live` or `open`."""
    opened = figure.open
    submitted = opened if opened and opened.submitted_at and opened.state in OPEN else None
    standing = {"live": figure.published, "open": submitted}
    return {
        (version.meaning.key, which): NameClaim(
            figure=figure.id, unit=figure.unit, published=which == "live", meaning=version.meaning
        )
        for which, version in standing.items()
        if version
    }


def differences(one: Meaning, other: Meaning) -> tuple[str, ...]:
    """Return in which of definition, unit of measure, method and authority two meanings of a name differ."""
    return tuple(name for name in COMPARED if _plain(getattr(one, name)) != _plain(getattr(other, name)))


def _plain(said: str | None) -> str:
    return "".join(folded(said or "").split())
