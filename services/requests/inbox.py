"""What each organisation is told: every event of a case whose reader it is, but its own acts. Pure.

A notice is a derived line; the event itself goes over the topic, where a mail or message gateway can hear it too.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pydantic import AwareDatetime, TypeAdapter

from services.shared.events import Event, readers_of
from services.shared.model import Model

DATA = Path(__file__).parents[2] / "data" / "event_words.json"
# Where a case of an event is found, by the beginning of its type; of what a case holds several of, the number follows.
PLACES: Mapping[str, str] = {
    "request": "/requests",
    "agreement": "/agreements",
    "report": "/agreements",
    "feedback": "/agreements",
    "objection": "/objections",
    "onward_permission": "/onward-permissions",
    "demand": "/demands",
    "database": "/catalog/databases",
    "resource": "/catalog/resources",
}
# The secrecy bureau reads the confidentiality agreement and nothing else of a request.
CONFIDENTIAL = "request.confidentiality_signed"
NUMBERED = frozenset({"objection", "onward_permission"})


class Words(Model):
    """What an event is called."""

    zh: str
    en: str


class Notice(Model):
    """One line of an inbox: what happened, where, by whom; `filing` names the kind of what was filed.

    `subject` is the entry's title, null where the event is about none.
    """

    event: str
    type: str
    at: AwareDatetime
    by: str
    address: str
    subject: str | None
    filing: str | None
    zh: str
    en: str


@cache
def event_words() -> Mapping[str, Words]:
    """Return what the types of events are called, by type."""
    return TypeAdapter(dict[str, Words]).validate_json(DATA.read_bytes())


def told_of(event: Event) -> tuple[str, ...]:
    """Return whose inbox an event belongs in: everybody's who may read it, except who did it."""
    return tuple(reader for reader in readers_of(event) if reader not in {event.organisation, "system"})


def notice_of(event: Event, subject: str | None) -> Notice:
    """Return the line that an event is in an inbox. Raises KeyError for a type that has no words."""
    words = event_words()[event.type]
    return Notice(
        event=event.id,
        type=event.type,
        at=event.at,
        by=event.organisation,
        address=address_of_event(event),
        subject=subject,
        filing=event.filing.kind if event.filing else None,
        zh=words.zh,
        en=words.en,
    )


def address_of_event(event: Event) -> str:
    """Return where what an event is about is found."""
    area = event.type.partition(".")[0]
    if event.type == CONFIDENTIAL:
        return f"/agreements/{event.case}/confidentiality"
    number = event.body.get("number") if area in NUMBERED else None
    return f"{PLACES[area]}/{event.case}" + (f".{number}" if number is not None else "")


def resource_in(event: Event) -> str | None:
    """Return the catalogue's entry that an event is about, or None."""
    named = event.case if event.type.startswith("resource.") else event.body.get("resource")
    return named if isinstance(named, str) else None
