"""The routes of databases: who may call them, and a request for each that would succeed."""

from typing import Any

from services.shared.canonical import new_id
from tests.databases import DECLINE, PROPOSAL, REASON, contested, opened, operating, planned, statement
from tests.databases import under_review as reviewed
from tests.routes import Sent, Write
from tests.support import Reply

# The database is the asking side's, and runs; its contested plan in the coordination's row has a seat for the office.
ROLES = """
                                                               anonymous asking asking_approver giving office statistics secrecy archives auditor
GET  /catalog/databases                                              200    200             200    200    200        200     200      200     200
POST /catalog/databases                                              401    201             403    201    201        201     201      201     403
GET  /catalog/databases/{database_id}                                200    200             200    200    200        200     200      200     200
PUT  /catalog/databases/{database_id}                                401    200             403    403    409        409     403      403     403
POST /catalog/databases/{database_id}/{action}                       401    200             403    403    200        403     200      403     403
POST /catalog/databases/{database_id}/cases/{kind}/{action}          401    200             403    403    200        403     403      403     403
POST /catalog/databases/{database_id}/coordination/{action}          401    200             403    404    200        403     404      404     404
GET  /catalog/databases/{database_id}/history                        401    200             200    404    200        200     404      404     404
GET  /catalog/databases/{database_id}/payloads/{event_id}            401    200             200    404    200        200     404      404     404
"""  # noqa: E501 - a table has wide rows
PLAN, REVISE, ACT, MOVE, COORDINATE = WRITES = (
    "POST /catalog/databases",
    "PUT /catalog/databases/{database_id}",
    "POST /catalog/databases/{database_id}/{action}",
    "POST /catalog/databases/{database_id}/cases/{kind}/{action}",
    "POST /catalog/databases/{database_id}/coordination/{action}",
)


def request_for(route: str) -> Sent:
    """Return a request on something made for it, that whom the table allows may send."""
    method, path = route.split()
    if "{" not in path:
        return Sent(method, path, {"description": {"name": "停车资源数据库"}} if method == "POST" else None)
    last = contested(a_review()) if route == COORDINATE else running()
    last = opened(last, "change", {}) if route == REVISE else last
    bodies: dict[str, Any] = {REVISE: {"changes": "更换联系岗位"}, ACT: REASON, MOVE: {}, COORDINATE: {}}
    actions = {ACT: "suspend", MOVE: "open", COORDINATE: "settle"}
    named = path.format(
        database_id=last.body["id"], action=actions.get(route), kind="deregistration", event_id=first_filing(last)
    )
    return Sent(method, named, bodies.get(route), last.etag)


def good_writes() -> dict[str, Write]:
    """Return a request that would succeed for each route that writes."""
    draft, review, dispute = planned(**apart()), a_review(), contested(a_review())
    said = statement(**apart())
    revised = {"description": draft.body["description"]}
    here = "/catalog/databases"
    stop = Sent("POST", f"{here}/{(last := running()).body['id']}/suspend", REASON, last.etag)
    decline = Sent("POST", f"{here}/{review.body['id']}/cases/establishment/decline", DECLINE, review.etag)
    mediate = Sent("POST", f"{here}/{dispute.body['id']}/coordination/mediate", PROPOSAL, dispute.etag)
    text = ("description", "purpose")
    return {
        PLAN: Write(Sent("POST", here, said), "asking", text),
        REVISE: Write(Sent("PUT", f"{here}/{draft.body['id']}", revised, draft.etag), "asking", text),
        ACT: Write(stop, "asking", ("reason",)),
        MOVE: Write(decline, "office", ("reason",)),
        COORDINATE: Write(mediate, "office", ("proposal",)),
    }


def running() -> Reply:
    """Return a database of the asking side's that runs."""
    return operating(**apart())


def a_review() -> Reply:
    """Return a plan of the asking side's under review."""
    return reviewed(**apart())


def apart() -> dict[str, Any]:
    """Return what keeps a plan apart from every other: no two of a test are rivals."""
    mark = new_id()
    return {"name": f"停车资源{mark}数据库", "items": tuple(f"{name}{mark}" for name in ("车场", "车位", "空位"))}


def first_filing(last: Reply) -> str:
    """Return the event of a database's first filing: what was filed lies beside it."""
    return str(last.body["filing"][0]["event_id"])
