"""Steps that tests take with collection responsibilities, over HTTP: applied for, reviewed, coordinated, published."""

from collections.abc import Mapping
from typing import Any

from services.catalog.api import handler
from services.shared.reference import duties_of
from tests.checks import certified
from tests.support import Reply, call, token

POLICE, TAX, SCHOOLS = "public_security_bureau", "tax_service", "education_commission"
OFFICE, STATISTICS, GROUP, STRANGER = "informatization_office", "statistics_bureau", "leading_group", "drc"
HERE = "/catalog/collections"
ITEM: dict[str, Any] = {
    "basic_class": "population",
    "item": "常住人口登记信息",
    "description": "全市常住人口的基本登记信息",
    "items": ["姓名", "公民身份号码", "住址"],
    "areas": ["110000"],
    "data_form": "database",
    "standard": {"id": "gb-11643", "version": "1999"},
    "update_cycle": "daily",
}
COMMENT = {"comment": "符合统一规划。"}
DECLINE = {"reason": "已有部门采集。", "evidence": "目录 C-2026-000001"}
REVOCATION = {"basis": {"instrument": "policy-2005", "clause": "三(一)"}, "reason": "职能已划出。"}


def statement(unit: str = POLICE, **changes: Any) -> dict[str, Any]:
    """Return what a unit says of its first duty, resting on the law of that duty; without a certificate."""
    duty = duties_of(unit)[0]
    basis = {"instrument": duty.legal_instrument, "clause": duty.clause}
    return ITEM | {"duty": duty.code, "legal_basis": basis} | changes


def certificate_for(said: Mapping[str, Any], unit: str) -> str:
    """Return the id of a certificate that can be cited for what a unit says."""
    subject = {"intent": "collection", "name": said["item"], "basic_class": said["basic_class"]}
    return certified(subject | {"items": said["items"], "areas": said["areas"]}, unit)


def create(unit: str = POLICE, key: str | None = None, **changes: Any) -> Reply:
    """Draft an application with its certificate, under an Idempotency-Key if one is given."""
    said = statement(unit, **changes)
    return post(unit, {"certificate": certificate_for(said, unit)} | said, key)


def post(unit: str, said: Mapping[str, Any], key: str | None = None) -> Reply:
    """Send a draft as it is."""
    headers = {"Idempotency-Key": key} if key else {}
    return call(handler, "POST", HERE, token=token(unit), json=said, headers=headers)


def read(case: str, organisation: str | None = None) -> Reply:
    """Read a case as an organisation's officer, or as nobody."""
    return call(handler, "GET", f"{HERE}/{case}", token=organisation and token(organisation))


def act(last: Reply, action: str, organisation: str, body: Any = None) -> Reply:
    """Take an action on the version that the last answer showed."""
    path, etag = f"{HERE}/{last.body['id']}/{action}", {"If-Match": last.etag}
    return call(handler, "POST", path, token=token(organisation), json=body, headers=etag)


def act_now(case: str, action: str, organisation: str, body: Any = None) -> Reply:
    """Take an action on the version that stands."""
    path, etag = f"{HERE}/{case}/{action}", {"If-Match": read(case, OFFICE).etag}
    return call(handler, "POST", path, token=token(organisation), json=body, headers=etag)


def put(last: Reply, organisation: str, said: Mapping[str, Any]) -> Reply:
    """Send what the case is to say from the version that the last answer showed."""
    path, etag = f"{HERE}/{last.body['id']}", {"If-Match": last.etag}
    return call(handler, "PUT", path, token=token(organisation), json=said, headers=etag)


def done(reply: Reply) -> Reply:
    """Return an answer that must not be a refusal."""
    assert reply.status in {200, 201}, reply.body
    return reply


def applied(unit: str = POLICE, **changes: Any) -> Reply:
    """Apply for a new case."""
    return done(act(done(create(unit, **changes)), "apply", unit))


def under_review(unit: str = POLICE, **changes: Any) -> Reply:
    """Bring a new case under joint review."""
    return done(act(applied(unit, **changes), "start_review", OFFICE))


def approved(last: Reply) -> Reply:
    """Give both keys."""
    return done(act(done(act(last, "approve", OFFICE, COMMENT)), "approve", STATISTICS, COMMENT))


def designated(unit: str = POLICE, **changes: Any) -> Reply:
    """Bring a new case to designation by both keys."""
    return approved(under_review(unit, **changes))


def published(unit: str = POLICE, **changes: Any) -> Reply:
    """Bring a new case to publication."""
    return done(act(done(act(designated(unit, **changes), "register", OFFICE)), "publish", OFFICE))


def coordinated(*units: str, hear: bool = True, **changes: Any) -> list[str]:
    """Let units claim one item, open their coordination, and hear each of them; return their cases."""
    cases = [str(applied(unit, **changes).body["id"]) for unit in units]
    done(act_now(cases[0], "open_coordination", OFFICE))
    for case, unit in zip(cases, units, strict=True):
        if hear:
            done(act_now(case, "be_heard", unit, {"position": "本单位依法采集。"}))
    return cases


def settle(case: str, **who: Any) -> Reply:
    """Settle a case's coordination."""
    return act_now(case, "settle", OFFICE, who | {"reason": "一数一源。"})


def payload(last: Reply, event: str, organisation: str) -> Reply:
    """Read what was written with an event of a case."""
    return call(handler, "GET", f"{HERE}/{last.body['id']}/payloads/{event}", token=token(organisation))
