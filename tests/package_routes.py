"""The routes of archive packages that write, and a request for each that would succeed."""

import os

import pytest

from tests.archiving import HERE, prepare
from tests.filing import prepare_ledger
from tests.packages import REFUSED, events_of, file_events
from tests.routes import Sent, Write

MAKE, ACT = WRITES = ("POST /audit/packages", "POST /audit/packages/{package_id}/{action}")


def good_writes() -> dict[str, Write]:
    """Return a request that would succeed for each route that writes."""
    with pytest.MonkeyPatch.context() as patch:
        if "RETENTION_DAYS" not in os.environ:  # nobody made the log's bucket ready yet
            for name, value in prepare_ledger({"LogBucket": os.environ["LOG_BUCKET"]}).items():
                patch.setenv(name, value)
        cases = [events_of(*REFUSED) for _ in range(2)]
        file_events(*[event for events in cases for event in events])
        closed, packaged = (events[0].case for events in cases)
        package = prepare(packaged)
    received = {"manifest_sha256": package.body["manifest_sha256"]}
    return {
        MAKE: Write(Sent("POST", HERE, {"case": closed}), "archives", ("case",)),
        ACT: Write(
            Sent("POST", f"{HERE}/{package.body['id']}/receive", received, package.etag),
            "archives",
            ("manifest_sha256",),
        ),
    }
