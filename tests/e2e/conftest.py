"""A stack of its own for the end-to-end tests, on any emulator: AWS_ENDPOINT_URL's, or one started here on a free port.

The stack has a fresh name and is deleted at the end; STACK_NAME=… uses one that stands. Clients come from
localstack-client, calls go over HTTP: nothing here reaches into the code.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from infra.local import emulator
from infra.local.deploy import deploy, remove
from tests.e2e.city import City


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
