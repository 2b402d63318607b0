"""The four terms of a negotiation, content, scope, purpose and method (三(四)), and how long they hold.

No price can be expressed here: sharing is free (S-082). Pure: the catalogue's face of the entry is an argument.
"""

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from pydantic import Field

from services.requests.entry import Entry
from services.shared.canonical import digest
from services.shared.errors import Problem
from services.shared.model import Model
from services.shared.organisations import organisations
from services.shared.reference import CodeList, vocabulary
from services.shared.texts import Code, Line, Text

CITY = "110000"  # GB/T 2260: the whole municipality


class Content(Model):
    """What is shared: the entry's data items by name."""

    items: Annotated[tuple[Line, ...], Field(min_length=1, max_length=200)]


class Scope(Model):
    """How far: areas (GB/T 2260), the period the data cover, which rows, and who receives them."""

    areas: Annotated[tuple[Code, ...], Field(min_length=1, max_length=20)]
    period_from: date | None = None
    period_until: date | None = None
    rows: Text | None = None
    recipients: Annotated[tuple[Line, ...], Field(min_length=1, max_length=20)]


class Purpose(Model):
    """What for: a code of the controlled list, and the use in words."""

    code: Code
    text: Text


class Method(Model):
    """How: channel, frequency and format, each a code."""

    channel: Code
    frequency: Code
    format: Code


class Validity(Model):
    """The first and the last day on which the data may be used."""

    valid_from: date
    valid_until: date


class Terms(Model):
    """A whole set of terms; every offer is one."""

    content: Content
    scope: Scope
    purpose: Purpose
    method: Method
    validity: Validity


def terms_hash(terms: Terms) -> str:
    """Return what names a set of terms: the hex SHA-256 of its canonical JSON (RFC 8785)."""
    return digest(terms)


def faults_in(terms: Terms, entry: Entry) -> Iterator[Problem]:
    """Yield everything wrong with terms for this entry, with pointers into the terms."""
    yield from _item_faults(terms.content, entry)
    yield from _scope_faults(terms.scope)
    yield from _method_faults(terms.purpose, terms.method)
    if terms.validity.valid_until < terms.validity.valid_from:
        yield Problem(pointer="/terms/validity/valid_until", detail="ends before it begins")


def _item_faults(content: Content, entry: Entry) -> Iterator[Problem]:
    known = {item.name for item in entry.items}
    for place, name in enumerate(content.items):
        if name in content.items[:place]:
            yield Problem(pointer=f"/terms/content/items/{place}", detail=f"'{name}' is asked for twice")
        elif known and name not in known:  # an entry may be listed without its items; then any may be asked for
            yield Problem(pointer=f"/terms/content/items/{place}", detail=f"'{name}' is not an item of this entry")


def _scope_faults(scope: Scope) -> Iterator[Problem]:
    for place, area in enumerate(scope.areas):
        if area != CITY and not (area.isdigit() and area in organisations()):
            yield Problem(pointer=f"/terms/scope/areas/{place}", detail=f"'{area}' is not an area of the city")
    if scope.period_from and scope.period_until and scope.period_until < scope.period_from:
        yield Problem(pointer="/terms/scope/period_until", detail="ends before it begins")


def _method_faults(purpose: Purpose, method: Method) -> Iterator[Problem]:
    lists = vocabulary()
    yield from _unless_listed(lists.purposes, purpose.code, "/terms/purpose/code")
    yield from _unless_listed(lists.share_methods, method.channel, "/terms/method/channel")
    yield from _unless_listed(lists.update_cycles, method.frequency, "/terms/method/frequency")
    if method.format not in {value for group in lists.formats.terms for value in (group.code, *group.values)}:
        yield Problem(pointer="/terms/method/format", detail=f"'{method.format}' is not in the vocabulary")


def _unless_listed(codes: CodeList, code: str, pointer: str) -> Iterator[Problem]:
    if not codes.has(code):
        yield Problem(pointer=pointer, detail=f"'{code}' is not in the vocabulary")
