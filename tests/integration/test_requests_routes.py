"""Who may call what of all that follows a request, of erasures in it and of sealed evidence: every route by everyone
there is."""

from collections.abc import Iterator
from types import ModuleType

import pytest

from tests import agreement_routes, demand_routes, erasure_routes, evidence_routes, matter_routes
from tests.filing import standing_ledger
from tests.routes import Sent, cells, check_cell, routes

AREAS = (agreement_routes, matter_routes, demand_routes, evidence_routes)
CELLS = [
    *((area, *cell) for area in AREAS for cell in cells(area.ROLES)),
    *((erasure_routes, *cell) for cell in cells(erasure_routes.ROLES_AT_REQUESTS)),
]


@pytest.fixture(scope="module", autouse=True)
def stack() -> Iterator[dict[str, str]]:
    """One stack for all tests here; what a test changes it has made for itself."""
    with standing_ledger() as made:
        yield made


@pytest.fixture(scope="module")
def made() -> dict[str, Sent]:
    """The request for each route, with what it asks for."""
    return {}


def test_the_tables_have_every_route_of_theirs() -> None:
    places = ("/agreements", "/objections", "/onward-permissions", "/demands", "/audit/evidence", "/requests/erasures")
    named = {route for _, route, _, _ in CELLS}
    assert named == {route for route in routes() if route.split()[1].startswith(places)}


@pytest.mark.parametrize(("area", "route", "caller", "status"), CELLS)
def test_who_may_call_what(area: ModuleType, route: str, caller: str, status: int, made: dict[str, Sent]) -> None:
    check_cell(area, route, caller, status, made)
