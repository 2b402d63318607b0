"""The routes of objections and of onward permissions: who may call them, and a request for each to spoil."""

from tests.agreements import an_agreement
from tests.objections import OBJECTION, OBJECTION_SAID, PERMISSION, PERMISSION_SAID, a_permission, an_objection, get
from tests.routes import Sent, Write

OBJECT, ACT_ON_OBJECTION = "POST /objections", "POST /objections/{objection_id}/{action}"
ASK, ACT_ON_PERMISSION = "POST /onward-permissions", "POST /onward-permissions/{permission_id}/{action}"
WRITES = (OBJECT, ACT_ON_OBJECTION, ASK, ACT_ON_PERMISSION)
# No item is sensitive: the secrecy bureau is asked nothing. The auditor is the supervision bureau's.
ROLES = """
                                                            anonymous asking asking_approver giving giving_approver stranger office auditor secrecy statistics archives
GET  /objections                                                  401    200             200    200             200      200    200     200     200        200      200
POST /objections                                                  401    201             403    403             403      422    403     403     422        422      422
GET  /objections/{objection_id}                                   401    200             200    200             200      404    200     200     404        404      404
POST /objections/{objection_id}/{action}                          401    403             403    200             403      404    403     403     404        404      404
GET  /objections/{objection_id}/history                           401    200             200    200             200      404    200     200     404        404      404
GET  /objections/{objection_id}/payloads/{event_id}               401    200             200    200             200      404    404     404     404        404      404
GET  /onward-permissions                                          401    200             200    200             200      200    200     200     200        200      200
POST /onward-permissions                                          401    201             403    403             403      422    403     403     422        422      422
GET  /onward-permissions/{permission_id}                          401    200             200    200             200      404    200     200     404        404      404
POST /onward-permissions/{permission_id}/{action}                 401    403             403    403             200      404    403     403     404        404      404
GET  /onward-permissions/{permission_id}/history                  401    200             200    200             200      404    200     200     404        404      404
GET  /onward-permissions/{permission_id}/payloads/{event_id}      401    200             200    200             200      404    404     404     404        404      404
"""  # noqa: E501 - a table has wide rows


def request_for(route: str) -> Sent:
    """Return a request on something made for it, that whom the table allows may send."""
    method, path = route.split()
    if "{" not in path:
        said = OBJECTION if path == "/objections" else PERMISSION
        return Sent(method, path, said | {"agreement": an_agreement()} if method == "POST" else None)
    made = an_objection(an_agreement()) if path.startswith("/objections") else a_permission(an_agreement())
    number = made.rpartition("/")[2]
    action, said = ("verify", {}) if path.startswith("/objections") else ("deny", PERMISSION_SAID["deny"])
    event = get(f"{made}/history", "asking").body["items"][0]["event"]["id"] if "{event_id}" in path else ""
    named = path.format(objection_id=number, permission_id=number, action=action, event_id=event)
    return Sent(method, named, said if method == "POST" else None, get(made, "asking").etag)


def good_writes() -> dict[str, Write]:
    """Return a request that would succeed for each route that writes."""
    objection, permission = an_objection(an_agreement()), a_permission(an_agreement())
    tags = {path: get(path, "asking").etag for path in (objection, permission)}
    reject = Sent("POST", f"{objection}/reject", OBJECTION_SAID["reject"], tags[objection])
    deny = Sent("POST", f"{permission}/deny", PERMISSION_SAID["deny"], tags[permission])
    return {
        OBJECT: Write(Sent("POST", "/objections", OBJECTION | {"agreement": an_agreement()}), "asking", ("wrong",)),
        ACT_ON_OBJECTION: Write(reject, "giving", ("reason",)),
        ASK: Write(
            Sent("POST", "/onward-permissions", PERMISSION | {"agreement": an_agreement()}), "asking", ("reason",)
        ),
        ACT_ON_PERMISSION: Write(deny, "giving_approver", ("reason",)),
    }
