"""When a log stalls: something waits while nothing is committed after it, or a committed batch is not written out."""

from datetime import timedelta

import pytest

from services.audit.batch import Head, Waiting
from services.audit.entry import written
from services.audit.watch import measures
from tests.unit.test_audit_entry import NOON

NOTHING = Waiting(count=0, since=None)


def head(minutes_ago: int, *, applied: bool = True) -> Head:
    return Head(version=1, size=5, applied=applied, committed_at=NOON - timedelta(minutes=minutes_ago))


def since(minutes_ago: int) -> Waiting:
    return Waiting(count=3, since=written(NOON - timedelta(minutes=minutes_ago)))


@pytest.mark.parametrize(
    ("head", "waiting", "stalled"),
    [
        (Head(), NOTHING, 0),
        (head(60), NOTHING, 0),
        (head(60), since(1), 60),
        (head(60), since(20), 1200),
        (head(1), since(20), 60),  # overloaded, and growing
        (Head(), since(7), 420),  # never filed anything
        (head(9, applied=False), NOTHING, 540),
        (head(9, applied=False), since(1), 540),
        (head(9, applied=False), since(30), 540),
    ],
)
def test_a_log_stalls_for_as_long_as_something_waits_and_nothing_follows(
    head: Head, waiting: Waiting, stalled: int
) -> None:
    assert measures(head, waiting, 5, NOON)["StalledSeconds"] == stalled


def test_everything_is_told_in_whole_numbers() -> None:
    assert measures(head(2, applied=False), since(3), 4, NOON) == {
        "OldestWaitingSeconds": 180,
        "EntriesWaiting": 3,
        "UnappliedSeconds": 120,
        "StalledSeconds": 120,
        "PublishedSize": 4,
    }


def test_a_clock_that_is_ahead_makes_nothing_negative() -> None:
    found = measures(head(-5, applied=False), since(-5), 4, NOON)

    assert (found["OldestWaitingSeconds"], found["UnappliedSeconds"], found["StalledSeconds"]) == (0, 0, 0)
