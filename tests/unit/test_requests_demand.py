"""A demand for what the catalogue does not have (S-010, S-011): who may do what, what ranks it, and who reads of it.

What waits too long is marked, stands first on the desk of whom it waits for, and nothing else comes of it.

The table below is written from the rules, not from the code.
"""

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import event as note_end
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from pydantic import ValidationError

from services.requests.acts import Nothing, Reasoned
from services.requests.demand import (
    MOST_ITEMS,
    Backing,
    Demand,
    DemandAction,
    DemandState,
    DemandUrgency,
    Merge,
    Met,
    Searched,
    Supporter,
    Triage,
    Wanted,
)
from services.requests.demand_life import MACHINE, DemandGiven, actions_for
from services.requests.demand_steps import file, next_of_the_demand, readers, take
from services.requests.demand_views import line_of, view_of
from services.requests.shelves import DeskLine, desks_of, place_of
from services.requests.views import waiting_for
from services.shared.callers import ANONYMOUS, SYSTEM, Caller, Claim
from services.shared.canonical import canonical
from services.shared.demand_bodies import TYPES
from services.shared.errors import Conflict, Forbidden, GovShareError, Invalid
from services.shared.events import EVENT_TYPES, MAX_BYTES, readers_of
from services.shared.lifecycle import Act, Party
from services.shared.organisations import organisations
from services.shared.steps import Step
from services.shared.structure import faults, reachable
from tests.demand_routes import (
    DUTIES,
    FILER,
    OFFICE,
    OTHER,
    REASON,
    STATISTICS,
    STRANGER,
    THIRD,
    TRIAGE,
    UNIT,
    URGENT,
    WANTED,
    numbered,
)
from tests.sharing import NOON

# Who may do what in which state, and where it leads; `-` stays.
RULES = """
FILED     support      other,unit,office,statistics  -
FILED     revise       filer                         -
FILED     triage       office                        PROPOSED
FILED     decline      office                        DECLINED
FILED     merge        office                        MERGED
FILED     meet         office                        MET
FILED     withdraw     filer                         WITHDRAWN
FILED     mark_overdue system                        -
PROPOSED  support      other,unit,office,statistics  -
PROPOSED  take_up      unit                          TAKEN_UP
PROPOSED  hand_back    unit                          FILED
PROPOSED  triage       office                        -
PROPOSED  decline      office                        DECLINED
PROPOSED  merge        office                        MERGED
PROPOSED  meet         office                        MET
PROPOSED  withdraw     filer                         WITHDRAWN
PROPOSED  mark_overdue system                        -
TAKEN_UP  support      other,unit,office,statistics  -
TAKEN_UP  hand_back    unit                          FILED
TAKEN_UP  meet         unit,office                   MET
"""
ALLOWED = {
    (DemandState(state), DemandAction(action), who): DemandState(state if to == "-" else to)
    for state, action, whom, to in (line.split() for line in RULES.strip().splitlines())
    for who in whom.split(",")
}
ENDS = {DemandState.MET, DemandState.DECLINED, DemandState.MERGED, DemandState.WITHDRAWN}
DUE = datetime(2026, 12, 7, 15, 59, 59, tzinfo=UTC)  # ten working days from NOON
LATE = DUE + timedelta(seconds=1)
ITEM_BYTES = 400_000  # DynamoDB's limit of an item is 409,600


def officer(organisation: str, *claims: Claim) -> Caller:
    return Caller(organisation=organisation, officer=f"o-{organisation}", claims=frozenset(claims or (Claim.OFFICER,)))


WHO = {
    "filer": officer(FILER),
    "filer_approver": officer(FILER, Claim.APPROVER),
    "other": officer(OTHER),
    "other_approver": officer(OTHER, Claim.APPROVER, Claim.AUDITOR, Claim.ADMINISTRATOR),
    "unit": officer(UNIT),
    "unit_approver": officer(UNIT, Claim.APPROVER),
    "office": officer(OFFICE),
    "office_approver": officer(OFFICE, Claim.APPROVER),
    "statistics": officer(STATISTICS),
    "stranger": officer(STRANGER),  # has no duty on the list
    "system": SYSTEM,
    "anonymous": ANONYMOUS,
}
THING = Wanted.model_validate(WANTED)
REWORDED = THING.model_copy(update={"title": "公共充电桩分布"})
BODIES: dict[DemandAction, Any] = {
    DemandAction.REVISE: REWORDED,
    DemandAction.TRIAGE: Triage.model_validate(TRIAGE),
    DemandAction.TAKE_UP: Nothing(),
    DemandAction.HAND_BACK: Reasoned.model_validate(REASON),
    DemandAction.DECLINE: Reasoned.model_validate(REASON),
    DemandAction.MERGE: Merge(into="d-2", reason="同一需求。"),
    DemandAction.MEET: Met(resource="r-1"),
    DemandAction.WITHDRAW: Reasoned.model_validate(REASON),
    DemandAction.MARK_OVERDUE: Nothing(),
}
STORIES: dict[DemandState, list[tuple[DemandAction, str]]] = {
    DemandState.FILED: [],
    DemandState.PROPOSED: [(DemandAction.TRIAGE, "office")],
    DemandState.TAKEN_UP: [(DemandAction.TRIAGE, "office"), (DemandAction.TAKE_UP, "unit")],
    DemandState.MET: [(DemandAction.TRIAGE, "office"), (DemandAction.TAKE_UP, "unit"), (DemandAction.MEET, "unit")],
    DemandState.DECLINED: [(DemandAction.DECLINE, "office")],
    DemandState.MERGED: [(DemandAction.MERGE, "office")],
    DemandState.WITHDRAWN: [(DemandAction.WITHDRAW, "filer")],
}


def backing(who: str, *, urgent: bool = False) -> Backing:
    urgency = DemandUrgency.model_validate(URGENT) if urgent else None
    return Backing(duty=DUTIES.get(WHO[who].organisation, "none"), urgency=urgency)


def do(demand: Demand, action: DemandAction, who: str, **changes: Any) -> Step[Demand]:
    body = backing(who) if action is DemandAction.SUPPORT else BODIES[action]
    said: dict[str, Any] = {"body": body, "at": NOON + timedelta(hours=1), "given": DemandGiven(published=True)}
    if action is DemandAction.MARK_OVERDUE:
        demand, said["at"] = numbered(demand), LATE
    return take(demand, Act(action, caller=WHO[who], **said | changes))


def a_demand(state: DemandState = DemandState.FILED, wanted: Wanted = THING, *supporters: str) -> Demand:
    demand = file(wanted, WHO["filer"], NOON).record
    for who in supporters:
        demand = do(demand, DemandAction.SUPPORT, who).record
    for action, who in STORIES[state]:
        demand = do(demand, action, who).record
    assert demand.state is state
    return demand


def waits(demand: Demand) -> list[tuple[Party, str]]:
    return [(waiting.party, waiting.organisation) for waiting in waiting_for(demand, MACHINE)]


@pytest.mark.parametrize(("state", "action", "who"), list(product(DemandState, DemandAction, WHO)))
def test_what_the_rules_allow_happens_and_nothing_else(state: DemandState, action: DemandAction, who: str) -> None:
    demand = a_demand(state)
    if (state, action, who) in ALLOWED:
        step = do(demand, action, who)
        assert step.record.state is ALLOWED[(state, action, who)]
        assert (step.record.version, step.event.case_seq) == (demand.version + 1, demand.version + 1)
        return
    with pytest.raises((Forbidden, Conflict, Invalid)) as refused:
        do(demand, action, who)
    # Only whose input is at fault is told so: an organisation without a duty of its own.
    assert isinstance(refused.value, Invalid) is (
        who == "stranger" and action is DemandAction.SUPPORT and state not in ENDS
    )


@pytest.mark.parametrize(("state", "who"), list(product(DemandState, WHO)))
def test_the_actions_shown_are_those_that_are_allowed(state: DemandState, who: str) -> None:
    allowed = {action for at, action, by in ALLOWED if (at, by) == (state, who)}
    assert set(actions_for(a_demand(state), WHO[who])) == allowed


def test_nothing_waits_for_nobody_and_nothing_is_a_trap() -> None:
    assert list(faults(MACHINE, {state: a_demand(state) for state in DemandState})) == []
    assert reachable(MACHINE) == set(DemandState)
    assert MACHINE.terminal == ENDS


@pytest.mark.parametrize(
    ("state", "party", "organisation", "clock"),
    [
        (DemandState.FILED, Party.OFFICE, OFFICE, "demand_triage"),
        (DemandState.PROPOSED, Party.PROVIDER, UNIT, "demand_answer"),
        (DemandState.TAKEN_UP, Party.PROVIDER, UNIT, None),
    ],
)
def test_every_state_that_is_no_end_has_an_owner(
    state: DemandState, party: Party, organisation: str, clock: str | None
) -> None:
    demand = a_demand(state)
    assert waits(demand) == [(party, organisation)]
    assert (demand.clock.clock if demand.clock else None) == clock


@pytest.mark.parametrize("state", sorted(ENDS))
def test_an_end_waits_for_nobody_and_has_no_clock(state: DemandState) -> None:
    demand = a_demand(state)
    assert (waits(demand), demand.clock, demand.wakes_at, desks_of("demand", demand)) == ([], None, None, {})


@pytest.mark.parametrize("who", ["filer_approver", "other_approver", "system", "anonymous"])
def test_only_an_officer_files_a_demand(who: str) -> None:
    with pytest.raises((Forbidden, Invalid)):
        file(THING, WHO[who], NOON)


def test_everything_wrong_is_told_at_once() -> None:
    changes: dict[str, Any] = {"items": ["功率", "所在小区", "功率"], "areas": ["110107", "310000", "drc", "110000"]}
    changes |= {"duty": "compulsory_education", "purpose": {"code": "curiosity", "text": "看一看"}}
    wrong = Wanted.model_validate(WANTED | changes | {"urgency": {"work_area": "everything", "reason": "急"}})
    found = ["/areas/1", "/areas/2", "/duty", "/items/2", "/purpose/code", "/urgency/reason", "/urgency/work_area"]
    with pytest.raises(Invalid) as at_first:
        file(wrong, WHO["filer"], NOON)
    with pytest.raises(Invalid) as later:
        do(a_demand(), DemandAction.REVISE, "filer", body=wrong)
    for refused in (at_first, later):
        assert sorted(problem.pointer for problem in refused.value.problems) == found


def test_an_organisation_that_is_no_district_is_no_area() -> None:
    with pytest.raises(Invalid):
        file(THING.model_copy(update={"areas": ("miyun_ecology_bureau",)}), WHO["filer"], NOON)


@pytest.mark.parametrize("searched", [{}, {"certificate": None, "text": None}, {"text": "  "}, {"certificate": "a b"}])
def test_a_demand_says_what_was_searched(searched: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Wanted.model_validate(WANTED | {"searched": searched})


@pytest.mark.parametrize("searched", [{"certificate": "c-1"}, {"text": "检索“充电桩”,无"}])
def test_a_certificate_or_a_sentence_is_enough(searched: dict[str, str]) -> None:
    assert Searched.model_validate(searched).model_dump(exclude_none=True) == searched


@pytest.mark.parametrize(
    "changes", [{"items": []}, {"items": ["项"] * (MOST_ITEMS + 1)}, {"areas": []}, {"title": ""}, {"price": 3}]
)
def test_what_is_wanted_has_a_title_items_and_areas_and_no_price(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Wanted.model_validate(WANTED | changes)


def test_an_organisation_supports_a_demand_once_and_who_filed_it_does_already() -> None:
    supported = a_demand(DemandState.FILED, THING, "other")
    for who in ("other", "filer"):
        with pytest.raises(Conflict, match="counts once"):
            do(supported, DemandAction.SUPPORT, who)
    assert list(supported.backers) == [FILER, OTHER]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"duty": DUTIES[FILER]}, "/duty"),
        ({"urgency": DemandUrgency.model_validate(URGENT | {"work_area": "nothing"})}, "/urgency/work_area"),
        ({"urgency": DemandUrgency.model_validate(URGENT | {"reason": "急！急！"})}, "/urgency/reason"),
    ],
)
def test_who_supports_a_demand_has_a_duty_of_its_own_and_a_reason_if_it_is_urgent(
    changes: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(Invalid) as refused:
        do(a_demand(), DemandAction.SUPPORT, "other", body=backing("other").model_copy(update=changes))
    assert [problem.pointer for problem in refused.value.problems] == [pointer]


@pytest.mark.parametrize("state", [DemandState.FILED, DemandState.PROPOSED])
def test_a_demand_that_others_support_is_no_longer_its_filers_to_withdraw(state: DemandState) -> None:
    demand = a_demand(state, THING, "other", "statistics")
    with pytest.raises(Conflict, match=r"others support this \(2\)"):
        do(demand, DemandAction.WITHDRAW, "filer")
    assert DemandAction.WITHDRAW not in actions_for(demand, WHO["filer"])


def test_who_supports_an_earlier_wording_can_be_seen() -> None:
    before = a_demand(DemandState.FILED, THING, "other")
    after = do(before, DemandAction.REVISE, "filer", at=NOON + timedelta(days=1)).record
    view = view_of(after, WHO["office"])
    assert (view.wanted, view.wanted_hash != before.wanted_hash) == (REWORDED, True)
    assert view.revised_at is not None
    assert view.supporters[0].at < view.revised_at
    assert (after.filed_at, after.supporters) == (before.filed_at, before.supporters)


@pytest.mark.parametrize("state", [DemandState.PROPOSED, DemandState.TAKEN_UP])
def test_a_demand_that_is_handed_back_waits_for_the_office_which_sees_why(state: DemandState) -> None:
    step = do(a_demand(state), DemandAction.HAND_BACK, "unit")
    view = view_of(step.record, WHO["office"])
    assert view.handed_back is not None
    assert (view.handed_back.unit, view.handed_back.reason, view.proposal) == (UNIT, REASON["reason"], None)
    assert (view.awaiting[0].organisation, "triage" in view.actions) == (OFFICE, True)
    assert (step.event.body["unit"], step.event.body["kind"]) == (UNIT, "collection")
    assert UNIT in step.event.parties


def test_where_a_unit_does_not_answer_the_office_asks_another_and_both_hear_of_it() -> None:
    asked = do(
        a_demand(DemandState.PROPOSED),
        DemandAction.TRIAGE,
        "office",
        body=Triage(kind="database", unit=THIRD, reason="改办"),
    )
    assert (asked.record.unit, asked.event.body["kind"], asked.event.body["unit"]) == (THIRD, "database", THIRD)
    assert {UNIT, THIRD} <= set(asked.event.parties)
    with pytest.raises(Forbidden):
        do(asked.record, DemandAction.TAKE_UP, "unit")


def test_a_demand_is_proposed_to_an_organisation_that_exists() -> None:
    with pytest.raises(Invalid) as refused:
        do(a_demand(), DemandAction.TRIAGE, "office", body=Triage(kind="database", unit="nobody", reason="x"))
    assert [problem.pointer for problem in refused.value.problems] == ["/unit"]


def test_a_demand_is_not_merged_into_itself() -> None:
    demand = a_demand()
    with pytest.raises(Invalid) as refused:
        do(demand, DemandAction.MERGE, "office", body=Merge(into=demand.id, reason="x"))
    assert [problem.pointer for problem in refused.value.problems] == ["/into"]


@pytest.mark.parametrize("unheard", [DemandGiven(published=False), None])
def test_a_demand_is_met_by_an_entry_that_stands_in_the_catalogue(unheard: DemandGiven | None) -> None:
    with pytest.raises(Invalid) as refused:
        do(a_demand(DemandState.TAKEN_UP), DemandAction.MEET, "unit", given=unheard)
    assert [problem.pointer for problem in refused.value.problems] == ["/resource"]


def test_who_takes_a_demand_up_is_told_all_that_a_draft_begins_with() -> None:
    step = do(a_demand(DemandState.PROPOSED), DemandAction.TAKE_UP, "unit")
    said = {name: step.event.body[name] for name in ("kind", "unit", "title", "items", "areas", "proposal")}
    expected = {name: WANTED[name] for name in ("title", "items", "areas")} | {"kind": "collection", "unit": UNIT}
    assert step.record.proposal is not None
    assert said == expected | {"proposal": step.record.proposal.id}


@pytest.mark.parametrize(("kind", "collection"), [("collection", "collections"), ("database", "databases")])
def test_what_is_taken_up_shows_where_its_unit_finds_the_draft(kind: str, collection: str) -> None:
    body = Triage.model_validate(TRIAGE | {"kind": kind})
    asked = do(a_demand(), DemandAction.TRIAGE, "office", body=body).record
    taken = do(asked, DemandAction.TAKE_UP, "unit").record
    before, after = view_of(asked, WHO["unit"]).proposal, view_of(taken, WHO["unit"]).proposal
    assert before is not None
    assert after is not None
    assert (before.id, before.address, before.taken_up_at) == (None, None, None)
    assert after.address == f"/catalog/{collection}/{after.id}"
    assert after.taken_up_at == NOON + timedelta(hours=1)


def test_what_is_handed_back_and_taken_up_again_is_another_draft() -> None:
    first = a_demand(DemandState.TAKEN_UP)
    back = do(first, DemandAction.HAND_BACK, "unit").record
    again = do(do(back, DemandAction.TRIAGE, "office").record, DemandAction.TAKE_UP, "unit").record
    assert first.proposal is not None
    assert again.proposal is not None
    assert first.proposal.id != again.proposal.id


def test_its_events_say_who_wants_it_for_which_duty_and_where_it_ended() -> None:
    demand = a_demand()
    supported = do(demand, DemandAction.SUPPORT, "other", body=backing("other", urgent=True)).event
    assert supported.type == "demand.supported"
    said = {name: supported.body[name] for name in ("state", "requester", "count", "urgent", "duty", "work_area")}
    assert said == {
        "state": "FILED",
        "requester": FILER,
        "count": 2,
        "urgent": 1,
        "duty": DUTIES[OTHER],
        "work_area": "city_management",
    }
    assert do(demand, DemandAction.MERGE, "office").event.body["into"] == "d-2"
    assert do(demand, DemandAction.MEET, "office").event.body["resource"] == "r-1"
    assert supported.body["wanted_hash"] == demand.wanted_hash


def test_every_type_of_event_is_made_by_requests_and_by_some_act() -> None:
    made = {file(THING, WHO["filer"], NOON).event.type}
    made |= {do(a_demand(state), action, who).event.type for state, action, who in ALLOWED}
    assert made == set(TYPES)
    assert {name for name, kind in EVENT_TYPES.items() if name.startswith("demand.")} == made
    assert {EVENT_TYPES[name].producer for name in made} == {"requests"}


WITHOUT_WORDS = {DemandAction.SUPPORT, DemandAction.TAKE_UP, DemandAction.MEET, DemandAction.MARK_OVERDUE}


def test_what_people_wrote_is_sealed_and_in_no_event() -> None:
    urgent = THING.model_copy(update={"urgency": DemandUrgency.model_validate(URGENT)})
    steps = [
        file(urgent, WHO["filer"], NOON),
        do(a_demand(), DemandAction.SUPPORT, "other", body=backing("other", urgent=True)),
        *(do(a_demand(state), action, who) for state, action, who in ALLOWED if action not in WITHOUT_WORDS),
    ]
    texts = [WANTED["purpose"]["text"], WANTED["searched"]["text"], URGENT["reason"], TRIAGE["reason"], "同一需求。"]
    for step in steps:
        assert step.payload is not None
        assert step.event.payload_sha256 == step.payload.sha256
        assert not [text for text in (*texts, REASON["reason"]) if text in step.event.model_dump_json()]


@pytest.mark.parametrize(
    ("state", "action", "who"),
    [
        (DemandState.FILED, DemandAction.SUPPORT, "other"),
        (DemandState.PROPOSED, DemandAction.TAKE_UP, "unit"),
        (DemandState.FILED, DemandAction.MEET, "office"),
        (DemandState.FILED, DemandAction.MARK_OVERDUE, "system"),
    ],
)
def test_an_act_without_words_leaves_no_payload(state: DemandState, action: DemandAction, who: str) -> None:
    step = do(a_demand(state), action, who)
    assert (step.payload, step.event.payload_sha256) == (None, None)


def test_events_are_read_by_who_wants_it_the_office_and_the_unit_it_is_proposed_to() -> None:
    assert readers_of(file(THING, WHO["filer"], NOON).event) == tuple(sorted((FILER, OFFICE)))
    supported = do(a_demand(), DemandAction.SUPPORT, "other")
    assert readers_of(supported.event) == tuple(sorted((FILER, OFFICE, OTHER)))
    proposed = do(supported.record, DemandAction.TRIAGE, "office")
    assert readers_of(proposed.event) == tuple(sorted((FILER, OFFICE, OTHER, UNIT)))
    assert set(readers(proposed.record)) == {FILER, OFFICE, OTHER, UNIT}


@pytest.mark.parametrize("who", WHO)
def test_everybody_sees_who_claims_urgency_and_why(who: str) -> None:
    urgent = do(a_demand(), DemandAction.SUPPORT, "other", body=backing("other", urgent=True)).record
    view = view_of(do(urgent, DemandAction.SUPPORT, "statistics").record, WHO[who])
    assert [claim.model_dump() for claim in view.urgencies] == [URGENT | {"organisation": OTHER}]
    assert [(s.organisation, s.duty, s.urgent) for s in view.supporters] == [
        (OTHER, DUTIES[OTHER], True),
        (STATISTICS, DUTIES[STATISTICS], False),
    ]
    assert (view.count, view.urgent, view.requester) == (3, 1, FILER)


def test_a_line_says_what_the_whole_says() -> None:
    demand = a_demand(DemandState.TAKEN_UP, THING, "other")
    line, view = line_of(demand, WHO["unit"]), view_of(demand, WHO["unit"])
    assert (line.title, line.kind, line.unit) == (WANTED["title"], "collection", UNIT)
    shared = line.model_dump(exclude={"title", "kind", "unit"})
    assert shared == view.model_dump(include=set(shared))


def clock_of(demand: Demand) -> tuple[str, datetime] | None:
    return (demand.clock.clock, demand.clock.since) if demand.clock else None


def test_each_who_is_asked_has_the_whole_time_and_no_word_of_others_begins_it_anew() -> None:
    hours = iter(NOON + timedelta(hours=n) for n in range(1, 9))
    demand = a_demand()
    assert clock_of(demand) == ("demand_triage", NOON)
    for action, who in ((DemandAction.SUPPORT, "other"), (DemandAction.REVISE, "filer")):
        demand = do(demand, action, who, at=next(hours)).record
        assert clock_of(demand) == ("demand_triage", NOON)
    for _ in range(2):
        asked_at = next(hours)
        demand = do(demand, DemandAction.TRIAGE, "office", at=asked_at).record
        assert clock_of(demand) == ("demand_answer", asked_at)
    supported = do(demand, DemandAction.SUPPORT, "statistics", at=next(hours)).record
    assert clock_of(supported) == ("demand_answer", asked_at)
    back_at = next(hours)
    assert clock_of(do(supported, DemandAction.HAND_BACK, "unit", at=back_at).record) == ("demand_triage", back_at)
    assert clock_of(do(supported, DemandAction.TAKE_UP, "unit", at=next(hours)).record) is None


def test_its_due_day_is_shown_with_the_rule_that_gives_it() -> None:
    demand = numbered(a_demand())
    line, view = line_of(demand, WHO["unit"]), view_of(demand, WHO["unit"])
    assert line.due_at == view.due_at == DUE
    assert view.clock is not None
    assert (view.clock.clock, view.clock.due_at, view.overdue_since) == ("demand_triage", DUE, None)


def test_where_there_is_no_number_nothing_is_due_and_the_view_says_so() -> None:
    demand = a_demand()
    view = view_of(demand, WHO["office"])
    assert view.clock is not None
    assert (view.due_at, view.overdue_since, "gives no number" in view.clock.en) == (None, None, True)
    assert demand.wakes_at is None
    assert next_of_the_demand(demand, NOON + timedelta(days=3_650)) is None


@pytest.mark.parametrize("state", [DemandState.FILED, DemandState.PROPOSED])
def test_a_day_that_has_passed_is_marked_once_and_decides_nothing(state: DemandState) -> None:
    demand = numbered(a_demand(state))
    assert demand.wakes_at == DUE
    assert next_of_the_demand(demand, DUE) is None
    step = next_of_the_demand(demand, LATE)
    assert step is not None
    view = view_of(step.record, WHO["office"])
    assert (view.state, view.due_at, view.overdue_since) == (state, DUE, DUE)
    assert line_of(step.record, WHO["office"]).overdue_since == DUE
    assert waits(step.record) == waits(demand)
    assert all(actions_for(step.record, WHO[who]) == actions_for(demand, WHO[who]) for who in WHO)
    assert step.record.wakes_at is None
    assert next_of_the_demand(step.record, LATE + timedelta(days=365)) is None


def test_who_wants_it_and_who_is_late_are_told_that_it_is_overdue() -> None:
    step = next_of_the_demand(numbered(a_demand(DemandState.PROPOSED, THING, "other")), LATE)
    assert step is not None
    event = step.event
    assert (event.type, event.organisation, event.actor) == ("demand.overdue", "system", "system")
    assert (event.body["clock"], event.body["due_at"]) == ("demand_answer", "2026-12-07T15:59:59Z")
    assert readers_of(event) == tuple(sorted((FILER, OFFICE, OTHER, UNIT)))


@pytest.mark.parametrize("at", [NOON, DUE])
def test_nothing_is_overdue_before_its_day_has_passed(at: datetime) -> None:
    with pytest.raises(Invalid) as refused:
        do(a_demand(), DemandAction.MARK_OVERDUE, "system", at=at)
    assert [problem.pointer for problem in refused.value.problems] == ["/clock"]


def test_who_is_asked_after_another_was_late_is_not_late() -> None:
    late = do(a_demand(DemandState.PROPOSED), DemandAction.MARK_OVERDUE, "system").record
    assert late.clock is not None
    assert late.clock.overdue_since == DUE
    asked = do(late, DemandAction.TRIAGE, "office", at=LATE).record
    assert asked.clock is not None
    assert (asked.clock.overdue_since, asked.clock.since) == (None, LATE)


def on_desks(demand: Demand) -> dict[str, tuple[str, Party, str | None]]:
    return {desk: (line.state, line.party, line.provider) for desk, line in desks_of("demand", demand).items()}


def test_it_stands_on_the_desk_of_the_office_then_of_the_unit_until_it_is_met() -> None:
    assert on_desks(a_demand()) == {OFFICE: ("FILED", Party.OFFICE, None)}
    assert on_desks(a_demand(DemandState.PROPOSED)) == {UNIT: ("PROPOSED", Party.PROVIDER, UNIT)}
    assert on_desks(a_demand(DemandState.TAKEN_UP)) == {UNIT: ("TAKEN_UP", Party.PROVIDER, UNIT)}


def line_on_desk(demand: Demand) -> DeskLine:
    (line,) = desks_of("demand", demand).values()
    return line


def test_a_desk_says_what_is_wanted_by_whom_until_when_and_where_it_is_found() -> None:
    demand = numbered(a_demand(DemandState.FILED, THING, "other"))
    line = line_on_desk(demand)
    assert (line.kind, line.address, line.title) == ("demand", f"/demands/{demand.id}", WANTED["title"])
    assert (line.requester, line.urgent, line.overdue, line.since) == (FILER, False, False, NOON)
    assert line.clock is not None
    assert line.clock.due_at == DUE
    urgent = do(demand, DemandAction.SUPPORT, "statistics", body=backing("statistics", urgent=True)).record
    assert line_on_desk(urgent).urgent


def test_what_is_overdue_stands_before_what_is_urgent() -> None:
    urgent = a_demand(DemandState.FILED, THING.model_copy(update={"urgency": DemandUrgency.model_validate(URGENT)}))
    late = do(a_demand(), DemandAction.MARK_OVERDUE, "system").record
    lines = [line_on_desk(each) for each in (a_demand(), urgent, late)]
    assert sorted(lines, key=place_of) == list(reversed(lines))


def test_who_supports_what_is_taken_up_does_not_begin_the_units_waiting_anew() -> None:
    taken = a_demand(DemandState.TAKEN_UP)
    supported = do(taken, DemandAction.SUPPORT, "other", at=NOON + timedelta(days=9)).record
    assert line_on_desk(taken).since == line_on_desk(supported).since == NOON + timedelta(hours=1)


def wanted_by(number: int, urgent: int, filed_at: datetime) -> Demand:
    """Return a demand of so many organisations, of which so many say that it is urgent, who filed it first of all."""
    claim = DemandUrgency.model_validate(URGENT)
    claims = [claim if place < urgent else None for place in range(number)]
    supporters = tuple(
        Supporter(organisation=f"o-{place}", at=NOON, duty="d", urgency=claims[place]) for place in range(1, number)
    )
    filed = a_demand(DemandState.FILED, THING.model_copy(update={"urgency": claims[0]}))
    return filed.model_copy(update={"supporters": supporters, "filed_at": filed_at})


RANKED = st.lists(
    st.tuples(st.integers(1, 120), st.integers(0, 120), st.integers(-(10**6), 10**9)), min_size=2, max_size=6
)


@settings(max_examples=50)
@given(RANKED)
def test_what_most_want_comes_first_then_what_is_most_urgent_then_what_waits_longest(
    drawn: list[tuple[int, int, int]],
) -> None:
    ranks = [(number, min(number, urgent), NOON + timedelta(seconds=after)) for number, urgent, after in drawn]
    demands = [wanted_by(*rank) for rank in ranks]
    by_place = sorted(demands, key=lambda demand: demand.place, reverse=True)
    by_rule = sorted(demands, key=lambda demand: (-len(demand.backers), -len(demand.urgencies), demand.filed_at))
    assert [each.filed_at for each in by_place] == [each.filed_at for each in by_rule]
    assert [len(each.backers) for each in by_place] == sorted((number for number, _, _ in ranks), reverse=True)


def widest() -> Demand:
    """Return a demand of the longest words there can be, that every organisation supports urgently."""
    line = "\U00020000" * 200  # four bytes each
    said: dict[str, Any] = {"title": line, "items": [line[:-3] + f"{n:03}" for n in range(MOST_ITEMS)]}
    said |= {"purpose": {"code": "city_operation", "text": "\U00020000" * 4000}, "searched": {"text": line}}
    said |= {"areas": [f"1101{n:02}" for n in (1, 2, 5, 6, 7, 8, 9, *range(11, 20))]}
    urgency = DemandUrgency(work_area="city_management", reason=line[:-3] + "供暖前")
    wanted = Wanted.model_validate(WANTED | said | {"urgency": urgency})
    backers = tuple(
        Supporter(organisation=code, at=NOON, duty="x" * 80, urgency=urgency)
        for code in organisations()
        if code != FILER
    )
    return a_demand(DemandState.FILED, wanted).model_copy(update={"supporters": backers})


def test_the_longest_demand_can_be_taken_up_and_stored_whoever_supports_it() -> None:
    text = "\U00020000" * 4000
    demand = do(widest(), DemandAction.TRIAGE, "office", body=Triage(kind="database", unit=UNIT, reason=text)).record
    back = do(demand, DemandAction.HAND_BACK, "unit", body=Reasoned(reason=text)).record
    again = do(back, DemandAction.TRIAGE, "office", body=Triage(kind="database", unit=UNIT, reason=text)).record
    taken = do(again, DemandAction.TAKE_UP, "unit")
    assert len(canonical(taken.event)) <= MAX_BYTES
    assert len(taken.record.model_dump_json().encode()) < ITEM_BYTES


class Life(RuleBasedStateMachine):
    """One demand in the hands of everybody at once."""

    @initialize()
    def begin(self) -> None:
        step = file(THING, WHO["filer"], NOON)
        self.demand, self.events, self.ended = step.record, [step.event], False

    @rule(data=st.data(), who=st.sampled_from([*("filer", "other", "unit", "office") * 3, *WHO]))
    def act(self, data: st.DataObject, who: str) -> None:
        offered = [DemandAction(action) for action in actions_for(self.demand, WHO[who])]
        action = data.draw(st.sampled_from([*offered * 3, *DemandAction]))
        final = {DemandAction.WITHDRAW, DemandAction.DECLINE, DemandAction.MERGE, DemandAction.MEET}
        if action in final and data.draw(st.integers(0, 4)):
            return  # most histories go on
        body = BODIES.get(action) or backing(who, urgent=data.draw(st.booleans()))
        before = self.demand
        try:
            step = do(before, action, who, body=body, given=DemandGiven(published=data.draw(st.booleans())))
        except GovShareError:
            return
        self._keep(before, step)

    def _keep(self, before: Demand, step: Step[Demand]) -> None:
        assert not self.ended
        self.demand, self.ended = step.record, step.record.state in ENDS
        self.events.append(step.event)
        assert list(step.record.backers)[: len(before.backers)] == list(before.backers)
        assert set(readers(before)) | set(readers(step.record)) == set(step.event.parties)
        if step.event.type == "demand.withdrawn":
            assert before.supporters == ()
        if step.event.type == "demand.taken_up":
            assert step.event.organisation == before.unit

    @invariant()
    def events_are_gapless(self) -> None:
        assert [event.case_seq for event in self.events] == list(range(1, len(self.events) + 1))
        assert self.demand.version == self.demand.case_seq == len(self.events)

    @invariant()
    def each_organisation_counts_once(self) -> None:
        supporters = [supporter.organisation for supporter in self.demand.supporters]
        assert len({FILER, *supporters}) == 1 + len(supporters)
        assert self.events[-1].body["count"] == 1 + len(supporters)

    @invariant()
    def what_is_proposed_has_a_unit(self) -> None:
        assert (self.demand.state in {DemandState.PROPOSED, DemandState.TAKEN_UP}) <= (self.demand.unit is not None)
        assert (self.demand.state is DemandState.FILED) <= (self.demand.unit is None)

    @invariant()
    def somebody_can_always_act_until_the_end(self) -> None:
        assert bool(waits(self.demand)) is (self.demand.state not in ENDS)

    @invariant()
    def it_stands_on_the_desks_of_whom_it_waits_for(self) -> None:
        assert set(desks_of("demand", self.demand)) == {organisation for _, organisation in waits(self.demand)}

    @invariant()
    def a_clock_runs_for_whom_is_asked(self) -> None:
        expected = {DemandState.FILED: "demand_triage", DemandState.PROPOSED: "demand_answer"}
        clock = clock_of(self.demand)
        assert (clock[0] if clock else None) == expected.get(self.demand.state)

    @invariant()
    def a_draft_is_begun_by_taking_up_alone(self) -> None:
        proposal = self.demand.proposal
        if self.demand.state in {DemandState.FILED, DemandState.PROPOSED}:
            assert proposal is None or proposal.id is None
        if self.demand.state is DemandState.TAKEN_UP:
            assert proposal is not None
            assert proposal.id is not None

    def teardown(self) -> None:
        note_end(f"ended {self.demand.state}")


TestLife = Life.TestCase
TestLife.settings = settings(stateful_step_count=30, deadline=None)
