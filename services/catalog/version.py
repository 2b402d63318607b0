"""One version of a catalogue entry: what it says, where it stands, and when it came there. Values only."""

from enum import StrEnum
from typing import NamedTuple

from pydantic import AwareDatetime

from services.catalog.metadata import Catalogue, Metadata
from services.catalog.reviewing import Gap, Review
from services.shared.canonical import digest
from services.shared.lifecycle import Record
from services.shared.model import Model
from services.shared.organisations import OFFICE, named_provider


class State(StrEnum):
    """Where a version stands; the last three are ends."""

    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    UNDER_REVIEW = "UNDER_REVIEW"
    RETURNED = "RETURNED"
    APPROVED = "APPROVED"
    LIVE = "LIVE"
    SUPERSEDED = "SUPERSEDED"
    WITHDRAWN = "WITHDRAWN"
    DISCARDED = "DISCARDED"


class Spellings(NamedTuple):
    """What a source calls its provider, as `named_provider` reads it."""

    provider: str
    provider_in_summary: str
    archived: bool


class Source(Model):
    """Where a legacy entry comes from, and what the older catalogue says that no field of ours holds.

    `updated` and `published_on` are the source's own days, `provider` and `provider_in_summary` its own spellings,
    `update_frequency` its own words; null is what it does not say.
    """

    source_id: str
    source_url: str
    citation: str
    updated: str
    source: str | None = None
    published_on: str | None = None
    provider: str | None = None
    provider_in_summary: str | None = None
    archived: bool | None = None
    downloads: int | None = None
    update_frequency: str | None = None

    @property
    def spellings(self) -> Spellings:
        """What it calls its provider."""
        return Spellings(self.provider or "", self.provider_in_summary or "", bool(self.archived))


class Version(Record):
    """One version of an entry; `number` counts an entry's versions from 1, `filed_as` is the id of its filing.

    `resource_code` is given at an entry's first publication and stays; `reviews` are of what was submitted last;
    `reason_sha256` is the salted hash of the withdrawal's reason, as its event has it.
    """

    state: State
    number: int
    provider: str
    metadata: Metadata
    source: Source | None = None
    resource_code: str | None = None
    gaps: tuple[Gap, ...] = ()
    reviews: tuple[Review, ...] = ()
    reason: str | None = None
    reason_sha256: str | None = None
    filed_as: str | None = None
    submitted_at: AwareDatetime | None = None
    returned_at: AwareDatetime | None = None
    approved_at: AwareDatetime | None = None
    published_at: AwareDatetime | None = None
    confirmed_at: AwareDatetime | None = None

    @property
    def metadata_hash(self) -> str:
        """The hash of the metadata's canonical JSON: what each event of this version binds (RFC 8785, SHA-256)."""
        return digest(self.metadata)

    @property
    def is_basic(self) -> bool:
        """Whether this is basic information, which the statistics bureau reviews too."""
        return self.metadata.catalogue is Catalogue.BASIC

    @property
    def is_nobodys(self) -> bool:
        """Whether it is the office's only because its source names nobody, and nobody has claimed it."""
        return self.source is not None and self.provider == OFFICE and named_provider(self.source.spellings) is None

    @property
    def lag_seconds(self) -> int | None:
        """How long an approved version waited to be published (S-049); None before that, and for a legacy entry."""
        if self.approved_at is None or self.published_at is None:
            return None
        return int((self.published_at - self.approved_at).total_seconds())
