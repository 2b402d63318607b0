"""The routes of adjudications: who may call them, and a request for each that would succeed."""

from typing import Any

from tests.checks import SUBJECT
from tests.resource_routes import an_entry
from tests.routes import Sent, Write

# What was judged: what the asking side means to build, which is nobody else's to know, and the giving side's entry.
ROLES = """
                                                              anonymous asking asking_approver giving giving_approver stranger office statistics secrecy archives auditor
GET  /catalog/adjudications                                         401    403             403    403             403      403    200        200     403      403     403
POST /catalog/adjudications                                         401    403             403    403             403      403    201        201     403      403     403
GET  /catalog/adjudications/{adjudication_id}                       401    200             200    404             404      404    200        200     404      404     404
POST /catalog/adjudications/{adjudication_id}/{action}              401    403             403    404             404      404    200        200     404      404     404
GET  /catalog/adjudications/{adjudication_id}/history               401    200             200    404             404      404    200        200     404      404     404
GET  /catalog/adjudications/{adjudication_id}/payloads/{event_id}   401    200             200    404             404      404    200        200     404      404     404
"""  # noqa: E501 - a table has wide rows
WRITES = ("POST /catalog/adjudications", "POST /catalog/adjudications/{adjudication_id}/{action}")
JUDGEMENT = {"verdict": "related", "reason": "一为实时数,一为历史统计,分别建设。"}


def request_for(route: str) -> Sent:
    """Return a request on something made for it, that whom the table allows may send."""
    method, path = route.split()
    if "{" not in path:
        return a_judgement() if method == "POST" else Sent(method, path)
    made = an_adjudication()
    if method == "POST":
        return a_revision(made)
    event = ""
    if "{event_id}" in path:
        history = Sent("GET", f"/catalog/adjudications/{made['id']}/history").by("office")
        event = history.body["items"][-1]["event"]["id"]
    return Sent(method, path.format(adjudication_id=made["id"], event_id=event))


def good_writes() -> dict[str, Write]:
    """Return a request that would succeed for each route that writes."""
    judge, revise = WRITES
    return {
        judge: Write(a_judgement(), "office", ("reason",)),
        revise: Write(a_revision(an_adjudication()), "statistics", ("reason",)),
    }


def an_adjudication() -> dict[str, Any]:
    """Return what the office decided about what the asking side means to build and the giving side's entry."""
    made = a_judgement().by("office")
    assert made.status == 201, made.body
    adjudication: dict[str, Any] = made.body
    return adjudication


def a_judgement() -> Sent:
    """Return the request that decides about two things which nobody judged."""
    check = Sent("POST", "/catalog/checks", SUBJECT).by("asking").body["id"]
    sides = {"one": {"kind": "check", "id": check}, "other": {"kind": "resource", "id": an_entry()["id"]}}
    return Sent("POST", "/catalog/adjudications", sides | JUDGEMENT)


def a_revision(made: dict[str, Any]) -> Sent:
    """Return the request that decides again."""
    address = f"/catalog/adjudications/{made['id']}/revise"
    return Sent("POST", address, JUDGEMENT | {"verdict": "same"}, f'"{made["version"]}"')
