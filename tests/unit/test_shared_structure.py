"""What must hold of any machine's table: each fault is told in a sentence, and the real tables have none."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.catalog import resource
from services.catalog.metadata import Catalogue, Metadata
from services.catalog.version import State as VersionState
from services.catalog.version import Version
from services.requests.effects import offer
from services.requests.entry import Entry
from services.requests.negotiation import NEGOTIATION
from services.requests.request import Action, Request
from services.requests.request import State as RequestState
from services.requests.terms import Content, Method, Purpose, Scope, Terms, Validity
from services.shared.callers import SYSTEM
from services.shared.lifecycle import Act, Machine, Move, Party
from services.shared.structure import faults, only_the_system_acts, reachable
from tests.unit.small_machine import LETTERS, NOON, TABLE, Do, Letter, Stage, a_letter

PROBES: dict[Any, Letter] = {stage: a_letter(stage) for stage in Stage}
SYS = frozenset({Party.SYSTEM})


def faults_with(rows: dict[tuple[Any, Any], Move[Letter]], **changes: Any) -> list[str]:
    return list(faults(replace(LETTERS, table={**TABLE, **rows}, **changes), PROBES))


def without(*actions: Do) -> list[str]:
    kept = {row: move for row, move in TABLE.items() if row[1] not in actions}
    return list(faults(replace(LETTERS, table=kept), PROBES))


def test_a_sound_table_has_no_faults() -> None:
    assert list(faults(LETTERS, PROBES)) == []


def test_an_end_with_a_way_out_is_a_fault() -> None:
    assert faults_with({(Stage.POSTED, Do.BURN): Move(SYS, Stage.WRITTEN, "letter.burnt")}) == [
        "POSTED is terminal and has a way out"
    ]


def test_a_state_in_which_nobody_can_act_is_a_fault() -> None:
    nobody = Move[Letter](lambda _: frozenset(), Stage.POSTED, "letter.posted")
    assert faults_with({(Stage.SEALED, Do.POST): nobody}) == ["nobody can act in SEALED"]


def test_a_state_without_any_row_is_a_trap_in_which_nobody_can_act() -> None:
    assert without(Do.POST) == [
        "READ leads to no end",
        "nobody can act in SEALED",
        "SEALED leads to no end",
        "WRITTEN leads to no end",
    ]


def test_states_that_only_lead_to_each_other_lead_to_no_end() -> None:
    back = Move[Letter](SYS, Stage.READ, "letter.returned")
    assert faults_with({(Stage.SEALED, Do.POST): back}) == [
        "READ leads to no end",
        "SEALED leads to no end",
        "WRITTEN leads to no end",
    ]


def test_a_row_of_a_state_that_no_path_reaches_is_a_fault() -> None:
    assert without(Do.SHOW)[-2:] == [
        "READ is in the table and cannot be reached",
        "SEALED is in the table and cannot be reached",
    ]


def test_a_resting_state_is_an_end_good_enough() -> None:
    back = Move[Letter](SYS, Stage.READ, "letter.returned")
    assert faults_with({(Stage.SEALED, Do.POST): back}, resting=frozenset({Stage.READ})) == []


def test_reachable_states_include_the_first_one() -> None:
    assert reachable(replace(LETTERS, table={})) == {Stage.WRITTEN}


def test_a_state_waits_for_an_event_when_only_the_system_acts_in_it() -> None:
    assert only_the_system_acts(LETTERS, Stage.SEALED, a_letter(Stage.SEALED))
    assert not only_the_system_acts(LETTERS, Stage.READ, a_letter(Stage.READ))
    assert not only_the_system_acts(LETTERS, Stage.POSTED, a_letter(Stage.POSTED))


@pytest.mark.parametrize("catalogue", Catalogue)
def test_nothing_waits_for_nobody_in_the_catalogue(catalogue: Catalogue) -> None:
    probes: dict[Any, Version] = {state: a_version(state, catalogue) for state in VersionState}
    assert list(faults(resource.MACHINE, probes)) == []


def test_nothing_waits_for_nobody_in_the_negotiation() -> None:
    probes: dict[Any, Request] = {state: a_request(state) for state in RequestState}
    assert list(faults(NEGOTIATION, probes)) == []


@pytest.mark.parametrize(("machine", "states"), [(resource.MACHINE, VersionState), (NEGOTIATION, RequestState)])
def test_every_state_that_is_declared_is_reached_by_its_table(machine: Machine[Any], states: Any) -> None:
    assert reachable(machine) == set(states)


def test_the_negotiation_waits_for_receipts_in_three_states_only() -> None:
    waiting = {state for state in RequestState if only_the_system_acts(NEGOTIATION, state, a_request(state))}
    assert waiting == {RequestState.RESULT_FILED, RequestState.CONF_FILED, RequestState.READY}


def a_version(state: VersionState, catalogue: Catalogue) -> Version:
    return Version(
        id="e-1", state=state, number=1, provider="drc", metadata=Metadata(catalogue=catalogue), changed_at=NOON
    )


def a_request(state: RequestState) -> Request:
    day = date(2027, 1, 1)
    terms = Terms(
        content=Content(items=("泊位",)),
        scope=Scope(areas=("110107",), recipients=("停车管理处",)),
        purpose=Purpose(code="city_operation", text="停车"),
        method=Method(channel="api", frequency="daily", format="xml"),
        validity=Validity(valid_from=day, valid_until=day),
    )
    entry = Entry(
        id="e-1",
        case_seq=1,
        published=True,
        provider="110107",
        title="泊位",
        share_type=None,
        legacy=True,
        items=(),
    )
    first = offer(terms, number=1, by=Party.REQUESTER, act=Act(Action.REVISE, None, SYSTEM, NOON))
    return Request(
        id="r-1",
        state=state,
        requester="transport_commission",
        entry=entry,
        duty="parking_management",
        offers=(first,),
        classification={},
        created_at=NOON,
        changed_at=NOON,
    )
