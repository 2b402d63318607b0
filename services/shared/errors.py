"""Every refusal the house can give, named for the answer. Only `http.py` knows their statuses.

GovShareError
├── Unauthenticated       no token, or a bad one
├── Forbidden             known, but not allowed
├── NotFound              not there, or not visible to this caller
├── Gone                  was there, and was erased
├── Conflict              not in this state
├── Stale                 changed since the caller read it
├── Invalid               not valid; `problems` lists everything wrong at once
├── PreconditionRequired  a change without If-Match
├── UnsupportedMedia      a body that is not JSON
├── TooMany               slow down
└── Unavailable           cannot be answered just now
"""

from collections.abc import Iterable

from services.shared.model import Model


class Problem(Model):
    """One thing wrong with the input: `pointer` is a JSON pointer (RFC 6901) into what the caller sent."""

    pointer: str
    detail: str


class GovShareError(Exception):
    """A refusal the caller can understand; anything else that is raised is our bug and reaches the platform."""

    def __init__(self, detail: str, problems: Iterable[Problem] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.problems = tuple(problems)


class Unauthenticated(GovShareError):
    """No token, or one that does not verify."""


class Forbidden(GovShareError):
    """The caller is known and may not do this."""


class NotFound(GovShareError):
    """Nothing there, or nothing this caller may see."""


class Gone(GovShareError):
    """It was there for this caller, and was erased for good; the message says when, by whom and why."""


class Conflict(GovShareError):
    """Not possible in the present state."""


class Stale(GovShareError):
    """The record was changed since the caller read it; `in_flight` when another write was just going on."""

    def __init__(self, detail: str, problems: Iterable[Problem] = (), *, in_flight: bool = False) -> None:
        super().__init__(detail, problems)
        self.in_flight = in_flight


class Invalid(GovShareError):
    """The input is not valid; `problems` names every fault."""


class PreconditionRequired(GovShareError):
    """A change must name the version it was made from."""


class UnsupportedMedia(GovShareError):
    """The body is in a format this address does not take."""


class TooMany(GovShareError):
    """Too many requests in too short a time."""


class Unavailable(GovShareError):
    """What the answer rests on cannot be reached just now; the same request may succeed later."""


def refuse_if(problems: Iterable[Problem], detail: str) -> None:
    """Raise Invalid with all of `problems`, or return when there are none."""
    if found := tuple(problems):
        raise Invalid(detail, found)
