"""The four terms of a negotiation, content, scope, purpose and method (三(四)), and how long they hold.

No price can be expressed here: sharing is free (S-082). Pure: the catalogue's face of the entry is an argument.
A list is kept in the order in which it was sent, and nothing stands in it twice.
"""

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from pydantic import Field

from services.requests.entry import Entry
from services.requests.wording import wording_faults
from services.shared.canonical import digest
from services.shared.errors import Problem
from services.shared.model import Model
from services.shared.organisations import organisations
from services.shared.reference import CodeList, vocabulary
from services.shared.texts import Code, Line, Text

CITY = "110000"  # GB/T 2260: the whole municipality
ENDS_FIRST = "早于起始日 / ends before it begins"


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
    """Return what names a set of terms: the hex SHA-256 of its canonical JSON (RFC 8785).

    Lists count in the order in which they were sent: the same items in another order are other terms.
    """
    return digest(terms)


def faults_in(terms: Terms, entry: Entry) -> Iterator[Problem]:
    """Yield everything wrong with terms for this entry, with pointers into the terms.

    That includes words that ask for a fee (S-082) or obstruct sharing (R4 of Decree 809).
    """
    yield from _item_faults(terms.content, entry)
    yield from _scope_faults(terms.scope)
    yield from _method_faults(terms.purpose, terms.method)
    if terms.validity.valid_until < terms.validity.valid_from:
        yield Problem(pointer="/terms/validity/valid_until", detail=ENDS_FIRST)
    yield from wording_faults(free_texts(terms))


def free_texts(terms: Terms) -> Iterator[tuple[str, str]]:
    """Yield what the sides wrote in words of their own, each with its pointer; item names are the entry's."""
    if terms.scope.rows:
        yield "/terms/scope/rows", terms.scope.rows
    for place, recipient in enumerate(terms.scope.recipients):
        yield f"/terms/scope/recipients/{place}", recipient
    yield "/terms/purpose/text", terms.purpose.text


def _item_faults(content: Content, entry: Entry) -> Iterator[Problem]:
    yield from _repeats(content.items, "/terms/content/items")
    known = {item.name for item in entry.items}
    for place, name in enumerate(content.items):
        if known and name not in known:  # an entry may be listed without its items; then any may be asked for
            detail = f"不是本条目的信息项 / '{name}' is not an item of this entry"
            yield Problem(pointer=f"/terms/content/items/{place}", detail=detail)


def _scope_faults(scope: Scope) -> Iterator[Problem]:
    yield from _repeats(scope.areas, "/terms/scope/areas")
    yield from _repeats(scope.recipients, "/terms/scope/recipients")
    for place, area in enumerate(scope.areas):
        if area != CITY and not (area.isdigit() and area in organisations()):
            detail = f"不是本市的区域 / '{area}' is not an area of the city"
            yield Problem(pointer=f"/terms/scope/areas/{place}", detail=detail)
    if scope.period_from and scope.period_until and scope.period_until < scope.period_from:
        yield Problem(pointer="/terms/scope/period_until", detail=ENDS_FIRST)


def _repeats(values: tuple[str, ...], pointer: str) -> Iterator[Problem]:
    for place, value in enumerate(values):
        if value in values[:place]:
            yield Problem(pointer=f"{pointer}/{place}", detail=f"重复 / '{value}' is asked for twice")


def _method_faults(purpose: Purpose, method: Method) -> Iterator[Problem]:
    lists = vocabulary()
    yield from _unless_listed(lists.purposes, purpose.code, "/terms/purpose/code")
    yield from _unless_listed(lists.share_methods, method.channel, "/terms/method/channel")
    yield from _unless_listed(lists.update_cycles, method.frequency, "/terms/method/frequency")
    if class_of_format(method.format) is None:
        yield Problem(pointer="/terms/method/format", detail=f"不在清单中 / '{method.format}' is not in the vocabulary")


def _unless_listed(codes: CodeList, code: str, pointer: str) -> Iterator[Problem]:
    if not codes.has(code):
        yield Problem(pointer=pointer, detail=f"不在清单中 / '{code}' is not in the vocabulary")


def class_of_format(code: str) -> str | None:
    """Return the class that a format belongs to, a class's code being of itself; None when it is not listed."""
    return next((group.code for group in vocabulary().formats.terms if code in (group.code, *group.values)), None)
