"""An onward permission: whether what was received may be given to a third party, and within which limits (S-098).

Nothing may be passed on that is not allowed here: no permission, an open one or one that ran out all mean no
(Decree 809 Art. 25). Values, and the two pure rules on them.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from enum import StrEnum
from typing import ClassVar, Self

from pydantic import AwareDatetime, model_validator

from services.requests.matter import Matter
from services.requests.terms import Purpose
from services.shared.lifecycle import Party
from services.shared.model import Model
from services.shared.texts import Code, Line
from services.shared.working_days import day_in_beijing


class State(StrEnum):
    """Where a permission stands; the last three are ends."""

    ASKED = "ASKED"
    ALLOWED = "ALLOWED"
    DENIED = "DENIED"
    WITHDRAWN = "WITHDRAWN"


class Action(StrEnum):
    """What can be done with a permission; the last is the system's."""

    ASK = "ask"
    ALLOW = "allow"
    DENY = "deny"
    WITHDRAW = "withdraw"
    MARK_OVERDUE = "mark_overdue"


class ThirdParty(Model):
    """Whom it would be passed on to: an organisation of the city by its code, or a person or a company by name."""

    organisation: Code | None = None
    name: Line | None = None

    @model_validator(mode="after")
    def _one_of_the_two(self) -> Self:
        if (self.organisation is None) is (self.name is None):
            raise ValueError("organisation 或 name,二者之一 / either organisation or name")
        return self


class Limits(Model):
    """How far something may be passed on: which items, up to and including which day, on which conditions."""

    items: tuple[str, ...]
    until: date
    conditions: tuple[str, ...]


class Word(Limits):
    """One party's word that it allows, within its own limits."""

    party: Party
    officer: str
    at: AwareDatetime


class Denial(Model):
    """Who said no, and why."""

    party: Party
    reason: str
    officer: str
    at: AwareDatetime


class OnwardPermission(Matter):
    """A permission that the requester of an agreement asks for; `explanation` is why for another purpose than agreed.

    `confidential` says that a confidentiality agreement exists, so that the secrecy bureau has a word too.
    """

    kind: ClassVar[str] = "onward_permission"
    state: State
    to: ThirdParty
    purpose: Purpose
    explanation: str | None = None
    reason: str
    until: date
    confidential: bool
    words: tuple[Word, ...] = ()
    denial: Denial | None = None
    comment: str | None = None
    asked_at: AwareDatetime

    @property
    def limits(self) -> Limits | None:
        """Within which limits it is allowed; None unless it is."""
        return common_limits(self.words) if self.state is State.ALLOWED else None


def common_limits(words: Sequence[Limits]) -> Limits:
    """Return what all words allow: the items in each of them, until the earliest day, on every condition.

    Raises ValueError without a word.
    """
    if not words:
        raise ValueError("nobody has allowed anything")
    return Limits(
        items=tuple(item for item in words[0].items if all(item in word.items for word in words)),
        until=min(word.until for word in words),
        conditions=tuple(condition for word in words for condition in word.conditions),
    )


def onward_allowed(permissions: Iterable[OnwardPermission], to: ThirdParty, items: Collection[str], on: date) -> bool:
    """Return whether one permission lets these items be given to a third party on a day (in Beijing); else it is no.

    A permission speaks of the day on which it was complete and those after it, to the last day of its limits.
    """
    return any(_allows(permission, to, frozenset(items), on) for permission in permissions)


def _allows(permission: OnwardPermission, to: ThirdParty, items: frozenset[str], on: date) -> bool:
    limits = permission.limits
    if limits is None or permission.to != to:
        return False
    since = day_in_beijing(max(word.at for word in permission.words))
    return bool(items) and items <= frozenset(limits.items) and since <= on <= limits.until
