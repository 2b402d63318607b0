"""The connection to an OpenSearch domain: one signed request, one answer; and the point in time that is searched.

A domain keeps only so many points in time. So all searches of a process share one until something was written, and
whether it was is looked at every two seconds at most.
"""

import json
import os
import time
from functools import cache

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import ConnectionError, HTTPClientError
from botocore.httpsession import URLLib3Session

from services.catalog.opensearch import Json, OpenSearchIndex
from services.shared.errors import Conflict, Unavailable
from services.shared.observe import count, logger

SECONDS = 8
CHECK_SECONDS = 2.0
RENEW_SECONDS = 60.0  # a point in time is used so long where nothing was written; a rebuild writes no new version
NDJSON, JSON = "application/x-ndjson", "application/json"
WRONG, GONE, REFUSED = 400, 404, 300
TOO_OLD = "this search is too old; search again"


class Points:
    """The point in time that this process searches."""

    def __init__(self) -> None:
        self._index: OpenSearchIndex | None = None
        self._checked = self._made = float("-inf")

    def newest(self) -> OpenSearchIndex | None:
        """Return the index as it is, or as it was when it was last reached; None when it is not there yet.

        Raises Unavailable when it cannot be reached and never was.
        """
        if self._index is None or time.monotonic() - self._checked >= CHECK_SECONDS:
            self._look()
        return self._index

    def forget(self) -> None:
        """Search no longer in a point in time that the domain has lost."""
        self._index = None

    def _look(self) -> None:
        try:
            if self._is_old() or self._index is None or opensearch().version != self._index.version:
                self._index, self._made = opensearch().pinned(), time.monotonic()
        except Unavailable:
            if self._index is None:
                raise
            count("SearchStale", 1)
            logger.exception("a newer point in time cannot be had")
        self._checked = time.monotonic()

    def _is_old(self) -> bool:
        return time.monotonic() - self._made >= RENEW_SECONDS


@cache
def points() -> Points:
    """Return this process's point in time."""
    return Points()


@cache
def session() -> URLLib3Session:
    """Return this process's connections."""
    return URLLib3Session(timeout=SECONDS)


@cache
def signer() -> boto3.Session:
    """Return who this process signs as; its credentials renew themselves."""
    return boto3.Session()


def opensearch() -> OpenSearchIndex:
    """Return the index of the domain that this function is told, as it changes."""
    return OpenSearchIndex(send)


def named(name: str) -> OpenSearchIndex:
    """Return the index at the point in time that `name` was given out for. Raises Conflict for no such name.

    What is too old answers Conflict when it is asked.
    """
    try:
        return OpenSearchIndex.named(send, name)
    except ValueError as error:
        raise Conflict(TOO_OLD) from error


def send(method: str, path: str, body: str | None) -> Json:
    """Return the answer to a request, 404 among them. Raises Unavailable for any fault.

    Raises Conflict for a point in time that is over, or never was.
    """
    place = path.partition("?")[0]
    kind = NDJSON if place.endswith("/_bulk") else JSON
    url = os.environ["OPENSEARCH_ENDPOINT"].rstrip("/") + path
    request = AWSRequest(method, url, {"Content-Type": kind}, body.encode() if body else None)
    if credentials := signer().get_credentials():
        SigV4Auth(credentials, "es", signer().region_name).add_auth(request)
    try:
        answer = session().send(request.prepare())
    except (HTTPClientError, ConnectionError) as error:
        raise Unavailable("the search engine cannot be reached; try again") from error
    if answer.status_code >= REFUSED and answer.status_code != GONE:
        logger.error("search engine refused", extra={"status": answer.status_code, "said": answer.text[:500]})
    if answer.status_code in {WRONG, GONE} and place == "/_search":  # 400 is its answer to what is no id of its own
        points().forget()
        raise Conflict(TOO_OLD)
    if answer.status_code >= REFUSED and answer.status_code != GONE:
        raise Unavailable("the search engine did not answer; try again")
    found: Json = json.loads(answer.content) if answer.content else {}
    return found
