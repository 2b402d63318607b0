"""What each act on an onward permission takes."""

from datetime import date
from typing import Annotated

from pydantic import Field

from services.requests.acts import Commented, Reasoned
from services.requests.onward import Action, ThirdParty
from services.requests.terms import Purpose
from services.shared.model import Model
from services.shared.texts import Code, Line, Text


class Asked(Model):
    """What is asked: under which agreement (a case's id), for whom, which items, for what, why, until which day.

    `explanation` is asked for where the purpose is another than the agreement's.
    """

    agreement: Code
    to: ThirdParty
    items: Annotated[tuple[Line, ...], Field(min_length=1, max_length=200)]
    purpose: Purpose
    explanation: Text | None = None
    reason: Text
    until: date


class Allowed(Model):
    """How far one of those who are asked allows it; what is left out is allowed as it was asked for."""

    items: Annotated[tuple[Line, ...], Field(min_length=1, max_length=200)] | None = None
    until: date | None = None
    conditions: Text | None = None


BODIES: dict[Action, type[Model]] = {
    Action.ALLOW: Allowed,
    Action.DENY: Reasoned,
    Action.WITHDRAW: Commented,
}
