"""What can be found, read from the catalogue's table: what a run of changes touched, or, from the first change on, all.

Reads cases as they stand, consistently: what was published after the last change asked about may be in it too.
"""

from collections.abc import Iterable

from services.catalog import feed_store
from services.catalog.findable import Findable
from services.catalog.findables import FOUND_IN
from services.catalog.listing import items_of


def touched(table: str, since: int, until: int) -> dict[str, Findable | None]:
    """Return what changes after `since` up to and with `until` touched, by id: as it stands, None once it is gone."""
    kinds: dict[str, dict[str, None]] = {}
    for change in feed_store.between(table, since, until):
        kinds.setdefault(change.kind, {})[change.id] = None
    found: dict[str, Findable | None] = {case: None for cases in kinds.values() for case in cases}
    for kind, cases in kinds.items():
        found |= standing(table, kind, cases)
    return found


def standing(table: str, kind: str, cases: Iterable[str]) -> dict[str, Findable]:
    """Return what of these cases of one kind can be found now, by id."""
    name, model, findable = FOUND_IN[kind]
    keys = [{"pk": case, "sk": f"STATE#{name}"} for case in cases]
    rows = (findable(model.model_validate_json(item["record"])) for item in items_of(table, keys))
    return {row.id: row for row in rows if row}
