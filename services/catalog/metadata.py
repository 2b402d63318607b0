"""What an entry says of an information resource: the twelve groups of the 2017 guide (发改高技〔2017〕1272号) and ours.

A draft may be incomplete; what it does say must be of the right kind. Knows no life of an entry, no caller, no table.
"""

from enum import StrEnum
from typing import Annotated, Self, TypeVar

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from services.catalog.fields import Body, Format, Prose, RelatedCode, Words, listed
from services.catalog.parts import (
    Assessment,
    Classification,
    DraftAssessment,
    DraftClassification,
    DraftExtension,
    DraftItem,
    DraftRoles,
    DraftStub,
    Extension,
    Item,
    LegalBasis,
    Roles,
    ShareType,
    Stub,
)
from services.shared.folding import folded
from services.shared.model import Model
from services.shared.texts import Code

__all__ = ["Draft", "DraftItem", "Item", "LegalBasis", "Metadata", "ShareType", "at_least_one", "folded"]

T = TypeVar("T")
MAX_ITEMS = 500
MAX_PUBLISHED_BYTES = 50_000  # of all items as an event carries them: an event holds 60,000 bytes
ITEM_FRAME_BYTES = 50  # what surrounds a name, a type and a sensitivity there
MAX_BYTES = 120_000  # of a draft's JSON: live, open version and what lists show share one item of 400 KB
CONTENT = (  # what a stub must not say
    "abstract",
    "items",
    "formats",
    "share_condition",
    "share_method",
    "open_condition",
    "update_cycle",
    "related_codes",
    "database",
    "collection",
    "extensions",
)


class Catalogue(StrEnum):
    """The two sharing catalogues of the policy, 四(一)."""

    BASIC = "basic_sharing_catalog"
    APPLICATION = "application_sharing_catalog"


class Metadata(Model):
    """What is kept of a version. Older catalogues use codes of their own, so nothing is checked here.

    `database` and `collection` are the ids of the registered database that the resource comes from and of the
    published collection duty that it rests on; `risk_bearer` is an organisation, `steward` a post or a body.
    """

    stub: Stub | None = None
    title: str | None = None
    abstract: str | None = None
    catalogue: Catalogue | None = None
    basic_class: str | None = None
    classification: Classification | None = None
    theme: str | None = None
    key_domain: str | None = None
    tags: tuple[str, ...] = ()
    department: str | None = None
    items: tuple[Item, ...] = ()
    formats: tuple[str, ...] = ()
    share_type: ShareType | None = None
    share_condition: str | None = None
    share_method: str | None = None
    open_flag: bool | None = None
    open_condition: str | None = None
    update_cycle: str | None = None
    related_codes: tuple[str, ...] = ()
    legal_basis: LegalBasis | None = None
    roles: Roles | None = None
    steward: str | None = None
    risk_bearer: str | None = None
    assessment: Assessment | None = None
    database: str | None = None
    collection: str | None = None
    extensions: tuple[Extension, ...] = ()

    @property
    def class_code(self) -> str | None:
        """The classification part of a resource code (前段码); None while the entry is not classified."""
        return self.classification.code if self.classification else None


def at_least_one(values: tuple[T, ...]) -> tuple[T, ...]:
    """Return the values. Raises ValueError when there are none; a faulty one counts, its own fault is enough."""
    if not values:
        raise ValueError("至少一项 / at least one")
    return values


def _within_an_event(items: tuple[DraftItem, ...]) -> tuple[DraftItem, ...]:
    said = (f"{item.name}{item.data_type}{item.sensitivity}" for item in items)
    if (size := sum(len(each.encode()) + ITEM_FRAME_BYTES for each in said)) > MAX_PUBLISHED_BYTES:
        raise ValueError(
            f"全部信息项发布时占{size}字节，最多{MAX_PUBLISHED_BYTES} / "
            f"the items take {size} bytes as published; {MAX_PUBLISHED_BYTES} is the most"
        )
    return items


class Draft(Metadata):
    """A version's metadata as a provider sends them: every field may wait, none may be wrong."""

    stub: DraftStub | None = None
    title: Words | None = None
    abstract: Prose | None = None
    basic_class: Annotated[Code, listed("basic_classes")] | None = None
    classification: DraftClassification | None = None
    theme: Words | None = None
    key_domain: Annotated[Code, listed("key_domains")] | None = None
    tags: Annotated[tuple[Annotated[Code, listed("tags")], ...], Field(max_length=20)] = ()
    department: Words | None = None
    items: Annotated[tuple[DraftItem, ...], Field(max_length=MAX_ITEMS), AfterValidator(_within_an_event)] = ()
    formats: Annotated[tuple[Format, ...], Field(max_length=30)] = ()
    share_condition: Prose | None = None
    share_method: Annotated[Code, listed("share_methods")] | None = None
    open_condition: Prose | None = None
    update_cycle: Annotated[Code, listed("update_cycles")] | None = None
    related_codes: Annotated[tuple[RelatedCode, ...], Field(max_length=50)] = ()
    roles: DraftRoles | None = None
    steward: Words | None = None
    risk_bearer: Body | None = None
    assessment: DraftAssessment | None = None
    database: Code | None = None
    collection: Code | None = None
    extensions: Annotated[tuple[DraftExtension, ...], Field(max_length=50)] = ()

    @field_validator(*CONTENT)
    @classmethod
    def _says_nothing_beside_a_stub(cls, value: T, info: ValidationInfo) -> T:
        if value and info.data.get("stub"):
            raise ValueError(
                "涉密登记只说明存在并在系统外办理 / a stub says that something exists and is handled elsewhere, no more"
            )
        return value

    @model_validator(mode="after")
    def _is_not_too_large(self) -> Self:
        if (size := len(self.model_dump_json().encode())) > MAX_BYTES:
            raise ValueError(f"元数据共{size}字节，最多{MAX_BYTES} / {size} bytes of metadata; {MAX_BYTES} is the most")
        return self

    def kept(self) -> Metadata:
        """Return what is kept of the draft."""
        return Metadata.model_validate(self.model_dump())
