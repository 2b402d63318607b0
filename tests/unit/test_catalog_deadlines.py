"""The clocks of an entry: to be sent again, published, confirmed; by the profile in force, and not moved by editing."""

from datetime import UTC, datetime

import pytest

from services.catalog.deadlines import due_of
from services.catalog.metadata import Metadata
from services.catalog.version import State, Version

MONDAY, FRIDAY = datetime(2026, 11, 23, 3, tzinfo=UTC), datetime(2026, 11, 27, 3, tzinfo=UTC)


def a_version(state: State) -> Version:
    """Return a version that came to its state on Monday and was changed on Friday."""
    moments = dict.fromkeys(("returned_at", "approved_at", "published_at"), MONDAY)
    return Version(id="e", state=state, number=1, provider="drc", metadata=Metadata(), changed_at=FRIDAY, **moments)


@pytest.mark.parametrize(
    ("state", "clock", "day"),
    [
        (State.RETURNED, "catalog_update", "2026-12-07"),
        (State.APPROVED, "catalog_publish", "2026-11-25"),
        (State.LIVE, "confirm_yearly", "2027-11-23"),
    ],
)
def test_a_clock_runs_from_when_the_version_came_to_its_state(state: State, clock: str, day: str) -> None:
    found = due_of(a_version(state))
    assert found is not None
    assert (found.clock, found.due_at.date().isoformat()) == (clock, day)
    assert day in found.zh


@pytest.mark.parametrize("state", [s for s in State if s not in {State.RETURNED, State.APPROVED, State.LIVE}])
def test_no_clock_runs_where_no_text_gives_a_number_or_nothing_is_left_to_do(state: State) -> None:
    assert due_of(a_version(state)) is None


def test_under_the_policy_of_2005_only_the_yearly_confirmation_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOCK_PROFILE", "policy-2005")
    assert [state for state in State if due_of(a_version(state))] == [State.LIVE]
