"""Coordination (machine G): a dispute inside a case, mediated by the office, ruled on by the leading group (三(四)¶2).

A sub-case that any case can open: its parent says who sits at the table, which events tell of it, and what each end
does. Knows no parent, no storage and no HTTP.
"""

from collections.abc import Iterator
from enum import StrEnum

from services.shared.callers import Caller
from services.shared.errors import Problem
from services.shared.lifecycle import Act, Machine, Move, Party, Record
from services.shared.model import Model
from services.shared.organisations import LEADING_GROUP, OFFICE
from services.shared.reference import find_clause
from services.shared.texts import Code, Line, Text


class State(StrEnum):
    """Where a coordination stands; the last four are ends."""

    OPEN = "OPEN"
    ESCALATED = "ESCALATED"
    SETTLED = "SETTLED"
    UPHELD = "UPHELD"
    RULED_FOR = "RULED_FOR"
    RULED_AGAINST = "RULED_AGAINST"


class Action(StrEnum):
    """What can be done in a coordination."""

    MEDIATE = "mediate"
    SETTLE = "settle"
    UPHOLD = "uphold"
    ESCALATE = "escalate"
    RULE_FOR = "rule_for"
    RULE_AGAINST = "rule_against"
    REMAND = "remand"


ENDS = frozenset({State.SETTLED, State.UPHELD, State.RULED_FOR, State.RULED_AGAINST})
FOR_WHO_ASKED = frozenset({State.SETTLED, State.RULED_FOR})  # the ends that give way to who opened it


class Proposal(Model):
    """A mediation: what the office proposes to all parties."""

    proposal: Text


class Settlement(Model):
    """A party's word that the dispute is over, and on what."""

    comment: Text | None = None


class Basis(Model):
    """Why what was decided stands: a clause and the reason."""

    instrument: Code
    clause: Line
    reason: Text


class Docket(Model):
    """A major matter for the leading group: the matter, what was tried, and what is to be decided (S-088)."""

    docket: Text


class Ruling(Model):
    """What a meeting of the leading group decided, and why (S-019)."""

    meeting: Line
    reason: Text


class Instructions(Model):
    """What the leading group sends a dispute back with."""

    instructions: Text


BODIES: dict[Action, type[Model]] = {
    Action.MEDIATE: Proposal,
    Action.SETTLE: Settlement,
    Action.UPHOLD: Basis,
    Action.ESCALATE: Docket,
    Action.RULE_FOR: Ruling,
    Action.RULE_AGAINST: Ruling,
    Action.REMAND: Instructions,
}


class Seat(Model):
    """One party at the table: what it is to the parent case, and which organisation."""

    party: Party
    organisation: str


class Coordination(Record):
    """A coordination; each text is the last that was said, all of them are in the payloads of its events."""

    state: State = State.OPEN
    seats: tuple[Seat, ...]
    proposal: str | None = None
    docket: str | None = None
    instructions: str | None = None
    basis: Basis | None = None
    ruling: Ruling | None = None


def relations(coordination: Coordination, caller: Caller) -> frozenset[Party]:
    """Return what a caller is to a coordination: its seat, the mediating office, the leading group."""
    codes = [*((seat.party, seat.organisation) for seat in coordination.seats)]
    codes += [(Party.OFFICE, OFFICE), (Party.LEADING_GROUP, LEADING_GROUP)]
    return frozenset(party for party, code in codes if code == caller.organisation)


def all_parties(coordination: Coordination) -> frozenset[Party]:
    """Return who sits at the table."""
    return frozenset(seat.party for seat in coordination.seats)


def machine(prefix: str) -> Machine[Coordination]:
    """Return machine G for a parent whose events begin with `prefix`, such as `database.coordination`."""
    return Machine(
        name="coordination",
        table=_table(prefix),
        relations=relations,
        initial=State.OPEN,
        terminal=ENDS,
    )


def _clause_is_known(_: Coordination, act: Act) -> Iterator[Problem]:
    if find_clause(act.body.instrument, act.body.clause) is None:
        yield Problem(pointer="/clause", detail="条款不在清单中 / no such clause in /catalog/vocabulary")


def _said(coordination: Coordination, act: Act) -> Coordination:
    return coordination.model_copy(update=act.body.model_dump(include={"proposal", "docket", "instructions"}))


def _upheld(coordination: Coordination, act: Act) -> Coordination:
    return coordination.model_copy(update={"basis": act.body})


def _ruled(coordination: Coordination, act: Act) -> Coordination:
    return coordination.model_copy(update={"ruling": act.body})


def _table(prefix: str) -> dict[tuple[State, Action], Move[Coordination]]:
    office, group = frozenset({Party.OFFICE}), frozenset({Party.LEADING_GROUP})
    uphold = Move(office, State.UPHELD, f"{prefix}_upheld", guards=(_clause_is_known,), effect=_upheld, awaited=False)
    return {
        (State.OPEN, Action.MEDIATE): Move(office, None, f"{prefix}_mediated", effect=_said),
        (State.OPEN, Action.SETTLE): Move(all_parties, State.SETTLED, f"{prefix}_settled", each_once=True),
        (State.OPEN, Action.UPHOLD): uphold,
        (State.OPEN, Action.ESCALATE): Move(
            office, State.ESCALATED, f"{prefix}_escalated", effect=_said, awaited=False
        ),
        (State.ESCALATED, Action.RULE_FOR): Move(group, State.RULED_FOR, f"{prefix}_ruled_for", effect=_ruled),
        (State.ESCALATED, Action.RULE_AGAINST): Move(
            group, State.RULED_AGAINST, f"{prefix}_ruled_against", effect=_ruled
        ),
        (State.ESCALATED, Action.REMAND): Move(group, State.OPEN, f"{prefix}_remanded", effect=_said, awaited=False),
    }
