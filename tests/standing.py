"""One data stack for a whole test module, where a stack for each test would cost more than the tests."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from moto import mock_aws

from tests.stack import REGION, empty, environment, make_data_stack


@contextmanager
def standing_stack() -> Iterator[dict[str, str]]:
    """Make the data stack in memory, with its names in the environment; yield its outputs, then take both away."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_DEFAULT_REGION", REGION)
        patch.delenv("AWS_ENDPOINT_URL", raising=False)
        with mock_aws():
            stack = make_data_stack()
            empty(stack)
            for name, value in environment(stack).items():
                patch.setenv(name, value)
            yield stack
