"""What the events of objections and onward permissions carry: codes, days and numbers; what people wrote is sealed.

`number` counts those of a case from 1. A person or a company that is asked for by name is in no event.
"""

from datetime import date

from pydantic import AwareDatetime

from services.shared.model import Model


class ObjectionMoved(Model):
    """A step in the life of an objection, which the requester raised about the provider's entry."""

    state: str
    number: int
    requester: str
    provider: str
    resource: str


class ObjectionRaised(ObjectionMoved):
    """An objection to agreed items."""

    items: tuple[str, ...]


class ObjectionCorrected(ObjectionRaised):
    """Items of an entry that are corrected since a day: every recipient of the entry is to be told."""

    corrected_on: date


class ObjectionOverdue(ObjectionMoved):
    """That a day has passed; `clock` is a code of the clock profiles. It decides nothing."""

    clock: str
    due_at: AwareDatetime


class ObjectionCoordinated(ObjectionMoved):
    """A step in the coordination of an objection; the basis of what was upheld, null otherwise."""

    coordination: str
    instrument: str | None = None
    clause: str | None = None


class OnwardMoved(Model):
    """A step in the life of an onward permission; `organisation` is null where it is for a person or a company.

    `confidential` says that the secrecy bureau has a word in it.
    """

    state: str
    number: int
    requester: str
    provider: str
    resource: str
    organisation: str | None
    confidential: bool


class OnwardAsked(OnwardMoved):
    """What is to be passed on, for which purpose (a code), until which day."""

    items: tuple[str, ...]
    purpose: str
    until: date


class OnwardWord(OnwardMoved):
    """What one of those who are asked allows, or, in the last word, what all of them do; `by` gave the word."""

    by: str
    items: tuple[str, ...]
    until: date


class OnwardDenied(OnwardMoved):
    """Who said no."""

    by: str


class OnwardOverdue(OnwardMoved):
    """That a day has passed; `clock` is a code of the clock profiles. It decides nothing."""

    clock: str
    due_at: AwareDatetime


TYPES: dict[str, tuple[type[Model], tuple[str, ...]]] = {
    "objection.raised": (ObjectionRaised, ("requests",)),
    "objection.verification_started": (ObjectionMoved, ("requests",)),
    "objection.confirmed": (ObjectionMoved, ("requests",)),
    "objection.corrected": (ObjectionCorrected, ("requests",)),
    "objection.rejected": (ObjectionMoved, ("requests",)),
    "objection.rejection_accepted": (ObjectionMoved, ("requests",)),
    "objection.withdrawn": (ObjectionMoved, ("requests",)),
    "objection.overdue": (ObjectionOverdue, ("requests",)),
    "objection.coordination_opened": (ObjectionCoordinated, ("requests",)),
    "objection.coordination_mediated": (ObjectionCoordinated, ("requests",)),
    "objection.coordination_agreed": (ObjectionCoordinated, ("requests",)),
    "objection.coordination_settled": (ObjectionCoordinated, ("requests",)),
    "objection.coordination_upheld": (ObjectionCoordinated, ("requests",)),
    "objection.coordination_escalated": (ObjectionCoordinated, ("requests",)),
    "objection.coordination_remanded": (ObjectionCoordinated, ("requests",)),
    "objection.coordination_ruled_for": (ObjectionCoordinated, ("requests",)),
    "objection.coordination_ruled_against": (ObjectionCoordinated, ("requests",)),
    "onward_permission.asked": (OnwardAsked, ("requests",)),
    "onward_permission.word_given": (OnwardWord, ("requests",)),
    "onward_permission.allowed": (OnwardWord, ("requests",)),
    "onward_permission.denied": (OnwardDenied, ("requests",)),
    "onward_permission.withdrawn": (OnwardMoved, ("requests",)),
    "onward_permission.overdue": (OnwardOverdue, ("requests",)),
}
