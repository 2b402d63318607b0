"""Everybody who may try something with a database, and the decisions of the rules as a caller would get them. Pure."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from services.catalog.database import Database, Kind
from services.catalog.database_acts import BODIES, CASE_BODIES, Action, CaseAction
from services.catalog.database_description import DraftStatement
from services.catalog.database_guards import Face, Given
from services.catalog.database_sight import check_visible
from services.catalog.database_steps import coordinate, open_case, plan, take, take_case
from services.shared import coordination
from services.shared.callers import Caller, Claim
from services.shared.errors import GovShareError
from services.shared.http import STATUS
from services.shared.lifecycle import Act
from services.shared.steps import Step
from tests.database_records import NOON, UNIT, a_statement, complete

OFFICER = frozenset({Claim.OFFICER})
CODES = {
    "unit": UNIT,
    "office": "informatization_office",
    "statistics": "statistics_bureau",
    "secrecy": "secrecy_bureau",
    "archives": "archives_bureau",
    "group": "leading_group",
    "stranger": "drc",
}
WHO = {name: Caller(organisation=code, officer=f"o-{code}", claims=OFFICER) for name, code in CODES.items()} | {
    "approver": Caller(organisation=UNIT, officer="o-2", claims=frozenset({Claim.APPROVER, Claim.AUDITOR}))
}
RULING = {"meeting": "第4次会议", "reason": "统筹"}
SAID: dict[str, dict[str, Any]] = {
    "abandon": {"reason": "停建"},
    "suspend": {"reason": "核查"},
    "report": {
        "period_from": "2026-10-01",
        "period_until": "2026-10-31",
        "status": "normal",
        "record_count": 1,
        "updated_at": "2026-10-31T00:00:00Z",
        "availability": 1000,
    },
    "transfer_archive": {"package": "p-1", "package_sha256": "ab" * 32, "receipt_number": "1"},
    "return": {"gaps": [{"pointer": "/description/name", "detail": "全称"}]},
    "approve": {"comment": "同意"},
    "decline": {"reason": "重复", "evidence": "目录"},
    "contest": {"reason": "不重复"},
    "reuse": {"resource": "e-1", "duty": "parking_management", "purpose": "city_operation"},
    "mediate": {"proposal": "共建"},
    "uphold": {"instrument": "policy-2005", "clause": "三(二)", "reason": "统建"},
    "escalate": {"docket": "请决定"},
    "rule_for": RULING,
    "rule_against": RULING,
    "remand": {"instructions": "再协商"},
}
OWN = tuple(BODIES)
ENTRY = Face(kind="resource", id="e-1", unit="tax_service", state="LIVE", title="停车费")


def the_plan(**changes: Any) -> Database:
    """Return a plan that lacks nothing, its establishment case in draft."""
    said = a_statement().model_copy(update=changes).model_dump(mode="json", include={"description", "certificate"})
    return plan(DraftStatement.model_validate(said), WHO["unit"], NOON).record


def decide(database: Database, path: str, who: str, given: Given | None = None, at: datetime = NOON) -> Step[Database]:
    """Return the step that a caller's act at an address leads to. Raises what the caller would be told."""
    check_visible(database, WHO[who])
    around = given or complete(number="D-2026-000001", request="r-1", resource=ENTRY, in_force=database.description)
    *room, action = path.split("/")
    if room == []:
        return take(database, _act(Action(action), BODIES[Action(action)], who, at, around))
    if room == ["coordination"]:
        known = coordination.Action(action)
        return coordinate(database, None, _act(known, coordination.BODIES[known], who, at, around))
    kind = Kind(room[1])
    if action == "open":
        said = a_statement(kind).model_dump(mode="json", exclude_defaults=True)
        act = _act(CaseAction.REVISE, DraftStatement, who, at, around)
        return open_case(database, kind, replace(act, body=DraftStatement.model_validate(said)))
    known_act = CaseAction(action)
    return take_case(database, kind, _act(known_act, CASE_BODIES[known_act], who, at, around))


def status_of(database: Database, path: str, who: str) -> int:
    """Return what a caller would be told: 200, or the status of a refusal."""
    try:
        decide(database, path, who)
    except GovShareError as error:
        return STATUS[type(error)]
    return 200


def played(database: Database, *steps: str) -> Database:
    """Return a database after steps written as `<who> <address>`."""
    for step in steps:
        who, path = step.split()
        database = decide(database, path, who).record
    return database


def _act(action: Any, model: Any, who: str, at: datetime, given: Given) -> Act:
    return Act(action, model.model_validate(SAID.get(action, {})), WHO[who], at, given)
