"""The lifecycle diagrams of docs/: one Mermaid page for each state machine, drawn from its table and nothing else.

Machines are found in the rule modules of the services, so that a new one cannot be left out.
"""

import importlib
import pkgutil
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

import services
from services.shared.callers import Claim
from services.shared.lifecycle import Machine, Move

TRIGGERS = frozenset({"api", "listen"})
PAGE = """# The life of {words}

Drawn from the table in `{module}`; do not edit. `each` marks a step that every party named takes once.

```mermaid
stateDiagram-v2
{lines}
```
"""


def pages() -> dict[Path, str]:
    """Return the pages by their path from the repository's root."""
    return {Path("docs") / f"lifecycle-{machine.name}.md": page(machine, module) for module, machine in machines()}


def machines() -> Iterator[tuple[str, Machine[Any]]]:
    """Yield each machine with the name of the module that defines it."""
    found: set[int] = set()
    for name in sorted(module.name for module in pkgutil.walk_packages(services.__path__, "services.")):
        if name.rpartition(".")[2] in TRIGGERS:
            continue
        for value in vars(importlib.import_module(name)).values():
            if isinstance(value, Machine) and id(value) not in found:
                found.add(id(value))
                yield name, value


def page(machine: Machine[Any], module: str) -> str:
    """Return a machine's page."""
    return PAGE.format(words=machine.name.replace("_", " "), module=module, lines="\n".join(_lines(machine)))


def _lines(machine: Machine[Any]) -> Iterator[str]:
    yield f"    [*] --> {machine.initial}"
    for (state, action), move in machine.table.items():
        yield f"    {state} --> {move.to or state}: {label(action, move)}"
    for end in sorted(machine.terminal):
        yield f"    {end} --> [*]"


def label(action: StrEnum, move: Move[Any]) -> str:
    """Return what stands on an arrow: the action, who takes it with which claim, and what it files."""
    every = "each of " if move.each_once else ""
    claim = "" if move.claim is Claim.OFFICER else f" ({move.claim})"
    filing = f", files {move.filing.kind} with {move.filing.authority}" if move.filing else ""
    return f"{action} by {every}{_parties(move)}{claim}{filing}"


def _parties(move: Move[Any]) -> str:
    if isinstance(move.by, frozenset):
        return " or ".join(sorted(move.by))
    return move.by.__name__.strip("_").replace("_", " ")  # parties that depend on the record
