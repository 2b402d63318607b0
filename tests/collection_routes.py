"""The routes of collection responsibilities: who may call them, and a request for each that would succeed."""

from typing import Any

from services.shared.canonical import new_id
from tests.collecting import COMMENT, REVOCATION, certificate_for, published, statement, under_review
from tests.collecting import create as drafted
from tests.routes import Sent, Write
from tests.sharing import PROVIDER
from tests.support import Reply

# The published duty is the giving side's; the office alone may revoke it.
ROLES = """
                                                          anonymous asking giving giving_approver office statistics secrecy archives auditor
GET  /catalog/collections                                       200    200    200             200    200        200     200      200     200
POST /catalog/collections                                       401    201    201             403    201        201     201      201     403
GET  /catalog/collections/{collection_id}                       200    200    200             200    200        200     200      200     200
PUT  /catalog/collections/{collection_id}                       401    403    200             403    403        403     403      403     403
POST /catalog/collections/{collection_id}/{action}              401    403    403             403    200        403     403      403     403
GET  /catalog/collections/{collection_id}/history               401    404    200             200    200        200     404      404     404
GET  /catalog/collections/{collection_id}/payloads/{event_id}   401    404    200             200    200        200     404      404     404
"""  # noqa: E501 - a table has wide rows
WRITES = (
    "POST /catalog/collections",
    "PUT /catalog/collections/{collection_id}",
    "POST /catalog/collections/{collection_id}/{action}",
)


def request_for(route: str) -> Sent:
    """Return a request on something made for it, that whom the table allows may send."""
    method, path = route.split()
    if "{" not in path:
        return Sent(method, path, statement(PROVIDER) if method == "POST" else None)
    duty = published(PROVIDER, item=an_item())
    said = duty.body["case"]["statement"] | {"update_cycle": "weekly"}
    bodies: dict[str, Any] = {"PUT": said, "POST": REVOCATION}
    named = path.format(collection_id=duty.body["id"], action="revoke", event_id=with_words(duty))
    return Sent(method, named, bodies.get(method), duty.etag)


def good_writes() -> dict[str, Write]:
    """Return a request that would succeed for each route that writes."""
    create, revise, take = WRITES
    said = statement(PROVIDER, item=an_item())
    said |= {"certificate": certificate_for(said, PROVIDER)}
    draft, review = drafted(PROVIDER, item=an_item()), under_review(PROVIDER, item=an_item())
    approval = Sent("POST", f"/catalog/collections/{review.body['id']}/approve", COMMENT, review.etag)
    return {
        create: Write(Sent("POST", "/catalog/collections", said), "giving", ("description",)),
        revise: Write(
            Sent("PUT", f"/catalog/collections/{draft.body['id']}", said, draft.etag), "giving", ("description",)
        ),
        take: Write(approval, "office", ("comment",)),
    }


def an_item() -> str:
    """Return a basic item that nobody collects."""
    return f"登记信息{new_id()}"


def with_words(duty: Reply) -> str:
    """Return the event of a case's first approval: its comment lies beside it."""
    lines = Sent("GET", f"/catalog/collections/{duty.body['id']}/history").by("office").body["items"]
    return next(str(line["event"]["id"]) for line in lines if line["payload"])
