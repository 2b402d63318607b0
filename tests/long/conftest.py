"""The long tests run on the same deployed stack as the end-to-end tests."""

from tests.e2e.conftest import city, endpoint

__all__ = ["city", "endpoint"]
