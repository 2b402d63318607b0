"""Steps that tests take with search certificates, over HTTP: a search, a decision about a hit, all decided."""

from collections.abc import Mapping
from typing import Any

from services.catalog.api import handler
from tests.searching import number_changes
from tests.support import Reply, call, token

UNIT = "transport_commission"
DUTY = "parking_management"
REASON = "所需为分时段历史数据,该条目只有实时数,不能替代。"
SUBJECT: dict[str, Any] = {
    "intent": "database",
    "name": "停车场空余泊位数据库",
    "items": ["空余泊位数"],
    "areas": ["110000"],
}


def search(subject: Mapping[str, Any] = SUBJECT, unit: str = UNIT, key: str | None = None) -> Reply:
    """Search as a unit's officer, under an Idempotency-Key if one is given, once every change has its number."""
    number_changes()
    headers = {"Idempotency-Key": key} if key else {}
    return call(handler, "POST", "/catalog/checks", token=token(unit), json=subject, headers=headers)


def decide(last: Reply, action: str, body: Any, unit: str = UNIT, *roles: str) -> Reply:
    """Decide about a hit of the certificate that the last answer showed."""
    path = f"/catalog/checks/{last.body['id']}/{action}"
    return call(handler, "POST", path, token=token(unit, *roles), json=body, headers={"If-Match": last.etag})


def justify(last: Reply, hit: str, reason: str = REASON, unit: str = UNIT) -> Reply:
    """Justify why a hit does not serve."""
    return decide(last, "justify", {"hit": hit, "reason": reason}, unit)


def reuse(last: Reply, hit: str, unit: str = UNIT, **changes: Any) -> Reply:
    """Reuse a hit."""
    return decide(last, "reuse", {"hit": hit, "duty": DUTY, "purpose": "city_operation"} | changes, unit)


def certified(subject: Mapping[str, Any], unit: str) -> str:
    """Return the id of a certificate that can be cited: every strong hit is justified."""
    last = search(subject, unit)
    assert last.status == 201, last.body
    for hit in last.body["undecided"]:
        last = justify(last, hit, unit=unit)
        assert last.status == 200, last.body
    found: str = last.body["id"]
    return found
