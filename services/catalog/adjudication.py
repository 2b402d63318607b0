"""What reviewers decided about two things: one register or not. It stands whenever the same two come up again (S-055).

A value, its life and its rules. The two are published things, or what somebody means to collect or build, known by its
name and areas; of each two there is one adjudication.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Literal, NamedTuple

from services.catalog.certificate import Subject
from services.catalog.likeness import ZH, Verdict
from services.catalog.wording import plain
from services.shared.callers import Caller, Claim
from services.shared.canonical import digest
from services.shared.catalog_bodies import Adjudicated
from services.shared.errors import Forbidden, Problem, refuse_if
from services.shared.events import Origin, event_of
from services.shared.lifecycle import Act, Machine, Move, Party, Record
from services.shared.model import Model
from services.shared.organisations import OFFICE, STATISTICS_BUREAU
from services.shared.steps import Step, step_of
from services.shared.texts import Code, Text

REVIEWERS = (OFFICE, STATISTICS_BUREAU)
CHECK = "check"
PARTIES = {Party.OFFICE: OFFICE, Party.STATISTICS: STATISTICS_BUREAU}


class State(StrEnum):
    """An adjudication stands; it may be revised."""

    JUDGED = "JUDGED"


class Action(StrEnum):
    """What can be done with an adjudication."""

    REVISE = "revise"


class Side(Model):
    """One of the two: something published by kind and id, or the subject of a search certificate (`check`)."""

    kind: Literal["resource", "collection", "database", "check"]
    id: Code


class Judgement(Model):
    """What a reviewer decides, and why."""

    verdict: Verdict
    reason: Text


class Asked(Judgement):
    """What a reviewer decides about which two."""

    one: Side
    other: Side


class Compared(Model):
    """One of the two as it was judged: its `key` is how it is known again, `unit` whose it is."""

    kind: str
    id: str
    title: str
    unit: str
    key: str


class Adjudication(Record):
    """A verdict about two things; the reasons are beside its events, `officer` decided last."""

    state: State
    one: Compared
    other: Compared
    verdict: Verdict
    by: str
    officer: str


class Judged(NamedTuple):
    """A reviewer's verdict, and the adjudication that it is from."""

    verdict: Verdict
    adjudication: str


class About(Model):
    """What is decided about one thing: the `other` of the two by kind and id, the verdict, the adjudication."""

    other: str
    kind: str
    id: str
    verdict: Verdict
    adjudication: str


def key_of(kind: str, thing: str) -> str:
    """Return how something published is known again."""
    return f"{kind}#{thing}"


def key_of_subject(subject: Subject) -> str:
    """Return how what somebody means to collect or build is known again: by its name and areas, whoever means it."""
    return "subject#" + digest(["".join(plain(subject.name).split()), *sorted(set(subject.areas))])


def pair_id(one: str, other: str) -> str:
    """Return the id of the adjudication about two keys, whatever their order (RFC 9562 §5.8, of their SHA-256)."""
    number = bytearray.fromhex(digest([*sorted((one, other))])[:32])
    number[6] = number[6] & 0x0F | 0x80
    number[8] = number[8] & 0x3F | 0x80
    return str(uuid.UUID(bytes=bytes(number)))


def ruling(verdict: Verdict) -> str:
    """Return a reviewer's verdict as a reason, Chinese and English."""
    return f"评审已认定:{ZH[verdict]} / reviewers have decided: {verdict}"


def check_reviewer(caller: Caller) -> None:
    """Raise Forbidden unless a caller may decide what two things are to each other."""
    if caller.organisation not in REVIEWERS or Claim.OFFICER not in caller.claims:
        raise Forbidden("only an officer of those who review may decide what two things are to each other")


def judge(one: Compared, other: Compared, said: Judgement, caller: Caller, at: datetime) -> Step[Adjudication]:
    """Return a new adjudication. Raises Forbidden for whom it is not, Invalid when the two are one."""
    check_reviewer(caller)
    refuse_if(_faults(one, other), "nothing to decide")
    made = Adjudication(
        id=pair_id(one.key, other.key),
        state=State.JUDGED,
        version=1,
        case_seq=1,
        changed_at=at,
        one=one,
        other=other,
        verdict=said.verdict,
        by=caller.organisation,
        officer=caller.officer,
    )
    return _step(made, "adjudication.made", said, caller)


def take(adjudication: Adjudication, act: Act) -> Step[Adjudication]:
    """Return the adjudication after an act, about the two as `given` has them now. Raises what the machine raises."""
    moved = MACHINE.advance(adjudication, act)
    return _step(moved.record, moved.move.event, act.body, act.caller)


def relations(_adjudication: Adjudication, caller: Caller) -> frozenset[Party]:
    """Return what the caller is to an adjudication."""
    return frozenset(party for party, code in PARTIES.items() if code == caller.organisation)


def readers(adjudication: Adjudication) -> tuple[str, ...]:
    """Return who may read an adjudication: who reviews, and the units whose things were judged.

    What somebody means to collect or build is nobody else's to know: then it is that unit's alone.
    """
    sides = (adjudication.one, adjudication.other)
    meant = [side for side in sides if side.kind == CHECK] or sides
    return tuple(dict.fromkeys((*REVIEWERS, *(side.unit for side in meant))))


def follows(adjudication: Adjudication, caller: Caller) -> bool:
    """Return whether a caller may read an adjudication."""
    return caller.organisation in readers(adjudication)


def _faults(one: Compared, other: Compared) -> Iterable[Problem]:
    if one.key == other.key:
        yield Problem(pointer="/other", detail="两者为同一条 / these are one and the same")


def _revised(adjudication: Adjudication, act: Act) -> Adjudication:
    said = {"verdict": act.body.verdict, "by": act.caller.organisation, "officer": act.caller.officer}
    sides = {name: side for name, side in (act.given or {}).items() if side is not None}
    return adjudication.model_copy(update=said | sides)


def _step(after: Adjudication, kind: str, said: Judgement, caller: Caller) -> Step[Adjudication]:
    body = Adjudicated(one=after.one.key, other=after.other.key, verdict=after.verdict, by=after.by)
    origin = Origin(after.id, after.case_seq, caller.organisation, caller.officer, after.changed_at)
    return step_of(after, event_of(kind, body, origin, parties=readers(after)), {"reason": said.reason})


MACHINE: Machine[Adjudication] = Machine(
    name="adjudication",
    table={
        (State.JUDGED, Action.REVISE): Move(
            by=frozenset(PARTIES), to=None, event="adjudication.revised", effect=_revised, awaited=False
        )
    },
    relations=relations,
    initial=State.JUDGED,
    terminal=frozenset(),
    resting=frozenset({State.JUDGED}),
)
