"""What the offline verifier says when it does not accept something; knows nothing of what is checked.

NotVerified          it is well written, but what it claims does not hold
└── Malformed        it is not written in its format, so nothing can be said of what it claims
"""

from collections.abc import Iterator
from contextlib import contextmanager


class NotVerified(Exception):
    """The claim does not hold; the message is one sentence that says what is wrong and where."""


class Malformed(NotVerified):
    """The bytes are not in the one spelling that the format allows."""


@contextmanager
def about(place: str) -> Iterator[None]:
    """Put `place` before the message of any refusal raised inside, keeping its kind."""
    try:
        yield
    except NotVerified as error:
        raise type(error)(f"{place}: {error}") from error
