"""docs/mission.md: each row of the policy that is built names a route that exists and a test that exists."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
CATALOGUES = {
    *(["S-012", "S-013", "S-024", "S-025", "S-029", "S-030", "S-043"]),
    *(f"S-{number:03}" for number in (*range(47, 73), *range(107, 113), 114, 115)),
}
REQUESTS = {
    *(["S-009", "S-010", "S-011", "S-019", "S-020", "S-023", "S-032"]),
    *(f"S-{number:03}" for number in (*range(44, 47), *range(73, 84), *range(85, 92), *range(94, 99), 127, 128, 129)),
}
LEDGER = {"S-036", "S-105", "S-106"}
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "docs/mission.md").read_text().splitlines()
    if line.startswith("| S-")
]


def named(cell: str) -> list[str]:
    """Return what a cell names in backquotes."""
    return re.findall(r"`([^`]+)`", cell)


def test_every_row_of_the_catalogues_of_requests_and_of_the_ledger_is_there_once() -> None:
    rows = [row[0] for row in ROWS]

    assert len(rows) == len(set(rows))
    assert set(rows) >= CATALOGUES | REQUESTS | LEDGER


def test_every_route_exists() -> None:
    paths = json.loads((ROOT / "docs/api/openapi.json").read_text())["paths"]
    known = {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}
    routes = {route for row in ROWS for route in named(row[2])}

    assert all(named(row[2]) for row in ROWS)
    assert routes - known == set()


def test_every_test_exists() -> None:
    tests = {test for row in ROWS for test in named(row[3])}
    missing = {test for test in tests if not exists(test)}

    assert all(named(row[3]) for row in ROWS)
    assert missing == set()


def exists(test: str) -> bool:
    """Return whether `tests/<file>.py::<name>` is a test of that file."""
    path, _, name = test.partition("::")
    place = ROOT / path
    return place.is_file() and bool(re.search(rf"^ *def {re.escape(name)}\(", place.read_text(), re.MULTILINE))
