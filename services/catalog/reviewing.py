"""The words of a review, whatever is reviewed: what is missing, a key with its comment, why something was declined."""

from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field

from services.catalog.metadata import at_least_one
from services.shared.lifecycle import Party
from services.shared.model import Model
from services.shared.texts import Line, Text

MAX_GAPS = 50


class Gap(Model):
    """What a reviewer finds missing: `pointer` is a JSON pointer into what is said."""

    pointer: Annotated[str, Field(pattern=r"^(/[^/\s]{1,80}){1,6}$")]
    detail: Line


class Review(Model):
    """One reviewer's key to what was submitted; `comment` is that reviewer's own (S-029)."""

    party: Party
    officer: str
    at: AwareDatetime
    comment: str | None


class Nothing(Model):
    """An act that says all by being done."""


class Reasoned(Model):
    """An act that must say why."""

    reason: Text


class Gaps(Model):
    """A return: every gap at once (Decree 809: one notice of everything missing)."""

    gaps: Annotated[tuple[Gap, ...], Field(max_length=MAX_GAPS), AfterValidator(at_least_one)]


class Noted(Model):
    """An act that may say something; where two keys are needed, each must (S-029)."""

    comment: Text | None = None


class Commented(Model):
    """A key with the reviewer's own comment (S-029)."""

    comment: Text


class Declined(Model):
    """A decline: why, and what shows it."""

    reason: Text
    evidence: Text
