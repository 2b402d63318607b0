"""What is said of a database, and what a lifecycle case says about it. Values only.

What is sent may be incomplete; what it does say must be of the right kind. Completeness is judged when it is filed.
"""

import re
from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from services.catalog.certificate import Intent, Subject
from services.catalog.metadata import LegalBasis, folded
from services.shared.canonical import canonical, digest
from services.shared.model import Model
from services.shared.reference import vocabulary
from services.shared.texts import Code, Line, Text

MAX_ITEMS = 300
MAX_COLLECTIONS = 20  # each is two links, and a transaction holds 100 writes
MAX_BYTES = 80_000  # plan, case, lines and twelve reports lie in one item, and an item holds 400 KB
TAILS = ("库", "系统", "平台", "数据", "信息", "资源", "database", "system")
INNER = frozenset({"system", "volume", "plan_item", "maintenance_plan", "budget_source", "operator", "duty"})


class Item(Model):
    """One data item: the business process that it arises from (S-058) and the collection duty that covers it."""

    name: str
    data_type: str | None = None
    originating_process: str | None = None
    collection: str | None = None


class Description(Model):
    """A database as it is described; `volume` is the number of records expected, `contact` a post, never a person."""

    name: str | None = None
    abstract: str | None = None
    basic_class: str | None = None
    purpose: str | None = None
    items: tuple[Item, ...] = ()
    legal_basis: LegalBasis | None = None
    duty: str | None = None
    plan_item: str | None = None
    areas: tuple[str, ...] = ()
    system: str | None = None
    volume: int | None = None
    update_cycle: str | None = None
    maintenance_plan: str | None = None
    budget_source: str | None = None
    operator: str | None = None
    contact: str | None = None

    @property
    def title(self) -> str:
        """The name, or nothing yet."""
        return self.name or ""

    @property
    def collections(self) -> tuple[str, ...]:
        """The collection duties that the items rest on, each once, in order."""
        return tuple(dict.fromkeys(item.collection for item in self.items if item.collection))

    @property
    def subject(self) -> Subject | None:
        """What a search certificate must have looked for; None while name or areas are missing."""
        if not (self.name and self.areas):
            return None
        return Subject(
            intent=Intent.DATABASE,
            name=self.name,
            basic_class=self.basic_class,
            items=tuple(item.name for item in self.items),
            areas=self.areas,
        )

    @property
    def hash(self) -> str:
        """The SHA-256 of the canonical JSON: what each event of the database binds (RFC 8785)."""
        return digest(self)

    def public(self) -> "Description":
        """Return what everybody may read: not how it is built, run and paid for."""
        items = tuple(item.model_copy(update={"originating_process": None}) for item in self.items)
        return self.model_copy(update={**dict.fromkeys(INNER), "items": items})


class DisposalMethod(StrEnum):
    """What becomes of the data."""

    ARCHIVE = "archive"
    TRANSFER = "transfer"
    DESTROY = "destroy"


class Disposal(Model):
    """What becomes of the data of a database that ends: how, in whose custody, by which day, and the plan in words."""

    method: DisposalMethod
    custodian: Code
    on: date
    plan: Text


class Built(Model):
    """What was built: the product it runs on, its extent, and the reference of its acceptance."""

    product: Line
    tables: Annotated[int, Field(ge=1, le=100_000)]
    records: Annotated[int, Field(ge=0, le=10**15)]
    bytes: Annotated[int, Field(ge=0, le=10**18)]
    schema_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    built_on: date
    acceptance: Line


class Statement(Model):
    """What a lifecycle case says; which fields it has depends on its kind.

    `impact_seen` are the ids of the dependants that the unit knows will lose the database.
    """

    description: Description | None = None
    certificate: str | None = None
    built: Built | None = None
    changes: str | None = None
    reason: str | None = None
    disposal: Disposal | None = None
    impact_seen: tuple[str, ...] = ()


def name_key(name: str) -> str:
    """Return a name as it is compared with others: folded, without signs, spaces and tails that say nothing."""
    key = re.sub(r"[\W_]+", "", folded(name))
    while shorter := next((key.removesuffix(tail) for tail in TAILS if key.endswith(tail) and key != tail), None):
        key = shorter
    return key


def _on(name: str) -> AfterValidator:
    def listed(code: str) -> str:
        if not getattr(vocabulary(), name).has(code):
            raise ValueError(f"not a code of the list {name} in /catalog/vocabulary")
        return code

    return AfterValidator(listed)


class DraftItem(Item):
    """One data item as a unit sends it."""

    name: Line
    data_type: Annotated[Code, _on("item_types")] | None = None
    originating_process: Line | None = None
    collection: Code | None = None


class DraftDescription(Description):
    """A description as a unit sends it: every field may wait, none may be wrong."""

    name: Line | None = None
    abstract: Text | None = None
    basic_class: Annotated[Code, _on("basic_classes")] | None = None
    purpose: Text | None = None
    items: Annotated[tuple[DraftItem, ...], Field(max_length=MAX_ITEMS)] = ()
    duty: Code | None = None
    plan_item: Line | None = None
    areas: Annotated[tuple[Code, ...], Field(max_length=20)] = ()
    system: Line | None = None
    volume: Annotated[int, Field(ge=0, le=10**15)] | None = None
    update_cycle: Annotated[Code, _on("update_cycles")] | None = None
    maintenance_plan: Text | None = None
    budget_source: Annotated[Code, _on("budget_sources")] | None = None
    operator: Code | None = None
    contact: Line | None = None


class DraftStatement(Statement):
    """A statement as a unit sends it."""

    description: DraftDescription | None = None
    certificate: Code | None = None
    changes: Text | None = None
    reason: Text | None = None
    impact_seen: Annotated[tuple[Code, ...], Field(max_length=1000)] = ()

    @model_validator(mode="after")
    def _fits_its_place(self) -> "DraftStatement":
        if (size := len(canonical(self))) > MAX_BYTES:
            raise ValueError(f"this is {size} bytes; {MAX_BYTES} is the most")
        if self.description and len(self.description.collections) > MAX_COLLECTIONS:
            raise ValueError(f"the items rest on more than {MAX_COLLECTIONS} collection duties")
        return self

    def kept(self) -> Statement:
        """Return what is kept of it."""
        return Statement.model_validate(self.model_dump(include=set(Statement.model_fields)))
