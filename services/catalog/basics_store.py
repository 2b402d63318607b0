"""Which basic information a unit has published: read when it submits an application entry (S-109)."""

from collections.abc import Iterator

from services.catalog.catalogues import Listed, Shelf
from services.catalog.entry import Entry
from services.catalog.listing import BY_CATALOGUE, items_of, page_of, saying
from services.catalog.repeats import BasicEntry
from services.catalog.version import State, Version
from services.shared.dynamo import record_in

PAGE = 100


def basics_of(table: str, unit: str) -> tuple[BasicEntry, ...]:
    """Return the basic entries that a unit has published.

    One call where it has none. The index is read without waiting for what is just being written.
    """
    keys = [{"pk": each, "sk": "STATE#entry"} for each in _ids(table, unit)]
    entries = (record_in([item], "entry", Entry) for item in items_of(table, keys))
    versions = (entry.live for entry in entries if entry and entry.live)
    return tuple(_basic(version) for version in versions if version.state is State.LIVE)


def _ids(table: str, unit: str) -> Iterator[str]:
    after = None
    while True:
        lines, after = page_of(
            table, BY_CATALOGUE, Shelf.BASIC, limit=PAGE, after=after, holding=[saying(BY_CATALOGUE, "unit", unit)]
        )
        yield from (Listed.model_validate_json(line).id for line in lines)
        if after is None:
            return


def _basic(version: Version) -> BasicEntry:
    items = tuple(item.name for item in version.metadata.items)
    return BasicEntry(title=version.metadata.title or "", resource_code=version.resource_code, items=items)
