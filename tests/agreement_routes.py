"""The routes of agreements and of what is reported under them: who may call them, and a request for each to spoil."""

from tests.agreements import WORDS, act, an_agreement, get
from tests.reports import EFFECTS, open_period
from tests.routes import Sent, Write

ACT = "POST /agreements/{agreement_id}/{action}"
WRITES = (ACT,)
# No item is sensitive: the secrecy bureau has nothing to see. The auditor is the supervision bureau's.
ROLES = """
                                                    anonymous asking asking_approver giving giving_approver stranger office auditor secrecy statistics archives
GET  /agreements                                          401    200             200    200             200      200    200     200     200        200      200
GET  /agreements/{agreement_id}                           401    200             200    200             200      404    200     200     404        404      404
POST /agreements/{agreement_id}/{action}                  401    200             403    403             403      404    403     403     404        404      404
GET  /agreements/{agreement_id}/text                      401    200             200    200             200      404    200     200     404        404      404
GET  /agreements/{agreement_id}/odrl                      401    200             200    200             200      404    200     200     404        404      404
GET  /agreements/{agreement_id}/confidentiality           401    404             404    404             404      404    404     404     404        404      404
GET  /agreements/{agreement_id}/history                   401    200             200    200             200      404    200     200     404        404      404
GET  /agreements/{agreement_id}/payloads/{event_id}       401    200             200    200             200      404    404     404     404        404      404
GET  /agreements/{agreement_id}/periods                   401    200             200    200             200      404    200     200     404        404      404
GET  /agreements/{agreement_id}/periods/{period}          401    200             200    200             200      404    200     200     404        404      404
GET  /agreements/{agreement_id}/feedback                  401    200             200    200             200      404    200     200     404        404      404
GET  /agreements/{agreement_id}/feedback/{number}         401    200             200    200             200      404    200     200     404        404      404
"""  # noqa: E501 - a table has wide rows


def request_for(route: str) -> Sent:
    """Return a request on something made for it, that whom the table allows may send."""
    method, path = route.split()
    case = an_agreement()
    etag = get(f"/agreements/{case}", "office").etag
    told = {"agreement_id": case, "action": "record_custody", "number": "1", "event_id": "", "period": ""}
    if "{event_id}" in path:
        told["event_id"] = written_in(case)
    if "{period}" in path:
        told["period"] = open_period(case)
    if "{number}" in path:
        assert act(case, "requester", "send_feedback", **EFFECTS).status == 200
    return Sent(method, path.format(**told), WORDS["record_custody"] if method == "POST" else None, etag)


def good_writes() -> dict[str, Write]:
    """Return a request that would succeed for each route that writes."""
    case = an_agreement()
    sent = Sent("POST", f"/agreements/{case}/suspend", WORDS["suspend"], get(f"/agreements/{case}", "office").etag)
    return {ACT: Write(sent, "giving", ("reason",))}


def written_in(case: str) -> str:
    """Return the event of something that was written in a case, for both of its sides to read."""
    assert act(case, "requester", "record_custody").status == 200
    lines = get(f"/agreements/{case}/history", "requester").body["items"]
    return str(next(line["event"]["id"] for line in lines if line["payload"]))
