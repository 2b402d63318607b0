"""Many at the same time, and a death in the middle: filings find each other, numbers have no gap, no step is half."""

import os
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from services.catalog.certificate import Certificate
from services.catalog.certificate import State as Issued
from services.catalog.collection import Collection
from services.catalog.collection import State as Collecting
from services.catalog.collection_lines import line_of
from services.catalog.collection_statement import CollectionDraft
from services.catalog.database import BUILT_UPON, STANDING, CaseState, Database, Kind, State
from services.catalog.database_acts import CASE_BODIES, CaseAction
from services.catalog.database_claims import claims_of
from services.catalog.database_description import DraftStatement
from services.catalog.database_evidence_store import claims_at, held_at
from services.catalog.database_steps import plan
from services.catalog.database_store import database_store
from services.shared.callers import Caller, Claim
from services.shared.canonical import now
from services.shared.cases import Cases
from services.shared.catalog_bodies import CheckRecorded, CollectionMoved
from services.shared.dynamo import put_record, write
from services.shared.errors import GovShareError
from services.shared.events import Origin, event_of
from services.shared.lifecycle import Act, Done, Party
from services.shared.organisations import organisations
from services.shared.reference import duties_of
from services.shared.steps import step_of
from tests import collecting
from tests.databases import (
    BASIS,
    BUILT,
    COMMENT,
    DECLINE,
    DESCRIPTION,
    ITEMS,
    OFFICE,
    OTHER,
    REASON,
    REPORT,
    STATISTICS,
    UNIT,
    act,
    approved,
    contested,
    disposal,
    done,
    go,
    opened,
    operating,
    planned,
    read,
    under_review,
)
from tests.filing import at_call
from tests.routes import items_of
from tests.stack import Calls, at_once
from tests.support import Reply, events_in

UNITS = [code for code in organisations() if duties_of(code)]
MANY, SOME = 50, 12
PLAN = "cases/establishment"


@pytest.fixture(autouse=True)
def table(data_stack: dict[str, str]) -> str:
    """The catalogue's table, empty."""
    return data_stack["CatalogTable"]


def moving(case: str, kind: Kind, action: CaseAction, organisation: str, **body: Any) -> Callable[[], Database]:
    """Return an act on a case as it stands now; a function answers one request at a time, so the store is asked."""
    store = database_store()
    sent = Act(action, CASE_BODIES[action].model_validate(body), officer_of(organisation), now())
    seen = store.get(case)
    return lambda: store.move_case(seen, kind, sent)


def officer_of(organisation: str) -> Caller:
    return Caller(organisation=organisation, officer=f"o-{organisation}", claims=frozenset({Claim.OFFICER}))


def a_plan_of(number: int, **changes: Any) -> str:
    """Return a plan that could be filed, its duty and certificate written as they are: fifty searches take long."""
    store, unit = database_store(), UNITS[number % len(UNITS)]
    mine = duties_of(unit)[0]
    basis = {"instrument": mine.legal_instrument, "clause": mine.clause}
    items = [
        {"name": name, "data_type": "C", "originating_process": "巡检", "collection": f"c-{number}"} for name in ITEMS
    ]
    said = DESCRIPTION | {"operator": unit, "duty": mine.code, "legal_basis": basis, "items": items} | changes
    sent = DraftStatement.model_validate({"description": said, "certificate": f"k-{number}"})
    step = plan(sent, officer_of(unit), now())
    store.save_step(step, None)
    write([*duty_writes(f"c-{number}", unit), *certificate_writes(f"k-{number}", step.record)])
    return step.record.id


def duty_writes(case: str, unit: str) -> list[Any]:
    """Return the writes of a published duty."""
    said = CollectionDraft.model_validate(collecting.statement(unit)).kept()
    times = {"version": 1, "case_seq": 1, "changed_at": now(), "since": now()}
    duty = Collection(id=case, state=Collecting.PUBLISHED, unit=unit, statement=said, **times)
    facts = {"state": duty.state, "unit": unit, "title": duty.title, "basic_class": None, "areas": ()}
    body = CollectionMoved(**facts, edition=1, statement_hash="")
    step = step_of(duty, event_of("collection.published", body, Origin(case, 1, unit, "o-1", now())))
    return cases_of("collection", Collection).writes(step, {"line": line_of(duty).model_dump_json()})


def certificate_writes(case: str, database: Database) -> list[Any]:
    """Return the writes of a certificate that found nothing."""
    until, subject = now().replace(year=2099), database.description.subject
    assert subject is not None
    nothing: dict[str, Any] = {"catalogue_version": 0, "collection_hits": (), "catalogue_hits": ()}
    times = {"version": 1, "case_seq": 1, "changed_at": now(), "issued_at": now(), "expires_at": until}
    found = Certificate(id=case, state=Issued.ISSUED, unit=database.unit, subject=subject, **nothing, **times)
    facts = {"unit": database.unit, "intent": "database", "evidence_hash": "", "catalogue_version": 0, "strong": 0}
    body = CheckRecorded(**facts, expires_at=until)
    step = step_of(found, event_of("check.recorded", body, Origin(case, 1, database.unit, "o-1", now())))
    return cases_of("certificate", Certificate).writes(step, {})


def cases_of(name: str, model: Any) -> Cases[Any]:
    return Cases(os.environ["CATALOG_TABLE"], os.environ["PAYLOAD_BUCKET"], name, model)


def all_in_order(table: str) -> list[Database]:
    """Return every database, once it is seen that books, locks, links and lists say what the databases say."""
    store = database_store()
    told = events_in(table)
    ids = sorted({event.case for event in told if event.type.startswith("database.")})
    found = [store.get(case) for case in ids]
    for one in found:
        numbers = [event.case_seq for event in told if event.case == one.record.id]
        assert numbers == list(range(1, len(numbers) + 1))
        assert one.record.version == len(numbers)
    for one in found:
        database = one.record
        for key, claim in claims_of(database).items():
            book = {item["sk"]: item for item in items_of(table, claims_at(key))}
            assert book[database.id]["claim"] == claim.model_dump_json()
        linked = {related.id for related in one.related if related.kind == "collection"}
        assert linked == (set(database.description.collections) if database.state in STANDING else set())
        lines = {item["sk"] for item in items_of(table, database.id) if item["sk"].startswith("CASE#")}
        assert lines == {f"CASE#{case.kind}" for case in database.cases if case.is_known}
    basic = [one.record for one in found if one.record.state in BUILT_UPON and one.record.description.basic_class]
    assert len({database.description.basic_class for database in basic}) == len(basic)
    for database in basic:
        (lock,) = items_of(table, held_at(str(database.description.basic_class))["pk"])
        assert database.id in lock["held_by"]
    return [one.record for one in found]


def test_fifty_filings_of_one_database_at_the_same_moment_all_find_each_other(table: str) -> None:
    cases = [a_plan_of(number) for number in range(MANY)]
    made = at_once(
        *(moving(case, Kind.ESTABLISHMENT, CaseAction.FILE, UNITS[n % len(UNITS)]) for n, case in enumerate(cases))
    )
    assert Counter(type(one) for one in made) == {Database: MANY}
    for case in (cases[0], cases[24], cases[49]):
        assert {rival["id"] for rival in read(case, OFFICE).body["rivals"]} == set(cases) - {case}
    assert {database.cases[0].state for database in all_in_order(table)} == {"FILED"}
    refused = go(read(cases[7], OFFICE), (f"{PLAN}/start_review", OFFICE))
    assert act(refused, f"{PLAN}/approve", OFFICE).status == 422


def test_of_fifty_approvals_for_a_basic_class_at_once_one_is_made(table: str) -> None:
    cases = [half_approved(number) for number in range(MANY)]
    made = at_once(*(moving(case, Kind.ESTABLISHMENT, CaseAction.APPROVE, STATISTICS, **COMMENT) for case in cases))
    (built,) = [one for one in made if isinstance(one, Database)]
    assert built.state is State.APPROVED_TO_BUILD
    refusals = [one for one in made if isinstance(one, GovShareError)]
    assert all(built.id in " ".join(problem.detail for problem in refusal.problems) for refusal in refusals)
    (lock,) = items_of(table, held_at("geospatial_natural")["pk"])
    assert built.id in lock["held_by"]


def test_registrations_at_once_take_numbers_without_gap_or_double(table: str) -> None:
    cases = [a_plan_of(number, name=f"第{number}号数据库", items=items_named(number)) for number in range(SOME)]
    for number, case in enumerate(cases):
        ready_to_register(case, UNITS[number % len(UNITS)])
    made = at_once(*(moving(case, Kind.REGISTRATION, CaseAction.APPROVE, OFFICE) for case in cases))
    numbers = sorted(one.number for one in made if isinstance(one, Database) and one.number)
    assert [number[-6:] for number in numbers] == [f"{number:06}" for number in range(1, SOME + 1)]
    assert {database.state for database in all_in_order(table)} == {State.REGISTERED}


def test_an_approval_does_not_pass_over_who_files_the_same_just_before(table: str) -> None:
    first, second = under_review(), planned(OTHER)
    with at_call("dynamodb", "TransactWriteItems", lambda: go(second, (f"{PLAN}/file", OTHER))):
        refused = act(first, f"{PLAN}/approve", OFFICE)
    assert (refused.status, second.body["id"] in refused.body["errors"][0]["detail"]) == (422, True)
    assert {database.state for database in all_in_order(table)} == {State.PLANNED}


def test_an_approval_does_not_pass_over_who_contests_just_before(table: str) -> None:
    first, second = under_review(), under_review(OTHER)
    declined = go(second, (f"{PLAN}/decline", OFFICE, DECLINE))
    with at_call("dynamodb", "TransactWriteItems", lambda: go(declined, (f"{PLAN}/contest", OTHER, REASON))):
        assert act(first, f"{PLAN}/approve", OFFICE).status == 422
    all_in_order(table)


def test_of_two_acts_on_the_same_reading_one_is_done_and_the_other_leaves_nothing(table: str) -> None:
    last = operating()
    assert (act(last, "suspend", OFFICE, REASON).status, act(last, "report", UNIT, REPORT).status) == (200, 412)
    made = at_once(
        moving(
            under := under_review(name="停车收费数据库", items=("车场", "单价", "时段")).body["id"],
            Kind.ESTABLISHMENT,
            CaseAction.APPROVE,
            OFFICE,
        ),
        moving(under, Kind.ESTABLISHMENT, CaseAction.WITHDRAW, UNIT),
    )
    assert Counter(type(one).__name__ for one in made) == {"Database": 1, "Stale": 1}
    all_in_order(table)


STEPS: dict[str, Callable[[], tuple[Reply, str, str, Any]]] = {
    "file": lambda: (planned(), f"{PLAN}/file", UNIT, None),
    "approve to build": lambda: (basic_with_one_key(), f"{PLAN}/approve", STATISTICS, COMMENT),
    "register": lambda: (to_approve("registration"), "cases/registration/approve", OFFICE, None),
    "change": lambda: (to_approve("change"), "cases/change/approve", OFFICE, None),
    "deregister": lambda: (to_approve("deregistration"), "cases/deregistration/approve", OFFICE, None),
    "abandon": lambda: (approved(), "abandon", UNIT, REASON),
    "end by coordination": lambda: (contested(under_review()), "coordination/uphold", OFFICE, BASIS),
}


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("name", STEPS)
def test_a_step_that_dies_at_any_write_is_whole_or_not_there(
    table: str, aws_calls: Calls, name: str, when: str
) -> None:
    last, address, who, body = STEPS[name]()
    start = last.body["version"]
    for nth in range(1, 4):
        with aws_calls.crash(when, nth):
            act(last, address, who, body)
        all_in_order(table)
        if not aws_calls.crashed or read(last.body["id"], who).body["version"] > start:
            break
    seen = read(last.body["id"], who)
    assert seen.body["version"] in {start, start + 1}
    if seen.body["version"] == start:
        done(act(last, address, who, body))
    all_in_order(table)


def basic_with_one_key() -> Reply:
    return go(under_review(basic_class="geospatial_natural"), (f"{PLAN}/approve", OFFICE, COMMENT))


def to_approve(kind: str) -> Reply:
    """Return a database whose case of a kind lacks nothing but the office's approval."""
    last = approved() if kind == "registration" else operating()
    changed = last.body["description"] | {"contact": "数据中心值班岗"}
    said: dict[str, Any] = {
        "registration": {"built": BUILT},
        "change": {"description": changed, "changes": "更换联系岗位"},
        "deregistration": disposal(),
    }[kind]
    return go(opened(last, kind, said), (f"cases/{kind}/file", UNIT), (f"cases/{kind}/start_review", OFFICE))


def ready_to_register(case: str, unit: str) -> None:
    """Bring a plan to where its registration lacks nothing but the office's approval."""
    last = go(read(case, unit), (f"{PLAN}/file", unit), (f"{PLAN}/start_review", OFFICE), (f"{PLAN}/approve", OFFICE))
    last = opened(last, "registration", {"built": BUILT}, unit)
    go(last, ("cases/registration/file", unit), ("cases/registration/start_review", OFFICE))


def items_named(number: int) -> list[dict[str, Any]]:
    item = {"data_type": "C", "originating_process": "巡检", "collection": f"c-{number}"}
    return [item | {"name": f"{name}{number}"} for name in ITEMS]


def half_approved(number: int) -> str:
    """Return a plan of a basic class with the office's key, written as it is: no path lets so many come there."""
    case = a_plan_of(number, basic_class="geospatial_natural")
    plan_of = database_store().get(case).record
    key = Done(action="approve", party=Party.OFFICE, officer="o-1", at=now())
    reviewed = plan_of.cases[0].model_copy(update={"state": CaseState.UNDER_REVIEW, "filed_at": now(), "done": (key,)})
    after = plan_of.model_copy(update={"cases": (reviewed,), "version": 2, "case_seq": 2})
    write([put_record(os.environ["CATALOG_TABLE"], case, "database", after, {})])
    return case
