"""A stack of its own for the end-to-end tests, on any emulator: AWS_ENDPOINT_URL's, or one started here on a free port.

The stack has a fresh name and is deleted at the end; STACK_NAME=… uses one that stands. Clients come from
localstack-client, calls go over HTTP: nothing here reaches into the code.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from infra.local import emulator
from infra.local.deploy import deploy, remove
from services.shared.organisations import OFFICE
from tests.e2e.city import City, Unit, eventually, sample
from tools.govshare.loading import LoadReport, load_catalogue

ROWS = 20


@pytest.fixture(scope="session")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The emulator's address."""
    if given := os.environ.get("AWS_ENDPOINT_URL"):
        yield given
        return
    home = tmp_path_factory.mktemp("emulator")
    try:
        yield emulator.start(emulator.free_port(), home).endpoint
    finally:
        emulator.stop(home)


@pytest.fixture(scope="session")
def city(endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """The deployed stack with its clients and tokens."""
    given = os.environ.get("STACK_NAME")
    name = given or f"govshare-e2e-{uuid4().hex[:6]}"
    home = Path(os.environ.get("GOVSHARE_HOME", "")) if given else tmp_path_factory.mktemp("home")
    city = City(deploy(endpoint, name=name, home=home), home)
    yield city
    city.close()
    if not given:
        remove(endpoint, name=name)


@pytest.fixture(scope="session")
def entry_id(city: City, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The id of 空余泊位发送记录, after 20 rows were imported as a file, and once more without effect."""
    file = tmp_path_factory.mktemp("import") / "rows.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in sample(ROWS)), encoding="utf-8")
    office = city.deployment.api, city.token(OFFICE)
    assert load_catalogue(*office, file) == LoadReport(imported=ROWS, unchanged=0, refused=())
    assert load_catalogue(*office, file) == LoadReport(imported=0, unchanged=ROWS, refused=())

    def findable() -> Any:
        found = Unit(city, None).get("/catalog/search?q=想知道哪里有空车位&limit=100").json()["items"]
        return next((str(hit["id"]) for hit in found if hit["title"] == "空余泊位发送记录"), None)

    return str(eventually(findable))
