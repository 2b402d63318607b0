"""Where a log is exported from: its bucket, for who runs it, or the API, for who oversees it."""

from collections.abc import Iterator
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import boto3
from botocore.config import Config

from services.audit.verify.inventory import ARCHIVE, TILES
from services.audit.verify.spelling import HASH_LENGTH
from tools.govshare.client import Api, checked
from tools.govshare.exporting import Wanted, belongs, tiles_of
from tools.govshare.running import aws_settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

OK, FOUND = 200, 302
ABSENT = frozenset({403, 404})  # S3 says 403 for what is not there to who may not list


class BucketLog:
    """The log in a bucket; `endpoint` is an emulator's, None is AWS with the caller's own credentials."""

    def __init__(self, bucket: str, endpoint: str | None = None) -> None:
        settings = aws_settings(endpoint)
        if endpoint is not None:
            settings["config"] = settings["config"].merge(Config(s3={"addressing_style": "path"}))
        self._bucket = bucket
        self._client: S3Client = boto3.client("s3", **settings)

    def read(self, path: str) -> bytes:
        """Return the object at a path. Raises LookupError when there is none."""
        try:
            return self._client.get_object(Bucket=self._bucket, Key=path)["Body"].read()
        except self._client.exceptions.NoSuchKey as error:
            raise LookupError(f"the bucket has no {path}") from error

    def objects(self, size: int) -> Iterator[Wanted]:
        """Yield what lies in the bucket of the log of `size`; raises Malformed for what has no place in a log."""
        pages = self._client.get_paginator("list_objects_v2")
        for prefix in (ARCHIVE, TILES):
            for page in pages.paginate(Bucket=self._bucket, Prefix=prefix):
                found = (Wanted(each["Key"], each["Size"]) for each in page.get("Contents", []))
                yield from (wanted for wanted in found if belongs(wanted.path, size))


class ApiLog:
    """The log as the API shows it to a caller who oversees it: the checkpoints itself, tiles by sending elsewhere."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._places: dict[str, Api] = {}
        self._turn = Lock()

    def read(self, path: str) -> bytes:
        """Return the object at a path. Raises LookupError when there is none, or none for this caller."""
        answer = self._api.call("GET", f"/audit/{path}")
        if answer.status_code == FOUND:
            place = urlsplit(answer.headers["location"])
            elsewhere = self._at(f"{place.scheme}://{place.netloc}")
            answer = elsewhere.call("GET", place._replace(scheme="", netloc="").geturl())
        if answer.status_code in ABSENT:
            raise LookupError(f"the API gives no {path}")
        return checked(answer, OK).content

    def objects(self, size: int) -> Iterator[Wanted]:
        """Yield what the log of `size` has by its archived checkpoints; partial tiles among it may have expired."""
        sizes = sorted(each for each in self._archived() if each <= size)
        yield from (Wanted(f"{ARCHIVE}{each}", None) for each in sizes)
        for tile in tiles_of([*sizes, size]):
            yield Wanted(tile.path, None if tile.level is None else tile.width * HASH_LENGTH)

    def close(self) -> None:
        """Let go of the connections that were made to other places."""
        for place in self._places.values():
            place.close()

    def _archived(self) -> Iterator[int]:
        page = "/audit/checkpoints?limit=100"
        following: str | None = ""
        while following is not None:
            answer = self._api.read(page + (f"&next={following}" if following else "")).json()
            yield from answer["items"]
            following = answer["next"]

    def _at(self, address: str) -> Api:
        """Return the client of another place, which gets no token; one for all threads."""
        with self._turn:
            if address not in self._places:
                self._places[address] = Api(address)
            return self._places[address]
