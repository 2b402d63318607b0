"""The life of a demand, as a table (S-010, S-011). Silence decides nothing: what waits too long is only told.

In its terms every organisation is a requester of what is wanted, who filed the demand is its unit, and whom it is
proposed to is the provider. Knows no table of items and no HTTP.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import NamedTuple

from services.requests.demand import (
    Backing,
    Demand,
    DemandAction,
    DemandProposal,
    DemandState,
    HandedBack,
    Supporter,
    Wanted,
)
from services.requests.lateness import day_has_passed, marked_overdue
from services.requests.terms import CITY
from services.requests.wording import empty_reason
from services.shared.callers import SYSTEM, Caller
from services.shared.canonical import new_id
from services.shared.errors import Conflict, Problem
from services.shared.lifecycle import Act, Machine, Move, Party
from services.shared.organisations import OFFICE, Tier, organisation
from services.shared.reference import duties_of, vocabulary

# Whom a demand waits for has this long; where there is no clock, or no number for it, nothing is ever late.
CLOCKS: Mapping[StrEnum, str] = {DemandState.FILED: "demand_triage", DemandState.PROPOSED: "demand_answer"}
SYSTEM_ACTIONS = (DemandAction.MARK_OVERDUE,)


class DemandGiven(NamedTuple):
    """What is loaded beside a demand: whether the entry that is named stands in the catalogue."""

    published: bool = False


def relations(demand: Demand, caller: Caller) -> frozenset[Party]:
    """Return what the caller is to a demand."""
    if caller.anonymous:
        return frozenset()
    if caller == SYSTEM:
        return BY_SYSTEM
    codes = {Party.UNIT: demand.requester, Party.PROVIDER: demand.unit, Party.OFFICE: OFFICE}
    return frozenset({Party.REQUESTER, *(party for party, code in codes.items() if code == caller.organisation)})


def actions_for(demand: Demand, caller: Caller) -> tuple[str, ...]:
    """Return what this caller may try now; not what would be refused to them whatever they sent."""
    no_word = caller.organisation in demand.backers or not duties_of(caller.organisation)
    in_vain = {DemandAction.SUPPORT: no_word, DemandAction.WITHDRAW: bool(demand.supporters)}
    return tuple(action for action in MACHINE.actions_for(demand, caller) if not in_vain.get(DemandAction(action)))


def wanted_faults(wanted: Wanted, requester: str) -> Iterator[Problem]:
    """Yield everything wrong with what an organisation says it wants."""
    for place, item in enumerate(wanted.items):
        if item in wanted.items[:place]:
            yield Problem(pointer=f"/items/{place}", detail=f"重复 / '{item}' is named twice")
    for place, area in enumerate(wanted.areas):
        if not _is_area(area):
            yield Problem(pointer=f"/areas/{place}", detail=f"不是本市的区域 / '{area}' is not an area of the city")
    if not vocabulary().purposes.has(wanted.purpose.code):
        yield Problem(
            pointer="/purpose/code", detail=f"不在用途清单中 / '{wanted.purpose.code}' is not a listed purpose"
        )
    yield from backing_faults(wanted, requester)


def backing_faults(backing: Backing, backer: str) -> Iterator[Problem]:
    """Yield what is wrong with an organisation's word that it wants something.

    The duty is its own (S-045); a claim of urgency says what is urgent, not that it is (S-011).
    """
    if backing.duty not in {duty.code for duty in duties_of(backer)}:
        yield Problem(pointer="/duty", detail=f"不是本单位的职责 / '{backing.duty}' is not a duty of {backer}")
    if (urgency := backing.urgency) is None:
        return
    if not vocabulary().work_areas.has(urgency.work_area):
        detail = f"不是急用的工作领域 / '{urgency.work_area}' is not an urgent work area"
        yield Problem(pointer="/urgency/work_area", detail=detail)
    if told := empty_reason(urgency.reason):
        yield Problem(pointer="/urgency/reason", detail=told)


def _is_area(code: str) -> bool:
    body = organisation(code)
    return code == CITY or (body is not None and code.isdigit() and body.tier is Tier.DISTRICT)


def _is_first_word(demand: Demand, act: Act) -> Iterable[Problem]:
    if act.caller.organisation in demand.backers:
        raise Conflict("本单位已提出或附议 / your organisation wants this already, and counts once")
    return ()


def _duty_is_own(_: Demand, act: Act) -> Iterator[Problem]:
    yield from backing_faults(act.body, act.caller.organisation)


def _still_right(demand: Demand, act: Act) -> Iterator[Problem]:
    yield from wanted_faults(act.body, demand.requester)


def _unit_exists(_: Demand, act: Act) -> Iterator[Problem]:
    if organisation(act.body.unit) is None:
        yield Problem(pointer="/unit", detail=f"没有这个单位 / there is no organisation '{act.body.unit}'")


def _is_another(demand: Demand, act: Act) -> Iterator[Problem]:
    if act.body.into == demand.id:
        yield Problem(pointer="/into", detail="即为本需求 / this is the demand itself")


def _is_published(_: Demand, act: Act) -> Iterator[Problem]:
    given = act.given or DemandGiven()
    if not given.published:
        detail = f"目录中没有此已公布的条目 / the catalogue has no published entry {act.body.resource}"
        yield Problem(pointer="/resource", detail=detail)


def _wanted_by_nobody_else(demand: Demand, _: Act) -> Iterable[Problem]:
    if others := len(demand.supporters):
        raise Conflict(
            f"另有{others}个单位附议,不能撤回;可请市信息办办结 / "
            f"others support this ({others}): ask the {OFFICE} to decline or merge it"
        )
    return ()


def _supported(demand: Demand, act: Act) -> Demand:
    body: Backing = act.body
    supporter = Supporter(organisation=act.caller.organisation, at=act.at, duty=body.duty, urgency=body.urgency)
    return demand.model_copy(update={"supporters": (*demand.supporters, supporter)})


def _revised(demand: Demand, act: Act) -> Demand:
    return demand.model_copy(update={"wanted": act.body, "revised_at": act.at})


def _proposed(demand: Demand, act: Act) -> Demand:
    return demand.model_copy(update={"proposal": DemandProposal(**act.body.model_dump(), at=act.at)})


def _taken_up(demand: Demand, act: Act) -> Demand:
    begun = {"id": new_id(), "taken_up_at": act.at}
    proposal = demand.proposal.model_copy(update=begun) if demand.proposal else None
    return demand.model_copy(update={"proposal": proposal})


def _handed_back(demand: Demand, act: Act) -> Demand:
    back = HandedBack(unit=act.caller.organisation, reason=act.body.reason, at=act.at)
    return demand.model_copy(update={"proposal": None, "handed_back": back})


def _merged(demand: Demand, act: Act) -> Demand:
    return demand.model_copy(update={"merged_into": act.body.into, "reason": act.body.reason})


def _met(demand: Demand, act: Act) -> Demand:
    return demand.model_copy(update={"resource": act.body.resource})


def _ended(demand: Demand, act: Act) -> Demand:
    return demand.model_copy(update={"reason": act.body.reason})


ANYBODY, FILER = frozenset({Party.REQUESTER}), frozenset({Party.UNIT})
BY_OFFICE, BY_UNIT = frozenset({Party.OFFICE}), frozenset({Party.PROVIDER})
BY_SYSTEM = frozenset({Party.SYSTEM})

SUPPORT = Move(
    ANYBODY, None, "demand.supported", guards=(_is_first_word, _duty_is_own), effect=_supported, awaited=False
)
REVISE = Move(FILER, None, "demand.revised", guards=(_still_right,), effect=_revised, awaited=False)
TRIAGE = Move(BY_OFFICE, DemandState.PROPOSED, "demand.proposed", guards=(_unit_exists,), effect=_proposed)
# Where a unit does not answer, the office asks another; nobody is waiting for that.
ELSEWHERE = replace(TRIAGE, awaited=False)
TAKE_UP = Move(BY_UNIT, DemandState.TAKEN_UP, "demand.taken_up", effect=_taken_up)
HAND_BACK = Move(BY_UNIT, DemandState.FILED, "demand.handed_back", effect=_handed_back)
DECLINE = Move(BY_OFFICE, DemandState.DECLINED, "demand.declined", effect=_ended, awaited=False)
MERGE = Move(BY_OFFICE, DemandState.MERGED, "demand.merged", guards=(_is_another,), effect=_merged, awaited=False)
MEET = Move(BY_OFFICE, DemandState.MET, "demand.met", guards=(_is_published,), effect=_met, awaited=False)
MEET_TOO = replace(MEET, by=BY_OFFICE | BY_UNIT)
WITHDRAW = Move(
    FILER, DemandState.WITHDRAWN, "demand.withdrawn", guards=(_wanted_by_nobody_else,), effect=_ended, awaited=False
)
OVERDUE: Move[Demand] = Move(
    BY_SYSTEM, None, "demand.overdue", guards=(day_has_passed,), effect=marked_overdue, awaited=False
)

TABLE: dict[tuple[DemandState, DemandAction], Move[Demand]] = {
    (DemandState.FILED, DemandAction.SUPPORT): SUPPORT,
    (DemandState.FILED, DemandAction.REVISE): REVISE,
    (DemandState.FILED, DemandAction.TRIAGE): TRIAGE,
    (DemandState.FILED, DemandAction.DECLINE): DECLINE,
    (DemandState.FILED, DemandAction.MERGE): MERGE,
    (DemandState.FILED, DemandAction.MEET): MEET,
    (DemandState.FILED, DemandAction.WITHDRAW): WITHDRAW,
    (DemandState.FILED, DemandAction.MARK_OVERDUE): OVERDUE,
    (DemandState.PROPOSED, DemandAction.SUPPORT): SUPPORT,
    (DemandState.PROPOSED, DemandAction.TAKE_UP): TAKE_UP,
    (DemandState.PROPOSED, DemandAction.HAND_BACK): HAND_BACK,
    (DemandState.PROPOSED, DemandAction.TRIAGE): ELSEWHERE,
    (DemandState.PROPOSED, DemandAction.DECLINE): DECLINE,
    (DemandState.PROPOSED, DemandAction.MERGE): MERGE,
    (DemandState.PROPOSED, DemandAction.MEET): MEET,
    (DemandState.PROPOSED, DemandAction.WITHDRAW): WITHDRAW,
    (DemandState.PROPOSED, DemandAction.MARK_OVERDUE): OVERDUE,
    # The unit brings it about or hands it back; whoever sees first that it is there says so.
    (DemandState.TAKEN_UP, DemandAction.SUPPORT): SUPPORT,
    (DemandState.TAKEN_UP, DemandAction.HAND_BACK): HAND_BACK,
    (DemandState.TAKEN_UP, DemandAction.MEET): MEET_TOO,
}

MACHINE = Machine[Demand](
    name="demand",
    table=TABLE,
    relations=relations,
    initial=DemandState.FILED,
    terminal=frozenset({DemandState.MET, DemandState.DECLINED, DemandState.MERGED, DemandState.WITHDRAWN}),
)
