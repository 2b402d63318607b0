"""Fixtures of all tests: the data stack in memory, with the functions' environment, and the AWS calls made on it."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.stack import CALLS, Calls, empty
from tests.standing import standing_stack

# No deadlines: a busy machine is no fault of the code. `make test` draws the same examples every time, so that a red
# run is the doing of the change; `make test-long` draws others, and many more.
settings.register_profile("house", deadline=None, derandomize=True)
settings.register_profile("long", max_examples=2_000, stateful_step_count=100, deadline=None)
settings.load_profile("house")


@pytest.fixture(scope="module")
def stack_in_memory() -> Iterator[dict[str, str]]:
    """The stateful stack, made once a module: making it costs more than most tests."""
    with standing_stack() as stack:
        yield stack


@pytest.fixture
def data_stack(stack_in_memory: dict[str, str]) -> dict[str, str]:
    """The stateful stack with nothing in it, and its names in the environment; its outputs."""
    empty(stack_in_memory)
    return stack_in_memory


@pytest.fixture
def aws_calls(data_stack: dict[str, str]) -> Calls:
    """The AWS calls made since the stack was made: `names` to count them, `crash` to die at one."""
    CALLS.clear()
    return CALLS
