"""What can be done with a version of an entry, what each act says, and what is looked at beside it. Values only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from services.catalog.fields import Body
from services.catalog.metadata import Draft
from services.catalog.repeats import BasicEntry
from services.catalog.reviewing import Gaps, Noted, Nothing
from services.shared.model import Model
from services.shared.texts import Code, Text

MAX_IMPACT = 1000
LINKS = ("database", "collection")  # the metadata's fields that name another thing of the catalogue, and its kind


class Action(StrEnum):
    """What can be done with a version; the last two happen by themselves, with another version's step."""

    REVISE = "revise"
    SUBMIT = "submit"
    START_REVIEW = "start_review"
    RETURN = "return"
    APPROVE = "approve"
    PUBLISH = "publish"
    CONFIRM = "confirm"
    ASSIGN = "assign"
    WITHDRAW = "withdraw"
    DISCARD = "discard"
    SUPERSEDE = "supersede"
    DROP = "drop"


SYSTEM_ACTIONS = frozenset({Action.SUPERSEDE, Action.DROP})


class Assignment(Model):
    """Which department an entry that nobody owned belongs to."""

    provider: Body


class Withdrawal(Model):
    """Why an entry goes, and the ids of what is linked with it and will lose it."""

    reason: Text
    impact_seen: Annotated[tuple[Code, ...], Field(max_length=MAX_IMPACT)] = ()


BODIES: Mapping[Action, type[Model]] = {
    **{action: Nothing for action in Action if action not in SYSTEM_ACTIONS},
    Action.REVISE: Draft,
    Action.RETURN: Gaps,
    Action.APPROVE: Noted,
    Action.ASSIGN: Assignment,
    Action.WITHDRAW: Withdrawal,
}
# What people wrote: sealed beside the event, which carries its hash alone.
WORDS: Mapping[Action, frozenset[str]] = {
    Action.RETURN: frozenset({"gaps"}),
    Action.APPROVE: frozenset({"comment"}),
    Action.WITHDRAW: frozenset({"reason"}),
}


class Linked(Model):
    """Something that an entry is linked with; `kind` is the singular of its collection."""

    kind: str
    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Given:
    """What is loaded beside an entry for its guards; each act loads what it needs and no more.

    `standing` are those things named by the fields of LINKS that stand in a public catalogue, `basics` the provider's
    published entries of basic information, `related` everything that the entry is linked with, `code` the resource
    code that it gets.
    """

    standing: Mapping[str, Linked] = field(default_factory=dict)
    basics: tuple[BasicEntry, ...] = ()
    related: tuple[Linked, ...] = ()
    code: str | None = None
