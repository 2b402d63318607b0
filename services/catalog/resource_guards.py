"""What must hold before a version of an entry goes on: each rule says everything that keeps it, with pointers. Pure."""

from collections.abc import Iterator

from services.catalog.codes import CodeProfile, class_code, fault_of, front_fault, profile_in_force, split
from services.catalog.completeness import problems_of
from services.catalog.districts import conflicts
from services.catalog.parts import Classification
from services.catalog.repeats import repeats_basic
from services.catalog.resource_acts import LINKS, Given
from services.catalog.version import State, Version
from services.shared.errors import Conflict, Problem
from services.shared.lifecycle import Act
from services.shared.organisations import OFFICE

Faults = Iterator[Problem]
SAYINGS = {
    "database": "数据库目录中没有此库 / no such database stands in the catalogue",
    "collection": "采集责任公开目录中没有此项 / no such collection duty is published",
}


def is_complete(version: Version, act: Act) -> Faults:
    """Everything that is missing, contradicts itself, a city's standard, or the provider's own basic entries."""
    given: Given = act.given
    yield from problems_of(version.metadata)
    yield from conflicts(version.metadata, version.provider)
    yield from repeats_basic(version.metadata, given.basics)


def can_be_coded(version: Version, act: Act) -> Faults:
    """Its classification has a front segment in the scheme of codes in force, and the codes it names are of it.

    A code stays with its entry, so that a new version cannot be classified otherwise than its code says.
    """
    profile, metadata = profile_in_force(), version.metadata
    if metadata.classification and (fault := front_fault(metadata.classification, profile)):
        yield Problem(pointer="/classification/subgroup", detail=fault)
    elif metadata.classification and _is_coded_otherwise(metadata.classification, act.given.code, profile):
        detail = f"与代码{act.given.code}不一致，改分类须另立条目 / unlike its code {act.given.code}: classified otherwise, it is another entry"  # noqa: E501 - one sentence in two languages
        yield Problem(pointer="/classification", detail=detail)
    for place, code in enumerate(metadata.related_codes):
        if fault := fault_of(code, profile):
            yield Problem(pointer=f"/related_codes/{place}", detail=fault)


def _is_coded_otherwise(classification: Classification, resource_code: str | None, profile: CodeProfile) -> bool:
    # A code from an older catalogue may be of no scheme that is in force, and says nothing then.
    code = split(resource_code, profile) if resource_code else None
    return code is not None and code.front != class_code(classification, profile)


def rests_on_what_stands(version: Version, act: Act) -> Faults:
    """The database and the collection duty that it names stand in their catalogues (S-008)."""
    given: Given = act.given
    for kind in LINKS:
        if getattr(version.metadata, kind) is not None and kind not in given.standing:
            yield Problem(pointer=f"/{kind}", detail=SAYINGS[kind])


def is_commented(version: Version, act: Act) -> Faults:
    """Each of the two keys of basic information comes with a comment of its own (S-029)."""
    if version.is_basic and act.body.comment is None:
        detail = "基础信息的审核须附意见 / the review of basic information comes with a comment"
        yield Problem(pointer="/comment", detail=detail)


def sees_its_impact(_: Version, act: Act) -> Faults:
    """A withdrawal names everything that is linked with the entry and will lose it."""
    given: Given = act.given
    seen = set(act.body.impact_seen)
    for linked in given.related:
        if linked.id not in seen:
            detail = f"须确认影响：{linked.title} / acknowledge what is linked with it: {linked.kind} {linked.id}"
            yield Problem(pointer="/impact_seen", detail=detail)


def has_an_owner_to_come(version: Version, act: Act) -> Faults:
    """Only what came without an owner is assigned, and to another than the office that keeps it meanwhile."""
    if not is_ownerless(version):
        raise Conflict("only a legacy entry that nobody owns can be assigned")
    if act.body.provider == OFFICE:
        yield Problem(pointer="/provider", detail="须为认领部门 / name the department that claims it")


def is_ownerless(version: Version) -> bool:
    """Return whether a published version came from an older catalogue and fell to the office."""
    return version.state is State.LIVE and version.source is not None and version.provider == OFFICE
