"""How long each function's module takes to import in a fresh interpreter, against what any such function imports."""

import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
# `import pydantic` alone loads nothing, its names are loaded when they are asked for: no function gets by with that.
UNUSED = "import aws_lambda_powertools.event_handler, boto3, pydantic"
BARE = "import aws_lambda_powertools.event_handler, boto3; from pydantic import BaseModel"
WITHOUT = "import services.identity.api"
ROUNDS = 9
MOST = 1.5  # times the bare import
CLOCK = "import time; started = time.perf_counter(); {statement}; print(time.perf_counter() - started)"


class Yardstick(NamedTuple):
    """In milliseconds: the bare import, the same with pydantic's names unused, and what the first token adds."""

    bare: float
    unused: float
    token: float


class Import(NamedTuple):
    """A module, its import time in milliseconds, and how many times the bare import that is."""

    module: str
    milliseconds: float
    ratio: float


def modules() -> list[str]:
    """Return the modules that functions start from, by name."""
    found = [*ROOT.glob("services/*/api.py"), *ROOT.glob("services/*/listen.py"), ROOT / "services/shared/relay.py"]
    return sorted(".".join(place.relative_to(ROOT).with_suffix("").parts) for place in found)


def measure() -> tuple[Yardstick, list[Import]]:
    """Return the yardstick and every module's import.

    Rounds interleave, so that a busy spell hits all.
    """
    statements = {"bare": BARE, "unused": UNUSED, "token": f"{WITHOUT}, services.shared.tokens", "no token": WITHOUT}
    statements |= {module: f"import {module}" for module in modules()}
    times: dict[str, list[float]] = {name: [] for name in statements}
    for _ in range(ROUNDS):
        for name, statement in statements.items():
            times[name].append(_once(statement))
    taken = {name: median(times.pop(name)) for name in ("bare", "unused", "token", "no token")}
    yardstick = Yardstick(taken["bare"], taken["unused"], taken["token"] - taken["no token"])
    return yardstick, [Import(name, median(each), median(each) / yardstick.bare) for name, each in times.items()]


def _once(statement: str) -> float:
    command = [sys.executable, "-c", CLOCK.format(statement=statement)]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 - our own words
    return float(answer.stdout) * 1000
