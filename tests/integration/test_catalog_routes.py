"""Who may call what of the catalogue: every route by everyone there is. A route that is in no area's table fails."""

from collections.abc import Iterator
from types import ModuleType

import pytest

from tests import (
    adjudication_routes,
    check_routes,
    collection_routes,
    database_routes,
    erasure_routes,
    export_routes,
    figure_routes,
    import_routes,
    reading_routes,
    report_routes,
    resource_routes,
    search_routes,
)
from tests.routes import Sent, cells, check_cell, routes
from tests.standing import standing_stack

AREAS = (
    resource_routes,
    collection_routes,
    database_routes,
    check_routes,
    adjudication_routes,
    figure_routes,
    import_routes,
    export_routes,
    reading_routes,
    report_routes,
    search_routes,
    erasure_routes,
)


CELLS = [(area, *cell) for area in AREAS for cell in cells(area.ROLES)]


@pytest.fixture(scope="module", autouse=True)
def stack() -> Iterator[dict[str, str]]:
    """One stack for all tests here; what a test changes it has made for itself."""
    with standing_stack() as made:
        yield made


@pytest.fixture(scope="module")
def made() -> dict[str, Sent]:
    """The request for each route, with what it asks for."""
    return {}


def test_the_tables_have_every_route_and_no_other() -> None:
    assert {route for _, route, _, _ in CELLS} == {route for route in routes() if " /catalog/" in route}


@pytest.mark.parametrize(("area", "route", "caller", "status"), CELLS, ids=lambda part: str(part).rpartition(".")[2])
def test_who_may_call_what(area: ModuleType, route: str, caller: str, status: int, made: dict[str, Sent]) -> None:
    check_cell(area, route, caller, status, made)
