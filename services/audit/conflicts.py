"""Decides what the ledger files of a contradiction that it refused: a security event of its own. Pure."""

from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from services.shared.callers import SYSTEM
from services.shared.events import Event, Filing, FilingKind, Origin, event_of
from services.shared.ledger_bodies import ConflictFound
from services.shared.organisations import OFFICE

KIND = "security."
FILED = Filing(kind=FilingKind.SECURITY_EVENT, authority=OFFICE)


def tells_of(event: Event) -> bool:
    """Return whether a contradiction of this event is filed; one of a security event is not, or it would never end."""
    return not event.type.startswith(KIND)


def security_event(found: ConflictFound, at: datetime) -> Event:
    """Return the event that files a contradiction with the office, for nobody else to read.

    It is a case of its own. Its id and case follow from the event's id and the entry that was offered, so that the same
    contradiction found again has the same name, whoever finds it.
    """
    name = f"urn:uuid:{found.event_id}#conflict/{found.offered_sha256}"
    origin = Origin(str(uuid5(NAMESPACE_URL, f"{name}/case")), 1, SYSTEM.organisation, SYSTEM.officer, at)
    return event_of("security.conflicting_event", found, origin, filing=FILED, event_id=str(uuid5(NAMESPACE_URL, name)))
