"""The exchange catalogue is derived: an entry stands in it exactly while an agreement on it is in force."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.catalog.catalogues import Listed
from services.catalog.exchange import HEARD, Exchange, activated, line_of, shown
from tests.feeding import activated as activation
from tests.feeding import amended, moved

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


ENDED = {"end": "terminated", "by": "requester", "leak": False, "instrument": None, "clause": None}


def test_what_is_suspended_or_suspected_is_not_shown_until_it_flows_again_and_still_depends_on_the_entry() -> None:
    exchange = activated(Exchange(entry="entry"), activation("a", "entry"))
    suspended = HEARD["agreement.suspended"](
        exchange, moved("a", "entry", "agreement.suspended", by="provider", review_by=FIRST)
    )
    assert list(shown([line_of(suspended, ENTRY)], FIRST)) == []
    assert [one.id for one in suspended.in_force(FIRST)] == ["a"]
    assert HEARD["agreement.resumed"](suspended, moved("a", "entry", "agreement.resumed")) == exchange


def test_another_edition_replaces_the_channel_and_an_earlier_one_that_comes_late_does_not() -> None:
    exchange = activated(Exchange(entry="entry"), activation("a", "entry", channel="api"))
    after = HEARD["agreement.amended"](exchange, amended("a", "entry", edition=2, channel="file"))
    assert [one.channel for one in after.agreements] == ["file"]
    assert activated(after, activation("a", "entry", channel="api")) == after


def test_what_has_ended_is_gone_for_good_even_if_its_activation_is_heard_again() -> None:
    exchange = activated(Exchange(entry="entry"), activation("a", "entry"))
    over = HEARD["agreement.ended"](exchange, moved("a", "entry", "agreement.ended", **ENDED))
    for known in (over, activated(over, activation("a", "entry"))):
        assert list(shown([line_of(known, ENTRY)], FIRST)) == []
        assert known.in_force(FIRST) == ()


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
