"""The life of a data objection (machine C.4) as a table, and the coordination (G) that it can open.

`OBJECTION` tells by its coordination whom a contested objection waits for; its own rows for that are the system's,
and are taken with the coordination's end. Pure.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from services.requests.case_record import parties_of
from services.requests.lateness import day_has_passed, marked_overdue
from services.requests.objection import Action as A  # noqa: N817 - a row of a table is short
from services.requests.objection import Correction, Objection, Said
from services.requests.objection import State as S  # noqa: N817
from services.requests.wording import empty_reason
from services.shared import coordination, running
from services.shared.callers import Caller
from services.shared.canonical import new_id
from services.shared.coordination import Coordination, Seat
from services.shared.errors import Problem
from services.shared.events import Event, readers_of
from services.shared.lifecycle import Act, Machine, Move, Party
from services.shared.working_days import day_in_beijing

Row = Move[Objection]
REQ, PRO, SYS = (frozenset({party}) for party in (Party.REQUESTER, Party.PROVIDER, Party.SYSTEM))
KNOWN_TO = frozenset({Party.REQUESTER, Party.PROVIDER, Party.OFFICE, Party.SUPERVISION, Party.SYSTEM})
FOLLOWING = frozenset({Party.OFFICE, Party.SUPERVISION, Party.LEADING_GROUP})
SYSTEM_ACTIONS = (A.RECONSIDER, A.CLOSE, A.MARK_OVERDUE)
TERMINAL = frozenset({S.CORRECTED, S.CLOSED, S.WITHDRAWN})
CLOCKS: dict[S, str] = {
    # One clock from the objection to its correction, however long the provider verifies (R10).
    S.RAISED: "correction",
    S.VERIFYING: "correction",
    S.CORRECTING: "correction",
    S.REJECTED: "answer_rejection",
    S.COORDINATION: "coordination",
}
RULING = "ruling"
COORDINATION = coordination.machine("objection.coordination")


def relations(objection: Objection, caller: Caller) -> frozenset[Party]:
    """Return what a caller is to an objection; the leading group knows of what was brought before it."""
    known = KNOWN_TO | {Party.LEADING_GROUP} if objection.was_escalated else KNOWN_TO
    return parties_of(objection, caller) & known


def may_see(objection: Objection, caller: Caller) -> bool:
    """Return whether a caller may know of an objection: both sides, the office, supervision, and the leading group."""
    return bool(relations(objection, caller) - SYS)


def may_read(objection: Objection, caller: Caller, event: Event) -> bool:
    """Return whether a caller may read one of its events: who was told, and the bodies that follow it all of them."""
    return caller.organisation in readers_of(event) or bool(relations(objection, caller) & FOLLOWING)


def contested_in(objection: Objection) -> Coordination | None:
    """Return the coordination that an objection is in, or None."""
    return objection.coordination if objection.state is S.COORDINATION else None


@dataclass(frozen=True)
class ObjectionMachine(Machine[Objection]):
    """C.4 with G inside it: while an objection is contested, its coordination says who acts next."""

    def awaiting(self, record: Objection) -> tuple[Party, ...]:
        """Return the parties that could act next."""
        opened = contested_in(record)
        return COORDINATION.awaiting(opened) if opened else super().awaiting(record)

    def actions_for(self, record: Objection, caller: Caller) -> tuple[str, ...]:
        """Return what this caller may try now, in the coordination too."""
        opened = contested_in(record)
        more = COORDINATION.actions_for(opened, caller) if opened else ()
        return super().actions_for(record, caller) + more


def clock_of(objection: Objection) -> str | None:
    """Return the code of the clock that runs where an objection stands, None at its end."""
    opened = contested_in(objection)
    if opened and opened.state is coordination.State.ESCALATED:
        return RULING
    return CLOCKS.get(objection.state)


def clocked(before: Objection | None, after: Objection, act: Act) -> Objection:
    """Return an objection with the clock of where it stands; where that is the same clock, it goes on running."""
    code = clock_of(after)
    if before is not None and clock_of(before) == code:
        return after
    return after.model_copy(update={"clock": running.start(code, act.at) if code else None})


def _says_why(_: Objection, act: Act) -> Iterator[Problem]:
    if told := empty_reason(act.body.reason):
        yield Problem(pointer="/reason", detail=told)


def _is_done(_: Objection, act: Act) -> Iterator[Problem]:
    if act.body.corrected_on > day_in_beijing(act.at):
        yield Problem(pointer="/corrected_on", detail="尚未到这一天 / this day is still to come")


def _confirmed(objection: Objection, act: Act) -> Objection:
    return objection.model_copy(update={"finding": _said(act, act.body.finding)})


def _corrected(objection: Objection, act: Act) -> Objection:
    made = Correction(**act.body.model_dump(), officer=act.caller.officer, at=act.at)
    return objection.model_copy(update={"correction": made})


def _rejected(objection: Objection, act: Act) -> Objection:
    return objection.model_copy(update={"rejection": _said(act, act.body.reason)})


def _contested(objection: Objection, act: Act) -> Objection:
    seats = tuple(Seat(party=party, organisation=code) for party, code in objection.sides.items())
    opened = Coordination(id=new_id(), seats=seats, changed_at=act.at)
    return objection.model_copy(update={"coordination": opened, "position": _said(act, act.body.reason)})


def _withdrawn(objection: Objection, act: Act) -> Objection:
    return objection.model_copy(update={"comment": act.body.comment})


def _said(act: Act, text: str) -> Said:
    return Said(text=text, officer=act.caller.officer, at=act.at)


_REJECT = Row(PRO, S.REJECTED, "objection.rejected", guards=(_says_why,), effect=_rejected)
_WITHDRAW = Row(REQ, S.WITHDRAWN, "objection.withdrawn", effect=_withdrawn, awaited=False)
_OVERDUE = Row(SYS, None, "objection.overdue", guards=(day_has_passed,), effect=marked_overdue, awaited=False)

TABLE: dict[tuple[S, A], Row] = {
    (S.RAISED, A.VERIFY): Row(PRO, S.VERIFYING, "objection.verification_started"),
    (S.VERIFYING, A.CONFIRM): Row(PRO, S.CORRECTING, "objection.confirmed", effect=_confirmed),
    (S.CORRECTING, A.CORRECT): Row(PRO, S.CORRECTED, "objection.corrected", guards=(_is_done,), effect=_corrected),
    (S.RAISED, A.REJECT): _REJECT,
    (S.VERIFYING, A.REJECT): _REJECT,
    (S.REJECTED, A.ACCEPT): Row(REQ, S.CLOSED, "objection.rejection_accepted"),
    (S.REJECTED, A.COORDINATE): Row(
        REQ, S.COORDINATION, "objection.coordination_opened", guards=(_says_why,), effect=_contested
    ),
    # With the end of the coordination: one step, one event, which is the coordination's.
    (S.COORDINATION, A.RECONSIDER): Row(SYS, S.CORRECTING, "objection.coordination_settled", awaited=False),
    (S.COORDINATION, A.CLOSE): Row(SYS, S.CLOSED, "objection.coordination_upheld", awaited=False),
    **{(state, A.WITHDRAW): _WITHDRAW for state in (S.RAISED, S.VERIFYING, S.REJECTED)},
    **{(state, A.MARK_OVERDUE): _OVERDUE for state in S if state not in TERMINAL},
}

OBJECTION = ObjectionMachine(name="objection", table=TABLE, relations=relations, initial=S.RAISED, terminal=TERMINAL)
