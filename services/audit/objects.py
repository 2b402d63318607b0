"""The log's objects: tiles, bundles and checkpoints, each written once under lock, and the staged batches before them.

Knows paths and bytes only; what they mean is decided in `tiles` and `batch`.
"""

from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from services.audit.batch import CHECKPOINT, MOST, archived
from services.audit.verify.inventory import ARCHIVE
from services.audit.verify.layout import WIDTH, bundle_path
from services.shared.canonical import now
from services.shared.observe import logger

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

TAKEN, CONFLICT = "PreconditionFailed", "ConditionalRequestConflict"
TRIES = 5
LINK_SECONDS = 300
TEXT = {"ContentType": "text/plain; charset=utf-8"}
FROZEN = {"CacheControl": "public, max-age=31536000, immutable"}
BRIEFLY = {"CacheControl": "public, max-age=5"}
BYTES = {"ContentType": "application/octet-stream"}


class LogHalted(Exception):
    """What the log holds is not what it must hold: nothing is written on top of it, a person must look."""


def halt(reason: str) -> LogHalted:
    """Return the error that stops the log, and raise the alarm."""
    logger.error("log_halted", extra={"reason": reason})
    return LogHalted(reason)


@cache
def s3() -> "S3Client":
    """Return this process's S3 client; links need the fourth version of signatures to be enforced everywhere."""
    return boto3.client("s3", config=Config(signature_version="s3v4"))


class LogReader:
    """The objects of one log in its bucket, for those who read them."""

    def __init__(self, bucket: str) -> None:
        self._bucket = bucket

    def read(self, path: str) -> bytes:
        """Return the object at a path. Raises LookupError when there is none."""
        return self._read(path)[0]

    def link(self, path: str) -> str:
        """Return an address at which the object can be read for five minutes; nothing is asked of S3."""
        return s3().generate_presigned_url(
            "get_object", Params={"Bucket": self._bucket, "Key": path}, ExpiresIn=LINK_SECONDS
        )

    def archived_sizes(self, *, limit: int, after: int | None) -> tuple[list[int], int | None]:
        """Return sizes of archived checkpoints in the order of their digits (1, 10, 2), and which to go on `after`."""
        before = ARCHIVE if after is None else archived(after)
        page = s3().list_objects_v2(Bucket=self._bucket, Prefix=ARCHIVE, MaxKeys=limit, StartAfter=before)
        sizes = [int(each["Key"].removeprefix(ARCHIVE)) for each in page.get("Contents", [])]
        return sizes, sizes[-1] if page["IsTruncated"] else None

    def written_size(self, size: int) -> int:
        """Return how many entries bundles hold, those of a batch that is not published among them; `size` are known."""
        return max([size, *(index * WIDTH + width for index, width in self.bundles_from(size))])

    def bundles_from(self, size: int) -> Iterator[tuple[int, int]]:
        """Yield index and width of the widest bundles, from that of entry `size` to where a batch may have ended."""
        for index in range(size // WIDTH, (size + MOST) // WIDTH + 1):
            width = self._widest(index)
            if width:
                yield index, width
            if width < WIDTH:
                return

    def _widest(self, index: int) -> int:
        path = bundle_path(index)
        found = s3().list_objects_v2(Bucket=self._bucket, Prefix=path).get("Contents", [])
        return max((int(each["Key"].removeprefix(path).removeprefix(".p/") or WIDTH) for each in found), default=0)

    def _read(self, path: str) -> tuple[bytes, str]:
        client = s3()
        try:
            found = client.get_object(Bucket=self._bucket, Key=path)
        except client.exceptions.NoSuchKey as error:
            raise LookupError(f"the log has no {path}") from error
        return found["Body"].read(), found["ETag"]


class LogWriter(LogReader):
    """The objects of one log, for the sequencer; what is written once is locked for `retention`."""

    def __init__(self, bucket: str, retention: timedelta) -> None:
        super().__init__(bucket)
        self._retention = retention
        self._seen: tuple[int, dict[str, str]] | None = None

    def write_once(self, path: str, body: bytes) -> None:
        """Write a tile or bundle. Written before with the same bytes is as good; raises LogHalted for other bytes."""
        if (standing := self._first(path, body, BYTES)) != body:
            raise halt(f"{path} holds {len(standing)} bytes that are not the log's")

    def write_first(self, path: str, note: bytes) -> bytes:
        """Write a signed checkpoint and return the one that stands there: the first signature wins."""
        return self._first(path, note, TEXT)

    def published_size(self) -> int:
        """Return how many entries readers know of; `publish` begins with what was seen here."""
        self._seen = self._latest()
        return self._seen[0]

    def publish(self, size: int, note: bytes) -> None:
        """Make a checkpoint the log's latest, unless a larger one is. Raises LogHalted when others keep winning."""
        for _ in range(TRIES):
            (published, condition), self._seen = self._seen or self._latest(), None
            if published >= size or self._put(CHECKPOINT, note, TEXT | BRIEFLY | condition):
                return
        raise LogHalted(f"checkpoint {size} could not be published in {TRIES} tries")

    def _first(self, path: str, body: bytes, headers: dict[str, str]) -> bytes:
        lock = {"ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": now() + self._retention}
        if self._put(path, body, headers | FROZEN | lock | {"IfNoneMatch": "*"}):
            return body
        return self.read(path)

    def _latest(self) -> tuple[int, dict[str, str]]:
        """Return the size of the published checkpoint, 0 before the first, and the condition for replacing it."""
        try:
            published, tag = self._read(CHECKPOINT)
        except LookupError:
            return 0, {"IfNoneMatch": "*"}
        return int(published.split(b"\n")[1]), {"IfMatch": tag}

    def _put(self, path: str, body: bytes, options: dict[str, Any]) -> bool:
        """Put under a condition; False when it does not hold. A conflict with a put under way is tried again."""
        for _ in range(TRIES):
            try:
                s3().put_object(Bucket=self._bucket, Key=path, Body=body, **options)
            except ClientError as error:
                if error.response["Error"]["Code"] == TAKEN:
                    return False
                if error.response["Error"]["Code"] != CONFLICT:
                    raise
            else:
                return True
        raise LogHalted(f"{path} could not be written in {TRIES} tries")


class StagingObjects:
    """The bucket where a batch lies before it is committed; no lock, so that a lost race leaves nothing for ever."""

    def __init__(self, bucket: str) -> None:
        self._bucket = bucket

    def write(self, key: str, body: bytes) -> None:
        """Write a staged batch; its key says which, so the same key always has the same bytes."""
        s3().put_object(Bucket=self._bucket, Key=key, Body=body)

    def read(self, key: str) -> bytes:
        """Return a staged batch. Raises LookupError when there is none."""
        client = s3()
        try:
            return client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        except client.exceptions.NoSuchKey as error:
            raise LookupError(f"there is no {key}") from error
