"""The catalogue's face that a negotiation needs: whose an entry is, what it holds, whether it still stands.

A projection of the catalogue's events; the catalogue itself is never asked.
"""

from enum import StrEnum

from services.shared.event_bodies import PublishedItem, ResourcePublished
from services.shared.events import Event
from services.shared.model import Model


class Sensitivity(StrEnum):
    """What a data item would harm if it went astray (S-012); secrets never enter the system (Decree 809 Art. 3)."""

    NONE = "NONE"
    ENTERPRISE_SECRET = "ENTERPRISE_SECRET"  # noqa: S105 - a kind of information, not a credential
    PERSONAL_PRIVACY = "PERSONAL_PRIVACY"
    STATE_SECRET = "STATE_SECRET"  # noqa: S105
    WORK_SECRET = "WORK_SECRET"  # noqa: S105


OFF_SYSTEM = frozenset({Sensitivity.STATE_SECRET, Sensitivity.WORK_SECRET})


class Entry(Model):
    """A published entry as requests sees it. `share_type` is null on a legacy entry and counts as CONDITIONAL."""

    id: str
    case_seq: int
    published: bool
    provider: str
    title: str
    share_type: str | None
    legacy: bool
    items: tuple[PublishedItem, ...]

    def known_sensitivities(self) -> dict[str, Sensitivity]:
        """Return the sensitivity of each item that the catalogue knows it of."""
        return {item.name: Sensitivity(item.sensitivity) for item in self.items if item.sensitivity}


def published_entry(event: Event) -> Entry:
    """Return the entry that a `resource.published`, `resource.imported` or `resource.assigned` event describes."""
    body = ResourcePublished.model_validate(dict(event.body))
    return Entry(
        id=event.case,
        case_seq=event.case_seq or 0,
        published=True,
        **body.model_dump(include={"provider", "title", "share_type", "legacy", "items"}),
    )
