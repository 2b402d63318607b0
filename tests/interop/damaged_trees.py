"""What can be wrong with an exported log: a table that names each damage and how it is done to `TREE`."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from services.audit.batch import CHECKPOINT, archived
from services.audit.verify.layout import bundle_path, decode_bundle, encode_entry, tile_path
from tests.interop.claims import Exported
from tests.interop.damage import flipped
from tests.interop.logs import a_log, note_of

OLDEST, *_, LATEST = SIZES = [100, 256, 300, 600]
LOG = a_log([f"entry {number}".encode() for number in range(LATEST)], SIZES)
FORK = a_log([b"another entry", *LOG.entries[1:]], SIZES)
TREE = LOG.exported()


def _changed(tree: Exported, path: str, change: Callable[[bytes], bytes]) -> Exported:
    changed = change(tree.files[path])
    assert changed != tree.files[path]
    return replace(tree, files={**tree.files, path: changed})


def _without(tree: Exported, path: str) -> Exported:
    return replace(tree, files={name: data for name, data in tree.files.items() if name != path})


def _reordered(bundle: bytes) -> bytes:
    first, second, *rest = decode_bundle(bundle)
    return b"".join(map(encode_entry, [second, first, *rest]))


def _shortened(bundle: bytes) -> bytes:
    return b"".join(map(encode_entry, decode_bundle(bundle)[1:]))


def _inside(raw: bytes) -> bytes:
    return flipped(raw, len(raw) // 2)


def _end(raw: bytes) -> bytes:
    return flipped(raw, -1)


def _with_note(tree: Exported, size: int, root: bytes, *paths: str) -> Exported:
    """Put a checkpoint that the log's own key signed where others lie."""
    return replace(tree, files={**tree.files, **dict.fromkeys([archived(size), *paths], note_of(size, root))})


TILES: Mapping[str, Callable[[Exported], Exported]] = {
    "a bit of an entry in a full bundle": lambda tree: _changed(tree, bundle_path(1), _end),
    "a bit of an entry in the last bundle": lambda tree: _changed(tree, bundle_path(2, 88), _end),
    "a bit of an entry in an old partial bundle": lambda tree: _changed(tree, bundle_path(1, 44), _end),
    "a bit of a length": lambda tree: _changed(tree, bundle_path(0), flipped),
    "two entries in the other order": lambda tree: _changed(tree, bundle_path(0), _reordered),
    "an entry left out": lambda tree: _changed(tree, bundle_path(0), _shortened),
    "a bundle left out": lambda tree: _without(tree, bundle_path(0)),
    "a bit of a hash in a full tile": lambda tree: _changed(tree, tile_path(0, 1), _inside),
    "a bit of a hash in the last tile": lambda tree: _changed(tree, tile_path(0, 2, 88), _inside),
    "a bit of a hash in an old partial tile": lambda tree: _changed(tree, tile_path(0, 0, 100), _inside),
    "a bit of a hash in a tile above": lambda tree: _changed(tree, tile_path(1, 0, 2), _inside),
    "a tile cut short": lambda tree: _changed(tree, tile_path(0, 1), lambda raw: raw[:-1]),
    "a tile left out": lambda tree: _without(tree, tile_path(0, 1)),
    "an old checkpoint of a fork": lambda tree: _with_note(tree, OLDEST, FORK.roots[OLDEST]),
    "the latest checkpoint of a fork": lambda tree: _with_note(tree, LATEST, FORK.roots[LATEST], CHECKPOINT),
    "a checkpoint of a larger tree": lambda tree: _with_note(tree, LATEST + 1, LOG.roots[LATEST], CHECKPOINT),
}
