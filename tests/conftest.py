"""Fixtures of all tests: the data stack in memory, with the functions' environment, and the AWS calls made on it."""

from collections.abc import Iterator

import pytest
from moto import mock_aws

from tests.stack import CALLS, REGION, Calls, environment, make_data_stack


@pytest.fixture
def data_stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """The stateful stack, fresh for each test, and its names in the environment; yields its outputs."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        stack = make_data_stack()
        for name, value in environment(stack).items():
            monkeypatch.setenv(name, value)
        yield stack


@pytest.fixture
def aws_calls(data_stack: dict[str, str]) -> Calls:
    """The AWS calls made since the stack was made: `names` to count them, `crash` to die at one."""
    CALLS.clear()
    return CALLS
