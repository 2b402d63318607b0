"""The routes that erase what was written: who may call them, and a request for each that would succeed."""

import os

from tests.erasing import Written, a_comment, a_refusal
from tests.routes import Sent, Write

# Of the office's comment on a figure of the asking side's, which the two reviewers and the unit read.
ROLES = """
                          anonymous asking asking_approver giving giving_approver stranger office statistics secrecy archives auditor
POST /catalog/erasures          401    403             403    404             404      404    201        403     404      404     404
"""  # noqa: E501 - a table has wide rows
# Of a refusal that the giving side wrote, and both sides and the office read.
ROLES_AT_REQUESTS = """
                          anonymous asking asking_approver giving giving_approver stranger office statistics secrecy archives auditor
POST /requests/erasures         401    403             403    403             201      404    201        404     404      404     404
"""  # noqa: E501 - a table has wide rows
CATALOGUE, REQUESTS = WRITES = ("POST /catalog/erasures", "POST /requests/erasures")
ERASERS = {CATALOGUE: "office", REQUESTS: "giving_approver"}


def request_for(route: str) -> Sent:
    """Return a request on something written for it, that whom the table allows may send."""
    method, path = route.split()
    return Sent(method, path, _written(route).asked())


def good_writes() -> dict[str, Write]:
    """Return a request that would succeed for each route that writes."""
    return {route: Write(request_for(route), ERASERS[route], ("ground",)) for route in WRITES}


def _written(route: str) -> Written:
    if route == CATALOGUE:
        return a_comment(os.environ["CATALOG_TABLE"])
    return a_refusal(os.environ["REQUESTS_TABLE"])
