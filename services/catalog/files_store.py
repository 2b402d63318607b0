"""The bucket of files: what is sent in to be imported, what is built to be fetched, and the search index.

Knows keys and bytes; what a file says is decided elsewhere. Everything in it can be made again.
"""

import os
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import quote

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from services.catalog.uploads import Upload

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
UPLOAD_SECONDS = 3600
LINK_SECONDS = 300
ABSENT = frozenset({"NoSuchKey", "404"})


@cache
def s3() -> "S3Client":
    """Return this process's S3 client; links need the fourth version of signatures to be enforced everywhere."""
    return boto3.client("s3", config=Config(signature_version="s3v4"))


def put(key: str, body: bytes, kind: str) -> None:
    """Write a file of this media type; what was there is replaced."""
    s3().put_object(Bucket=_bucket(), Key=key, Body=body, ContentType=kind)


def read(key: str) -> bytes:
    """Return a file's bytes. Raises LookupError when there is none."""
    client = s3()
    try:
        return client.get_object(Bucket=_bucket(), Key=key)["Body"].read()
    except client.exceptions.NoSuchKey as error:
        raise LookupError(f"there is no file {key}") from error


def size_of(key: str) -> int | None:
    """Return how many bytes a file has, or None when there is none."""
    try:
        return s3().head_object(Bucket=_bucket(), Key=key)["ContentLength"]
    except ClientError as error:
        if error.response["Error"]["Code"] in ABSENT:
            return None
        raise


def upload_to(key: str, *, kind: str, size: int) -> Upload:
    """Return a form that takes one file of this media type and size in bytes to this key, and nothing else."""
    form = s3().generate_presigned_post(
        Bucket=_bucket(),
        Key=key,
        Fields={"Content-Type": kind},
        Conditions=[["eq", "$Content-Type", kind], ["content-length-range", size, size]],
        ExpiresIn=UPLOAD_SECONDS,
    )
    return Upload(url=form["url"], fields=form["fields"], expires_in=UPLOAD_SECONDS)


def link(key: str, name: str) -> str:
    """Return an address at which a file can be read for five minutes, saved under `name`; nothing is asked of S3."""
    saved = f"attachment; filename*=UTF-8''{quote(name)}"
    wanted = {"Bucket": _bucket(), "Key": key, "ResponseContentDisposition": saved}
    return s3().generate_presigned_url("get_object", Params=wanted, ExpiresIn=LINK_SECONDS)


def _bucket() -> str:
    return os.environ["FILES_BUCKET"]
