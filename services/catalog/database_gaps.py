"""What a description lacks to be filed: each gap with a pointer into the case's statement. Pure."""

from collections.abc import Iterator, Mapping
from typing import Protocol

from services.catalog.database_description import Description
from services.catalog.metadata import folded
from services.catalog.scope import area_faults
from services.shared.errors import Problem
from services.shared.organisations import organisation
from services.shared.reference import duties_of, find_clause

REQUIRED = (
    "name",
    "abstract",
    "purpose",
    "items",
    "legal_basis",
    "duty",
    "plan_item",
    "areas",
    "update_cycle",
    "maintenance_plan",
    "budget_source",
    "operator",
    "contact",
)


class Standing(Protocol):
    """A collection duty as far as a database rests on it."""

    @property
    def unit(self) -> str:
        """Whose it is."""

    @property
    def state(self) -> str:
        """Where it stands."""


def description_gaps(said: Description, unit: str) -> Iterator[Problem]:
    """Yield everything that a unit's description lacks or gets wrong, whatever stands beside it."""
    for name in REQUIRED:
        if not getattr(said, name):
            yield _gap(f"/{name}", "必填 / required")
    yield from area_faults(said.areas, "/description/areas")
    yield from _unlawful(said, unit)
    yield from _faulty_items(said)


def collection_gaps(said: Description, unit: str, collections: Mapping[str, Standing]) -> Iterator[Problem]:
    """Yield each item that rests on no published collection duty of the unit's own (S-056)."""
    for place, item in enumerate(said.items):
        duty = collections.get(item.collection or "")
        if item.collection is None:
            yield _gap(f"/items/{place}/collection", "须引用采集责任目录条目 / cite a collection duty")
        elif duty is None or duty.unit != unit or duty.state != "PUBLISHED":
            detail = "不是本单位已公布的采集责任 / no published collection duty of this unit"
            yield _gap(f"/items/{place}/collection", detail)


def _unlawful(said: Description, unit: str) -> Iterator[Problem]:
    if said.legal_basis and find_clause(said.legal_basis.instrument, said.legal_basis.clause) is None:
        yield _gap("/legal_basis", "条款不在清单中 / no such clause in /catalog/vocabulary")
    if said.duty and said.duty not in {duty.code for duty in duties_of(unit)}:
        yield _gap("/duty", "不是本单位的职责 / not a duty of this unit")
    if said.operator and organisation(said.operator) is None:
        yield _gap("/operator", "没有这一机构 / there is no such organisation")


def _faulty_items(said: Description) -> Iterator[Problem]:
    seen: set[str] = set()
    for place, item in enumerate(said.items):
        for name in ("data_type", "originating_process"):
            if getattr(item, name) is None:
                yield _gap(f"/items/{place}/{name}", "必填 / required")
        key = "".join(folded(item.name).split())
        if key in seen:
            yield _gap(f"/items/{place}/name", "名称重复 / named before")
        seen.add(key)


def _gap(pointer: str, detail: str) -> Problem:
    return Problem(pointer=f"/description{pointer}", detail=detail)
