"""What must hold for a step of a collection responsibility, each fault told at once. Pure.

`Given` is what was loaded beside the case: the item's book, and what its action needs of the rest.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from services.catalog.certificate import Certificate, Intent, Subject, certificate_faults
from services.catalog.collection import Collection, State
from services.catalog.collection_acts import MAX_CLAIMANTS, Settled
from services.catalog.collection_claims import Book
from services.catalog.collection_statement import Statement, faults_of
from services.catalog.scope import area_faults, ground
from services.shared.errors import Problem
from services.shared.lifecycle import Act
from services.shared.reference import find_clause
from services.shared.working_days import day_in_beijing

NOWHERE = Book(key="")


@dataclass(frozen=True)
class Given:
    """What a decision rests on beside the case itself.

    `members` are the other claimants that move with it, `number` is its number in the register once it has come so far.
    """

    book: Book = NOWHERE
    certificate: Certificate | None = None
    members: tuple[Collection, ...] = ()
    predecessor: Collection | None = None
    number: str | None = None


def may_be_applied_for(collection: Collection, act: Act) -> Iterator[Problem]:
    """Yield why a statement cannot be applied for: what it lacks, its certificate, its predecessor, an own double."""
    statement, given = collection.statement, act.given
    yield from faults_of(statement, collection.unit, day_in_beijing(act.at))
    yield from _certificate(collection, statement, act)
    yield from _succession(statement, given.predecessor)
    for claim in given.book.rivals_of(collection):
        if claim.unit == collection.unit and claim.id != statement.succeeds:
            yield Problem(
                pointer="/item", detail=f"本单位已有同一申请 / your unit has a claim on this item: {claim.id}"
            )


def may_be_revised(collection: Collection, act: Act) -> Iterator[Problem]:
    """Yield why a published duty cannot come to say this: another item, a fault, or more than was searched for.

    The duty's certificate was for what it says; what adds no data item and no ground needs no new one.
    """
    wanted: Statement = act.body.kept()
    before = collection.statement
    if wanted.item_key != before.item_key:
        detail = "基础信息不能变更，须另行申请 / another basic item is another application"
        yield Problem(pointer="/item", detail=detail)
    if wanted.succeeds != before.succeeds:
        yield Problem(pointer="/succeeds", detail="不能变更 / cannot be changed")
    yield from faults_of(wanted, collection.unit, day_in_beijing(act.at))
    if not (set(wanted.items) <= set(before.items) and ground(wanted.areas) <= collection.ground):
        yield from _certificate(collection, wanted, act)


def no_open_conflict(collection: Collection, act: Act) -> Iterator[Problem]:
    """Yield each other claim on the item over shared ground that is not decided."""
    for claim in act.given.book.open_rivals_of(collection):
        detail = f"存在未协调的冲突 / an open claim conflicts: {claim.unit}, {claim.id}; open a coordination"
        yield Problem(pointer="", detail=detail)


def two_claims_at_least(_: Collection, act: Act) -> Iterator[Problem]:
    """Yield that there is nobody to coordinate with, or that there are more than one step can move."""
    others = len(act.given.members)
    if others == 0:
        yield Problem(pointer="", detail="没有其他申请 / no other claim on this item shares its ground")
    yield from not_too_many(_, act)


def not_too_many(_: Collection, act: Act) -> Iterator[Problem]:
    """Yield that a coordination would have more claimants than one step can move."""
    if (claimants := len(act.given.members) + 1) > MAX_CLAIMANTS:
        detail = (
            f"一次协调最多{MAX_CLAIMANTS}个单位，现有{claimants}个 / at most {MAX_CLAIMANTS} claimants, not {claimants}"
        )
        yield Problem(pointer="", detail=detail)


def every_claimant_heard(collection: Collection, act: Act) -> Iterator[Problem]:
    """Yield each claimant that has not said what it has to say."""
    for claimant in (collection, *act.given.members):
        if claimant.heard_at is None:
            detail = f"尚未听取意见 / not heard yet: {claimant.unit}, {claimant.id}"
            yield Problem(pointer="", detail=detail)


def settles_them_all(collection: Collection, act: Act) -> Iterator[Problem]:
    """Yield what is wrong with who is to collect what: somebody else's case, foreign ground, ground given twice."""
    body: Settled = act.body
    claimants = {claimant.id: claimant for claimant in (collection, *act.given.members)}
    if body.designated is None and body.split is None and len(claimants) > 1:
        yield Problem(pointer="/designated", detail="须确定采集部门 / say who is to collect")
    if body.designated is not None and body.designated not in claimants:
        yield Problem(pointer="/designated", detail="不是本次协调的申请 / not a claim of this coordination")
    given_away: set[str] = set()
    for case, areas in (body.split or {}).items():
        pointer = f"/split/{case}"
        yield from area_faults(areas, pointer)
        if case not in claimants:
            yield Problem(pointer=pointer, detail="不是本次协调的申请 / not a claim of this coordination")
        elif not ground(areas) <= claimants[case].ground:
            yield Problem(pointer=pointer, detail="超出其申请范围 / more than it applied for")
        if given_away & ground(areas):
            yield Problem(pointer=pointer, detail="范围重复 / this ground is given to two")
        given_away |= ground(areas)


def holds_its_ground(collection: Collection, act: Act) -> Iterator[Problem]:
    """Yield that a designated successor still waits for the transfer."""
    if act.given.book.lacks(collection):
        detail = f"待移交 / waits for the transfer from {collection.statement.succeeds}"
        yield Problem(pointer="", detail=detail)


def goes_to_its_successor(collection: Collection, act: Act) -> Iterator[Problem]:
    """Yield why a duty cannot go over to the case that is named: not its designated successor, or too narrow."""
    book: Book = act.given.book
    successor = act.body.successor
    if book.heirs.get(collection.id) != successor:
        detail = "不是已确定的承接单位 / not designated to succeed this duty"
        yield Problem(pointer="/successor", detail=detail)
        return
    claim = next(claim for claim in book.claims if claim.id == successor)
    if not book.holds(collection.id) <= ground(claim.areas):
        yield Problem(pointer="/successor", detail="未覆盖全部范围 / does not cover the ground of this duty")


def known_basis(_: Collection, act: Act) -> Iterator[Problem]:
    """Yield that the clause a revocation rests on is not known."""
    basis = act.body.basis
    if find_clause(basis.instrument, basis.clause) is None:
        yield Problem(pointer="/basis", detail="条款不在清单中 / no such clause in /catalog/vocabulary")


def _certificate(collection: Collection, statement: Statement, act: Act) -> Iterator[Problem]:
    if statement.item is None or not statement.areas:
        return  # what is missing is told first; there is nothing yet that a certificate could be for
    subject = Subject(
        intent=Intent.COLLECTION,
        name=statement.item,
        basic_class=statement.basic_class,
        items=statement.items,
        areas=statement.areas,
    )
    yield from certificate_faults(act.given.certificate, subject, unit=collection.unit, at=act.at)


def _succession(statement: Statement, predecessor: Collection | None) -> Iterator[Problem]:
    if statement.succeeds is None:
        return
    same = predecessor is not None and predecessor.statement.item_key == statement.item_key
    if predecessor is None or not same or predecessor.state is not State.PUBLISHED:
        detail = "不是已公布的同一信息采集责任 / not a published duty to collect this item"
        yield Problem(pointer="/succeeds", detail=detail)
    elif not predecessor.ground <= ground(statement.areas):
        yield Problem(pointer="/areas", detail="未覆盖被承接的范围 / does not cover the ground of the one it succeeds")
