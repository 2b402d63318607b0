"""A demand for information that is not in the catalogue (S-010): what is wanted, by whom, how urgently. Values only.

How many organisations want it, and how many of them urgently, is its place in the queue (需求导向, 急用先行).
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, AwareDatetime, Field, model_validator

from services.requests.case_record import CaseRecord
from services.requests.terms import Purpose
from services.shared.canonical import digest
from services.shared.lifecycle import Party
from services.shared.model import Model
from services.shared.texts import Code, Line, Text

# A demand that is taken up goes into one event with all of its items, each of 200 characters of up to four bytes.
MOST_ITEMS = 50
END_OF_TIME = 10**14  # milliseconds


class DemandState(StrEnum):
    """Where a demand stands; the last four are ends."""

    FILED = "FILED"
    PROPOSED = "PROPOSED"
    TAKEN_UP = "TAKEN_UP"
    MET = "MET"
    DECLINED = "DECLINED"
    MERGED = "MERGED"
    WITHDRAWN = "WITHDRAWN"


class DemandAction(StrEnum):
    """What can be done with a demand. The last is the system's own and has no address."""

    SUPPORT = "support"
    REVISE = "revise"
    TRIAGE = "triage"
    TAKE_UP = "take_up"
    HAND_BACK = "hand_back"
    DECLINE = "decline"
    MERGE = "merge"
    MEET = "meet"
    WITHDRAW = "withdraw"
    MARK_OVERDUE = "mark_overdue"


class DemandKind(StrEnum):
    """What a demand becomes: a duty to collect, or a database."""

    COLLECTION = "collection"
    DATABASE = "database"


def at_least_one(named: tuple[str, ...]) -> tuple[str, ...]:
    """Return names. Raises ValueError when there are none, and only then: a wrong one is not told to be missing."""
    if not named:
        raise ValueError("至少一项 / at least one")
    return named


class DemandUrgency(Model):
    """A claim that this goes before others, in one of the policy's work areas (S-011); everybody reads who made it.

    The reason is one line: those of all organisations lie in one record.
    """

    work_area: Code
    reason: Line


class Backing(Model):
    """That an organisation wants it: for which of its duties, and whether urgently."""

    duty: Code
    urgency: DemandUrgency | None = None


class Searched(Model):
    """What was looked for in the catalogue before: a search certificate by its id, or a sentence, or both."""

    certificate: Code | None = None
    text: Line | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.certificate is None and self.text is None:
            raise ValueError(
                "查重证明编号或检索说明,至少一项 / the id of a search certificate, or what was searched for"
            )
        return self


class Wanted(Backing):
    """What is wanted: data items by name, areas (GB/T 2260), for what; duty and urgency are those of who files it."""

    title: Line
    items: Annotated[tuple[Line, ...], Field(max_length=MOST_ITEMS), AfterValidator(at_least_one)]
    areas: Annotated[tuple[Code, ...], Field(max_length=20), AfterValidator(at_least_one)]
    purpose: Purpose
    searched: Searched


class Triage(Model):
    """What the office proposes: that a unit (an organisation's code) collects it or builds a database for it."""

    kind: DemandKind
    unit: Code
    reason: Text


class Merge(Model):
    """Which other demand a demand goes on as, and why it is the same."""

    into: Code
    reason: Text


class Met(Model):
    """The catalogue's entry that holds now what was wanted."""

    resource: Code


class Supporter(Backing):
    """Another organisation that wants the same, and since when."""

    organisation: str
    at: AwareDatetime


class DemandProposal(Triage):
    """A proposal that stands, and since when; `id` is what its unit drafts in the catalogue once it takes it up."""

    at: AwareDatetime
    id: str | None = None
    taken_up_at: AwareDatetime | None = None


class HandedBack(Model):
    """A unit that would not take a demand up, or could not bring it about, and why."""

    unit: str
    reason: str
    at: AwareDatetime


class Demand(CaseRecord):
    """A demand; `requester` filed it. `reason` is why it ended, `handed_back` the last unit that did not do it.

    Who supports it since before `revised_at` supported it as it was worded then.
    """

    state: DemandState
    requester: str
    wanted: Wanted
    supporters: tuple[Supporter, ...] = ()
    proposal: DemandProposal | None = None
    handed_back: HandedBack | None = None
    merged_into: str | None = None
    resource: str | None = None
    reason: str | None = None
    filed_at: AwareDatetime
    revised_at: AwareDatetime | None = None

    @property
    def sides(self) -> Mapping[Party, str]:
        """Who filed it and, once it is proposed to a unit, that unit."""
        return {Party.REQUESTER: self.requester} | ({Party.PROVIDER: self.unit} if self.unit else {})

    @property
    def title(self) -> str:
        """What is wanted, in a line."""
        return self.wanted.title

    @property
    def urgent(self) -> bool:
        """Whether anybody who wants it says that it is urgent."""
        return bool(self.urgencies)

    @property
    def waits_since(self) -> datetime:
        """Since when it waits for whom it waits; who supports it meanwhile does not begin that anew."""
        taken_up_at = self.proposal.taken_up_at if self.proposal else None
        return taken_up_at or super().waits_since

    @property
    def wanted_hash(self) -> str:
        """The hash of what the demand says: what each of its events binds (RFC 8785, SHA-256)."""
        return digest(self.wanted)

    @property
    def unit(self) -> str | None:
        """The unit that it is proposed to, or that took it up."""
        return self.proposal.unit if self.proposal else None

    @property
    def backers(self) -> Mapping[str, Backing]:
        """Every organisation that wants it, who filed it first."""
        return {self.requester: self.wanted, **{each.organisation: each for each in self.supporters}}

    @property
    def urgencies(self) -> Mapping[str, DemandUrgency]:
        """Every claim of urgency, by the organisation that made it."""
        return {code: backing.urgency for code, backing in self.backers.items() if backing.urgency}

    @property
    def place(self) -> str:
        """Its place in the queue, as text of which the greatest comes first (S-010, S-011).

        By how many want it, by how many of them urgently, then by who waits longest.
        """
        waiting = END_OF_TIME - int(self.filed_at.timestamp() * 1000)
        return f"{len(self.backers):04}#{len(self.urgencies):04}#{waiting:015}"
