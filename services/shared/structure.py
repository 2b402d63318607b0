"""What must hold of any table, computed from the table alone: nothing waits for nobody, nothing is a trap."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from services.shared.lifecycle import Machine, Party


def faults(machine: Machine[Any], probes: dict[StrEnum, Any]) -> Iterator[str]:
    """Yield a sentence for each reachable state that nobody can leave, or that cannot reach an end.

    `probes` holds one record per state, for rows whose parties depend on the record.
    """
    for state in sorted(reachable(machine)):
        outgoing = [move for (source, _), move in machine.table.items() if source == state]
        if state in machine.terminal:
            if outgoing:
                yield f"{state} is terminal and has a way out"
            continue
        if not any(move.parties(probes[state]) for move in outgoing):
            yield f"nobody can act in {state}"
        if not _leads_to(machine, state) & (machine.terminal | machine.resting):
            yield f"{state} leads to no end"
    unused = {state for state, _ in machine.table} - reachable(machine)
    yield from (f"{state} is in the table and cannot be reached" for state in sorted(unused))


def reachable(machine: Machine[Any]) -> set[StrEnum]:
    """Return every state that some path from the initial one reaches, the initial one included."""
    return {machine.initial} | _leads_to(machine, machine.initial)


def _leads_to(machine: Machine[Any], start: StrEnum) -> set[StrEnum]:
    seen: set[StrEnum] = set()
    frontier = [start]
    while frontier:
        here = frontier.pop()
        for (source, _), move in machine.table.items():
            if source == here and move.to is not None and move.to not in seen:
                seen.add(move.to)
                frontier.append(move.to)
    return seen


def only_the_system_acts(machine: Machine[Any], state: StrEnum, probe: Any) -> bool:
    """Return whether a state waits for an event rather than for a person."""
    outgoing = [move for (source, _), move in machine.table.items() if source == state]
    return bool(outgoing) and all(move.parties(probe) == {Party.SYSTEM} for move in outgoing)
