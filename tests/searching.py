"""The platform between what is published and what can be found: changes numbered, the index brought up to date."""

import os
from typing import Any

from services.catalog import feed, index_work, opensearch_store, search_store
from services.catalog.api import handler
from services.catalog.listen import hear, number_ahead
from tests.support import Context, Reply, call, events_in, sqs_batch


def number_changes() -> None:
    """Let the catalogue hear of everything that was published or ended."""
    changes = [event for event in events_in(os.environ["CATALOG_TABLE"]) if event.type in feed.CHANGES]
    for first in range(0, len(changes), 10):
        batch = changes[first : first + 10]
        numbered = number_ahead(sqs_batch(batch))
        for event in batch:
            hear(event, numbered)


def index(**event: Any) -> int:
    """Number every change, bring the index up to date, and let the next search look for it; return its version."""
    number_changes()
    version: int = index_work.handler(event, Context())["version"]
    look_again()
    return version


def look_again() -> None:
    """Let the next search look for a newer index, as a function does after two seconds."""
    search_store.snapshots()._checked = opensearch_store.points()._checked = float("-inf")
    opensearch_store.points()._made = float("-inf")


def search(query: str = "", **filters: str | int) -> Reply:
    """Search as anybody does."""
    address = "&".join(f"{name}={value}" for name, value in {"q": query, **filters}.items())
    return call(handler, "GET", f"/catalog/search?{address}")


def titles(found: Reply) -> list[str]:
    """Return the titles of what was found, best first."""
    assert found.status == 200, found.body
    return [hit["title"] for hit in found.body["items"]]
