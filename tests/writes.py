"""A request that would succeed for each route that writes, to be spoilt in every way."""

from typing import Any

from tests import (
    adjudication_routes,
    agreement_routes,
    check_routes,
    collection_routes,
    database_routes,
    demand_routes,
    erasure_routes,
    evidence_routes,
    figure_routes,
    import_routes,
    matter_routes,
    package_routes,
    resource_routes,
)
from tests.routes import Sent, Write
from tests.sharing import REFUSAL, a_published_entry, a_request, draft, redraft

AREAS = (
    resource_routes,
    collection_routes,
    database_routes,
    check_routes,
    adjudication_routes,
    figure_routes,
    import_routes,
    demand_routes,
    agreement_routes,
    matter_routes,
    erasure_routes,
    evidence_routes,
    package_routes,
)
ROUTES = [
    *(route for area in AREAS for route in area.WRITES),
    "POST /requests",
    "PUT /requests/{request_id}",
    "POST /requests/{request_id}/{action}",
]
# For each route of actions one that exists and is not of the state of its good request; a certificate, an adjudication
# and an onward permission have one state.
FOREIGN: dict[str, tuple[str, Any]] = {
    **{
        route: ("publish", {})
        for area in AREAS
        if area not in (check_routes, adjudication_routes, erasure_routes, evidence_routes)
        for route in area.WRITES
        if route != matter_routes.ACT_ON_PERMISSION
    },
    "POST /catalog/imports/{import_id}/{action}": ("commit", {}),
    database_routes.ACT: ("resume", {}),
    database_routes.MOVE: ("contest", {"reason": "不重复。"}),
    database_routes.COORDINATE: ("remand", {"instructions": "再行协商。"}),
    "POST /requests/{request_id}/{action}": ("sign", {"terms_hash": "0" * 64}),
    "POST /demands/{demand_id}/{action}": ("take_up", {}),
    agreement_routes.ACT: ("resume", {}),
    matter_routes.ACT_ON_OBJECTION: ("accept", {}),
    package_routes.ACT: ("prepare", {}),
}


def good_writes() -> dict[str, Write]:
    """Return a request that would succeed for each route that writes; wants the data stack in the environment."""
    drafted, asking, _ = a_request("DRAFT")
    asked, _, giving = a_request("SUBMITTED")
    tag, seen = asking.get(f"/requests/{drafted}").etag, giving.get(f"/requests/{asked}").etag
    body, revised = draft(a_published_entry()), redraft(asking, drafted)
    purpose = ("terms", "purpose", "text")
    return {
        **{route: write for area in AREAS for route, write in area.good_writes().items()},
        "POST /requests": Write(Sent("POST", "/requests", body), "asking", purpose),
        "PUT /requests/{request_id}": Write(Sent("PUT", f"/requests/{drafted}", revised, tag), "asking", purpose),
        "POST /requests/{request_id}/{action}": Write(
            Sent("POST", f"/requests/{asked}/refuse", REFUSAL, seen), "giving", ("reason",)
        ),
    }
