"""What each action on a collection responsibility takes: the input models of its acts."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from services.catalog.collection import Action
from services.catalog.collection_statement import MAX_AREAS, CollectionDraft
from services.catalog.metadata import LegalBasis
from services.catalog.reviewing import Commented, Declined, Gaps, Nothing, Reasoned
from services.shared.model import Model
from services.shared.texts import Code, Line, Text

MAX_CLAIMANTS = 20  # one transaction moves them all, and holds 100 writes


class Heard(Model):
    """What a claimant has to say for itself in a coordination."""

    position: Text


class Settled(Model):
    """Who is to collect: one case by id for all of its scope, or several each for the areas named.

    Neither means nobody, which only the coordination of a single contested claim can end with.
    """

    designated: Code | None = None
    split: (
        Annotated[
            dict[Code, Annotated[tuple[Code, ...], Field(min_length=1, max_length=MAX_AREAS)]],
            Field(min_length=1, max_length=MAX_CLAIMANTS),
        ]
        | None
    ) = None
    reason: Text

    @model_validator(mode="after")
    def one_way(self) -> Self:
        """Return the settlement. Raises ValueError when it both designates one and splits."""
        if self.designated is not None and self.split is not None:
            raise ValueError("只能择一：确定一个单位或划分范围 / either designate one or split the scopes")
        return self

    @property
    def chosen(self) -> frozenset[str]:
        """The cases that are to collect."""
        return frozenset(self.split or {}) | ({self.designated} if self.designated else set())


class Ruled(Settled):
    """A settlement by the leading group, in a meeting (三(四))."""

    meeting: Line


class Docket(Model):
    """What the leading group is to decide, and what it needs to know for that."""

    docket: Text


class Remanded(Model):
    """What the office is to do about it."""

    instructions: Text


class Successor(Model):
    """The case that a duty goes over to."""

    successor: Code


class Revoked(Model):
    """The clause on which a duty is taken away, and why."""

    basis: LegalBasis
    reason: Text


BODIES: dict[Action, type[Model]] = {
    Action.REVISE: CollectionDraft,
    Action.APPLY: Nothing,
    Action.START_REVIEW: Nothing,
    Action.OPEN_COORDINATION: Nothing,
    Action.BE_HEARD: Heard,
    Action.SETTLE: Settled,
    Action.ESCALATE: Docket,
    Action.RULE: Ruled,
    Action.REMAND: Remanded,
    Action.RETURN: Gaps,
    Action.APPROVE: Commented,
    Action.DECLINE: Declined,
    Action.CONTEST: Reasoned,
    Action.ACCEPT: Nothing,
    Action.REGISTER: Nothing,
    Action.PUBLISH: Nothing,
    Action.TRANSFER: Successor,
    Action.REVOKE: Revoked,
    Action.WITHDRAW: Nothing,
}
# What people wrote of an act, sealed beside its event; everything else is codes and dates.
WORDS: dict[Action, frozenset[str]] = {
    Action.BE_HEARD: frozenset({"position"}),
    Action.SETTLE: frozenset({"reason"}),
    Action.ESCALATE: frozenset({"docket"}),
    Action.RULE: frozenset({"reason", "meeting"}),
    Action.REMAND: frozenset({"instructions"}),
    Action.RETURN: frozenset({"gaps"}),
    Action.APPROVE: frozenset({"comment"}),
    Action.DECLINE: frozenset({"reason", "evidence"}),
    Action.CONTEST: frozenset({"reason"}),
    Action.REVOKE: frozenset({"reason"}),
}
