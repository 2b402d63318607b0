"""Machine A: both tables as the specification has them, and what stands of a plan."""

from typing import Any

import pytest

from services.catalog.database import CaseState, Kind, State
from services.catalog.database_acts import SYSTEM_ACTIONS, SYSTEM_CASE_ACTIONS
from services.catalog.database_description import DraftStatement
from services.catalog.database_life import LIFE
from services.catalog.database_steps import plan
from services.catalog.lifecycle_case import COORDINATION, MACHINES
from services.shared import structure
from services.shared.lifecycle import Machine, Party
from services.shared.structure import only_the_system_acts
from tests.database_records import (
    CASE_ROWS,
    LIFE_ROWS,
    NOON,
    OFFICER,
    REUSE_ROWS,
    UNIT,
    a_case,
    a_database,
    a_description,
    a_statement,
)


def rows_of(machine: Machine[Any], probe: Any, *, without: frozenset[Any] = frozenset()) -> set[tuple[str, ...]]:
    return {
        (source, action, ",".join(sorted(move.parties(probe))), move.to or "-")
        for (source, action), move in machine.table.items()
        if action not in without
    }


def rows_in(text: str) -> set[tuple[str, ...]]:
    split = (row.split() for row in text.strip().splitlines())
    return {(source, action, ",".join(sorted(who.split(","))), to) for source, action, who, to in split}


def test_the_database_moves_as_its_table_says() -> None:
    assert rows_of(LIFE, a_database(State.SUSPENDED)) == rows_in(LIFE_ROWS)


@pytest.mark.parametrize("kind", Kind)
def test_a_case_of_each_kind_moves_as_its_table_says(kind: Kind) -> None:
    dropped = frozenset(action for action in SYSTEM_CASE_ACTIONS if action == "drop")
    wanted = rows_in(CASE_ROWS) | (rows_in(REUSE_ROWS) if kind is Kind.ESTABLISHMENT else set())
    assert rows_of(MACHINES[kind], a_case(kind=kind), without=dropped) == wanted


def test_only_a_basic_class_takes_two_keys_and_only_at_its_establishment() -> None:
    basic = a_statement(description=a_description(basic_class="legal_entity"))
    both = MACHINES[Kind.ESTABLISHMENT].table[CaseState.UNDER_REVIEW, "approve"].parties
    assert both(a_case(statement=basic)) == {Party.OFFICE, Party.STATISTICS}
    one = MACHINES[Kind.CHANGE].table[CaseState.UNDER_REVIEW, "approve"].parties
    assert one(a_case(kind=Kind.CHANGE, statement=basic)) == {Party.OFFICE}


def test_who_opened_a_case_takes_it_back() -> None:
    office = a_case(kind=Kind.DEREGISTRATION, opened_by=Party.OFFICE)
    move = MACHINES[Kind.DEREGISTRATION].table[CaseState.DRAFT, "withdraw"]
    assert move.parties(office) == {Party.OFFICE}


def test_nobody_waits_for_nobody_and_every_way_ends() -> None:
    assert list(structure.faults(LIFE, {state: a_database(state) for state in State})) == []
    for kind, machine in MACHINES.items():
        probes: dict[Any, Any] = {state: a_case(state, kind) for state in CaseState}
        assert list(structure.faults(machine, probes)) == []


def test_only_what_happens_by_itself_waits_for_the_system_alone() -> None:
    waits = {state for state in State if only_the_system_acts(LIFE, state, a_database(state))}
    assert waits == {State.PLANNED}  # for its establishment case
    for kind, machine in MACHINES.items():
        alone = {s for s in CaseState if only_the_system_acts(machine, s, a_case(s, kind))}
        assert alone == {CaseState.CONTESTED}  # for its coordination


def test_the_systems_acts_are_nobodys() -> None:
    for (_, action), move in LIFE.table.items():
        assert (move.parties(a_database(State.SUSPENDED)) == {Party.SYSTEM}) == (action in SYSTEM_ACTIONS)


def test_the_tables_have_names_of_their_own() -> None:
    names = [LIFE.name, COORDINATION.name, *(machine.name for machine in MACHINES.values())]
    assert len(set(names)) == len(names)


def test_what_everybody_reads_says_nothing_of_how_it_is_run() -> None:
    public = a_description(system="平台", volume=3).public()
    hidden = ("system", "volume", "plan_item", "maintenance_plan", "budget_source", "operator", "duty")
    assert [getattr(public, name) for name in hidden] == [None] * len(hidden)
    assert {item.originating_process for item in public.items} == {None}
    assert (public.name, public.legal_basis, len(public.items)) == ("停车资源数据库", a_description().legal_basis, 3)


def test_a_statement_that_no_item_could_hold_is_refused() -> None:
    item = {"name": "项" * 200, "originating_process": "程" * 200}
    with pytest.raises(ValueError, match="bytes"):
        DraftStatement.model_validate({"description": {"items": [item] * 100}})
    many = [{"name": f"n{n}", "collection": f"c-{n}"} for n in range(21)]
    with pytest.raises(ValueError, match="collection duties"):
        DraftStatement.model_validate({"description": {"items": many}})


def test_a_plan_opens_its_establishment_and_tells_only_its_unit() -> None:
    step = plan(DraftStatement.model_validate({"description": {"name": "停车资源数据库"}}), OFFICER, NOON)
    assert [(case.kind, case.state) for case in step.record.cases] == [(Kind.ESTABLISHMENT, CaseState.DRAFT)]
    assert (step.record.state, step.event.type, step.event.parties) == (State.PLANNED, "database.planned", (UNIT,))
