"""A log as a folder of files, such as an export of it. Knows no format."""

import os
from collections.abc import Iterator
from pathlib import Path

from services.audit.verify.log import LogObjects


def log_in(folder: Path) -> LogObjects:
    """Return the objects of the log in a folder: each file, by its path in it. What cannot be read raises OSError."""

    def read(path: str) -> bytes:
        try:
            return (folder / path).read_bytes()
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
            raise LookupError(f"{folder} has no {path}") from error

    return LogObjects(_files(folder, ""), read)


def _files(folder: Path, inside: str) -> Iterator[str]:
    with os.scandir(folder / inside) as found:
        for each in found:
            path = f"{inside}{each.name}"
            if each.is_dir(follow_symlinks=False):
                yield from _files(folder, f"{path}/")
            else:
                yield path
