"""Where metadata contradict themselves: catalogue and class, share type and basis, format and method, openness.

Every contradiction is told, each at the field that is to be changed. Says nothing of what is missing.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cache

from services.catalog.fields import methods_of
from services.catalog.metadata import Catalogue, Metadata
from services.catalog.parts import Classification, ShareType
from services.shared.errors import Problem
from services.shared.reference import excludes_sharing, find_clause, vocabulary

ON_PLATFORM = frozenset({"api", "table", "file"})  # other methods hand over a copy, in whatever format
CARRIED = frozenset({"mail", "copy", "media"})
CLASSES = {Catalogue.BASIC: "1", Catalogue.APPLICATION: "23"}
EXCLUDING = "不予共享须引用法律、行政法规或国务院决定的条款 / not sharing rests on a clause of a law, an administrative regulation or a State Council decision that says so (Decree 809 Art. 15)"  # noqa: E501 - one sentence in two languages


def contradictions(metadata: Metadata) -> Iterator[Problem]:
    """Yield everything that metadata say twice and not alike."""
    for rule in RULES:
        yield from rule(metadata)


def _stub_is_not_shared(metadata: Metadata) -> Iterator[Problem]:
    if metadata.stub and metadata.share_type not in {None, ShareType.NOT_SHARED}:
        yield Problem(pointer="/share_type", detail="涉密登记不予共享 / what only a stub stands for is not shared")


def _class_of_application(metadata: Metadata) -> Iterator[Problem]:
    if metadata.catalogue is Catalogue.APPLICATION and metadata.basic_class is not None:
        yield Problem(pointer="/basic_class", detail="仅用于基础信息 / only basic information has a class")


def _classified_in_its_catalogue(metadata: Metadata) -> Iterator[Problem]:
    place, catalogue = metadata.classification, metadata.catalogue
    if place is None or catalogue is None:
        return
    if place.cls not in CLASSES[catalogue]:
        detail = "基础信息分在第1类，应用信息分在第2、3类 / basic information stands in class 1, application information in 2 or 3"  # noqa: E501 - one sentence in two languages
        yield Problem(pointer="/classification/cls", detail=detail)
    elif metadata.basic_class and place.cls == "1" and _basic_class_of(place) != metadata.basic_class:
        detail = f"分类与基础信息类别不一致 / the division is not that of {metadata.basic_class}"
        yield Problem(pointer="/classification/division", detail=detail)


def _legal_basis(metadata: Metadata) -> Iterator[Problem]:
    basis = metadata.legal_basis
    if metadata.share_type is ShareType.NOT_SHARED and not (basis and excludes_sharing(basis.instrument, basis.clause)):
        yield Problem(pointer="/legal_basis", detail=EXCLUDING)
    elif basis and find_clause(basis.instrument, basis.clause) is None:
        yield Problem(pointer="/legal_basis", detail="条款不在清单中 / no such clause in /catalog/vocabulary")


def _formats_agree(metadata: Metadata) -> Iterator[Problem]:
    if metadata.share_method not in ON_PLATFORM:
        return
    for place, code in enumerate(metadata.formats):
        methods = methods_of(code)
        if methods and metadata.share_method not in methods:
            ways = ", ".join(methods)
            detail = f"格式与共享方式不一致 / {code} is shared by {ways}, not by {metadata.share_method}"
            yield Problem(pointer=f"/formats/{place}", detail=detail)


def _cycle_agrees(metadata: Metadata) -> Iterator[Problem]:
    if metadata.update_cycle == "real_time" and metadata.share_method in CARRIED:
        detail = f"实时更新不能靠{metadata.share_method}传递 / what is updated in real time is not sent by {metadata.share_method}"  # noqa: E501 - one sentence in two languages
        yield Problem(pointer="/update_cycle", detail=detail)


def _openness(metadata: Metadata) -> Iterator[Problem]:
    if metadata.open_flag and metadata.share_type is ShareType.NOT_SHARED:
        yield Problem(pointer="/open_flag", detail="不予共享的不能开放 / what is not shared is not open to the public")
    if metadata.open_flag is False and metadata.open_condition:
        yield Problem(pointer="/open_condition", detail="不开放则无开放条件 / what is not open has no such condition")


RULES: tuple[Callable[[Metadata], Iterator[Problem]], ...] = (
    _stub_is_not_shared,
    _class_of_application,
    _classified_in_its_catalogue,
    _legal_basis,
    _formats_agree,
    _cycle_agrees,
    _openness,
)


def _basic_class_of(place: Classification) -> str | None:
    return _basic_classes().get(place.cls + place.division)


@cache
def _basic_classes() -> Mapping[str, str | None]:
    return {term.code: term.basic_class for term in vocabulary().classification.terms}
