"""How many AWS calls each route makes, counted where they are sent, on the stack in memory."""

from typing import NamedTuple

from tests import collection_routes, databases, figure_routes, resource_routes
from tests.filing import a_sequencer, take_in
from tests.routes import Sent
from tests.sharing import a_published_entry, a_request, draft, terms
from tests.stack import CALLS
from tests.support import events_in

READS, STEPS, PUBLISHED = 2, 3, 1  # at most
# By its place in the log: the head says how far that goes, a bundle has the entry, then what of it was erased.
BY_PLACE = {"GET /audit/filings": 3, "GET /audit/filings/{index}": 3}
# What everybody may read of what is published, and who makes one of each to read.
READ_BY_ALL = {
    "GET /catalog/resources/{resource_id}": resource_routes,
    "GET /catalog/collections/{collection_id}": collection_routes,
    "GET /catalog/figures/{figure_id}": figure_routes,
}


class Cost(NamedTuple):
    """A route, the AWS operations it called, and how many it may."""

    route: str
    operations: tuple[str, ...]
    most: int


def measure(table: str) -> list[Cost]:
    """Return what each route costs, on requests that succeed; wants the ledger's stack in the environment."""
    request_id, asking, giving = a_request("SIGNED")
    reviewed, _, _ = a_request("UNDER_REVIEW")
    etag = giving.get(f"/requests/{reviewed}").etag
    first = asking.get(f"/requests/{request_id}/history").body["items"][0]["event"]["id"]
    made = Sent("POST", "/catalog/resources", {"title": "泊位"}).by("giving")
    entry = f"/catalog/resources/{made.body['id']}"
    counter = {"terms": terms(items=("空余泊位数",))}
    told = {
        "GET /identity/organisations": Sent("GET", "/identity/organisations"),
        "GET /identity/me": Sent("GET", "/identity/me"),
        "GET /catalog/resources": Sent("GET", "/catalog/resources"),
        "GET /catalog/search": Sent("GET", "/catalog/search?q=泊位"),
        "GET /catalog/resources/{resource_id}": Sent("GET", entry),
        "GET /catalog/resources/{resource_id}/history": Sent("GET", f"{entry}/history"),
        "GET /catalog/vocabulary": Sent("GET", "/catalog/vocabulary"),
        "GET /catalog/reports/{name}": Sent("GET", "/catalog/reports/quality"),
        "POST /catalog/resources": Sent("POST", "/catalog/resources", {"title": "泊位"}),
        "PUT /catalog/resources/{resource_id}": Sent("PUT", entry, {"title": "空余泊位"}, made.etag),
        "POST /catalog/resources/{resource_id}/discard": Sent("POST", f"{entry}/discard", {}, '"2"'),
        "GET /requests": Sent("GET", "/requests?as=provider"),
        "GET /requests/{request_id}": Sent("GET", f"/requests/{request_id}"),
        "GET /requests/{request_id}/history": Sent("GET", f"/requests/{request_id}/history"),
        "GET /requests/{request_id}/agreement": Sent("GET", f"/requests/{request_id}/agreement"),
        "GET /requests/{request_id}/comparison": Sent("GET", f"/requests/{request_id}/comparison"),
        "GET /requests?awaiting=me": Sent("GET", "/requests?awaiting=me"),
        "GET /requests/inbox": Sent("GET", "/requests/inbox"),
        "GET /requests/clocks": Sent("GET", "/requests/clocks"),
        "POST /requests/{request_id}/counter": Sent("POST", f"/requests/{reviewed}/counter", counter, etag),
    }
    costs = [_cost(route, sent, "giving") for route, sent in told.items()]
    payload = Sent("GET", f"/requests/{request_id}/payloads/{first}")
    costs.append(_cost("GET /requests/{request_id}/payloads/{event_id}", payload, "asking"))
    costs.append(_cost("POST /requests", Sent("POST", "/requests", draft(a_published_entry())), "asking"))
    return [*costs, *_reads_by_all(), *_steps_of_the_approver(), *_reads_of_the_ledger(table)]


def _reads_by_all() -> list[Cost]:
    read = {route: area.request_for(route).path for route, area in READ_BY_ALL.items()}
    read["GET /catalog/databases/{database_id}"] = f"/catalog/databases/{databases.operating().body['id']}"
    costs = [_cost(route, Sent("GET", path), "anonymous") for route, path in read.items()]
    return [Cost(f"{cost.route}, published", cost.operations, PUBLISHED) for cost in costs]


def _steps_of_the_approver() -> list[Cost]:
    proposed, asking, _ = a_request("INTERNAL_APPROVAL")
    path, etag = f"/requests/{proposed}/submit", asking.get(f"/requests/{proposed}").etag
    return [_cost("POST /requests/{request_id}/submit", Sent("POST", path, {}, etag), "asking_approver")]


def _reads_of_the_ledger(table: str) -> list[Cost]:
    request_id, _, _ = a_request("SUBMITTED")
    events = [event for event in events_in(table) if event.case == request_id]
    take_in(*events)
    a_sequencer().run(goes_on=lambda: True)
    told = {
        "GET /audit/checkpoint": "/audit/checkpoint",
        "GET /audit/checkpoints": "/audit/checkpoints",
        "GET /audit/checkpoints/{size}": f"/audit/checkpoints/{len(events)}",
        "GET /audit/witnesses": "/audit/witnesses",
        "GET /audit/filings": "/audit/filings",
        "GET /audit/filings?case": f"/audit/filings?case={request_id}",
        "GET /audit/filings/{index}": "/audit/filings/0",
        "GET /audit/receipts/{event_id}": f"/audit/receipts/{events[-1].id}",
        "GET /audit/tile/.+": "/audit/tile/0/000.p/3",
    }
    return [_cost(route, Sent("GET", path), "office") for route, path in told.items()]


def _cost(route: str, sent: Sent, caller: str) -> Cost:
    CALLS.clear()
    reply = sent.by(caller)
    if reply.status >= 400:
        raise RuntimeError(f"{route} was refused: {reply.body}")
    return Cost(route, tuple(CALLS.names), BY_PLACE.get(route, READS if sent.method == "GET" else STEPS))
