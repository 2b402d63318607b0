"""How many entries a core validates in a second: what is sent as a draft, and whether it may be submitted.

The yardstick is pydantic's reading of the same drafts into the plain model that is kept, without any of our rules.
"""

import time
from collections.abc import Callable
from typing import Any, NamedTuple

from services.catalog.completeness import problems_of
from services.catalog.metadata import Draft, Metadata
from tests.catalogue import ENTRY

GOAL = 3_000  # entries a second and core
ENTRIES = 3_000
ROUNDS = 3
NAMES = [
    "企业名称",
    "统一社会信用代码",
    "法定代表人",
    "注册资本",
    "成立日期",
    "住所",
    "经营范围",
    "登记机关",
    "登记状态",
    "核准日期",
]


class Rate(NamedTuple):
    """What was done with each entry, how many of them a second, and how many times the yardstick's time it took."""

    what: str
    a_second: float
    ratio: float


def measure() -> list[Rate]:
    """Return the yardstick and the rates, best of the rounds; no entry has the item names of another."""
    sent = [draft(number) for number in range(ENTRIES)]
    kept = [Draft.model_validate(each).kept() for each in sent]
    bare = _best(lambda: [Metadata.model_validate(each) for each in sent])
    rules = _best(lambda: [tuple(problems_of(each)) for each in kept])
    whole = _best(lambda: [tuple(problems_of(Draft.model_validate(each).kept())) for each in sent])
    times = {"yardstick": bare, "rules of completeness": rules, "draft read, kept and judged": whole}
    return [Rate(what, ENTRIES / seconds, seconds / bare) for what, seconds in times.items()]


def draft(number: int) -> dict[str, Any]:
    """Return a complete entry with ten items of its own."""
    item = {"data_type": "C", "length": 50, "sensitivity": "NONE", "description": "登记时填报"}
    return ENTRY | {"items": [item | {"name": f"{name}{chr(0x4E00 + number)}"} for name in NAMES]}


def _best(work: Callable[[], list[Any]]) -> float:
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return min(times)
