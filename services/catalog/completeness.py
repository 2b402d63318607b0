"""When metadata may be submitted: every gap and contradiction at once, each with a pointer into the metadata.

Knows no state and no caller; a returned version is judged by the same rules again.
"""

from collections.abc import Callable, Iterator

from services.catalog.fields import methods_of
from services.catalog.metadata import Catalogue, Metadata, ShareType, folded
from services.shared.errors import Problem
from services.shared.reference import excludes_sharing, find_clause

REQUIRED = ("title", "abstract", "catalogue", "theme", "items", "formats", "share_type", "update_cycle")
ON_PLATFORM = frozenset({"api", "table", "file"})  # other methods hand over a copy, in whatever format


def problems_of(metadata: Metadata) -> Iterator[Problem]:
    """Yield everything that keeps the metadata from being submitted; nothing when they are complete."""
    for rule in RULES:
        yield from rule(metadata)


def _missing_fields(metadata: Metadata) -> Iterator[Problem]:
    for name in REQUIRED:
        if not getattr(metadata, name):
            yield Problem(pointer=f"/{name}", detail="必填 / required")


def _basic_class(metadata: Metadata) -> Iterator[Problem]:
    if metadata.catalogue is Catalogue.BASIC and metadata.basic_class is None:
        yield Problem(pointer="/basic_class", detail="基础信息须说明类别 / basic information names its class")
    if metadata.catalogue is Catalogue.APPLICATION and metadata.basic_class is not None:
        yield Problem(pointer="/basic_class", detail="仅用于基础信息 / only basic information has a class")


def _incomplete_items(metadata: Metadata) -> Iterator[Problem]:
    for place, item in enumerate(metadata.items):
        for name in ("data_type", "sensitivity"):
            if getattr(item, name) is None:
                yield Problem(pointer=f"/items/{place}/{name}", detail="必填 / required")


def _repeated_items(metadata: Metadata) -> Iterator[Problem]:
    # Double spaces and full-width letters make false distinctions (2017 guide, common mistakes).
    seen: dict[str, int] = {}
    for place, item in enumerate(metadata.items):
        first = seen.setdefault("".join(folded(item.name).split()), place)
        if first != place:
            yield Problem(
                pointer=f"/items/{place}/name", detail=f"与第{first + 1}项同名 / same name as item {first + 1}"
            )


def _share_condition(metadata: Metadata) -> Iterator[Problem]:
    if metadata.share_type is ShareType.CONDITIONAL and metadata.share_condition is None:
        yield Problem(
            pointer="/share_condition", detail="有条件共享须写明条件 / conditional sharing states its condition"
        )


def _legal_basis(metadata: Metadata) -> Iterator[Problem]:
    basis = metadata.legal_basis
    if metadata.share_type is ShareType.NOT_SHARED and not (basis and excludes_sharing(basis.instrument, basis.clause)):
        detail = "不予共享须引用法律、行政法规或国务院决定的条款 / not sharing rests on a clause of a law, an administrative regulation or a State Council decision that says so (Decree 809 Art. 15)"  # noqa: E501 - one sentence in two languages
        yield Problem(pointer="/legal_basis", detail=detail)
    elif basis and find_clause(basis.instrument, basis.clause) is None:
        yield Problem(pointer="/legal_basis", detail="条款不在清单中 / no such clause in /catalog/vocabulary")


def _share_method(metadata: Metadata) -> Iterator[Problem]:
    if metadata.share_type is not ShareType.NOT_SHARED and metadata.share_method is None:
        yield Problem(pointer="/share_method", detail="必填 / required")


def _formats_agree(metadata: Metadata) -> Iterator[Problem]:
    if metadata.share_method not in ON_PLATFORM:
        return
    for place, code in enumerate(metadata.formats):
        methods = methods_of(code) or ()
        if methods and metadata.share_method not in methods:
            ways = ", ".join(methods)
            detail = f"格式与共享方式不一致 / {code} is shared by {ways}, not by {metadata.share_method}"
            yield Problem(pointer=f"/formats/{place}", detail=detail)


RULES: tuple[Callable[[Metadata], Iterator[Problem]], ...] = (
    _missing_fields,
    _basic_class,
    _incomplete_items,
    _repeated_items,
    _share_condition,
    _legal_basis,
    _share_method,
    _formats_agree,
)
