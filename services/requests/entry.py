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


UNCONDITIONAL = "UNCONDITIONAL"
OFF_SYSTEM = frozenset({Sensitivity.STATE_SECRET, Sensitivity.WORK_SECRET})


class Entry(Model):
    """A published entry as requests sees it. `share_type` is null on a legacy entry and counts as CONDITIONAL.

    The fields from `basic_class` on are the terms on which it is offered; null where it does not say.
    """

    id: str
    case_seq: int
    published: bool
    provider: str
    title: str
    share_type: str | None
    legacy: bool
    items: tuple[PublishedItem, ...]
    basic_class: str | None = None
    share_method: str | None = None
    formats: tuple[str, ...] = ()
    update_cycle: str | None = None

    @property
    def is_unconditional(self) -> bool:
        """Whether it is shared without conditions; what an older catalogue says of itself does not count."""
        return self.share_type == UNCONDITIONAL and not self.legacy

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
        **body.model_dump(include=Entry.model_fields.keys() & ResourcePublished.model_fields.keys()),
    )
