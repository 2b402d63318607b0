"""What keeps a lifecycle case from being filed or approved: every gap at once, with pointers into its statement.

Pure: what was loaded beside the case is in `act.given`.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from services.catalog.certificate import Certificate, certificate_faults, covers
from services.catalog.database import Kind, LifecycleCase, Rival
from services.catalog.database_claims import is_open
from services.catalog.database_description import Description
from services.catalog.database_gaps import collection_gaps, description_gaps
from services.shared.canonical import digest
from services.shared.errors import Problem
from services.shared.lifecycle import Act
from services.shared.model import Model
from services.shared.organisations import organisation
from services.shared.reference import duties_of, vocabulary
from services.shared.working_days import day_in_beijing

Faults = Iterator[Problem]
Guard = Callable[[LifecycleCase, Act], Faults]
REQUIRED = "必填 / required"
OF_KIND: dict[Kind, frozenset[str]] = {
    Kind.ESTABLISHMENT: frozenset({"description", "certificate"}),
    Kind.REGISTRATION: frozenset({"description", "certificate", "built"}),
    Kind.CHANGE: frozenset({"description", "certificate", "changes"}),
    Kind.DEREGISTRATION: frozenset({"reason", "disposal", "impact_seen"}),
}


class Face(Model):
    """Another thing of the catalogue as it stands: `kind` as in its address, `state` its own machine's."""

    kind: str
    id: str
    unit: str
    state: str
    title: str


class Given(NamedTuple):
    """What is loaded beside a database for its guards; each act loads what it needs and no more.

    `central` is the database that holds the basic class, `in_force` the description that a case would change,
    `dependants` the published entries that come from the database with the agreements on them; `number` is for a
    registration, `request` the id of the sharing request that a reuse makes, `heads` how often each book of claims
    changed who is open in it.
    """

    in_force: Description | None = None
    certificate: Certificate | None = None
    collections: Mapping[str, Face] = {}
    rivals: tuple[Rival, ...] = ()
    heads: Mapping[str, int] = {}
    central: Face | None = None
    dependants: tuple[Face, ...] = ()
    resource: Face | None = None
    number: str | None = None
    request: str | None = None


def fits_its_kind(case: LifecycleCase, act: Act) -> Faults:
    """A case says what its kind is about and nothing else; a basic class is settled at the establishment."""
    said = act.body.kept()
    for name in sorted(said.model_fields_set - OF_KIND[case.kind]):
        if getattr(said, name) not in {None, ()}:
            yield Problem(pointer=f"/{name}", detail=f"不属于本类事项 / no part of a case of {case.kind}")


def is_described(case: LifecycleCase, _: Act) -> Faults:
    """Everything that a filing must say of the database: law, duty, process, plan item, maintenance, budget."""
    yield from description_gaps(case.statement.description or Description(), case.unit)


def rests_on_collections(case: LifecycleCase, act: Act) -> Faults:
    """Each item rests on a published collection duty of the own unit (S-056)."""
    yield from collection_gaps(case.statement.description or Description(), case.unit, act.given.collections)


def is_searched_for(case: LifecycleCase, act: Act) -> Faults:
    """A search certificate covers what is to be built; later, what is new (S-069 to S-071)."""
    said = case.statement.description or Description()
    before = act.given.in_force.subject if act.given.in_force and case.kind is not Kind.ESTABLISHMENT else None
    if said.subject is None and case.kind is Kind.ESTABLISHMENT and not case.statement.certificate:
        yield Problem(pointer="/certificate", detail=REQUIRED)
    if said.subject is None or (before and covers(before, said.subject)):
        return
    # What was valid when it was filed stays so while the filing is supplemented.
    at = case.filed_at or act.at
    yield from certificate_faults(act.given.certificate, said.subject, unit=case.unit, at=at)


def is_no_rival(_: LifecycleCase, act: Act) -> Faults:
    """The four basic classes are built once and centrally: who else plans one uses the central one (S-061)."""
    if (central := act.given.central) is not None:
        where = f"{central.id} ({central.unit})"
        detail = f"该类基础信息已有统建库，请申请共享 / this basic class is built centrally, use that: {where}"
        yield Problem(pointer="/description/basic_class", detail=detail)


def keeps_its_class(case: LifecycleCase, act: Act) -> Faults:
    """What class of basic information a database holds was decided with two keys, and stands."""
    said, before = case.statement.description, act.given.in_force
    if said and before and said.basic_class != before.basic_class:
        detail = "基础信息类别不能变更 / the basic class was settled at the establishment"
        yield Problem(pointer="/description/basic_class", detail=detail)


def is_built(case: LifecycleCase, act: Act) -> Faults:
    """A registration says what was built, and it was built already (S-063)."""
    built = case.statement.built
    if built is None:
        yield Problem(pointer="/built", detail=REQUIRED)
    elif built.built_on > day_in_beijing(act.at):
        yield Problem(pointer="/built/built_on", detail="尚未建成 / this day has not come")


def changes_something(case: LifecycleCase, act: Act) -> Faults:
    """A change says in words what changes, and something does (S-065)."""
    if not case.statement.changes:
        yield Problem(pointer="/changes", detail=REQUIRED)
    before = act.given.in_force
    if before and case.statement.description and digest(before) == digest(case.statement.description):
        yield Problem(pointer="/description", detail="与现行内容相同 / the same as what is in force")


def sees_its_impact(case: LifecycleCase, act: Act) -> Faults:
    """A deregistration names every dependant that will lose the database (S-066)."""
    seen = set(case.statement.impact_seen)
    for dependant in act.given.dependants:
        if dependant.id not in seen:
            detail = f"须确认影响：{dependant.title} / acknowledge this dependant: {dependant.id}"
            yield Problem(pointer="/impact_seen", detail=detail)


def says_what_becomes_of_the_data(case: LifecycleCase, act: Act) -> Faults:
    """A deregistration has a reason and a disposal plan with a custodian that exists."""
    said = case.statement
    if not said.reason:
        yield Problem(pointer="/reason", detail=REQUIRED)
    if said.disposal is None:
        yield Problem(pointer="/disposal", detail=REQUIRED)
    elif organisation(said.disposal.custodian) is None:
        yield Problem(pointer="/disposal/custodian", detail="没有这一机构 / there is no such organisation")
    elif said.disposal.on < day_in_beijing(case.filed_at or act.at):
        yield Problem(pointer="/disposal/on", detail="早于备案日 / this day is before the filing")


def is_returned_once(case: LifecycleCase, _: Act) -> Faults:
    """One notice of everything missing, not one after the other (Decree 809)."""
    if case.returned_at is not None:
        yield Problem(pointer="", detail="已退回过一次 / returned once already: approve or decline")


def has_no_open_rival(_: LifecycleCase, act: Act) -> Faults:
    """While another unit's filing for the same is open, none of them is approved."""
    for rival in filter(is_open, act.given.rivals):
        detail = f"尚有同类备案未决：{rival.title} / {rival.unit} has filed the same: {rival.id}"
        yield Problem(pointer="", detail=detail)


def has_no_dependant(_: LifecycleCase, act: Act) -> Faults:
    """Nothing that lives depends on a database that ends."""
    for dependant in act.given.dependants:
        detail = f"仍有依赖：{dependant.title} / still in use: {dependant.id}"
        yield Problem(pointer="", detail=detail)


def says_why_with_its_key(case: LifecycleCase, act: Act) -> Faults:
    """Each of two keys comes with a comment of its own (S-029)."""
    if case.is_basic and not act.body.comment:
        yield Problem(pointer="/comment", detail=REQUIRED)


def wants_what_is_there(case: LifecycleCase, act: Act) -> Faults:
    """What is reused is another's published entry, for an own duty and a purpose of the list."""
    wish, resource = act.body, act.given.resource
    if resource is None or resource.state != "LIVE" or resource.unit == case.unit:
        yield Problem(pointer="/resource", detail="须为其他单位已发布的条目 / not a published entry of another unit")
    if wish.duty not in {duty.code for duty in duties_of(case.unit)}:
        yield Problem(pointer="/duty", detail="不是本单位的职责 / not a duty of this unit")
    if not vocabulary().purposes.has(wish.purpose):
        yield Problem(pointer="/purpose", detail="不在用途清单中 / not a code of the list purposes")


_SAYS: tuple[Guard, ...] = (is_described, rests_on_collections, is_searched_for)
COMPLETE: dict[Kind, tuple[Guard, ...]] = {
    Kind.ESTABLISHMENT: (*_SAYS, is_no_rival),
    Kind.REGISTRATION: (*_SAYS, keeps_its_class, is_built),
    Kind.CHANGE: (*_SAYS, keeps_its_class, changes_something),
    Kind.DEREGISTRATION: (says_what_becomes_of_the_data, sees_its_impact),
}
APPROVABLE: dict[Kind, tuple[Guard, ...]] = {
    Kind.ESTABLISHMENT: (says_why_with_its_key, is_no_rival, has_no_open_rival),
    Kind.REGISTRATION: (),
    Kind.CHANGE: (),
    Kind.DEREGISTRATION: (has_no_dependant,),
}
