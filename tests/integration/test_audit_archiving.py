"""The archiving function: it reads what was filed, finds the closed cases that are due, and packages each once, though
it may die between any two writes and run any number of times."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from services.audit.archival_store import archival_store
from services.audit.archiving import MOST, handler, package_due, walk
from services.audit.batch import Pending, stage
from services.audit.objects import LogWriter
from services.audit.package import package_id
from services.audit.packaging import plan_for
from services.audit.tiles import load_edge
from services.shared.canonical import now
from services.shared.working_days import day_in_beijing
from tests.archiving import HERE, get, prepare, receive, returned
from tests.filing import at_call, log, store
from tests.packages import (
    AGREED,
    REFUSED,
    SIDES,
    Step,
    a_file,
    a_ledger,
    events_of,
    file_events,
    file_own_events,
    put_back,
)
from tests.stack import CALLS, at_once, stored, undone
from tests.support import Context

DUE = datetime(2027, 6, 30, 4, 0, tzinfo=UTC)  # the day by which what was closed in 2026 is handed over
WEEK = timedelta(days=7)
WITHDRAWN: Step = ("objection.withdrawn", SIDES | {"state": "WITHDRAWN", "number": 1})
RAISED: Step = ("objection.raised", SIDES | {"state": "RAISED", "number": 1, "items": ("x",)})
ARCHIVED: Step = ("agreement.archived", AGREED | {"state": "ARCHIVED"})


@pytest.fixture(scope="module")
def ledger(stack_in_memory: dict[str, str]) -> Iterator[str]:
    """The ledger, with one case in it."""
    with a_ledger(stack_in_memory) as case:
        yield case


@pytest.fixture(autouse=True)
def case(ledger: str) -> Iterator[str]:
    """The one case that the ledger holds: a refused request, closed with its last event."""
    with put_back():
        yield ledger


def go_on(case: str, *steps: Step, start: int = 5) -> None:
    file_events(*events_of(*steps, case=case, start=start))
    walk()


def due_cases(at: datetime = DUE) -> list[str]:
    return [due.case for due in archival_store().due(day_in_beijing(at), limit=MOST)]


def packages() -> list[tuple[str, str]]:
    """Return the state and the case of each package."""
    return [(line["state"], line["archived_case"]) for line in get(HERE).body["items"]]


def test_a_closed_case_is_due_on_its_day_and_not_before(case: str) -> None:
    assert walk() == len(REFUSED)

    assert due_cases(DUE - timedelta(days=1)) == []
    assert due_cases() == [case]


def test_an_open_case_is_not_due_until_it_is_closed(case: str) -> None:
    go_on(case, RAISED)
    assert due_cases() == []

    go_on(case, WITHDRAWN, start=6)
    assert due_cases() == [case]


def test_what_is_due_is_packaged_by_the_system_and_waits_for_the_archives(case: str) -> None:
    walk()
    assert package_due(DUE) == (1, 0)

    package = get(f"{HERE}/{package_id(case, 1)}")
    assert (package.body["state"], package.body["archived_case"]) == ("PREPARED", case)
    assert [event.organisation for event in file_own_events()] == ["system"]
    assert due_cases() == []
    assert receive(package).status == 200


def test_a_second_run_finds_nothing_to_do(case: str) -> None:
    walk()
    package_due(DUE)
    file_own_events()
    walk()
    before = stored(os.environ["AUDIT_TABLE"])

    assert (walk(), package_due(DUE)) == (0, (0, 0))
    assert stored(os.environ["AUDIT_TABLE"]) == before


def test_the_function_reads_on_from_where_it_was(case: str) -> None:
    handler({}, Context())
    file_events(*events_of(*REFUSED))

    assert (archival_store().cursor(), walk(), archival_store().cursor()) == (4, 4, 8)
    assert packages() == []  # nothing is due yet


def test_the_function_stops_in_time_and_goes_on_the_next_time(case: str) -> None:
    assert walk(lambda: False) == 0
    walk()
    assert package_due(DUE, lambda: False) == (0, 0)
    assert package_due(DUE) == (1, 0)


def test_what_was_packaged_before_it_was_due_is_not_packaged_again(case: str) -> None:
    prepare(case)
    walk()

    assert (package_due(DUE), due_cases()) == ((0, 0), [])
    assert packages() == [("PREPARED", case)]


def test_a_case_that_was_opened_again_is_dropped_and_comes_back_when_it_is_closed(case: str) -> None:
    walk()
    file_events(*events_of(RAISED, case=case, start=5))  # filed, and not read yet

    assert (package_due(DUE), due_cases()) == ((0, 0), [])
    go_on(case, WITHDRAWN, start=6)
    assert (package_due(DUE), packages()) == ((1, 0), [("PREPARED", case)])


def test_a_returned_package_is_prepared_again_once_its_case_has_gone_on(case: str) -> None:
    walk()
    package_due(DUE)
    returned(get(f"{HERE}/{package_id(case, 1)}"))
    go_on(case, WITHDRAWN)

    assert package_due(DUE) == (1, 0)
    again = get(f"{HERE}/{package_id(case, 1)}").body
    assert (again["state"], again["entries"], again["version"]) == ("PREPARED", 5, 3)


def test_a_case_that_goes_on_after_its_transfer_is_packaged_anew(case: str) -> None:
    receive(prepare(case))
    go_on(case, WITHDRAWN)

    assert package_due(DUE) == (1, 0)
    assert get(f"{HERE}/{package_id(case, 2)}").body["supersedes"] == package_id(case, 1)


def test_what_the_archives_do_themselves_makes_nothing_due(case: str) -> None:
    walk()
    package_due(DUE)
    file_own_events()
    go_on(case, ARCHIVED)

    assert due_cases(DUE + 1000 * WEEK) == []


def test_a_case_that_goes_on_while_its_package_waits_is_put_off_for_a_week(case: str) -> None:
    prepared = prepare(case)
    go_on(case, WITHDRAWN)

    assert package_due(DUE) == (0, 1)
    assert (due_cases(), due_cases(DUE + WEEK)) == ([], [case])
    receive(prepared)
    assert package_due(DUE + WEEK) == (1, 0)


def test_one_case_that_cannot_be_packaged_holds_up_no_other(case: str) -> None:
    mark = store().marks_of(case, limit=1, after=None)[0][0]
    store().mark_filed([mark.model_copy(update={"proof": mark.proof[::-1]})])
    good = events_of(*REFUSED)
    file_events(*good)
    walk()

    assert package_due(DUE) == (1, 1)
    assert packages() == [("PREPARED", good[0].case)]
    assert due_cases(DUE + WEEK) == [case]


def test_a_log_is_read_across_the_end_of_a_bundle(case: str) -> None:
    before, long = store().head(), a_file(events_of(*REFUSED[:1] * 260, *REFUSED[3:]))
    growth = stage(load_edge(before.size, log().read), [Pending(entry=each.entry, previous="") for each in long.filed])
    for path, body in growth.objects.items():
        LogWriter(os.environ["LOG_BUCKET"], timedelta(days=1)).write_once(path, body)
    committed = store().commit(before, growth, "")
    assert committed is not None
    store().finish(committed)

    assert walk() == 4 + 261
    assert sorted(due_cases()) == sorted([case, long.case])


def test_how_a_case_stands_does_not_depend_on_how_it_was_read(case: str) -> None:
    walk()
    go_on(case, RAISED)
    go_on(case, WITHDRAWN, start=6)
    piecewise = archival_store().standings([case])[case]

    assert piecewise == plan_for(case, now()).standing


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_run_that_dies_at_any_write_is_completed_by_the_next(when: str, case: str) -> None:
    file_events(*events_of(*REFUSED[:2]))
    nth, died = 0, True
    while died:
        nth += 1
        with undone(os.environ["AUDIT_TABLE"]):
            with CALLS.crash(when, nth):
                walk()
                package_due(DUE)
            died = CALLS.crashed
            walk()
            package_due(DUE)
            assert (packages(), due_cases(), archival_store().cursor()) == ([("PREPARED", case)], [], 6)
    assert nth > 5


def test_of_two_runs_at_once_each_case_has_one_package(case: str) -> None:
    file_events(*[event for _ in range(3) for event in events_of(*REFUSED)])
    at_once(walk, walk)
    walk()
    at_once(partial(package_due, DUE), partial(package_due, DUE + timedelta(seconds=1)))
    package_due(DUE)

    assert (archival_store().cursor(), due_cases()) == (16, [])
    assert [state for state, _ in packages()] == ["PREPARED"] * 4


def test_another_run_s_reading_is_read_again_before_anything_is_written_over_it(case: str) -> None:
    with at_call("dynamodb", "TransactWriteItems", walk):
        walk()

    assert archival_store().standings([case])[case] == plan_for(case, now()).standing
    assert due_cases() == [case]
