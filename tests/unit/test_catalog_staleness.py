"""Something is stale once its cycle and the grace have passed since it was last heard of; nothing else happens."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.metadata import Metadata
from services.catalog.staleness import fresh_until, last_heard, stale_since, start_of, version_stale_since
from services.catalog.version import Source, State, Version
from services.shared.reference import vocabulary

LAST = datetime(2026, 1, 5, 3, tzinfo=UTC)
YEARS_LATER = datetime(2030, 1, 1, tzinfo=UTC)
DAYS = {
    "real_time": 31,
    "daily": 31,
    "weekly": 37,
    "ten_days": 40,
    "monthly": 62,
    "quarterly": 123,
    "half_yearly": 215,
    "yearly": 397,
    "irregular": 365,
    None: 365,
}
SOURCE = Source(source_id="1", source_url="https://example.test/1", citation="来源", updated="2019-05-06")


def a_version(**given: object) -> Version:
    """Return a live version published at LAST."""
    said = {"id": "e", "state": State.LIVE, "number": 1, "provider": "drc", "changed_at": LAST, "published_at": LAST}
    return Version.model_validate({"metadata": Metadata(title="泊位", update_cycle="monthly"), **said, **given})


@pytest.mark.parametrize(("cycle", "days"), DAYS.items())
def test_it_is_fresh_to_the_end_of_the_last_day_in_beijing_and_stale_after(cycle: str | None, days: int) -> None:
    end = datetime(2026, 1, 5, 15, 59, 59, tzinfo=UTC) + timedelta(days=days)
    assert stale_since(cycle, LAST, end) is None
    assert stale_since(cycle, LAST, end + timedelta(seconds=1)) == end


def test_every_cycle_of_the_vocabulary_has_a_term() -> None:
    assert {term.code for term in vocabulary().update_cycles.terms} == {cycle for cycle in DAYS if cycle}


@given(
    cycle=st.sampled_from([*DAYS, "每年一次"]),
    last=st.builds(LAST.__add__, st.timedeltas(timedelta(days=-8000), timedelta(days=1500))),
    later=st.timedeltas(timedelta(0), timedelta(days=2000)),
)
def test_what_is_stale_stays_stale_since_the_same_moment(cycle: str | None, last: datetime, later: timedelta) -> None:
    end = fresh_until(cycle, last)
    assert end is not None
    assert end > last
    assert stale_since(cycle, last, end + timedelta(seconds=1) + later) == end


def test_a_confirmation_makes_an_entry_fresh_again() -> None:
    at = LAST + timedelta(days=100)
    assert version_stale_since(a_version(), at) is not None
    assert version_stale_since(a_version(confirmed_at=at), at) is None


def test_a_legacy_entry_was_last_heard_of_on_its_sources_own_day_until_somebody_confirms_it() -> None:
    assert last_heard(a_version(source=SOURCE)) == start_of(date(2019, 5, 6))
    assert last_heard(a_version(source=SOURCE, confirmed_at=LAST)) == LAST


@pytest.mark.parametrize("state", [state for state in State if state is not State.LIVE])
def test_only_what_is_published_grows_stale(state: State) -> None:
    assert version_stale_since(a_version(state=state), YEARS_LATER) is None
