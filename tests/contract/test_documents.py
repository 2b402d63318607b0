"""The committed documents are what the code says today; GOLDEN=rewrite writes them anew, and the diff is reviewed."""

import json
import os
from pathlib import Path

import pytest

from services.shared.events import EVENT_TYPES
from tools.diagrams import machines
from tools.documents import ROOT, documents, write

if os.environ.get("GOLDEN") == "rewrite":
    write()


@pytest.mark.parametrize("path", documents(), ids=str)
def test_a_generated_document_is_current(path: Path) -> None:
    assert (ROOT / path).read_text() == documents()[path]


def test_no_generated_page_outlives_its_machine() -> None:
    pages = {path.relative_to(ROOT) for path in (ROOT / "docs").glob("lifecycle-*.md")}

    assert pages == {path for path in documents() if path.name.startswith("lifecycle-")}


def test_every_event_that_a_machine_makes_is_in_the_table_of_events() -> None:
    # What makes no event is no case of the ledger: a file that is read in.
    made = {move.event for _, machine in machines() for move in machine.table.values() if move.event}

    assert made - EVENT_TYPES.keys() == set()


def test_every_operation_says_what_it_does_under_a_name_of_its_own() -> None:
    paths = json.loads((ROOT / "docs/api/openapi.json").read_text())["paths"]
    operations = [operation for methods in paths.values() for operation in methods.values()]

    assert all(operation["summary"] and not operation["summary"].startswith("GET /") for operation in operations)
    assert len({operation["operationId"] for operation in operations}) == len(operations)


def test_changes_and_creates_name_their_headers_as_callers_send_them() -> None:
    paths = json.loads((ROOT / "docs/api/openapi.json").read_text())["paths"]
    headers = {
        path: {
            p["name"] for operation in methods.values() for p in operation.get("parameters", []) if p["in"] == "header"
        }
        for path, methods in paths.items()
    }

    assert "Idempotency-Key" in headers["/requests"] & headers["/catalog/resources"]
    assert (
        "If-Match" in headers["/requests/{request_id}/{action}"] & headers["/catalog/resources/{resource_id}/{action}"]
    )
