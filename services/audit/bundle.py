"""A bag of files (BagIt, RFC 8493) and its zip: the same files give the same bytes, on any machine, at any time. Pure.

Nothing is compressed: what a compressor writes depends on its version.
"""

import io
import zipfile
from collections.abc import Mapping

from services.audit.verify.bag import (
    DECLARATION,
    DECLARED,
    INFO,
    MANIFEST,
    TAG_MANIFEST,
    Files,
    manifest_of,
    oxum_of,
    tags_of,
)

FIRST_MOMENT = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say
READABLE = 0o644 << 16


def bag_of(payload: Files, info: Mapping[str, str]) -> dict[str, bytes]:
    """Return all files of the bag whose payload these are, by their paths in it.

    `info` are the lines of `bag-info.txt` besides `Payload-Oxum`; a value is one line of text.
    """
    lines = {**info, "Payload-Oxum": oxum_of(payload)}
    tags = {
        DECLARATION: DECLARED,
        INFO: "".join(f"{name}: {' '.join(value.split())}\n" for name, value in lines.items()).encode(),
        MANIFEST: manifest_of(payload),
    }
    bag = {**payload, **tags}
    return {**bag, TAG_MANIFEST: manifest_of(tags_of(bag))}


def zipped(name: str, files: Files) -> bytes:
    """Return a zip that holds the files under one folder of this name, in the order of their paths."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(files):
            entry = zipfile.ZipInfo(f"{name}/{path}", FIRST_MOMENT)
            entry.create_system, entry.external_attr = 3, READABLE  # 3: Unix, wherever it is written
            archive.writestr(entry, files[path])
    return written.getvalue()
