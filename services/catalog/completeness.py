"""When metadata may be submitted: every gap and contradiction at once, each with a pointer into the metadata.

Knows no state and no caller; a returned version is judged by the same rules again.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from services.catalog.clerical import slips
from services.catalog.conditions import condition_faults
from services.catalog.consistency import contradictions
from services.catalog.metadata import Catalogue, Metadata
from services.catalog.parts import ROLES, ShareType
from services.shared.errors import Problem

LACKING = "必填 / required"
OF_A_STUB = ("title", "catalogue", "classification", "share_type", "steward", "risk_bearer", "roles", "assessment")
REQUIRED = (*OF_A_STUB, "abstract", "theme", "items", "formats", "open_flag", "update_cycle")
PRIVATE = frozenset({"ENTERPRISE_SECRET", "PERSONAL_PRIVACY"})
WITH_LENGTH = frozenset({"C", "N"})  # 字符型 and 数值型; the 2017 guide gives no other type a length
ASSESSMENTS = {
    "secrecy": "须先完成保密风险评估 / the secrecy risk is assessed first (Decree 809)",
    "personal_information": "须先完成个人信息保护影响评估 / the impact on personal information is assessed first (Decree 809)",  # noqa: E501 - one sentence in two languages
}


class Requirement(NamedTuple):
    """A field that must be there when something else is so, and the words that ask for it."""

    field: str
    when: Callable[[Metadata], bool]
    words: str


def problems_of(metadata: Metadata) -> Iterator[Problem]:
    """Yield everything that keeps the metadata from being submitted; nothing when they are complete."""
    for rule in RULES:
        yield from rule(metadata)


def _missing_fields(metadata: Metadata) -> Iterator[Problem]:
    for name in OF_A_STUB if metadata.stub else REQUIRED:
        if getattr(metadata, name) in _EMPTY:
            yield Problem(pointer=f"/{name}", detail=LACKING)


def _missing_for_a_reason(metadata: Metadata) -> Iterator[Problem]:
    for requirement in REQUIREMENTS:
        if getattr(metadata, requirement.field) is None and requirement.when(metadata):
            yield Problem(pointer=f"/{requirement.field}", detail=requirement.words)


def _missing_roles(metadata: Metadata) -> Iterator[Problem]:
    for name in ROLES:
        if metadata.roles and getattr(metadata.roles, name) is None:
            yield Problem(pointer=f"/roles/{name}", detail=LACKING)


def _missing_assessments(metadata: Metadata) -> Iterator[Problem]:
    for name, words in ASSESSMENTS.items():
        if metadata.assessment and not getattr(metadata.assessment, name):
            yield Problem(pointer=f"/assessment/{name}", detail=words)


def _incomplete_items(metadata: Metadata) -> Iterator[Problem]:
    for place, item in enumerate(metadata.items):
        if item.data_type is None:
            yield Problem(pointer=f"/items/{place}/data_type", detail=LACKING)
        if item.sensitivity is None:
            yield Problem(pointer=f"/items/{place}/sensitivity", detail=LACKING)
        if item.length is None and item.data_type in WITH_LENGTH:
            detail = "字符型、数值型须有长度 / a character or numeric item has a length"
            yield Problem(pointer=f"/items/{place}/length", detail=detail)


def _is_basic(metadata: Metadata) -> bool:
    return metadata.catalogue is Catalogue.BASIC


def _is_conditional(metadata: Metadata) -> bool:
    return metadata.share_type is ShareType.CONDITIONAL


def _is_shared(metadata: Metadata) -> bool:
    return metadata.share_type is not ShareType.NOT_SHARED and metadata.stub is None


def _opens_private_items(metadata: Metadata) -> bool:
    return metadata.open_flag is True and any(item.sensitivity in PRIVATE for item in metadata.items)


_EMPTY: tuple[object, ...] = (None, "", ())
REQUIREMENTS = (
    Requirement("basic_class", _is_basic, "基础信息须说明类别 / basic information names its class"),
    Requirement("share_method", _is_shared, LACKING),
    Requirement("share_condition", _is_conditional, "有条件共享须写明条件 / conditional sharing states its condition"),
    Requirement(
        "legal_basis",
        lambda metadata: _is_conditional(metadata) and not _is_basic(metadata),
        "有条件共享须引用依据 / a restriction cites its basis",
    ),
    Requirement(
        "legal_basis",
        lambda metadata: _is_conditional(metadata) and _is_basic(metadata),
        "基础信息以无条件共享为原则，例外须引用依据（国发〔2016〕51号） / basic information is shared unconditionally; an exception cites its basis",  # noqa: E501 - one sentence in two languages
    ),
    Requirement(
        "open_condition",
        _opens_private_items,
        "含企业秘密或公民隐私的信息开放须写明条件 / opening what touches enterprises' secrets or privacy states its condition",  # noqa: E501 - one sentence in two languages
    ),
)
RULES: tuple[Callable[[Metadata], Iterator[Problem]], ...] = (
    _missing_fields,
    _missing_for_a_reason,
    _missing_roles,
    _missing_assessments,
    _incomplete_items,
    contradictions,
    condition_faults,
    slips,
)
