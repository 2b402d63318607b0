"""The exchange catalogue is derived: an entry stands in it exactly while an agreement on it is in force."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.catalog.catalogues import Listed
from services.catalog.exchange import Exchange, activated, line_of, shown
from tests.feeding import activated as activation

ENTRY = Listed(kind="resource", id="entry", title="停车场", unit="drc", unit_name="市发展改革委", updated="2026-11-23")
FIRST = date(2026, 12, 1)
DAYS = st.integers(0, 40).map(lambda n: FIRST + timedelta(n))
SPANS = st.tuples(DAYS, DAYS).map(lambda days: (min(days), max(days)))
DEALS = st.lists(st.tuples(st.sampled_from(["api", "file"]), SPANS), max_size=6)


def test_a_line_says_by_which_channels_how_often_and_under_how_many_agreements() -> None:
    exchange = Exchange(entry="entry")
    for request, channel in (("a", "api"), ("b", "file"), ("c", "api")):
        exchange = activated(exchange, activation(request, "entry", channel=channel))
    (line,) = shown([line_of(exchange, ENTRY)], FIRST)

    assert (line.channels, line.frequencies, line.agreements) == (("api", "file"), ("daily",), 3)
    assert line.model_dump(exclude={"channels", "frequencies", "agreements"}) == ENTRY.model_dump(
        exclude={"channels", "frequencies", "agreements"}
    )


def test_an_agreement_that_is_heard_of_twice_is_one() -> None:
    once = activated(Exchange(entry="entry"), activation("a", "entry"))

    assert activated(once, activation("a", "entry")) == once


def test_agreements_that_ended_before_are_not_carried_along() -> None:
    before = activated(Exchange(entry="entry"), activation("a", "entry", days=(date(2020, 1, 1), date(2021, 1, 1))))

    assert [each.id for each in activated(before, activation("b", "entry")).agreements] == ["b"]


@given(deals=DEALS, day=DAYS)
def test_what_is_shown_on_a_day_is_what_is_in_force_on_it_both_ends_included(
    deals: list[tuple[str, tuple[date, date]]], day: date
) -> None:
    exchange = Exchange(entry="entry")
    for number, (channel, span) in enumerate(deals):
        exchange = activated(exchange, activation(f"r-{number}", "entry", channel=channel, days=span))
    live = [channel for channel, (start, end) in deals if start <= day <= end]

    lines = list(shown([line_of(exchange, ENTRY)], day))
    assert [(line.channels, line.agreements) for line in lines] == (
        [(tuple(sorted(set(live))), len(live))] if live else []
    )
