"""What a sharing request is made of: offers, signatures, the notice of gaps, an extension, the dispute. Values only."""

from typing import Literal

from pydantic import AwareDatetime

from services.requests.terms import Terms
from services.shared.lifecycle import Party
from services.shared.model import Model


class Urgency(Model):
    """Why a request goes before others, in one of the policy's work areas (S-011)."""

    work_area: str
    reason: str


class Offer(Model):
    """One set of terms on the table: who made it, when, and the hash that an acceptance must name."""

    number: int
    by: Party
    terms: Terms
    terms_hash: str
    officer: str
    at: AwareDatetime


class Signature(Model):
    """An authenticated act over a hash, sealed by its ledger entry; units hold no keys."""

    party: Party
    organisation: str
    officer: str
    at: AwareDatetime
    terms_hash: str


class RefusalReport(Model):
    """Why nothing is shared: basis, situation and reason (S-085), by the provider or the body that decided."""

    instrument: str
    clause: str
    situation: str
    reason: str
    by: Party
    officer: str
    at: AwareDatetime


class Gap(Model):
    """Something that an application lacks, and where."""

    pointer: str
    detail: str


class Notice(Model):
    """The one-time notice of everything that an application lacks (一次性告知)."""

    gaps: tuple[Gap, ...]
    by: Party
    officer: str
    at: AwareDatetime


class Extension(Model):
    """A provider's wish for more time, and the office's word on it; `granted` is null until it is given."""

    reason: str
    officer: str
    at: AwareDatetime
    granted: bool | None = None
    decided_at: AwareDatetime | None = None
    comment: str | None = None


class Proposal(Model):
    """What the office proposes to both sides: a whole set of terms, and why."""

    terms: Terms
    terms_hash: str
    comment: str
    officer: str
    at: AwareDatetime


class Docket(Model):
    """What the leading group decides on: the ground, the matter, both positions, what was tried, the question."""

    ground: str
    matter: str
    requester_position: str
    provider_position: str
    tried: str
    question: str
    officer: str
    at: AwareDatetime


class Ruling(Model):
    """What a meeting of the leading group decided, and why (S-019, S-088)."""

    outcome: Literal["share", "refuse"]
    meeting: str
    reason: str
    officer: str
    at: AwareDatetime


class Coordination(Model):
    """The dispute in this case: who asked for it and why, the last proposal, the docket, and what it came to.

    `number` counts the coordinations of a case from 1.
    """

    number: int
    by: Party
    reason: str
    at: AwareDatetime
    proposal: Proposal | None = None
    docket: Docket | None = None
    instructions: str | None = None
    ruling: Ruling | None = None
