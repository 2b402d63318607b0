"""A collection responsibility: one unit's duty to collect one basic item over a scope. Values only."""

from enum import StrEnum

from pydantic import AwareDatetime

from services.catalog.collection_statement import Statement
from services.catalog.metadata import LegalBasis
from services.catalog.reviewing import Gap, Review
from services.catalog.scope import ground
from services.shared.lifecycle import Done, Party, Record
from services.shared.model import Model


class State(StrEnum):
    """Where a responsibility stands; the last six are ends."""

    DRAFT = "DRAFT"
    APPLIED = "APPLIED"
    JOINT_REVIEW = "JOINT_REVIEW"
    COORDINATION = "COORDINATION"
    ESCALATED = "ESCALATED"
    RETURNED = "RETURNED"
    DECLINED = "DECLINED"
    DESIGNATED = "DESIGNATED"
    REGISTERED = "REGISTERED"
    PUBLISHED = "PUBLISHED"
    REDIRECTED = "REDIRECTED"
    REJECTED = "REJECTED"
    TRANSFERRED = "TRANSFERRED"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"
    WITHDRAWN = "WITHDRAWN"


class Action(StrEnum):
    """What can be done with a responsibility; the last three come with another case's step, or by themselves."""

    REVISE = "revise"
    APPLY = "apply"
    START_REVIEW = "start_review"
    OPEN_COORDINATION = "open_coordination"
    BE_HEARD = "be_heard"
    SETTLE = "settle"
    ESCALATE = "escalate"
    RULE = "rule"
    REMAND = "remand"
    RETURN = "return"
    APPROVE = "approve"
    DECLINE = "decline"
    CONTEST = "contest"
    ACCEPT = "accept"
    REGISTER = "register"
    PUBLISH = "publish"
    TRANSFER = "transfer"
    REVOKE = "revoke"
    WITHDRAW = "withdraw"
    REDIRECT = "redirect"
    CALL_IN = "call_in"
    EXPIRE = "expire"


INTERNAL = frozenset({Action.REDIRECT, Action.CALL_IN, Action.EXPIRE})
ENDED = frozenset({State.REDIRECTED, State.REJECTED, State.TRANSFERRED, State.REVOKED, State.EXPIRED, State.WITHDRAWN})
HOLDING = frozenset({State.DESIGNATED, State.REGISTERED, State.PUBLISHED})  # one of them per item and ground
# A conflict is open while one of two claims may still be decided for: not with its unit, not declined.
CONTENDING = frozenset({State.APPLIED, State.JOINT_REVIEW, State.COORDINATION, State.ESCALATED})
UNCLAIMED = ENDED | {State.DRAFT}


class Decline(Model):
    """Why a claim was declined, and on what evidence."""

    party: Party
    reason: str
    evidence: str
    at: AwareDatetime


class Pending(Model):
    """What a published duty is to say next, under review beside it."""

    statement: Statement
    state: State
    done: tuple[Done, ...] = ()
    reviews: tuple[Review, ...] = ()
    gaps: tuple[Gap, ...] = ()
    declined: Decline | None = None


class Collection(Record):
    """A case; `since` is when it came to its state.

    `edition` counts what the published duty has said, from 1, and `edition_at` is when it began to say so.

    `rivals` are the cases whose claims conflicted when it was applied for. `redirected_to` are the cases that were
    designated instead, `successor` is the case it goes over to.
    """

    state: State
    unit: str
    statement: Statement
    edition: int = 1
    edition_at: AwareDatetime | None = None
    number: str | None = None
    filed_as: str | None = None
    reviews: tuple[Review, ...] = ()
    gaps: tuple[Gap, ...] = ()
    declined: Decline | None = None
    pending: Pending | None = None
    rivals: tuple[str, ...] = ()
    redirected_to: tuple[str, ...] = ()
    successor: str | None = None
    basis: LegalBasis | None = None
    reason: str | None = None
    since: AwareDatetime
    applied_at: AwareDatetime | None = None
    heard_at: AwareDatetime | None = None
    escalated_at: AwareDatetime | None = None
    designated_at: AwareDatetime | None = None
    registered_at: AwareDatetime | None = None
    published_at: AwareDatetime | None = None

    @property
    def title(self) -> str:
        """What it is called: the basic item."""
        return self.statement.item or ""

    @property
    def ground(self) -> frozenset[str]:
        """The districts that it is for, the city itself among them when it is for the whole."""
        return ground(self.statement.areas)

    @property
    def lag_seconds(self) -> int | None:
        """How long a designation waited to be published (S-049); None before that."""
        if self.designated_at is None or self.published_at is None:
            return None
        return int((self.published_at - self.designated_at).total_seconds())

    @property
    def under_review(self) -> "Collection | None":
        """The pending statement as a case of its own under joint review; None when none is there."""
        if self.pending is None or self.pending.state is not State.JOINT_REVIEW:
            return None
        return self.model_copy(update=dict(self.pending) | {"pending": None})

    def beside(self, reviewed: "Collection") -> "Collection":
        """Return this case with what a step made of its pending statement."""
        kept = {name: getattr(reviewed, name) for name in Pending.model_fields}
        numbers = reviewed.model_dump(include={"version", "case_seq"})
        return self.model_copy(update={"pending": Pending(**kept), "changed_at": reviewed.changed_at, **numbers})
