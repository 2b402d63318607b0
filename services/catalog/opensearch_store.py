"""The connection to an OpenSearch domain: one signed request, one answer. Knows no query."""

import json
import os
from functools import cache

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import HTTPClientError
from botocore.httpsession import URLLib3Session

from services.catalog.opensearch import Json, OpenSearchIndex
from services.shared.errors import Conflict, Unavailable
from services.shared.observe import logger

SECONDS = 8
NDJSON, JSON = "application/x-ndjson", "application/json"
GONE, REFUSED = 404, 300


@cache
def session() -> URLLib3Session:
    """Return this process's connections."""
    return URLLib3Session(timeout=SECONDS)


def opensearch() -> OpenSearchIndex:
    """Return the index of the domain that this function is told."""
    return OpenSearchIndex(send)


def pinned(name: str) -> OpenSearchIndex:
    """Return the index as it was when `name` was given out; what is too old answers Conflict when it is asked."""
    return OpenSearchIndex(send, name)


def send(method: str, path: str, body: str | None) -> Json:
    """Return the answer to a request. Raises Conflict for a point in time that is over, Unavailable for any fault."""
    kind = NDJSON if path.partition("?")[0].endswith("/_bulk") else JSON
    url = os.environ["OPENSEARCH_ENDPOINT"].rstrip("/") + path
    request = AWSRequest(method, url, {"Content-Type": kind}, body.encode() if body else None)
    own = boto3.Session()
    if credentials := own.get_credentials():
        SigV4Auth(credentials, "es", own.region_name).add_auth(request)
    try:
        answer = session().send(request.prepare())
    except HTTPClientError as error:
        raise Unavailable("the search engine cannot be reached; try again") from error
    if answer.status_code == GONE and path == "/_search":
        raise Conflict("this search is too old; search again")
    if answer.status_code >= REFUSED and answer.status_code != GONE:
        logger.error("search engine refused", extra={"status": answer.status_code, "said": answer.text[:500]})
        raise Unavailable("the search engine did not answer; try again")
    found: Json = json.loads(answer.content) if answer.content else {}
    return found
