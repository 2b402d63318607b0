"""The engine that this function searches with: the newest snapshot on its own disk, or the domain it is told of.

The pointer is looked at every two seconds at most. A newer snapshot that cannot be fetched, or is broken, is logged,
and the one that is open goes on answering: an answer is never half of one and half of another.
"""

import os
import re
import shutil
import tempfile
import time
import weakref
from functools import cache
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from services.catalog import opensearch_store, snapshot_store
from services.catalog.retrieval import Engine
from services.catalog.snapshot_store import Broken, Held
from services.catalog.tantivy_index import FORMAT, TantivyIndex, build
from services.shared.errors import Conflict, Unavailable
from services.shared.observe import count, logger

CHECK_SECONDS = 2.0
NAME = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MOST_OPEN = 3  # snapshots: the newest, and those that further pages are asked of
UNREACHED = (BotoCoreError, ClientError, Broken, OSError, ValueError)


class Snapshots:
    """Snapshots that are open in this process, below a folder of their own that goes with them."""

    def __init__(self) -> None:
        self._place = Path(tempfile.mkdtemp(prefix="govshare-search-"))
        weakref.finalize(self, shutil.rmtree, self._place, ignore_errors=True)
        self._open: dict[str, TantivyIndex] = {}
        self._held: Held | None = None
        self._checked = float("-inf")

    def newest(self) -> TantivyIndex:
        """Return the newest snapshot there is, or the one that is open where it cannot be had; an empty one before any.

        Raises Unavailable when nothing is open and what there is cannot be fetched.
        """
        if time.monotonic() - self._checked >= CHECK_SECONDS:
            self._look()
        return self._open[self._held.pointer.name] if self._held else self.empty()

    def named(self, name: str) -> TantivyIndex:
        """Return a snapshot that a page was made of. Raises Conflict when it is no longer kept."""
        if (index := self._opened(name)) is not None:
            return index
        try:
            return self._fetched(name)
        except Broken as broken:
            raise Conflict("this search is too old; search again") from broken

    def _look(self) -> None:
        try:
            held = snapshot_store.pointer(unless=self._held.tag if self._held else None)
            if held is not None:
                self._take(held)
        except UNREACHED as error:
            count("SearchStale", 1)
            logger.exception("the newest index cannot be had")
            if self._held is None:
                raise Unavailable("the search cannot be reached just now; try again") from error
        self._checked = time.monotonic()

    def _take(self, held: Held) -> None:
        if held.pointer.format != FORMAT:
            raise Broken(f"the index is of format {held.pointer.format}, not {FORMAT}; it is being made anew")
        if self._opened(held.pointer.name) is None:
            self._fetched(held.pointer.name, held.pointer.sha256)
        self._held = held

    def _opened(self, name: str) -> TantivyIndex | None:
        index = self._open.pop(name, None)
        if index is not None:
            self._open[name] = index  # the last one asked for is the last to go
        return index

    def _fetched(self, name: str, sha256: str | None = None) -> TantivyIndex:
        if not NAME.fullmatch(name):  # it comes from a page token, and becomes a folder
            raise Broken("no snapshot is called so")
        folder = self._place / name
        shutil.rmtree(folder, ignore_errors=True)
        snapshot_store.fetch(name, folder, sha256)
        return self._keep(name, TantivyIndex(folder, name))

    def empty(self) -> TantivyIndex:
        """Return an index with nothing in it, for the time before there is any."""
        if (index := self._opened("empty")) is not None:
            return index
        folder = self._place / "empty"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        build((), folder)
        return self._keep("empty", TantivyIndex(folder, "empty"))

    def _keep(self, name: str, index: TantivyIndex) -> TantivyIndex:
        self._open[name] = index
        newest = self._held.pointer.name if self._held else name
        idle = [each for each in self._open if each not in {name, newest}]
        for old in idle[: max(0, len(self._open) - MOST_OPEN)]:
            del self._open[old]
            shutil.rmtree(self._place / old, ignore_errors=True)
        return index


@cache
def snapshots() -> Snapshots:
    """Return this process's snapshots."""
    return Snapshots()


def newest() -> Engine:
    """Return what a new search is made of."""
    index = opensearch_store.points().newest() if by_opensearch() else snapshots().newest()
    return index or snapshots().empty()


def named(name: str) -> Engine:
    """Return what a further page of a search is made of. Raises Conflict when that is no longer kept."""
    return opensearch_store.named(name) if by_opensearch() else snapshots().named(name)


def by_opensearch() -> bool:
    """Return whether this deployment searches with OpenSearch."""
    return os.environ.get("SEARCH_ENGINE") == "opensearch"
