"""The routes of demands: who may call them, a request for each that would succeed, and steps that tests take.

And a clock with a number, for demands: a city may give them one, the profiles that ship do not.
"""

from collections.abc import Mapping
from itertools import count
from typing import Any

from services.requests.api import handler
from services.requests.demand import Demand
from services.shared.clocks import due
from tests.routes import Sent, Write
from tests.support import Reply, call, token

FILER, OTHER, THIRD, UNIT = "transport_commission", "110107", "education_commission", "public_security_bureau"
OFFICE, STATISTICS, STRANGER = "informatization_office", "statistics_bureau", "sports_bureau"
DUTIES = {
    FILER: "parking_management",
    OTHER: "district_sharing_110107",
    THIRD: "compulsory_education",
    UNIT: "household_registration",
    OFFICE: "resource_planning",
    STATISTICS: "figure_accuracy_catalogue",
}
URGENT = {"work_area": "city_management", "reason": "冬季供暖前须完成路侧充电车位布设"}
WANTED: dict[str, Any] = {
    "title": "居住小区充电桩分布",
    "items": ["充电桩编号", "所在小区", "功率"],
    "areas": ["110107", "110108"],
    "duty": DUTIES[FILER],
    "purpose": {"code": "city_operation", "text": "规划路侧充电车位,避免与小区内部桩位重复。"},
    "searched": {"text": "按“充电桩”“充电设施”检索目录,没有结果"},
}
TRIAGE = {"kind": "collection", "unit": UNIT, "reason": "该单位登记小区信息时可一并采集。"}
REASON = {"reason": "与本单位职责不符。"}

# The asking side filed the demand and says that it wants it once; the giving side can support it. A body without a
# duty of that name is refused for it.
ROLES = """
                                             anonymous asking asking_approver giving giving_approver stranger office auditor secrecy statistics archives
GET  /demands                                      401    200             200    200             200      200    200     200     200        200      200
POST /demands                                      401    201             403    422             403      422    422     403     422        422      422
GET  /demands/{demand_id}                          401    200             200    200             200      200    200     200     200        200      200
POST /demands/{demand_id}/{action}                 401    409             403    200             403      422    422     403     422        422      422
GET  /demands/{demand_id}/history                  401    200             200    200             200      200    200     200     200        200      200
GET  /demands/{demand_id}/payloads/{event_id}      401    200             200    404             404      404    200     404     404        404      404
"""  # noqa: E501 - a table has wide rows
WRITES = ("POST /demands", "POST /demands/{demand_id}/{action}")
TITLES = (WANTED | {"title": f"居住小区充电桩分布{number}"} for number in count(1))


def request_for(route: str) -> Sent:
    """Return a request on something made for it, that whom the table allows may send."""
    method, path = route.split()
    if "{" not in path:
        return Sent(method, path, next(TITLES) if method == "POST" else None)
    made = file(next(TITLES))
    event = history(made)[0]["event"]["id"] if "{event_id}" in path else ""
    named = path.format(demand_id=made.body["id"], action="support", event_id=event)
    return Sent(method, named, {"duty": DUTIES[OTHER]} if method == "POST" else None, made.etag)


def good_writes() -> dict[str, Write]:
    """Return a request that would succeed for each route that writes."""
    create, take = WRITES
    made = file(next(TITLES))
    decline = Sent("POST", f"/demands/{made.body['id']}/decline", REASON, made.etag)
    return {
        create: Write(Sent("POST", "/demands", next(TITLES)), "asking", ("title",)),
        take: Write(decline, "office", ("reason",)),
    }


def file(wanted: Mapping[str, Any] = WANTED, organisation: str = FILER, key: str | None = None) -> Reply:
    """File a demand as an organisation's officer, under an Idempotency-Key if one is given."""
    headers = {"Idempotency-Key": key} if key else {}
    said = {**wanted, "duty": DUTIES[organisation]} if organisation != FILER else wanted
    return call(handler, "POST", "/demands", token=token(organisation), json=said, headers=headers)


def get(path: str, organisation: str | None = FILER, *roles: str) -> Reply:
    """Read as an organisation's officer, or as nobody."""
    return call(handler, "GET", path, token=organisation and token(organisation, *roles))


def read(demand_id: str, organisation: str | None = FILER) -> Reply:
    """Read a demand."""
    return get(f"/demands/{demand_id}", organisation)


def act(last: Reply, action: str, organisation: str, body: Any = None) -> Reply:
    """Take an action on the version that the last answer showed."""
    path = f"/demands/{last.body['id']}/{action}"
    return call(handler, "POST", path, token=token(organisation), json=body, headers={"If-Match": last.etag})


def support(last: Reply, organisation: str, *, urgent: bool = False) -> Reply:
    """Support a demand for the organisation's own duty."""
    return act(last, "support", organisation, {"duty": DUTIES[organisation]} | ({"urgency": URGENT} if urgent else {}))


def proposed() -> Reply:
    """File a demand and propose it to the unit."""
    return act(file(), "triage", OFFICE, TRIAGE)


def taken_up() -> Reply:
    """Bring a demand to where the unit has taken it up."""
    return act(proposed(), "take_up", UNIT)


def numbered(demand: Demand) -> Demand:
    """Return a demand that is due ten working days after its clock began; the same where none runs."""
    given = due("correction", demand.clock.since, profile="reg-2025") if demand.clock else None
    if demand.clock is None or given is None:
        return demand
    counted = {"due": given.model_copy(update={"clock": demand.clock.clock}), "allowed": given.working_days}
    return demand.model_copy(update={"clock": demand.clock.model_copy(update=counted)})


def history(last: Reply, organisation: str = FILER) -> list[dict[str, Any]]:
    """Return the history of a demand as an organisation reads it."""
    lines: list[dict[str, Any]] = get(f"/demands/{last.body['id']}/history", organisation).body["items"]
    return lines
