"""What each action takes: the input models of the requests' acts."""

from typing import Annotated

from pydantic import Field

from services.requests.entry import Sensitivity
from services.requests.terms import Terms
from services.shared.model import Model
from services.shared.texts import Code, Line, Text

Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Draft(Model):
    """A request as its officer writes it: which entry, for which duty, on which terms."""

    resource: Code
    duty: Code
    terms: Terms


class Nothing(Model):
    """An act that says all by being done."""


class Reasoned(Model):
    """An act that must say why."""

    reason: Text


class Counter(Model):
    """A counter-offer: whole terms, never a patch."""

    terms: Terms


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
