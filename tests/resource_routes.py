"""The routes of the catalogue's entries: who may call them, and a request for each that would succeed."""

from typing import Any

from tests.catalogue import ENTRY
from tests.routes import Sent, Write

# The entry is the giving side's; a draft is nobody's but its unit's.
ROLES = """
                                                anonymous asking giving giving_approver office statistics secrecy archives auditor
GET  /catalog/resources                               200    200    200             200    200        200     200      200     200
POST /catalog/resources                               401    201    201             403    201        201     201      201     403
GET  /catalog/resources/{resource_id}                 200    200    200             200    200        200     200      200     200
PUT  /catalog/resources/{resource_id}                 401    403    200             403    403        403     403      403     403
POST /catalog/resources/{resource_id}/{action}        401    403    200             403    403        403     403      403     403
GET  /catalog/resources/{resource_id}/history         401    404    200             200    200        404     404      404     404
GET  /catalog/resources/{resource_id}/payloads/{event_id}  401 404  200             200    200        404     404      404     404
"""  # noqa: E501 - a table has wide rows
WRITES = (
    "POST /catalog/resources",
    "PUT /catalog/resources/{resource_id}",
    "POST /catalog/resources/{resource_id}/{action}",
)


def request_for(route: str) -> Sent:
    """Return a request on something made for it, that whom the table allows may send."""
    method, path = route.split()
    if "{" not in path:
        return Sent(method, path, ENTRY if method == "POST" else None)
    made = an_entry()
    bodies: dict[str, Any] = {"PUT": ENTRY, "POST": {}}
    event = _an_approval(made["id"]) if "{event_id}" in path else ""
    named = path.format(resource_id=made["id"], action="confirm", event_id=event)
    return Sent(method, named, bodies.get(method), f'"{made["version"]}"')


def good_writes() -> dict[str, Write]:
    """Return a request that would succeed for each route that writes."""
    made = Sent("POST", "/catalog/resources", ENTRY).by("giving")
    entry, (address, version) = f"/catalog/resources/{made.body['id']}", _an_entry_under_review()
    gaps = {"gaps": [{"pointer": "/title", "detail": "缺少"}]}
    create, revise, take = WRITES
    return {
        create: Write(Sent("POST", "/catalog/resources", ENTRY), "giving", ("title",)),
        revise: Write(Sent("PUT", entry, ENTRY, made.etag), "giving", ("title",)),
        take: Write(Sent("POST", f"{address}/return", gaps, version), "office", ("gaps", 0, "detail")),
    }


def an_entry() -> dict[str, Any]:
    """Return a published entry of the giving side's."""
    last = Sent("POST", "/catalog/resources", ENTRY).by("giving")
    for action, caller in (
        ("submit", "giving"),
        ("start_review", "office"),
        ("approve", "office"),
        ("publish", "office"),
    ):
        body = {"comment": "符合统一规划。"} if action == "approve" else {}
        last = Sent("POST", f"/catalog/resources/{last.body['id']}/{action}", body, last.etag).by(caller)
    assert last.body["state"] == "LIVE"
    entry: dict[str, Any] = last.body
    return entry


def _an_entry_under_review() -> tuple[str, str]:
    """Return the address and the version of an entry that the office reviews."""
    last = Sent("POST", "/catalog/resources", ENTRY).by("giving")
    address = f"/catalog/resources/{last.body['id']}"
    last = Sent("POST", f"{address}/submit", {}, last.etag).by("giving")
    return address, Sent("POST", f"{address}/start_review", {}, last.etag).by("office").etag


def _an_approval(entry_id: str) -> str:
    history = Sent("GET", f"/catalog/resources/{entry_id}/history").by("office").body["items"]
    return next(str(line["event"]["id"]) for line in history if line["payload"])
