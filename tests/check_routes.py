"""The routes of search certificates: who may call them, and a request for each that would succeed."""

from typing import Any

from tests.catalogue import ENTRY
from tests.checks import DUTY, REASON, SUBJECT
from tests.resource_routes import an_entry
from tests.routes import Sent, Write
from tests.searching import number_changes

# The certificate is the asking side's; the giving side's entry is its hit.
ROLES = """
                                                          anonymous asking asking_approver giving office statistics secrecy archives auditor
GET  /catalog/checks                                            401    200             200    200    200        200     200      200     200
POST /catalog/checks                                            401    201             403    201    201        201     201      201     403
GET  /catalog/checks/{check_id}                                 401    200             200    404    200        200     404      404     404
POST /catalog/checks/{check_id}/{action}                        401    200             403    404    403        403     404      404     404
GET  /catalog/checks/{check_id}/history                         401    200             200    404    200        200     404      404     404
GET  /catalog/checks/{check_id}/payloads/{event_id}             401    200             200    404    200        200     404      404     404
"""  # noqa: E501 - a table has wide rows
WRITES = ("POST /catalog/checks", "POST /catalog/checks/{check_id}/{action}")


def request_for(route: str) -> Sent:
    """Return a request on something made for it, that whom the table allows may send."""
    method, path = route.split()
    if "{" not in path:
        return Sent(method, path, SUBJECT if method == "POST" else None)
    check, hit = a_check()
    if method == "POST":
        return a_justification(check, hit)
    event = ""
    if "{event_id}" in path:
        justified = a_justification(check, hit).by("asking")
        assert justified.status == 200, justified.body
        history = Sent("GET", f"/catalog/checks/{check['id']}/history").by("asking")
        event = history.body["items"][-1]["event"]["id"]
    return Sent(method, path.format(check_id=check["id"], event_id=event))


def good_writes() -> dict[str, Write]:
    """Return a request that would succeed for each route that writes."""
    create, decide = WRITES
    return {
        create: Write(Sent("POST", "/catalog/checks", SUBJECT), "asking", ("name",)),
        decide: Write(a_justification(*a_check()), "asking", ("reason",)),
    }


def a_check() -> tuple[dict[str, Any], str]:
    """Return a certificate of the asking side's, and the hit that is the giving side's entry."""
    entry = an_entry()
    number_changes()
    made = Sent("POST", "/catalog/checks", SUBJECT | {"name": ENTRY["title"]}).by("asking")
    assert entry["id"] in made.body["undecided"], made.body
    return made.body, entry["id"]


def a_justification(check: dict[str, Any], hit: str) -> Sent:
    """Return the request that justifies a hit."""
    address = f"/catalog/checks/{check['id']}/justify"
    return Sent("POST", address, {"hit": hit, "reason": REASON}, f'"{check["version"]}"')


def a_reuse(check: dict[str, Any], hit: str) -> Sent:
    """Return the request that reuses a hit."""
    body = {"hit": hit, "duty": DUTY, "purpose": "city_operation"}
    return Sent("POST", f"/catalog/checks/{check['id']}/reuse", body, f'"{check["version"]}"')
