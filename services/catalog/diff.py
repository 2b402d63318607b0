"""What a version says that the published one does not: changes field by field, down to the leaf (S-025). Pure."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

from pydantic import JsonValue

from services.catalog.metadata import Metadata
from services.shared.model import Model

Key = tuple[str, int]


class How(StrEnum):
    """What became of a field or of one of a list."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"


class Change(Model):
    """One difference; `pointer` is a JSON pointer into the later metadata, of what was removed into the earlier.

    Items and extensions are told apart by their names. Of what was moved, `before` and `after` are its places.
    """

    pointer: str
    how: How
    before: JsonValue
    after: JsonValue


def changes(before: Metadata | None, after: Metadata) -> tuple[Change, ...]:
    """Return every difference, in the order of the fields; none when there is nothing published to compare with."""
    if before is None:
        return ()
    return tuple(_between(before.model_dump(mode="json"), after.model_dump(mode="json"), ""))


def _between(before: Any, after: Any, pointer: str) -> Iterator[Change]:
    if isinstance(before, dict) or isinstance(after, dict):
        old, new = before or {}, after or {}
        for name in dict.fromkeys([*old, *new]):
            yield from _between(old.get(name), new.get(name), f"{pointer}/{name}")
    elif isinstance(before, list) and isinstance(after, list):
        yield from _of_lists(before, after, pointer)
    elif before != after:
        yield Change(pointer=pointer, how=_how(before, after), before=before, after=after)


def _how(before: Any, after: Any) -> How:
    if before is None:
        return How.ADDED
    return How.REMOVED if after is None else How.CHANGED


def _of_lists(before: Sequence[Any], after: Sequence[Any], pointer: str) -> Iterator[Change]:
    old, new = _places(before), _places(after)
    for key, place in old.items():
        if key not in new:
            yield Change(pointer=f"{pointer}/{place}", how=How.REMOVED, before=before[place], after=None)
    stayed = _stayed([key for key in old if key in new], [key for key in new if key in old])
    for key, place in new.items():
        here = f"{pointer}/{place}"
        if key not in old:
            yield Change(pointer=here, how=How.ADDED, before=None, after=after[place])
            continue
        if key not in stayed:
            yield Change(pointer=here, how=How.MOVED, before=old[key], after=place)
        yield from _between(before[old[key]], after[place], here)


def _places(values: Sequence[Any]) -> Mapping[Key, int]:
    """Return where each of a list stands: things by their names, texts by themselves, the nth of one name."""
    places: dict[Key, int] = {}
    seen: dict[str, int] = {}
    for place, value in enumerate(values):
        name = str(value["name"] if isinstance(value, dict) else value)
        seen[name] = seen.get(name, -1) + 1
        places[name, seen[name]] = place
    return places


def _stayed(old: Sequence[Key], new: Sequence[Key]) -> set[Key]:
    """Return what kept its order: what stands beside it came or went, it was not moved."""
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    return {key for block in blocks for key in old[block.a : block.a + block.size]}
