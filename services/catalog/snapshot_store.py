"""Snapshots of the search index in the bucket of files, each made once and never changed, and a pointer to the latest.

Objects: `search/snapshots/<name>.tar` (an index in a folder), `search/current` (a `Pointer`, swapped under condition).
Knows nothing of what an index holds.
"""

import hashlib
import os
import shutil
import tarfile
import tempfile
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import IO, Any, NamedTuple

from botocore.exceptions import ClientError
from pydantic import ValidationError

from services.catalog.files_store import s3, size_of
from services.shared.model import Model

CURRENT, SNAPSHOTS = "search/current", "search/snapshots/"
LOST = frozenset({"PreconditionFailed", "ConditionalRequestConflict"})
UNCHANGED = frozenset({"304", "NotModified"})
ABSENT = frozenset({"NoSuchKey", "404"})
KEPT = timedelta(minutes=15)  # for so long after another took its place, a snapshot's further pages can be asked for


class Pointer(Model):
    """Which snapshot is the latest: its name, its archive's SHA-256 and size, the `version` of the catalogues it holds.

    `format` is the number of the way that rows become an index; what is of another format is made anew.
    """

    name: str
    sha256: str
    bytes: int
    version: int
    rows: int
    format: int


UNREADABLE = Pointer(name="", sha256="", bytes=0, version=0, rows=0, format=0)


class Held(NamedTuple):
    """A pointer as it was read; `tag` is what a swap must still find."""

    pointer: Pointer
    tag: str


class Broken(Exception):
    """A snapshot that cannot be used: it is gone, or its bytes are not those that were written."""


def pointer(unless: str | None = None) -> Held | None:
    """Return the pointer; None when there is none yet, or when its tag is still `unless`.

    One that cannot be read is of no format at all: it is made anew, and swapped like any other.
    """
    condition: Any = {"IfNoneMatch": unless} if unless else {}
    try:
        found = s3().get_object(Bucket=_bucket(), Key=CURRENT, **condition)
    except ClientError as error:
        if error.response["Error"]["Code"] in ABSENT | UNCHANGED:
            return None
        raise
    try:
        said = Pointer.model_validate_json(found["Body"].read())
    except ValidationError:
        said = UNREADABLE
    return Held(said, found["ETag"])


def stands(pointer: Pointer) -> bool:
    """Return whether a pointer's snapshot is there, of the size that it says; its bytes are not read."""
    return size_of(_key(pointer.name)) == pointer.bytes


def upload(name: str, folder: Path) -> tuple[str, int]:
    """Write an index as a snapshot; return its archive's SHA-256, and how many bytes it has."""
    with tempfile.TemporaryFile() as archive:
        _pack(folder, archive)
        archive.seek(0)
        sha256 = hashlib.file_digest(archive, "sha256").hexdigest()
        size = archive.seek(0, os.SEEK_END)
        archive.seek(0)
        s3().put_object(Bucket=_bucket(), Key=_key(name), Body=archive, ContentType="application/x-tar")
    return sha256, size


def swap(new: Pointer, before: Held | None) -> bool:
    """Make another snapshot the latest; False when someone else did after `before` was read."""
    condition: Any = {"IfMatch": before.tag} if before else {"IfNoneMatch": "*"}
    try:
        s3().put_object(
            Bucket=_bucket(),
            Key=CURRENT,
            Body=new.model_dump_json().encode(),
            ContentType="application/json",
            **condition,
        )
    except ClientError as error:
        if error.response["Error"]["Code"] in LOST:
            return False
        raise
    return True


def fetch(name: str, folder: Path, sha256: str | None = None) -> None:
    """Unpack a snapshot into a folder. Raises Broken when it is gone, or not the bytes that `sha256` says."""
    try:
        body = s3().get_object(Bucket=_bucket(), Key=_key(name))["Body"]
    except ClientError as error:
        if error.response["Error"]["Code"] in ABSENT:
            raise Broken(f"snapshot {name} is gone") from error
        raise
    folder.mkdir(parents=True)
    with tempfile.TemporaryFile() as archive:
        shutil.copyfileobj(body, archive)
        archive.seek(0)
        if sha256 is not None and hashlib.file_digest(archive, "sha256").hexdigest() != sha256:
            raise Broken(f"snapshot {name} is not what was written: its SHA-256 differs")
        archive.seek(0)
        with tarfile.open(fileobj=archive) as packed:
            packed.extractall(folder, filter="data")


def clear(keep: str, at: datetime) -> int:
    """Delete what took another's place more than a quarter of an hour ago, and what a crash left; return how many."""
    found = s3().list_objects_v2(Bucket=_bucket(), Prefix=SNAPSHOTS).get("Contents", [])
    ordered = sorted(found, key=lambda each: each["Key"])  # a name says when it was given
    overtaken = {one["Key"]: other["LastModified"] for one, other in pairwise(ordered)}
    old = [key for key, since in overtaken.items() if since < at - KEPT and key != _key(keep)]
    for key in old:
        s3().delete_object(Bucket=_bucket(), Key=key)
    return len(old)


def _pack(folder: Path, archive: IO[bytes]) -> None:
    with tarfile.open(fileobj=archive, mode="w", format=tarfile.USTAR_FORMAT) as packed:
        for place in sorted(folder.iterdir()):
            packed.add(place, place.name)


def _key(name: str) -> str:
    return f"{SNAPSHOTS}{name}.tar"


def _bucket() -> str:
    return os.environ["FILES_BUCKET"]
