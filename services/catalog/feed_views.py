"""What a harvester is shown of the change feed. Pure."""

from collections.abc import Iterable

from services.catalog.feed import Change
from services.shared.model import Model


class ChangePage(Model):
    """Changes in order. Send `next` as `since` for those that follow; null when `latest` was the last shown."""

    items: tuple[Change, ...]
    next: int | None
    latest: int


def page_of(changes: Iterable[Change], *, since: int, latest: int) -> ChangePage:
    """Return a page of what came after `since`."""
    items = tuple(changes)
    last = items[-1].seq if items else since
    return ChangePage(items=items, next=last if last < latest else None, latest=latest)
