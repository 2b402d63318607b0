"""What each action takes: the input models of the requests' acts."""

from typing import Annotated

from pydantic import AfterValidator, Field

from services.requests.entry import Sensitivity
from services.requests.request import Action, Kind
from services.requests.terms import Terms
from services.shared.model import Model
from services.shared.reference import vocabulary
from services.shared.texts import Code, Line, Text

Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Pointer = Annotated[str, Field(pattern=r"^(/[^/\s]{1,200}){1,10}$")]


def a_work_area(code: str) -> str:
    """Return the code. Raises ValueError when it is not one of the policy's urgent work areas."""
    if not vocabulary().work_areas.has(code):
        raise ValueError(f"'{code}' is not in the vocabulary")
    return code


def a_ground(code: str) -> str:
    """Return the code. Raises ValueError when it is no ground for the leading group to decide."""
    if not vocabulary().escalation_grounds.has(code):
        raise ValueError(f"'{code}' is not in the vocabulary")
    return code


class DraftUrgency(Model):
    """A claim that this goes before others (S-011)."""

    work_area: Annotated[Code, AfterValidator(a_work_area)]
    reason: Text


class Draft(Model):
    """A request as its officer writes it: which entry, for which duty, on which terms."""

    resource: Code
    duty: Code
    terms: Terms
    kind: Kind = Kind.SHARING
    urgency: DraftUrgency | None = None


class Nothing(Model):
    """An act that says all by being done."""


class Reasoned(Model):
    """An act that must say why."""

    reason: Text


class Commented(Model):
    """An act that may say why."""

    comment: Text | None = None


class NamedGap(Model):
    """One thing that an application lacks: a pointer into it, and what is missing."""

    pointer: Pointer
    detail: Text


class Incomplete(Model):
    """The notice of everything that an application lacks, at once."""

    gaps: Annotated[tuple[NamedGap, ...], Field(min_length=1, max_length=50)]


class Counter(Model):
    """A counter-offer: whole terms, never a patch."""

    terms: Terms


class Mediation(Model):
    """What the office proposes to both sides: whole terms, and why."""

    terms: Terms
    comment: Text


class Named(Model):
    """Agreement or signature: to exactly the terms with this hash (I4)."""

    terms_hash: Hash


class Classification(Model):
    """The provider's word on the sensitivity of items: item name to code."""

    items: Annotated[dict[Line, Sensitivity], Field(min_length=1, max_length=200)]


class Refusal(Model):
    """A refusal report: a clause that excludes sharing, the situation, and the reason (S-081, S-085)."""

    instrument: Code
    clause: Line
    situation: Text
    reason: Text


class Escalation(Model):
    """A docket for the leading group (S-019, S-020): complete, or it is not one."""

    ground: Annotated[Code, AfterValidator(a_ground)]
    matter: Text
    requester_position: Text
    provider_position: Text
    tried: Text
    question: Text


class RulingToShare(Model):
    """A meeting's decision that sharing takes place, on these terms."""

    meeting: Line
    reason: Text
    terms: Terms


class RulingToRefuse(Refusal):
    """A meeting's decision that nothing is shared, with its statutory basis."""

    meeting: Line


class Instructions(Model):
    """What the leading group sends a dispute back with."""

    instructions: Text


BODIES: dict[Action, type[Model]] = {
    Action.REVISE: Draft,
    Action.PROPOSE: Nothing,
    Action.SEND_BACK: Reasoned,
    Action.SUBMIT: Nothing,
    Action.RETURN: Incomplete,
    Action.SUPPLEMENT: Draft,
    Action.ACCEPT_FOR_PROCESSING: Nothing,
    Action.REQUEST_EXTENSION: Reasoned,
    Action.GRANT_EXTENSION: Commented,
    Action.DENY_EXTENSION: Reasoned,
    Action.RECORD_SILENCE: Commented,
    Action.CLASSIFY: Classification,
    Action.COUNTER: Counter,
    Action.AGREE: Named,
    Action.REFUSE: Refusal,
    Action.ACCEPT_REFUSAL: Nothing,
    Action.COORDINATE: Reasoned,
    Action.MEDIATE: Mediation,
    Action.UPHOLD_REFUSAL: Refusal,
    Action.ESCALATE: Escalation,
    Action.RULE_SHARE: RulingToShare,
    Action.RULE_REFUSE: RulingToRefuse,
    Action.REMAND: Instructions,
    Action.DRAFT: Nothing,
    Action.SIGN: Named,
    Action.REOPEN: Reasoned,
    Action.FILE_RESULT: Named,
    Action.SIGN_CONFIDENTIALITY: Named,
    Action.WITHDRAW: Reasoned,
}
