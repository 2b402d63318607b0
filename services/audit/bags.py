"""Bags (BagIt, RFC 8493) that go out and come back: one in its zip, and everything that is wrong with one. Pure.

What may come from anywhere is read here; a bag is put together in `bundle`. Knows nothing of what the files say.
"""

import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from services.audit import bundle
from services.audit.verify.bag import DECLARATION, DECLARED, INFO, MANIFEST, PAYLOAD, TAG_MANIFEST, oxum_of
from services.shared.model import Model

TAG_FILES = (DECLARATION, INFO, MANIFEST, TAG_MANIFEST)
MOST_FILES, MOST_BYTES = 20_000, 200_000_000
DAMAGED = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError)


class NotABag(ValueError):
    """A zip that is not to be opened: broken, too large, or with a name that leads out of it."""


class Bag(Model):
    """A bag: its `name` is the folder in the zip, `files` all of it by path, the payload's below `data/`."""

    name: str
    files: dict[str, bytes]

    @property
    def payload(self) -> dict[str, bytes]:
        """The payload's files by their path below `data/`."""
        return {path.removeprefix(PAYLOAD): body for path, body in self.files.items() if path.startswith(PAYLOAD)}

    @property
    def manifest_sha256(self) -> str:
        """The SHA-256 of the tag manifest, which binds every byte of the bag."""
        return hashlib.sha256(self.files[TAG_MANIFEST]).hexdigest()


def bag_of(name: str, payload: Mapping[str, bytes], info: Mapping[str, str]) -> Bag:
    """Return the bag of files by their path below `data/`; `info` are the lines of `bag-info.txt` in their order."""
    return Bag(name=name, files=bundle.bag_of({PAYLOAD + path: body for path, body in payload.items()}, info))


def zipped(bag: Bag) -> bytes:
    """Return the bag as a zip; the same bag gives the same bytes."""
    return bundle.zipped(bag.name, bag.files)


def unzipped(body: bytes) -> Bag:
    """Return the bag in a zip. Raises NotABag for one that is not to be opened; what is in it is not judged here."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            parts = archive.infolist()
            name = _folder_of(parts)
            return Bag(name=name, files={part.filename[len(name) + 1 :]: archive.read(part) for part in parts})
    except DAMAGED as error:
        raise NotABag("压缩包已损坏或加密 / the zip is broken or encrypted") from error


def leads_out(path: str) -> bool:
    """Return whether a path is not a plain one below the folder it is put in."""
    plain = PurePosixPath(path)
    odd = "\\" in path or ":" in path or not path.isprintable()
    return odd or path.startswith("/") or not plain.parts or ".." in plain.parts or str(plain) != path


def faults(bag: Bag) -> Iterator[str]:
    """Yield what makes this no complete and valid bag (RFC 8493 §3): each file listed, and as its manifest says."""
    if bag.files.get(DECLARATION) != DECLARED:
        yield f"{DECLARATION} 缺失或有误 / is missing or not as it must be"
    payload = {path for path in bag.files if path.startswith(PAYLOAD)}
    yield from _against(MANIFEST, bag, payload)
    yield from _against(TAG_MANIFEST, bag, set(bag.files) - payload - {TAG_MANIFEST})
    if f"Payload-Oxum: {oxum_of(bag.files)}" not in _lines(bag, INFO):
        yield f"{INFO}: Payload-Oxum 应为{oxum_of(bag.files)} / should be so"


def _against(manifest: str, bag: Bag, expected: set[str]) -> Iterator[str]:
    listed = {path: digest for digest, _, path in (line.partition("  ") for line in _lines(bag, manifest))}
    for path in sorted(expected - listed.keys()):
        yield f"{path} 未列入 / is not listed in {manifest}"
    for path in sorted(listed.keys() - expected):
        yield f"{path} 缺失 / is listed in {manifest} and missing"
    for path in sorted(listed.keys() & expected):
        if hashlib.sha256(bag.files[path]).hexdigest() != listed[path]:
            yield f"{path} 与清单不符 / is not what {manifest} says"


def _lines(bag: Bag, tag_file: str) -> list[str]:
    return bag.files.get(tag_file, b"").decode("utf-8", "replace").splitlines()


def _folder_of(parts: Sequence[zipfile.ZipInfo]) -> str:
    """Return the one folder that all files of a zip are in; raises NotABag for files that no bag has."""
    names = [part.filename for part in parts]
    if not parts or len(parts) > MOST_FILES or sum(part.file_size for part in parts) > MOST_BYTES:
        raise NotABag("文件过多或过大 / no files, too many or too large")
    if len(set(names)) < len(names) or any(leads_out(name) for name in names):
        raise NotABag("文件名有误 / the names of its files are not sound")
    folder, *others = {name.partition("/")[0] for name in names}
    if others or folder in names:
        raise NotABag("包内应只有一个目录 / the files are not in one folder")
    return folder
