"""What one field of an entry may hold as a provider sends it: a listed code, a body, text without a mark of secrecy."""

from functools import cache
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from services.catalog.sensitivity import unmarked
from services.shared.organisations import organisation
from services.shared.reference import vocabulary
from services.shared.texts import Code, Line, Text


def listed(name: str) -> AfterValidator:
    """Return a check that a code stands on the list `name` of /catalog/vocabulary."""

    def on_the_list(code: str) -> str:
        if code not in codes_of(name):
            raise ValueError(f"not a code of the list {name} in /catalog/vocabulary")
        return code

    return AfterValidator(on_the_list)


@cache
def codes_of(name: str) -> frozenset[str]:
    """Return every code of a list of the vocabulary."""
    return frozenset(term.code for term in getattr(vocabulary(), name).terms)


@cache
def methods_of(code: str) -> tuple[str, ...] | None:
    """Return the share methods that agree with a format or a class of formats (none: any); None for no format."""
    known = (term for term in vocabulary().formats.terms if code == term.code or code in term.values)
    return next((term.methods for term in known), None)


def _known_format(code: str) -> str:
    if methods_of(code) is None:
        raise ValueError("not a format of the list formats in /catalog/vocabulary")
    return code


def _known_body(code: str) -> str:
    if organisation(code) is None:
        raise ValueError(f"没有这个单位 / there is no organisation '{code}'")
    return code


Words = Annotated[Line, AfterValidator(unmarked)]
Prose = Annotated[Text, AfterValidator(unmarked)]
Format = Annotated[Code, AfterValidator(_known_format)]
Body = Annotated[Code, AfterValidator(_known_body)]
RelatedCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z/._\-]{0,79}$")]
