"""Steps that tests take with databases, over HTTP: planned, filed, reviewed, registered, operated, ended."""

from collections.abc import Mapping
from typing import Any

from services.catalog.api import handler
from services.shared.canonical import new_id
from services.shared.reference import duties_of
from tests import collecting
from tests.checks import certified
from tests.support import Reply, call, token

UNIT, OTHER, STRANGER = "transport_commission", "public_security_bureau", "drc"
OFFICE, STATISTICS, GROUP = "informatization_office", "statistics_bureau", "leading_group"
SECRECY, ARCHIVES = "secrecy_bureau", "archives_bureau"
HERE = "/catalog/databases"
DESCRIPTION: dict[str, Any] = {
    "name": "停车资源数据库",
    "abstract": "全市停车资源及其运行情况",
    "purpose": "停车管理与服务",
    "plan_item": "市政务信息资源规划 2026-3-12",
    "areas": ["110000"],
    "system": "停车资源管理平台",
    "volume": 120_000,
    "update_cycle": "daily",
    "maintenance_plan": "专人维护,每日核对",
    "budget_source": "special_support",
    "operator": UNIT,
    "contact": "信息中心数据管理岗",
}
ITEMS = ("车场名称", "车位总数", "空余车位数")
BUILT: dict[str, Any] = {
    "product": "达梦数据库管理系统",
    "tables": 12,
    "records": 118_204,
    "bytes": 73_400_320,
    "built_on": "2026-10-30",
    "acceptance": "验收意见 2026-118",
}
REASON = {"reason": "业务已并入统建库。"}
DECLINE = {"reason": "与在建库重复。", "evidence": "目录 D-2026-000001"}
COMMENT = {"comment": "符合统一规划。"}
PROPOSAL = {"proposal": "先行共建,一年后并入。"}
BASIS = {"instrument": "policy-2005", "clause": "三(二)", "reason": "应当使用统建库。"}
REPORT: dict[str, Any] = {
    "period_from": "2026-10-01",
    "period_until": "2026-10-31",
    "status": "normal",
    "record_count": 118_300,
    "updated_at": "2026-10-31T15:00:00Z",
    "availability": 998,
    "incidents": "10月12日停机维护20分钟",
}
TAKEOVER = {"package": "DA-2026-77", "package_sha256": "ab" * 32, "receipt_number": "接收-2026-031"}


def description(unit: str = UNIT, collection: str | None = None, **changes: Any) -> dict[str, Any]:
    """Return what a unit says of its database: on its first duty, and a collection of its own unless one is given."""
    duty = duties_of(unit)[0]
    basis = {"instrument": duty.legal_instrument, "clause": duty.clause}
    rests_on = collection or a_collection(unit)
    items = [
        {"name": name, "data_type": "C", "originating_process": "停车场备案与巡检", "collection": rests_on}
        for name in changes.pop("items", ITEMS)
    ]
    return DESCRIPTION | {"operator": unit, "duty": duty.code, "legal_basis": basis, "items": items} | changes


def a_collection(unit: str = UNIT) -> str:
    """Return a published collection duty of a unit's: the first there is, else a new one."""
    known = call(handler, "GET", f"/catalog/collections?unit={unit}&limit=1").body["items"]
    return str(known[0]["id"]) if known else another_collection(unit)


def another_collection(unit: str = UNIT) -> str:
    """Return a published collection duty of a unit's on an item that nobody else collects."""
    duty: str = collecting.published(unit, item=f"停车登记{new_id()}").body["id"]
    return duty


def certificate_for(said: Mapping[str, Any], unit: str = UNIT) -> str:
    """Return the id of a certificate that can be cited for what a unit would build."""
    subject = {"intent": "database", "name": said["name"], "basic_class": said.get("basic_class")}
    return certified(subject | {"items": [item["name"] for item in said["items"]], "areas": said["areas"]}, unit)


def statement(unit: str = UNIT, **changes: Any) -> dict[str, Any]:
    """Return what an establishment case says, complete."""
    said = description(unit, **changes)
    return {"description": said, "certificate": certificate_for(said, unit)}


def post(unit: str, said: Mapping[str, Any], key: str | None = None) -> Reply:
    """Plan a database."""
    headers = {"Idempotency-Key": key} if key else {}
    return call(handler, "POST", HERE, token=token(unit), json=said, headers=headers)


def read(case: str, organisation: str | None = None, query: str = "") -> Reply:
    """Read a database as an organisation's officer, or as nobody."""
    return call(handler, "GET", f"{HERE}/{case}{query}", token=organisation and token(organisation))


def put(last: Reply, organisation: str, said: Mapping[str, Any]) -> Reply:
    """Say something else in a draft or returned case."""
    path, etag = f"{HERE}/{last.body['id']}", {"If-Match": last.etag}
    return call(handler, "PUT", path, token=token(organisation), json=said, headers=etag)


def act(last: Reply, action: str, organisation: str, body: Any = None) -> Reply:
    """Take an action on the version that the last answer showed: `report`, `cases/change/file` and the like."""
    path, etag = f"{HERE}/{last.body['id']}/{action}", {"If-Match": last.etag}
    return call(handler, "POST", path, token=token(organisation), json=body, headers=etag)


def done(reply: Reply) -> Reply:
    """Return an answer that must not be a refusal."""
    assert reply.status in {200, 201}, reply.body
    return reply


def go(last: Reply, *steps: tuple[str, str] | tuple[str, str, Any]) -> Reply:
    """Take steps of action, organisation and body, each of which must succeed."""
    for action, organisation, *body in steps:
        last = done(act(last, action, organisation, *body))
    return last


def planned(unit: str = UNIT, **changes: Any) -> Reply:
    """Plan a database that could be filed at once."""
    return done(post(unit, statement(unit, **changes)))


def filed(unit: str = UNIT, **changes: Any) -> Reply:
    """File a new database's establishment."""
    return go(planned(unit, **changes), ("cases/establishment/file", unit))


def under_review(unit: str = UNIT, **changes: Any) -> Reply:
    """Bring a new database's establishment under review."""
    return go(filed(unit, **changes), ("cases/establishment/start_review", OFFICE))


def approved(unit: str = UNIT, **changes: Any) -> Reply:
    """Bring a new database to its approval to build, with both keys where it takes two."""
    last = go(under_review(unit, **changes), ("cases/establishment/approve", OFFICE, COMMENT))
    if last.body["state"] == "PLANNED":
        last = go(last, ("cases/establishment/approve", STATISTICS, COMMENT))
    return last


def registered(unit: str = UNIT, **changes: Any) -> Reply:
    """Bring a new database to its registration."""
    return through(approved(unit, **changes), "registration", {"built": BUILT}, unit)


def operating(unit: str = UNIT, **changes: Any) -> Reply:
    """Bring a new database to operation."""
    return go(registered(unit, **changes), ("go_live", unit))


def disposal(**changes: Any) -> dict[str, Any]:
    """Return what a deregistration says, nothing depending on the database."""
    plan = {"method": "archive", "custodian": ARCHIVES, "on": "2099-12-31", "plan": "整体移交市档案局。"}
    return REASON | {"disposal": plan} | changes


def deregistered(unit: str = UNIT, **changes: Any) -> Reply:
    """Bring a new database to its deregistration."""
    return through(operating(unit, **changes), "deregistration", disposal(), unit)


def opened(last: Reply, kind: str, said: Mapping[str, Any], unit: str = UNIT) -> Reply:
    """Open a case of a kind."""
    return go(last, (f"cases/{kind}/open", unit, said))


def through(last: Reply, kind: str, said: Mapping[str, Any], unit: str = UNIT) -> Reply:
    """Open a case of a kind and bring it to its approval."""
    return go(
        opened(last, kind, said, unit),
        (f"cases/{kind}/file", unit),
        (f"cases/{kind}/start_review", OFFICE),
        (f"cases/{kind}/approve", OFFICE),
    )


def contested(last: Reply, unit: str = UNIT) -> Reply:
    """Let the office decline an establishment under review, and its unit contest that."""
    kind = "cases/establishment"
    return go(last, (f"{kind}/decline", OFFICE, DECLINE), (f"{kind}/contest", unit, REASON))


def case_of(last: Reply, kind: str) -> dict[str, Any]:
    """Return the open case of a kind in an answer."""
    return next(case for case in last.body["cases"] if case["kind"] == kind)
