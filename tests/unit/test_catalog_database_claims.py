"""Those that mean to build the same database find each other (S-071)."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from services.catalog import database_guards as guards
from services.catalog.database import CaseState, LifecycleCase, State
from services.catalog.database_claims import claims_of, keys_of, rivals_among
from services.catalog.database_description import name_key
from services.catalog.database_guards import Given
from services.shared.errors import Problem
from services.shared.lifecycle import Act
from tests.database_records import NOON, OFFICER, OTHER, a_case, a_database, a_description, complete


def gaps(case: LifecycleCase, given: Given, at: datetime = NOON) -> list[str]:
    act = Act(action="file", body=None, caller=OFFICER, at=at, given=given)  # type: ignore[arg-type]
    return [fault.pointer for guard in guards.COMPLETE[case.kind] for fault in guard(case, act)]


def faults(guard: guards.Guard, case: LifecycleCase, given: Given, body: Any = None) -> Iterator[Problem]:
    yield from guard(case, Act(action="x", body=body, caller=OFFICER, at=NOON, given=given))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "other"),
    [("停车资源数据库", "停车资源库"), ("停车资源 数据库", "停车资源信息系统"), ("ＡＢＣ平台", "abc数据库")],
)
def test_names_that_say_the_same_are_the_same(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(("one", "other"), [("停车资源库", "停车收费库"), ("数据库", "系统")])
def test_other_names_are_not(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)
    assert name_key(one)


def test_the_same_items_in_another_order_are_the_same_database() -> None:
    turned = a_description(name="另一个", items=list(reversed(a_description().items)))
    assert keys_of(turned)["items"] == keys_of(a_description())["items"]
    assert "items" not in keys_of(a_description(items=a_description().items[:2]))


def test_a_claim_stands_from_the_filing_until_the_end() -> None:
    draft = a_database(cases=(a_case(),))
    filed = a_database(cases=(a_case(CaseState.FILED, filed_at=NOON),))
    assert claims_of(draft) == {}
    assert {claim.state for claim in claims_of(filed).values()} == {"FILED"}
    assert {claim.state for claim in claims_of(a_database(State.OPERATING)).values()} == {"OPERATING"}
    assert [claims_of(a_database(end)) for end in (State.ABANDONED, State.DEREGISTERED, State.ARCHIVED)] == [{}] * 3


def test_only_the_same_ground_makes_a_rival_but_a_basic_class_is_the_whole_citys() -> None:
    mine = a_database(description=a_description(areas=["110105"], basic_class="population"))
    far = a_database(
        State.OPERATING, id="d-2", unit=OTHER, description=a_description(areas=["110106"], basic_class="population")
    )
    assert [rival.same for rival in rivals_among(mine, claims_of(far).values())] == ["class"]
    near = far.model_copy(update={"description": a_description()})
    assert [rival.id for rival in rivals_among(mine, claims_of(near).values())] == ["d-2"]
    assert rivals_among(mine, claims_of(mine.model_copy(update={"state": State.OPERATING})).values()) == ()


@pytest.mark.parametrize(
    ("state", "blocks"),
    [("FILED", 1), ("UNDER_REVIEW", 1), ("RETURNED", 1), ("CONTESTED", 1), ("DECLINED", 0), ("OPERATING", 0)],
)
def test_an_open_rival_keeps_both_from_approval(state: str, blocks: int) -> None:
    rivals = tuple(claims_of(a_database(State.OPERATING, id="d-2", unit=OTHER)).values())[:1]
    rivals = tuple(rival.model_copy(update={"state": state}) for rival in rivals)
    assert len(list(faults(guards.has_no_open_rival, a_case(), complete(rivals=rivals)))) == blocks
