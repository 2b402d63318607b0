"""The parts that an entry's metadata are made of: as they are kept, and as a provider sends them.

What is kept may be older than today's lists, so only what is sent is checked against them.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo, field_validator

from services.catalog.fields import Body, Words, codes_of, listed
from services.catalog.sensitivity import allowed
from services.shared.model import Model
from services.shared.texts import Code, Line

LONGEST_ITEM = 1_000_000_000  # characters or digits; what a column of today's databases can hold
ROLES = ("producer", "builder", "operator", "sharer")


class ShareType(StrEnum):
    """Decree 809 Art. 15."""

    UNCONDITIONAL = "UNCONDITIONAL"
    CONDITIONAL = "CONDITIONAL"
    NOT_SHARED = "NOT_SHARED"


class Secret(StrEnum):
    """Why a stub's content is handled elsewhere (Decree 809 Art. 3)."""

    STATE_SECRET = "STATE_SECRET"  # noqa: S105 - a label, no password
    WORK_SECRET = "WORK_SECRET"  # noqa: S105


class Item(Model):
    """One data item; null where nobody has said yet. `length` counts characters or digits."""

    name: str
    data_type: str | None = None
    length: int | None = None
    sensitivity: str | None = None
    description: str | None = None


class LegalBasis(Model):
    """A clause that is cited: an instrument's id and the clause's number, as /catalog/vocabulary lists them."""

    instrument: Code
    clause: Line


class Classification(Model):
    """Where an entry stands in the 2017 guide's classification: 类, 项, 目, 细目."""

    cls: str
    division: str
    group: str
    subgroup: str | None = None

    @property
    def code(self) -> str:
        """The classification part of a resource code (前段码), `307001`."""
        return f"{self.cls}{self.division}{self.group}{self.subgroup or ''}"


class Roles(Model):
    """谁产生、谁建设、谁运营、谁共享,谁负责: four organisations by code, which may be one and the same (S-072)."""

    producer: str | None = None
    builder: str | None = None
    operator: str | None = None
    sharer: str | None = None


class Assessment(Model):
    """The assessments of secrecy and of personal information: each made or not, by which post, when (Decree 809)."""

    secrecy: bool
    personal_information: bool
    signed_by: str
    on: date


class Extension(Model):
    """One local extended element (扩展元数据) of the entry's own."""

    name: str
    value: str


class Stub(Model):
    """Something exists and is handled elsewhere: which kind of secret, and by which post or body."""

    secret: Secret
    handled_by: str


class DraftItem(Item):
    """One data item as a provider sends it."""

    name: Words
    data_type: Annotated[Code, listed("item_types")] | None = None
    length: Annotated[int, Field(ge=1, le=LONGEST_ITEM, strict=True)] | None = None
    sensitivity: Annotated[Code, AfterValidator(allowed), listed("sensitivities")] | None = None
    description: Words | None = None


class DraftClassification(Classification):
    """A place in the classification that is there: class and division are listed, group and subgroup are free."""

    cls: Annotated[str, StringConstraints(pattern=r"^[1-3]$")]
    division: Annotated[str, StringConstraints(pattern=r"^\d{2}$")]
    group: Annotated[str, StringConstraints(pattern=r"^\d{3}$")]
    subgroup: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{1,20}$")] | None = None

    @field_validator("division")
    @classmethod
    def _is_of_its_class(cls, division: str, info: ValidationInfo) -> str:
        parent = info.data.get("cls")
        if parent is not None and f"{parent}{division}" not in codes_of("classification"):
            raise ValueError(f"第{parent}类没有此项 / class {parent} has no division {division}")
        return division


class DraftRoles(Roles):
    """The four roles as a provider sends them, each an organisation that exists."""

    producer: Body | None = None
    builder: Body | None = None
    operator: Body | None = None
    sharer: Body | None = None


class DraftAssessment(Assessment):
    """The assessments as a provider sends them; `signed_by` is a post, no person's name."""

    signed_by: Words


class DraftExtension(Extension):
    """An extended element as a provider sends it."""

    name: Words
    value: Words


class DraftStub(Stub):
    """A stub as a provider sends it."""

    handled_by: Words
