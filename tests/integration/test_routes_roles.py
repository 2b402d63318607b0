"""Who may call what: every route by everyone there is; the catalogue's own are in `test_catalog_routes.py`,
those of what follows a request, of erasures and of evidence in `test_requests_routes.py`, those of the archives in
`test_audit_packages_roles.py`.

A route that is not in the table fails.
"""

from collections.abc import Iterator

import pytest

from services.audit.listen import sequencer
from tests.filing import sign, standing_ledger, take_in
from tests.routes import Sent, routes
from tests.sharing import (
    PROVIDER,
    a_published_entry,
    a_request,
    draft,
    redraft,
)
from tests.support import events_in

# 404 is for what a caller may not know of, 403 for what it may know and not do, 422 for an officer's own mistake:
# the one entry asked for belongs to the giving side, and the duty named is the asking side's.
WHO_MAY_CALL_WHAT = """
                                                anonymous asking asking_approver giving giving_approver stranger office auditor secrecy
GET  /identity/organisations                          200    200             200    200             200      200    200     200     200
GET  /identity/organisations/{code}                   200    200             200    200             200      200    200     200     200
GET  /openapi.json                                    200    200             200    200             200      200    200     200     200
GET  /identity/me                                     401    200             200    200             200      200    200     200     200
GET  /requests                                        401    200             200    200             200      200    200     200     200
POST /requests                                        401    201             403    422             403      422    422     403     422
GET  /requests/{request_id}                           401    200             200    200             200      404    200     404     404
PUT  /requests/{request_id}                           401    200             403    404             404      404    404     404     404
POST /requests/{request_id}/{action}                  401    200             403    403             403      404    403     404     404
GET  /requests/{request_id}/history                   401    200             200    200             200      404    200     404     404
GET  /requests/{request_id}/payloads/{event_id}       401    200             200    404             404      404    404     404     404
GET  /requests/{request_id}/agreement                 401    200             200    200             200      404    200     404     404
GET  /requests/{request_id}/comparison                401    200             200    200             200      404    200     404     404
GET  /requests/inbox                                  401    200             200    200             200      200    200     200     200
GET  /requests/clocks                                 200    200             200    200             200      200    200     200     200
GET  /requests/statistics                             401    200             200    200             200      200    200     200     200
GET  /requests/permission                             401    200             200    200             200      200    200     200     200
GET  /audit/checkpoint                                200    200             200    200             200      200    200     200     200
GET  /audit/checkpoints                               200    200             200    200             200      200    200     200     200
GET  /audit/checkpoints/{size}                        200    200             200    200             200      200    200     200     200
GET  /audit/witnesses                                 200    200             200    200             200      200    200     200     200
GET  /audit/filings                                   401    403             403    403             403      403    200     200     403
GET  /audit/filings?case                              401    200             200    200             200      404    200     200     404
GET  /audit/filings/{index}                           401    200             200    200             200      404    200     200     404
GET  /audit/receipts/{event_id}                       401    200             200    200             200      404    200     200     404
GET  /audit/tile/.+                                   302    302             302    302             302      302    302     302     302
GET  /audit/tile/entries                              401    404             404    404             404      404    302     302     404
"""  # noqa: E501 - a table has wide rows
ELSEWHERE = (  # tables of their own
    *("/catalog/", "/agreements", "/objections", "/onward-permissions", "/demands", "/requests/erasures"),
    *("/audit/evidence", "/audit/packages", "/audit/retention"),
)
HEAD, *ROWS = WHO_MAY_CALL_WHAT.strip("\n").splitlines()
CELLS = [
    (" ".join(row.split()[:2]), caller, int(status))
    for row in ROWS
    for caller, status in zip(HEAD.split(), row.split()[2:], strict=True)
]


@pytest.fixture(scope="module", autouse=True)
def stack() -> Iterator[dict[str, str]]:
    """One stack for all tests here; what a test changes it puts back, or makes for itself."""
    with standing_ledger() as made:
        yield made


@pytest.fixture(scope="module")
def filed(stack: dict[str, str]) -> dict[str, str]:
    """A request in the ledger: its case, one of its events that both sides may read, and that event's index."""
    request_id, _, _ = a_request("SUBMITTED")
    events = [event for event in events_in(stack["RequestsTable"]) if event.case == request_id]
    take_in(*events)
    sequencer(sign).run(goes_on=lambda: True)
    return {"case": request_id, "event": events[-1].id, "index": str(len(events) - 1), "size": str(len(events))}


@pytest.fixture(scope="module")
def made() -> dict[str, Sent]:
    """The request for each route, with what it asks for."""
    return {}


def test_the_table_has_every_route_and_no_other() -> None:
    named = {route for route, _, _ in CELLS} - {"GET /audit/filings?case", "GET /audit/tile/entries"}
    assert named == {route for route in routes() if not route.split()[1].startswith(ELSEWHERE)}


@pytest.mark.parametrize(("route", "caller", "status"), CELLS)
def test_who_may_call_what(route: str, caller: str, status: int, filed: dict[str, str], made: dict[str, Sent]) -> None:
    changes = status < 300 and not route.startswith("GET")  # what is only read or refused is made once
    sent = (
        request_for(route, filed) if changes else made.setdefault(route, made.get(route) or request_for(route, filed))
    )
    reply = sent.by(caller)
    assert reply.status == status, reply.body
    if status >= 400:
        assert reply.headers["content-type"] == "application/problem+json"


def request_for(route: str, filed: dict[str, str]) -> Sent:
    method, path = route.split()
    if path.startswith("/audit"):
        return Sent(method, AUDIT_PATHS.get(path, path).format(**filed))
    if path.startswith("/requests"):
        return of_requests(method, path)
    return Sent(method, path.replace("{code}", PROVIDER))


AUDIT_PATHS = {
    "/audit/checkpoints/{size}": "/audit/checkpoints/{size}",
    "/audit/filings?case": "/audit/filings?case={case}",
    "/audit/filings/{index}": "/audit/filings/{index}",
    "/audit/receipts/{event_id}": "/audit/receipts/{event}",
    "/audit/tile/.+": "/audit/tile/0/000.p/3",
    "/audit/tile/entries": "/audit/tile/entries/000.p/3",
}


ALL_OF_REQUESTS = frozenset({"/requests/inbox", "/requests/clocks", "/requests/statistics"})


def of_requests(method: str, path: str) -> Sent:
    if path == "/requests/permission":
        return Sent(method, f"{path}?resource={a_published_entry()}")
    if path in ALL_OF_REQUESTS:
        return Sent(method, path)
    if path == "/requests":
        return Sent(method, path, draft(a_published_entry()) if method == "POST" else None)
    state = {"PUT": "DRAFT"}.get(method, "SIGNED" if path.endswith("agreement") else "SUBMITTED")
    request_id, asking, _ = a_request(state)
    etag = asking.get(f"/requests/{request_id}").etag
    if method == "PUT":
        return Sent(method, f"/requests/{request_id}", redraft(asking, request_id), etag)
    first = asking.get(f"/requests/{request_id}/history").body["items"][0]["event"]["id"]
    named = path.format(request_id=request_id, action="withdraw", event_id=first)
    return Sent(method, named, {"reason": "不再需要"} if method == "POST" else None, etag)
