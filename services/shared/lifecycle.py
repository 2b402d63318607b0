"""The lifecycle engine: a state machine is a table, and this is the only code that reads it.

It knows no machine, no storage and no HTTP. A row says who may act (a relation to the case and a claim within the
own organisation), what must hold, where the record goes, and whether the step is a filing.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, Self, TypeVar

from pydantic import AwareDatetime, PrivateAttr

from services.shared.callers import Caller, Claim
from services.shared.errors import Conflict, Forbidden, Problem, refuse_if
from services.shared.events import Filing
from services.shared.model import Model


class Party(StrEnum):
    """A caller's relation to a case, computed from organisation and case, never claimed."""

    UNIT = "unit"  # the owning unit, where there is no counterpart
    REQUESTER = "requester"
    PROVIDER = "provider"
    OFFICE = "informatization_office"
    STATISTICS = "statistics_bureau"
    SECRECY = "secrecy_bureau"
    SUPERVISION = "supervision_bureau"
    ARCHIVES = "archives_bureau"
    LEADING_GROUP = "leading_group"
    SYSTEM = "system"  # event listener or scheduler, never over HTTP


class Done(Model):
    """One single act of a step that each party must take once."""

    action: str
    party: Party
    officer: str
    at: AwareDatetime


class Record(Model):
    """What every record with a life carries.

    `case_seq` is the number of the case's latest event; `version` is that number when this record was last written,
    and what If-Match names.
    """

    id: str
    state: StrEnum
    version: int = 0
    case_seq: int = 0
    done: tuple[Done, ...] = ()
    changed_at: AwareDatetime
    _erasures: int = PrivateAttr(0)

    @property
    def erasures(self) -> int:
        """How often words were erased from the record as it was read; an erasure moves no version."""
        return self._erasures

    def erased_before(self, times: int) -> Self:
        """Return the record, which remembers that words were erased from it so often."""
        self._erasures = times
        return self


R = TypeVar("R", bound=Record)


@dataclass(frozen=True, slots=True)
class Act:
    """One attempt to move a record: what, with which input, by whom, when.

    `given` is what was loaded beside the record for the guards to look at; `party` is filled in by the engine.
    """

    action: StrEnum
    body: Any
    caller: Caller
    at: datetime
    given: Any = None
    party: Party | None = None


@dataclass(frozen=True)
class Move(Generic[R]):
    """One row of a table.

    `to` None leaves the state; `each_once` waits until every party of `by` has acted; a row that is not `awaited` may
    be used but nobody is waiting for it (withdrawing, say).
    """

    by: frozenset[Party] | Callable[[R], frozenset[Party]]
    to: StrEnum | None
    event: str
    claim: Claim = Claim.OFFICER
    guards: tuple[Callable[[R, Act], Iterable[Problem]], ...] = ()
    effect: Callable[[R, Act], R] | None = None
    filing: Filing | None = None
    each_once: bool = False
    awaited: bool = True

    def parties(self, record: R) -> frozenset[Party]:
        """Return who may make this move on this record."""
        return self.by if isinstance(self.by, frozenset) else self.by(record)


@dataclass(frozen=True)
class Moved(Generic[R]):
    """The outcome of a move: the record after it, the row, the acting party, and whether the step is complete."""

    record: R
    move: Move[R]
    act: Act
    complete: bool

    @property
    def filing(self) -> Filing | None:
        """The filing that this act makes; a step that each party takes once is filed with the last act."""
        return self.move.filing if self.complete else None


@dataclass(frozen=True)
class Machine(Generic[R]):
    """A state machine: its name, its table, its end states, and those states that rest and await nobody."""

    name: str
    table: Mapping[tuple[Any, Any], Move[R]]
    relations: Callable[[R, Caller], frozenset[Party]]
    initial: StrEnum
    terminal: frozenset[StrEnum]
    resting: frozenset[StrEnum] = field(default_factory=frozenset)

    def advance(self, record: R, act: Act) -> Moved[R]:
        """Return the record after `act`.

        Raises Conflict when the table has no such row, Forbidden when the caller is not one of its parties or lacks
        its claim, Invalid with every guard's problems at once.
        """
        move = self.table.get((record.state, act.action))
        if move is None:
            raise Conflict(f"cannot {act.action} while {self.name} is {record.state}")
        act = self._as_party(record, move, act)
        refuse_if(
            (problem for guard in move.guards for problem in guard(record, act)), f"cannot {act.action}: not complete"
        )
        return self._apply(record, move, act)

    def actions_for(self, record: R, caller: Caller) -> tuple[str, ...]:
        """Return what this caller may try now; guards are not tried, they depend on the input."""
        return tuple(
            action
            for (state, action), move in self.table.items()
            if state == record.state and self._may_act(record, move, action, caller)
        )

    def awaiting(self, record: R) -> tuple[Party, ...]:
        """Return the parties that could act next, in the order of Party; none at rest or at the end."""
        if record.state in self.terminal | self.resting:
            return ()
        waiting = {
            party
            for (state, action), move in self.table.items()
            if state == record.state and move.awaited
            for party in move.parties(record)
            if not _has_acted(record, action, party)
        }
        return tuple(party for party in Party if party in waiting)

    def _as_party(self, record: R, move: Move[R], act: Act) -> Act:
        mine = move.parties(record) & self.relations(record, act.caller)
        if not mine:
            allowed = " or ".join(sorted(move.parties(record)))
            raise Forbidden(f"only the {allowed} may {act.action} here")
        if move.claim not in act.caller.claims:
            raise Forbidden(f"only an officer with the role '{move.claim}' may {act.action} here")
        open_to = [p for p in Party if p in mine and not (move.each_once and _has_acted(record, act.action, p))]
        if not open_to:
            raise Conflict(f"{act.caller.organisation} has already done {act.action}")
        return replace(act, party=open_to[0])

    def _apply(self, record: R, move: Move[R], act: Act) -> Moved[R]:
        if act.party is None:
            raise ValueError("an act is applied only once its party is known")
        done = (*record.done, Done(action=act.action, party=act.party, officer=act.caller.officer, at=act.at))
        complete = not move.each_once or all(
            any(d.action == act.action and d.party == party for d in done) for party in move.parties(record)
        )
        moves_on = complete and move.to is not None
        changed = move.effect(record, act) if move.effect else record
        update: dict[str, object] = {
            "version": record.case_seq + 1,
            "case_seq": record.case_seq + 1,
            "changed_at": act.at,
        }
        update["done"] = () if moves_on else done if move.each_once else record.done
        if moves_on:
            update["state"] = move.to
        return Moved(record=changed.model_copy(update=update), move=move, act=act, complete=complete)

    def _may_act(self, record: R, move: Move[R], action: str, caller: Caller) -> bool:
        mine = move.parties(record) & self.relations(record, caller)
        if move.each_once:
            mine = frozenset(party for party in mine if not _has_acted(record, action, party))
        return bool(mine) and move.claim in caller.claims


def _has_acted(record: Record, action: str, party: Party) -> bool:
    return any(done.action == action and done.party == party for done in record.done)
