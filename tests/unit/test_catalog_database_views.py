"""What a database shows: how long nothing was heard of it, whom it waits for, and under which state it is listed."""

from datetime import timedelta
from typing import Any

import pytest

from services.catalog.database import Database, State
from services.catalog.database_lines import case_stands, line_of, listed_of, may_list, waiting_for
from services.catalog.database_views import Beside, DatabaseView, view_of
from services.shared.callers import ANONYMOUS
from tests.database_players import WHO, decide, played, the_plan
from tests.database_records import NOON, a_database

PLAN = "cases/establishment"
UNDER_REVIEW = (f"unit {PLAN}/file", f"office {PLAN}/start_review")
CONTESTED = (*UNDER_REVIEW, f"office {PLAN}/decline", f"unit {PLAN}/contest")
BUILT = (
    *(*UNDER_REVIEW, f"office {PLAN}/approve"),
    *(f"unit cases/registration/{act}" for act in ("open", "file")),
    *(f"office cases/registration/{act}" for act in ("start_review", "approve")),
)


def seen(database: Database, who: str | None = "unit", days: int = 0) -> DatabaseView:
    caller = WHO[who] if who else ANONYMOUS
    return view_of(database, Beside({}), caller, NOON + timedelta(days=days))


def waits(database: Database) -> list[str]:
    return [wait.party for wait in waiting_for(database, database.cases)]


def test_a_running_database_is_stale_when_no_report_comes_and_fresh_again_with_one() -> None:
    running = played(the_plan(), *BUILT, "unit go_live")
    fresh, stale = seen(running, days=1), seen(running, days=400)
    assert (fresh.stale_since, fresh.due_at) == (None, stale.stale_since)
    assert stale.stale_since is not None
    later = NOON + timedelta(days=400)
    reported = decide(running, "report", "unit", at=later).record
    assert seen(reported, days=400).stale_since is None
    assert listed_of(reported).updated == "2027-12-28"


def test_what_does_not_run_is_not_stale() -> None:
    for last in (played(the_plan(), *BUILT), played(the_plan(), *BUILT, "unit go_live", "unit suspend")):
        assert (seen(last, days=400).stale_since, seen(last, days=400).due_at) == (None, None)


@pytest.mark.parametrize(
    ("steps", "parties"),
    [
        ((), ["unit"]),
        (UNDER_REVIEW[:1], ["informatization_office"]),
        (UNDER_REVIEW, ["informatization_office"]),
        ((*UNDER_REVIEW, f"office {PLAN}/decline"), ["unit"]),
        (CONTESTED, ["unit", "informatization_office"]),
        ((*CONTESTED, "unit coordination/settle"), ["informatization_office"]),
        ((*CONTESTED, "office coordination/escalate"), ["leading_group"]),
        ((*UNDER_REVIEW, f"office {PLAN}/approve"), ["unit"]),
        (BUILT, ["unit"]),
        ((*BUILT, "unit go_live", "secrecy suspend"), ["informatization_office", "secrecy_bureau"]),
    ],
)
def test_it_says_whom_it_waits_for(steps: tuple[str, ...], parties: list[str]) -> None:
    assert waits(played(the_plan(), *steps)) == parties


def test_a_tombstone_waits_for_the_archives_and_an_end_for_nobody() -> None:
    assert waits(a_database(State.DEREGISTERED)) == ["archives_bureau"]
    assert [waits(a_database(end)) for end in (State.ABANDONED, State.ARCHIVED)] == [[], []]


def test_a_case_before_the_leading_group_is_listed_for_it() -> None:
    escalated = played(the_plan(), *CONTESTED, "office coordination/escalate")
    (case,) = escalated.cases
    assert (case.state, case_stands(case), line_of(escalated, case).state) == ("CONTESTED", "ESCALATED", "ESCALATED")
    back = decide(escalated, "coordination/remand", "group").record
    assert case_stands(back.cases[0]) == "CONTESTED"


@pytest.mark.parametrize(
    ("state", "who"),
    [
        ("FILED", {"office", "statistics"}),
        ("ESCALATED", {"office", "statistics", "group"}),
        ("DEREGISTERED", {"office", "statistics", "archives"}),
    ],
)
def test_who_acts_on_a_state_lists_it(state: str, who: set[str]) -> None:
    assert {name for name, caller in WHO.items() if may_list(state, caller.organisation)} == who


def test_what_was_said_in_a_coordination_is_for_its_parties() -> None:
    mediated = played(the_plan(), *CONTESTED, "office coordination/mediate")
    shown: Any = seen(mediated, "office").cases[0].coordination
    assert (shown.proposal, shown.actions) == ("共建", ("mediate", "settle", "uphold", "escalate"))
    assert seen(mediated, "group").cases == ()


def test_everybody_sees_a_number_and_a_description_and_nothing_of_the_process() -> None:
    shown = seen(played(the_plan(), *BUILT, "unit go_live", "secrecy suspend"), None)
    assert (shown.state, shown.number, shown.description.maintenance_plan) == ("SUSPENDED", "D-2026-000001", None)
    assert (shown.cases, shown.former, shown.filing, shown.suspension, shown.awaiting) == ((), (), (), None, ())
