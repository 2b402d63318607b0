"""Steps that tests take with archive packages over HTTP: one prepared, fetched, received, returned."""

import os
from typing import Any
from urllib.parse import parse_qs, urlsplit

from services.audit import api
from services.audit.bags import Bag, unzipped
from services.audit.objects import s3
from services.shared.organisations import ARCHIVES_BUREAU, OFFICE
from tests.support import Reply, call, token

HERE = "/audit/packages"
HANDLER = api.handler


def prepare(case: str, organisation: str = OFFICE, key: str | None = None) -> Reply:
    """Have a case packaged, under an Idempotency-Key if one is given."""
    headers = {"Idempotency-Key": key} if key else {}
    return call(HANDLER, "POST", HERE, token=token(organisation), json={"case": case}, headers=headers)


def get(path: str, organisation: str = ARCHIVES_BUREAU, *roles: str) -> Reply:
    """Read what is at an address, as the archives unless another is named."""
    return call(HANDLER, "GET", path, token=token(organisation, *roles))


def act(last: Reply, action: str, body: Any = None, organisation: str = ARCHIVES_BUREAU) -> Reply:
    """Take an action on the package that the last answer showed."""
    path, headers = f"{HERE}/{last.body['id']}/{action}", {"If-Match": last.etag}
    return call(HANDLER, "POST", path, token=token(organisation), json=body, headers=headers)


def receive(last: Reply) -> Reply:
    """Receive the bag that the last answer showed."""
    return act(last, "receive", {"manifest_sha256": last.body["manifest_sha256"]})


def returned(last: Reply) -> Reply:
    """Return the package that the last answer showed."""
    return act(last, "return", {"failed": ["viruses"]})


def zip_of(package: Reply) -> bytes:
    """Return what lies where a package's bag is fetched from."""
    place = get(f"{HERE}/{package.body['id']}/bag").headers["location"]
    assert parse_qs(urlsplit(place).query)["X-Amz-Expires"] == ["300"]
    key = urlsplit(place).path.partition("/archive/")[2]
    return s3().get_object(Bucket=os.environ["FILES_BUCKET"], Key=f"archive/{key}")["Body"].read()


def bag_of(package: Reply) -> Bag:
    """Return the bag of a package."""
    return unzipped(zip_of(package))
