"""By when the next act on a version of an entry is due, by the profile of clocks in force. Pure.

A date that has passed is shown and counted; nothing happens by itself (ADR 8).
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from services.catalog.staleness import last_heard
from services.catalog.version import State, Version
from services.shared.clocks import Due, due

# The clock that runs in a state, and since when.
CLOCKS: Mapping[State, tuple[str, Callable[[Version], datetime]]] = {
    State.RETURNED: ("catalog_update", lambda version: version.returned_at or version.changed_at),
    State.APPROVED: ("catalog_publish", lambda version: version.approved_at or version.changed_at),
    State.LIVE: ("confirm_yearly", last_heard),
}


def due_of(version: Version) -> Due | None:
    """Return when a returned version must be sent again, an approved one published, a published one confirmed."""
    if version.state not in CLOCKS:
        return None
    clock, since = CLOCKS[version.state]
    return due(clock, since(version))
