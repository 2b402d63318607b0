"""The routes of sealed evidence: who may call them, and a request for each that would succeed."""

import os
from uuid import uuid4

import pytest

from tests.filing import PROVIDER, a_case, a_sequencer, prepare_ledger, take_in
from tests.routes import Sent, Write

# On a duty, about a case that the giving side is held to account for; the office sealed what is read.
ROLES = """
                                    anonymous asking asking_approver giving giving_approver stranger office auditor secrecy archives
POST /audit/evidence                      401    403             403    403             403      403    201     403     403      403
GET  /audit/evidence                      401    403             403    403             403      403    200     200     200      200
GET  /audit/evidence/{evidence_id}        401    404             404    404             404      404    200     200     404      200
"""  # noqa: E501 - a table has wide rows
WRITES = ("POST /audit/evidence",)
HERE = "/audit/evidence"


def request_for(route: str) -> Sent:
    """Return a request on something made for it, that whom the table allows may send."""
    method, path = route.split()
    if method == "POST":
        return Sent(method, path, _a_sealing())
    sealed = Sent("POST", HERE, _a_sealing()).by("office").body
    query = f"?accountability_case={sealed['accountability_case']}" if path == HERE else ""
    return Sent(method, path.format(evidence_id=sealed["id"]) + query)


def good_writes() -> dict[str, Write]:
    """Return a request that would succeed for each route that writes."""
    return {route: Write(request_for(route), "office", ("accountability_case",)) for route in WRITES}


def _a_sealing() -> dict[str, object]:
    return {
        "accountability_case": f"JC-{uuid4()}",
        "ground": "duty",
        "units": [PROVIDER],
        "cases": [_a_filed_case()],
        "entries": 1,
        "checkpoint_size": 1,
        "manifest_sha256": "ab" * 32,
    }


def _a_filed_case() -> str:
    (event,) = a_case(1)
    take_in(event)
    with pytest.MonkeyPatch.context() as patch:
        if "RETENTION_DAYS" not in os.environ:  # nobody made the log's bucket ready yet
            for name, value in prepare_ledger({"LogBucket": os.environ["LOG_BUCKET"]}).items():
                patch.setenv(name, value)
        a_sequencer().run()
    return event.case
