"""The indexer: brings the search index to the catalogue's last change, whenever it is rung for, and each minute anyway.

A run that breaks off anywhere leaves the latest snapshot as it was, and what it had uploaded is cleared later. Two at
once do the same work, and the second finds that the first was quicker.
"""

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from services.catalog import feed_store, index_store, snapshot_store
from services.catalog.findable import Findable
from services.catalog.opensearch_store import opensearch
from services.catalog.search_store import by_opensearch
from services.catalog.snapshot_store import Broken, Held, Pointer
from services.catalog.tantivy_index import FORMAT, TantivyIndex, build
from services.shared import doorbell
from services.shared.canonical import new_id, now
from services.shared.errors import TooMany
from services.shared.observe import count, logger, traced

TRIES = 5


@traced
def handler(event: Mapping[str, Any], _context: object) -> dict[str, int]:
    """Bring the index up to date; `{"rebuild": true}` makes it anew from the table. Return the version that it has."""
    doorbell.outwait(event)
    anew = bool(event.get("rebuild"))
    return {"version": (_bring_opensearch if by_opensearch() else bring)(os.environ["CATALOG_TABLE"], anew=anew)}


def bring(table: str, *, anew: bool = False) -> int:
    """Make the newest snapshot know every change there was when this began; return its version.

    Raises TooMany when others kept being quicker, and yet none of theirs is new enough.
    """
    for _ in range(TRIES):
        held, latest = snapshot_store.pointer(), feed_store.latest(table)
        if held and not anew and _knows(held.pointer, latest):
            return held.pointer.version
        with tempfile.TemporaryDirectory() as place:
            new = _made(table, None if anew else held, latest, Path(place))
        if snapshot_store.swap(new, held):
            snapshot_store.clear(new.name, now())
            count("IndexSwapped", 1)
            logger.info("indexed", extra={"version": new.version, "rows": new.rows})
            return new.version
        logger.info("another was quicker", extra={"version": new.version})
    raise TooMany("the index is being made by others; this is tried again")


def _bring_opensearch(table: str, *, anew: bool) -> int:
    index, latest = opensearch(), feed_store.latest(table)
    index.create()
    since = 0 if anew else index.version
    if since < latest or anew:
        index.write(index_store.touched(table, since, latest), latest)
    return max(since, latest)


def _knows(pointer: Pointer, latest: int) -> bool:
    return pointer.version >= latest and pointer.format == FORMAT and snapshot_store.stands(pointer)


def _made(table: str, before: Held | None, latest: int, place: Path) -> Pointer:
    folder, name = place / "index", new_id()
    folder.mkdir()
    rows = build(_rows(table, before, latest, place / "before"), folder, latest)
    sha256, size = snapshot_store.upload(name, folder)
    return Pointer(name=name, sha256=sha256, bytes=size, version=latest, rows=rows, format=FORMAT)


def _rows(table: str, before: Held | None, latest: int, place: Path) -> Iterable[Findable]:
    """Return what was in the index with what changed since; or all there is, where the old one is of no use."""
    if before is None or before.pointer.format != FORMAT:
        return _merged((), index_store.touched(table, 0, latest))
    try:
        snapshot_store.fetch(before.pointer.name, place, before.pointer.sha256)
    except Broken as broken:
        logger.warning("made anew", extra={"reason": str(broken)})
        count("IndexBroken", 1)
        return _merged((), index_store.touched(table, 0, latest))
    return _merged(TantivyIndex(place).rows(), index_store.touched(table, before.pointer.version, latest))


def _merged(rows: Iterable[Findable], touched: Mapping[str, Findable | None]) -> Iterator[Findable]:
    yield from (row for row in rows if row.id not in touched)
    yield from (row for row in touched.values() if row)
