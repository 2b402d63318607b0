"""What a unit says of a duty to collect: one basic item, over which ground, in what form, by which law and standard.

A draft may be incomplete; what it does say must be of the right kind. Knows no life of a duty, no caller, no table.
"""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field

from services.catalog.metadata import LegalBasis, folded
from services.catalog.scope import area_faults
from services.shared.canonical import digest
from services.shared.errors import Problem
from services.shared.model import Model
from services.shared.reference import collection_standards, duties_of, find_clause, vocabulary
from services.shared.texts import Code, Line, Text

MAX_ITEMS, MAX_AREAS = 500, 20
MAX_ITEM_BYTES = 40_000  # of all names together: a case, its line and its search text are one item of 400 KB
REQUIRED = (
    *("basic_class", "item", "items", "areas", "data_form", "duty", "legal_basis", "standard", "update_cycle"),
    "certificate",
)


class StandardCited(Model):
    """A collection standard in one of its versions, as /catalog/vocabulary lists them (S-047)."""

    id: Code
    version: Line


class Statement(Model):
    """What is kept of a duty; null or empty where nobody has said yet.

    `item` is the basic item, `items` the data items it comprises; `valid_until` is the last day it holds, null where
    no end is set; `succeeds` is the published case that this one is to take over from.
    """

    basic_class: str | None = None
    item: str | None = None
    description: str | None = None
    items: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    data_form: str | None = None
    duty: str | None = None
    legal_basis: LegalBasis | None = None
    standard: StandardCited | None = None
    update_cycle: str | None = None
    certificate: str | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    succeeds: str | None = None

    @property
    def statement_hash(self) -> str:
        """The hash of the canonical JSON: what each event of the case binds (RFC 8785, SHA-256)."""
        return digest(self)

    @property
    def item_key(self) -> str | None:
        """What makes two statements speak of one basic item: class and folded name; None before both are said."""
        if self.basic_class is None or self.item is None:
            return None
        return f"{self.basic_class}:{''.join(folded(self.item).split())}"


def _on(name: str) -> AfterValidator:
    def listed(code: str) -> str:
        if not getattr(vocabulary(), name).has(code):
            raise ValueError(f"not a code of the list {name} in /catalog/vocabulary")
        return code

    return AfterValidator(listed)


def _within_a_record(items: tuple[str, ...]) -> tuple[str, ...]:
    if (size := sum(len(item.encode()) for item in items)) > MAX_ITEM_BYTES:
        raise ValueError(f"the items' names are {size} bytes together; {MAX_ITEM_BYTES} is the most")
    return items


class CollectionDraft(Statement):
    """A statement as a unit sends it: every field may wait, none may be wrong."""

    basic_class: Annotated[Code, _on("basic_classes")] | None = None
    item: Line | None = None
    description: Text | None = None
    items: Annotated[tuple[Line, ...], Field(max_length=MAX_ITEMS), AfterValidator(_within_a_record)] = ()
    areas: Annotated[tuple[Code, ...], Field(max_length=MAX_AREAS)] = ()
    data_form: Annotated[Code, _on("data_forms")] | None = None
    duty: Code | None = None
    update_cycle: Annotated[Code, _on("update_cycles")] | None = None
    certificate: Code | None = None
    succeeds: Code | None = None

    def kept(self) -> Statement:
        """Return what is kept of the draft."""
        return Statement.model_validate(self.model_dump())


def faults_of(statement: Statement, unit: str, day: date) -> Iterator[Problem]:
    """Yield everything that keeps a unit from applying for this duty on a day; nothing when it is complete."""
    for name in REQUIRED:
        if not getattr(statement, name):
            yield Problem(pointer=f"/{name}", detail="必填 / required")
    yield from area_faults(statement.areas, "/areas")
    for rule in RULES:
        yield from rule(statement, unit, day)


def _repeated_items(statement: Statement, _: str, __: date) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for place, item in enumerate(statement.items):
        first = seen.setdefault("".join(folded(item).split()), place)
        if first != place:
            yield Problem(pointer=f"/items/{place}", detail=f"与第{first + 1}项同名 / same name as item {first + 1}")


def _own_duty(statement: Statement, unit: str, _: date) -> Iterator[Problem]:
    if statement.duty and statement.duty not in {duty.code for duty in duties_of(unit)}:
        yield Problem(pointer="/duty", detail="不是本单位的职责 / not a duty of your own unit in /catalog/vocabulary")


def _known_clause(statement: Statement, _: str, __: date) -> Iterator[Problem]:
    basis = statement.legal_basis
    if basis and find_clause(basis.instrument, basis.clause) is None:
        yield Problem(pointer="/legal_basis", detail="条款不在清单中 / no such clause in /catalog/vocabulary")


def _standard_in_force(statement: Statement, _: str, day: date) -> Iterator[Problem]:
    cited = statement.standard
    if cited is None:
        return
    known = (s for s in collection_standards() if (s.id, s.version) == (cited.id, cited.version))
    standard = next(known, None)
    if standard is None:
        yield Problem(pointer="/standard", detail="标准不在清单中 / no such standard in /catalog/vocabulary")
    elif statement.basic_class and standard.basic_class != statement.basic_class:
        yield Problem(pointer="/standard", detail="标准与基础信息类别不符 / the standard is of another basic class")
    elif standard.superseded and standard.superseded <= day:
        yield Problem(pointer="/standard", detail="标准已被替代 / this version of the standard is superseded")


def _days(statement: Statement, _: str, day: date) -> Iterator[Problem]:
    first, last = statement.valid_from, statement.valid_until
    if last and last < day:
        yield Problem(pointer="/valid_until", detail="有效期已过 / this day has passed")
    elif first and last and last < first:
        yield Problem(pointer="/valid_until", detail="早于开始日期 / before the first day")


RULES: tuple[Callable[[Statement, str, date], Iterator[Problem]], ...] = (
    _repeated_items,
    _own_duty,
    _known_clause,
    _standard_in_force,
    _days,
)
