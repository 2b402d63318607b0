"""Databases and their cases as records, for tests of rules: a plan that lacks nothing, and what lies beside it."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from services.catalog.certificate import Certificate
from services.catalog.certificate import State as Issued
from services.catalog.database import CaseState, Database, Kind, LifecycleCase, Said, State
from services.catalog.database_description import Built, Description, Disposal, Statement
from services.catalog.database_guards import Face, Given
from services.shared.callers import Caller, Claim
from services.shared.lifecycle import Party

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
UNIT, OTHER = "transport_commission", "public_security_bureau"
OFFICER = Caller(organisation=UNIT, officer="o-1", claims=frozenset({Claim.OFFICER}))

# The specification's rows: from, action, who, to. `-` stays; the system's happen with another's end.
LIFE_ROWS = """
PLANNED            approve_to_build  system                                              APPROVED_TO_BUILD
PLANNED            end_plan          system                                              ABANDONED
APPROVED_TO_BUILD  register          system                                              REGISTERED
APPROVED_TO_BUILD  abandon           unit                                                ABANDONED
REGISTERED         go_live           unit                                                OPERATING
OPERATING          report            unit                                                -
OPERATING          suspend           unit,informatization_office,secrecy_bureau          SUSPENDED
SUSPENDED          resume            secrecy_bureau,informatization_office               OPERATING
REGISTERED         change            system                                              -
OPERATING          change            system                                              -
SUSPENDED          change            system                                              -
REGISTERED         deregister        system                                              DEREGISTERED
OPERATING          deregister        system                                              DEREGISTERED
SUSPENDED          deregister        system                                              DEREGISTERED
DEREGISTERED       transfer_archive  archives_bureau                                     ARCHIVED
"""
CASE_ROWS = """
DRAFT         file          unit                                       FILED
FILED         start_review  informatization_office                     UNDER_REVIEW
UNDER_REVIEW  return        informatization_office                     RETURNED
RETURNED      supplement    unit                                       UNDER_REVIEW
UNDER_REVIEW  approve       informatization_office                     APPROVED
UNDER_REVIEW  decline       informatization_office,statistics_bureau   DECLINED
DECLINED      contest       unit                                       CONTESTED
DECLINED      accept        unit                                       REJECTED
CONTESTED     reconsider    system                                     UNDER_REVIEW
CONTESTED     reject        system                                     REJECTED
DRAFT         withdraw      unit                                       WITHDRAWN
FILED         withdraw      unit                                       WITHDRAWN
UNDER_REVIEW  withdraw      unit                                       WITHDRAWN
RETURNED      withdraw      unit                                       WITHDRAWN
DECLINED      withdraw      unit                                       WITHDRAWN
DRAFT         revise        unit                                       -
RETURNED      revise        unit                                       -
"""
REUSE_ROWS = """
DRAFT         reuse         unit                                       REDIRECTED
FILED         reuse         unit                                       REDIRECTED
UNDER_REVIEW  reuse         unit                                       REDIRECTED
RETURNED      reuse         unit                                       REDIRECTED
DECLINED      reuse         unit                                       REDIRECTED
"""


def a_database(state: State = State.PLANNED, **changes: Any) -> Database:
    secrecy = Said(party=Party.SECRECY, officer="o-9", at=NOON, text="核查")
    said = {"description": a_description(), "suspension": secrecy if state is State.SUSPENDED else None}
    return Database(**{"id": "d-1", "state": state, "unit": UNIT, "changed_at": NOON} | said | changes)


def a_case(state: CaseState = CaseState.DRAFT, kind: Kind = Kind.ESTABLISHMENT, **changes: Any) -> LifecycleCase:
    said = {"statement": a_statement(kind), "opened_by": Party.UNIT, "number": 1, "unit": UNIT, "changed_at": NOON}
    return LifecycleCase(**{"id": f"{kind}-1", "state": state, "kind": kind} | said | changes)


def a_description(**changes: Any) -> Description:
    items = [
        {"name": name, "data_type": "C", "originating_process": "备案", "collection": "c-1"}
        for name in ("车场名称", "车位总数", "空余车位数")
    ]
    said = {
        "name": "停车资源数据库",
        "abstract": "停车资源",
        "purpose": "停车管理",
        "items": items,
        "legal_basis": {"instrument": "beijing-parking-regulation", "clause": "4"},
        "duty": "parking_management",
        "plan_item": "规划3-12",
        "areas": ["110000"],
        "update_cycle": "daily",
        "maintenance_plan": "专人维护",
        "budget_source": "work_funds",
        "operator": UNIT,
        "contact": "数据管理岗",
    }
    return Description.model_validate(said | changes)


def a_statement(kind: Kind = Kind.ESTABLISHMENT, **changes: Any) -> Statement:
    disposal = Disposal(method="archive", custodian="archives_bureau", on=date(2027, 1, 1), plan="移交")
    built = Built(product="达梦", tables=3, records=1, bytes=1, built_on=date(2026, 10, 1), acceptance="验收1号")
    said: dict[Kind, dict[str, Any]] = {
        Kind.ESTABLISHMENT: {"description": a_description(), "certificate": "k-1"},
        Kind.REGISTRATION: {"description": a_description(), "built": built},
        Kind.CHANGE: {"description": a_description(contact="数据中心值班岗"), "changes": "更换联系岗位"},
        Kind.DEREGISTRATION: {"reason": "并入统建库", "disposal": disposal},
    }
    return Statement(**said[kind] | changes)


def a_certificate(unit: str = UNIT, **changes: Any) -> Certificate:
    subject = changes.get("subject") or a_description().subject
    assert subject is not None
    said = {"subject": subject, "catalogue_version": 1, "collection_hits": (), "catalogue_hits": ()}
    days = {"issued_at": NOON, "expires_at": NOON + timedelta(days=30), "changed_at": NOON}
    return Certificate(**{"id": "k-1", "state": Issued.ISSUED, "unit": unit} | said | days | changes)


def a_duty(**changes: Any) -> Face:
    return Face(**{"kind": "collection", "id": "c-1", "unit": UNIT, "state": "PUBLISHED", "title": "停车"} | changes)


def complete(**changes: Any) -> Given:
    return _complete()._replace(**changes)


@cache
def _complete() -> Given:
    return Given(certificate=a_certificate(), collections={"c-1": a_duty()}, in_force=a_description())
