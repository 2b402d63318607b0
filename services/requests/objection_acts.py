"""What each act on an objection takes; what is done in its coordination takes what coordination asks for."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from services.requests.acts import Commented, Nothing, Reasoned
from services.requests.objection import Action
from services.shared import coordination
from services.shared.model import Model
from services.shared.texts import Code, Line, Text


class Raised(Model):
    """An objection as it is raised: under which agreement (a case's id), which items and records, what is wrong."""

    agreement: Code
    items: Annotated[tuple[Line, ...], Field(min_length=1, max_length=200)]
    records: Text
    wrong: Text
    evidence: Text | None = None


class Found(Model):
    """What the provider found when it verified."""

    finding: Text


class Corrected(Model):
    """What was corrected, and on which day."""

    corrected: Text
    corrected_on: date


BODIES: dict[StrEnum, type[Model]] = {
    Action.VERIFY: Nothing,
    Action.CONFIRM: Found,
    Action.CORRECT: Corrected,
    Action.REJECT: Reasoned,
    Action.ACCEPT: Nothing,
    Action.COORDINATE: Reasoned,
    Action.WITHDRAW: Commented,
    **{action: body for action, body in coordination.BODIES.items()},  # noqa: C416 - a wider key
}
