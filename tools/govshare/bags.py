"""Bags as they lie on a disk, zipped or unpacked: read with care, for who made them may mean harm, and written whole.

Knows nothing of what the files say.
"""

import os
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from services.audit.bundle import zipped
from services.audit.verify.errors import Malformed
from tools.govshare.failures import Unusable

MOST_FILES = 100_000
MOST_BYTES = 512 * 1024 * 1024
KNOWN = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
ENCRYPTED = 0x1
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError)


def read_bag(place: Path) -> dict[str, bytes]:
    """Return the files of a bag, a folder or a zip of one, by their paths in it; nothing is unpacked to disk.

    Raises Malformed for a zip that is damaged, holds what no bag holds, or would take too much room; Unusable when
    there is nothing at `place`.
    """
    if place.is_dir():
        return _read_folder(place)
    if not place.is_file():
        raise Unusable(f"{place} is neither a folder nor a file")
    try:
        with zipfile.ZipFile(place) as archive:
            return _read_zip(archive)
    except DAMAGED as error:
        raise Malformed(f"{place} cannot be read as a zip: {error}") from error


def write_bag(place: Path, files: Mapping[str, bytes]) -> None:
    """Write the zip of a bag, which is called as the file is, in one move: there is never half of it at `place`."""
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.")
    try:
        with os.fdopen(handle, "wb") as written:
            written.write(zipped(place.stem, files))
        Path(name).replace(place)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _read_zip(archive: zipfile.ZipFile) -> dict[str, bytes]:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    _check_size(len(entries), sum(entry.file_size for entry in entries))
    files: dict[str, bytes] = {}
    folders = set()
    for entry in entries:
        folder, _, inside = _name_of(entry).partition("/")
        folders.add(folder)
        if not inside or inside in files or len(folders) > 1:
            raise Malformed(f"{entry.filename[:100]!r} is outside the one folder of the bag, or there twice")
        with archive.open(entry) as content:
            files[inside] = content.read(entry.file_size)  # no more, whatever it inflates to
    return files


def _name_of(entry: zipfile.ZipInfo) -> str:
    mode = entry.external_attr >> 16
    plain = stat.S_IFMT(mode) in {0, stat.S_IFREG}
    if entry.filename != entry.orig_filename or not plain or entry.flag_bits & ENCRYPTED:
        raise Malformed(f"{entry.filename[:100]!r} is not a plain file")
    if entry.compress_type not in KNOWN:
        raise Malformed(f"{entry.filename[:100]!r} is compressed in a way that a bag is not")
    return entry.filename


def _read_folder(folder: Path) -> dict[str, bytes]:
    found = list(_files(folder))
    for path in found:
        if path.is_symlink() or not path.is_file():
            raise Malformed(f"{path} is not a plain file")
    _check_size(len(found), sum(path.stat().st_size for path in found))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def _files(folder: Path) -> Iterator[Path]:
    for root, folders, names in os.walk(folder):
        links = [name for name in folders if (Path(root) / name).is_symlink()]
        yield from (Path(root) / name for name in (*names, *links))


def _check_size(files: int, size: int) -> None:
    if files > MOST_FILES or size > MOST_BYTES:
        raise Malformed(f"{files} files of {size} bytes are more than a bag may hold: {MOST_FILES} and {MOST_BYTES}")
