"""The routes of accurate figures: who may call them, and a request for each that would succeed."""

from itertools import count
from typing import Any

from tests.figures import COMMENT, FIGURE, GAPS
from tests.routes import Sent, Write

# The figure is the asking side's, and published; a draft is nobody's but its unit's.
ROLES = """
                                                      anonymous asking asking_approver giving office statistics secrecy archives auditor
GET  /catalog/figures                                       200    200             200    200    200        200     200      200     200
POST /catalog/figures                                       401    201             403    422    422        201     422      422     403
GET  /catalog/figures/{figure_id}                           200    200             200    200    200        200     200      200     200
PUT  /catalog/figures/{figure_id}                           401    200             403    403    403        403     403      403     403
POST /catalog/figures/{figure_id}/{action}                  401    200             403    403    200        200     403      403     403
GET  /catalog/figures/{figure_id}/history                   401    200             200    404    200        200     404      404     404
GET  /catalog/figures/{figure_id}/payloads/{event_id}       401    200             200    404    200        200     404      404     404
"""  # noqa: E501 - a table has wide rows
WRITES = (
    "POST /catalog/figures",
    "PUT /catalog/figures/{figure_id}",
    "POST /catalog/figures/{figure_id}/{action}",
)
NAMES = (FIGURE | {"name": f"停车泊位总数{number}"} for number in count(1))


def request_for(route: str) -> Sent:
    """Return a request on something made for it, that whom the table allows may send."""
    method, path = route.split()
    if "{" not in path:
        return Sent(method, path, next(NAMES) if method == "POST" else None)
    made = a_figure()
    bodies: dict[str, Any] = {"PUT": next(NAMES), "POST": {"reason": "指标已停用"}}
    event = _an_approval(made["id"]) if "{event_id}" in path else ""
    named = path.format(figure_id=made["id"], action="withdraw", event_id=event)
    return Sent(method, named, bodies.get(method), f'"{made["version"]}"')


def good_writes() -> dict[str, Write]:
    """Return a request that would succeed for each route that writes."""
    made = Sent("POST", "/catalog/figures", next(NAMES)).by("asking")
    submitted = _submitted()
    create, revise, take = WRITES
    return {
        create: Write(Sent("POST", "/catalog/figures", next(NAMES)), "asking", ("name",)),
        revise: Write(Sent("PUT", f"/catalog/figures/{made.body['id']}", next(NAMES), made.etag), "asking", ("name",)),
        take: Write(submitted._replace(path=f"{submitted.path}/return", json=GAPS), "office", ("gaps", 0, "detail")),
    }


def a_figure() -> dict[str, Any]:
    """Return a published figure of the asking side's."""
    sent = _submitted()
    for action, caller in (("approve", "office"), ("approve", "statistics"), ("publish", "statistics")):
        body = COMMENT if action == "approve" else {}
        last = sent._replace(path=f"{sent.path}/{action}", json=body).by(caller)
        sent = sent._replace(etag=last.headers.get("etag"))
    assert last.body["state"] == "PUBLISHED", last.body
    figure: dict[str, Any] = last.body
    return figure


def _submitted() -> Sent:
    """Return what a request on a figure under review begins with: its address and version."""
    last = Sent("POST", "/catalog/figures", next(NAMES)).by("asking")
    address = f"/catalog/figures/{last.body['id']}"
    return Sent("POST", address, {}, Sent("POST", f"{address}/submit", {}, last.etag).by("asking").etag)


def _an_approval(figure_id: str) -> str:
    history = Sent("GET", f"/catalog/figures/{figure_id}/history").by("office").body["items"]
    found = next(line["event"] for line in history if line["event"]["type"] == "figure.approved")
    return str(found["id"])
