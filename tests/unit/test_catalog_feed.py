"""The rules of the change feed: a number for each change and none twice, tombstones that stay, counts that agree."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from services.catalog.catalogues import Shelf
from services.catalog.feed import CHANGES, Change, Mark, What, counted, numbered_from
from services.shared.events import EVENT_TYPES, Event
from tests.feeding import duty_published, published, withdrawn

BASIC, APPLICATION = "basic_sharing_catalog", "application_sharing_catalog"
SHELVES = st.sampled_from([None, BASIC, APPLICATION])
STEPS = st.lists(st.tuples(st.sampled_from("abc"), st.booleans(), SHELVES), max_size=30)


def test_changes_are_numbered_in_order_and_say_what_happened_to_which_thing() -> None:
    made = numbered_from(7, [published("a", title="甲"), duty_published("b"), withdrawn("a")], {})

    assert [(c.seq, c.kind, c.id, c.change, c.title) for c in made.changes] == [
        (7, "resource", "a", What.PUBLISHED, "甲"),
        (8, "collection", "b", What.PUBLISHED, "停车场名称"),
        (9, "resource", "a", What.WITHDRAWN, "甲"),
    ]
    assert [c.href for c in made.changes[:2]] == ["/catalog/resources/a", "/catalog/collections/b"]
    assert (made.changes[1].unit, made.changes[1].number) == ("transport_commission", "采-0001")


def test_what_a_later_change_replaces_is_named_and_never_silent() -> None:
    first = numbered_from(1, [published("a", 1)], {})
    later = numbered_from(2, [published("a", 5), withdrawn("a", 6)], first.marks)

    assert [(c.change, c.supersedes) for c in later.changes] == [(What.UPDATED, 1), (What.WITHDRAWN, 2)]


def test_an_event_that_was_heard_before_makes_no_change() -> None:
    heard = numbered_from(1, [published("a", 1), withdrawn("a", 2)], {})

    assert numbered_from(3, [published("a", 1), withdrawn("a", 2)], heard.marks).changes == ()


def test_a_tombstone_of_something_never_heard_of_has_no_title_and_still_a_number() -> None:
    (change,) = numbered_from(1, [withdrawn("a", 4)], {}).changes

    assert (change.change, change.title, change.seq) == (What.WITHDRAWN, None, 1)


def test_every_type_that_makes_a_change_is_heard_by_the_catalogue() -> None:
    assert all("catalog" in EVENT_TYPES[name].consumers for name in CHANGES)


@given(steps=STEPS, cuts=st.lists(st.integers(1, 10), max_size=30))
def test_a_reader_who_follows_the_feed_knows_what_stands_however_events_were_batched(
    steps: list[tuple[str, bool, str | None]], cuts: list[int]
) -> None:
    events = list(_history(steps))
    known: dict[str, Mark] = {}
    feed: list[Change] = []
    counts: dict[str, int] = {}
    at = 0
    for size in [*cuts, len(events)]:
        batch = events[max(0, at - 2) : at + size]  # the last two come again with each batch
        made = numbered_from(len(feed) + 1, batch, known)
        counts = counted(counts, known, made.marks)
        known |= made.marks
        feed += made.changes
        at += size

    standing = {change.id: change for change in feed}
    assert [change.seq for change in feed] == list(range(1, len(events) + 1))
    assert {name for name, change in standing.items() if not change.gone} == _published(events)
    shelved = Counter(change.catalogue for change in standing.values() if not change.gone and change.catalogue)
    assert {shelf: count for shelf, count in counts.items() if count} == shelved


def _history(steps: list[tuple[str, bool, str | None]]) -> list[Event]:
    seqs: Counter[str] = Counter()
    events = []
    for case, leaves, shelf in steps:
        seqs[case] += 1
        events.append(withdrawn(case, seqs[case]) if leaves else published(case, seqs[case], catalogue=shelf))
    return events


def _published(events: list[Event]) -> set[str]:
    last = {event.case: event.type for event in events}
    return {case for case, kind in last.items() if kind == "resource.published"}


def test_a_thing_that_moves_to_another_catalogue_is_counted_where_it_now_is() -> None:
    first = numbered_from(1, [published("a", 1, catalogue=BASIC)], {})
    later = numbered_from(2, [published("a", 2, catalogue=APPLICATION)], first.marks)

    before = counted({}, {}, first.marks)
    assert counted(before, first.marks, later.marks) == {Shelf.BASIC: 0, Shelf.APPLICATION: 1}
