"""What an entry says of an information resource: the 2017 guide's metadata as far as the catalogue needs them today.

A draft may be incomplete; what it does say must be of the right kind. Knows no life of an entry, no caller, no table.
"""

import unicodedata
from enum import StrEnum
from typing import Annotated, TypeVar

from pydantic import AfterValidator, Field

from services.shared.model import Model
from services.shared.reference import vocabulary
from services.shared.texts import Code, Line, Text

T = TypeVar("T")
MAX_ITEMS = 500
MAX_ITEM_BYTES = 40_000  # of all names together: an entry's event carries them, and an event holds 60,000 bytes
SECRETS = frozenset({"STATE_SECRET", "WORK_SECRET"})


class Catalogue(StrEnum):
    """The two sharing catalogues of the policy, 四(一)."""

    BASIC = "basic_sharing_catalog"
    APPLICATION = "application_sharing_catalog"


class ShareType(StrEnum):
    """Decree 809 Art. 15."""

    UNCONDITIONAL = "UNCONDITIONAL"
    CONDITIONAL = "CONDITIONAL"
    NOT_SHARED = "NOT_SHARED"


class Item(Model):
    """One data item; null where nobody has said yet."""

    name: str
    data_type: str | None = None
    sensitivity: str | None = None


class LegalBasis(Model):
    """A clause that is cited: an instrument's id and the clause's number, as /catalog/vocabulary lists them."""

    instrument: Code
    clause: Line


class Metadata(Model):
    """What is kept of a version. Older catalogues use codes of their own, so nothing is checked here."""

    title: str | None = None
    abstract: str | None = None
    catalogue: Catalogue | None = None
    basic_class: str | None = None
    theme: str | None = None
    key_domain: str | None = None
    items: tuple[Item, ...] = ()
    formats: tuple[str, ...] = ()
    share_type: ShareType | None = None
    share_condition: str | None = None
    share_method: str | None = None
    update_cycle: str | None = None
    legal_basis: LegalBasis | None = None


def folded(text: str) -> str:
    """Return text as it is compared: full-width and half-width, large and small letters alike (Unicode NFKC)."""
    return unicodedata.normalize("NFKC", text).casefold()


def at_least_one(values: tuple[T, ...]) -> tuple[T, ...]:
    """Return the values. Raises ValueError when there are none; a faulty one counts, its own fault is enough."""
    if not values:
        raise ValueError("至少一项 / at least one")
    return values


def _on(name: str) -> AfterValidator:
    def listed(code: str) -> str:
        if not getattr(vocabulary(), name).has(code):
            raise ValueError(f"not a code of the list {name} in /catalog/vocabulary")
        return code

    return AfterValidator(listed)


def _allowed_in(code: str) -> str:
    if code in SECRETS:
        # Refused where it is said: such content never enters the system (Decree 809 Art. 3).
        raise ValueError("国家秘密、工作秘密不得进入本系统 / state and work secrets must not enter this system")
    return code


def _known_format(code: str) -> str:
    if not any(code == known.code or code in known.values for known in vocabulary().formats.terms):
        raise ValueError("not a format of the list formats in /catalog/vocabulary")
    return code


def _within_an_event(items: tuple["DraftItem", ...]) -> tuple["DraftItem", ...]:
    if (size := sum(len(item.name.encode()) for item in items)) > MAX_ITEM_BYTES:
        raise ValueError(f"the items' names are {size} bytes together; {MAX_ITEM_BYTES} is the most")
    return items


class DraftItem(Item):
    """One data item as a provider sends it."""

    name: Line
    data_type: Annotated[Code, _on("item_types")] | None = None
    sensitivity: Annotated[Code, AfterValidator(_allowed_in), _on("sensitivities")] | None = None


class Draft(Metadata):
    """A version's metadata as a provider sends them: every field may wait, none may be wrong."""

    title: Line | None = None
    abstract: Text | None = None
    basic_class: Annotated[Code, _on("basic_classes")] | None = None
    theme: Line | None = None
    key_domain: Annotated[Code, _on("key_domains")] | None = None
    items: Annotated[tuple[DraftItem, ...], Field(max_length=MAX_ITEMS), AfterValidator(_within_an_event)] = ()
    formats: Annotated[tuple[Annotated[Code, AfterValidator(_known_format)], ...], Field(max_length=30)] = ()
    share_condition: Text | None = None
    share_method: Annotated[Code, _on("share_methods")] | None = None
    update_cycle: Annotated[Code, _on("update_cycles")] | None = None

    def kept(self) -> Metadata:
        """Return what is kept of the draft."""
        return Metadata.model_validate(self.model_dump())
