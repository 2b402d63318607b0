"""What a filing of a database lacks is told at once, with pointers into what its case says (三(二))."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from services.catalog import database_guards as guards
from services.catalog.certificate import Certificate, Hit, Intent, Subject
from services.catalog.database import CaseState, Kind, LifecycleCase
from services.catalog.database_description import Description, DraftStatement, Statement
from services.catalog.database_guards import Face, Given
from services.shared.errors import Problem
from services.shared.lifecycle import Act
from tests.database_records import (
    NOON,
    OFFICER,
    OTHER,
    a_case,
    a_certificate,
    a_description,
    a_duty,
    a_statement,
    complete,
)


def gaps(case: LifecycleCase, given: Given, at: datetime = NOON) -> list[str]:
    act = Act(action="file", body=None, caller=OFFICER, at=at, given=given)  # type: ignore[arg-type]
    return [fault.pointer for guard in guards.COMPLETE[case.kind] for fault in guard(case, act)]


def faults(guard: guards.Guard, case: LifecycleCase, given: Given, body: Any = None) -> Iterator[Problem]:
    yield from guard(case, Act(action="x", body=body, caller=OFFICER, at=NOON, given=given))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", Kind)
def test_a_complete_one_lacks_nothing(kind: Kind) -> None:
    assert gaps(a_case(kind=kind), complete()) == []


def test_an_empty_plan_hears_everything_it_lacks() -> None:
    empty = a_case(statement=Statement(description=Description()))
    wanted = {"name", "abstract", "purpose", "items", "legal_basis", "duty", "plan_item", "areas", "update_cycle"}
    wanted |= {"maintenance_plan", "budget_source", "operator", "contact"}
    assert set(gaps(empty, Given())) == {f"/description/{name}" for name in wanted} | {"/certificate"}


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"name": None}, "/description/name"),
        ({"duty": "household_registration"}, "/description/duty"),
        ({"legal_basis": {"instrument": "policy-2005", "clause": "九"}}, "/description/legal_basis"),
        ({"plan_item": None}, "/description/plan_item"),
        ({"maintenance_plan": None}, "/description/maintenance_plan"),
        ({"budget_source": None}, "/description/budget_source"),
        ({"operator": "nobody"}, "/description/operator"),
        ({"areas": ["310000"]}, "/description/areas/0"),
    ],
)
def test_each_gap_points_where_it_is(change: dict[str, Any], pointer: str) -> None:
    said = a_case(statement=a_statement(description=a_description(**change)))
    assert pointer in gaps(said, complete())


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"originating_process": None}, "originating_process"),
        ({"data_type": None}, "data_type"),
        ({"collection": None}, "collection"),
        ({"collection": "c-2"}, "collection"),
    ],
)
def test_each_item_arises_from_a_process_and_rests_on_a_duty(change: dict[str, Any], pointer: str) -> None:
    first, *rest = a_description().items
    said = a_description(items=[first.model_copy(update=change), *rest])
    assert gaps(a_case(statement=a_statement(description=said)), complete()) == [f"/description/items/0/{pointer}"]


def test_the_same_item_twice_is_one_too_many() -> None:
    said = a_description(
        items=[*a_description().items, a_description().items[0].model_copy(update={"name": " 车场名称"})]
    )
    assert gaps(a_case(statement=a_statement(description=said)), complete()) == ["/description/items/3/name"]


@pytest.mark.parametrize("duty", [a_duty(unit=OTHER), a_duty(state="DESIGNATED"), a_duty(state="REVOKED")])
def test_a_duty_is_the_units_own_and_published(duty: Face) -> None:
    found = gaps(a_case(), complete(collections={"c-1": duty}))
    assert found == [f"/description/items/{place}/collection" for place in range(3)]


@pytest.mark.parametrize(
    "certificate",
    [
        None,
        a_certificate(OTHER),
        a_certificate(expires_at=NOON),
        a_certificate(subject=Subject(intent=Intent.COLLECTION, name="停车资源数据库", areas=("110000",))),
        a_certificate(
            catalogue_hits=(
                Hit(
                    rank=1,
                    kind="database",
                    id="d-9",
                    title="停车库",
                    provider=OTHER,
                    score=91,
                    strong=True,
                    reasons=(),
                ),
            )
        ),
    ],
)
def test_only_a_valid_certificate_lets_a_plan_be_filed(certificate: Certificate | None) -> None:
    assert gaps(a_case(), complete(certificate=certificate)) == ["/certificate"]


def test_a_certificate_that_was_valid_at_the_filing_stays_so_for_its_supplement() -> None:
    later = NOON + timedelta(days=60)
    assert gaps(a_case(CaseState.RETURNED, filed_at=NOON), complete(), later) == []
    assert gaps(a_case(), complete(), later) == ["/certificate"]


def test_a_rival_of_a_central_database_is_shown_the_way_to_it() -> None:
    central = Face(kind="database", id="d-7", unit=OTHER, state="OPERATING", title="人口库")
    (fault,) = faults(guards.is_no_rival, a_case(), complete(central=central))
    assert (fault.pointer, "d-7" in fault.detail) == ("/description/basic_class", True)


@pytest.mark.parametrize("kind", [Kind.REGISTRATION, Kind.CHANGE])
def test_what_is_new_is_searched_for_again(kind: Kind) -> None:
    more = a_description(
        items=[*a_description().items, a_description().items[0].model_copy(update={"name": "收费标准"})]
    )
    said = a_case(kind=kind, statement=a_statement(kind, description=more))
    assert gaps(said, complete(certificate=None)) == ["/certificate"]
    subject = more.subject
    assert gaps(said, complete(certificate=a_certificate(subject=subject))) == []


@pytest.mark.parametrize("kind", [Kind.REGISTRATION, Kind.CHANGE])
def test_the_basic_class_stands(kind: Kind) -> None:
    said = a_statement(kind, description=a_description(basic_class="population"))
    assert "/description/basic_class" in gaps(a_case(kind=kind, statement=said), complete())


def test_a_registration_says_what_was_built() -> None:
    empty = a_case(kind=Kind.REGISTRATION, statement=a_statement(Kind.REGISTRATION, built=None))
    assert gaps(empty, complete()) == ["/built"]
    assert gaps(a_case(kind=Kind.REGISTRATION), complete(), NOON - timedelta(days=90)) == ["/built/built_on"]


def test_a_change_says_what_changes_and_something_does() -> None:
    same = a_case(kind=Kind.CHANGE, statement=a_statement(Kind.CHANGE, description=a_description(), changes=None))
    assert gaps(same, complete()) == ["/changes", "/description"]


def test_a_deregistration_names_its_dependants_its_reason_and_what_becomes_of_the_data() -> None:
    entry = Face(kind="resource", id="e-1", unit=OTHER, state="LIVE", title="停车场")
    empty = a_case(kind=Kind.DEREGISTRATION, statement=Statement())
    assert gaps(empty, complete(dependants=(entry,))) == ["/reason", "/disposal", "/impact_seen"]
    seen = a_case(kind=Kind.DEREGISTRATION, statement=a_statement(Kind.DEREGISTRATION, impact_seen=("e-1",)))
    assert gaps(seen, complete(dependants=(entry,))) == []


@pytest.mark.parametrize(
    ("change", "pointer"),
    [({"custodian": "nobody"}, "/disposal/custodian"), ({"on": date(2026, 1, 1)}, "/disposal/on")],
)
def test_a_disposal_plan_has_a_custodian_and_a_day_to_come(change: dict[str, Any], pointer: str) -> None:
    plan_of = a_statement(Kind.DEREGISTRATION)
    assert plan_of.disposal is not None
    said = plan_of.model_copy(update={"disposal": plan_of.disposal.model_copy(update=change)})
    assert gaps(a_case(kind=Kind.DEREGISTRATION, statement=said), complete()) == [pointer]


@pytest.mark.parametrize("kind", Kind)
def test_a_case_says_nothing_of_another_kind(kind: Kind) -> None:
    every = {name: value for one in Kind for name, value in a_statement(one).model_dump(mode="json").items() if value}
    found = {
        fault.pointer for fault in faults(guards.fits_its_kind, a_case(kind=kind), Given(), DraftStatement(**every))
    }
    assert found == {f"/{name}" for name in every.keys() - guards.OF_KIND[kind]}
