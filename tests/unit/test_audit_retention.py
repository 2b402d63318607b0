"""The retention schedule: each kind of case has one class, its ends are those of the state machines, and what closes a
case, for how long it is kept and when it is handed over follow from its events alone."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from fnmatch import fnmatchcase
from functools import reduce
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.audit.retention import (
    RetentionClass,
    Standing,
    Step,
    Thread,
    after,
    class_named,
    class_of,
    due_on,
    longest,
    schedule,
    standing_of,
)
from services.catalog.collection import ENDED as COLLECTION_ENDED
from services.catalog.database import ENDED as DATABASE_ENDED
from services.catalog.database import State as DatabaseState
from services.requests.agreement import AgreementState
from services.requests.demand_life import MACHINE as DEMAND
from services.requests.feedback_life import TERMINAL as FEEDBACK_ENDED
from services.requests.negotiation_parts import TERMINAL as REQUEST_ENDED
from services.requests.objection_life import TERMINAL as OBJECTION_ENDED
from services.requests.onward_life import ONWARD_PERMISSION
from services.requests.period_life import TERMINAL as PERIOD_ENDED
from services.shared.events import EVENT_TYPES

Told = tuple[str, Mapping[str, Any]] | str
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
FILED_TYPES = sorted(name for name in EVENT_TYPES if not name.startswith("filing."))
CLASSES = schedule().classes
THREADS = [(kind, thread) for kind in CLASSES for thread in kind.threads]
# Where a state machine's ends close a thread; an agreement and a database are closed before the archives have them.
ENDS: dict[str, frozenset[str]] = {
    "request": frozenset(REQUEST_ENDED),
    "agreement": frozenset({AgreementState.DISPOSED}),
    "objection": frozenset(OBJECTION_ENDED),
    "onward_permission": frozenset(ONWARD_PERMISSION.terminal),
    "report": frozenset(PERIOD_ENDED),
    "feedback": frozenset(FEEDBACK_ENDED),
    "collection": frozenset(COLLECTION_ENDED),
    "database": (frozenset(DATABASE_ENDED) - {DatabaseState.ARCHIVED}) | {DatabaseState.DEREGISTERED},
    "demand": frozenset(DEMAND.terminal),
}
OF_SHARING = [name for name in FILED_TYPES if class_of(name).code == "sharing"]


def steps(*told: Told) -> list[Step]:
    """Return the steps of a case, a day apart; a bare type has an empty body."""
    pairs = [(each, {}) if isinstance(each, str) else each for each in told]
    return [
        Step(case="c-1", case_seq=number, type=kind, occurred_at=NOON + timedelta(days=number - 1), body=dict(body))
        for number, (kind, body) in enumerate(pairs, start=1)
    ]


def standing(*told: Told) -> Standing:
    found = standing_of(steps(*told))
    assert found is not None
    return found


def closed(*told: Told) -> bool:
    return standing(*told).closed_at is not None


def test_every_kind_of_event_has_just_one_class() -> None:
    named = [prefix for kind in CLASSES for prefix in kind.prefixes]

    assert sorted(named) == sorted({name.partition(".")[0] for name in FILED_TYPES})


def test_every_event_opens_or_closes_something_or_is_the_archives_own_doing() -> None:
    for name in FILED_TYPES:
        kind = class_of(name)
        assert name in kind.archival or any(thread.holds(name) for thread in kind.threads), name


def test_the_schedule_names_no_event_that_there_is_not() -> None:
    for kind in CLASSES:
        named = {*kind.archival, *(name for period in kind.periods for name in period.when)}
        named |= {name for thread in kind.threads for name in thread.closing_types}
        assert named <= set(FILED_TYPES), kind.code
        for thread in kind.threads:
            for pattern in thread.of:
                assert [name for name in FILED_TYPES if fnmatchcase(name, pattern)], pattern


@pytest.mark.parametrize(("kind", "thread"), THREADS, ids=lambda each: getattr(each, "name", getattr(each, "code", "")))
def test_a_thread_s_closing_states_are_the_ends_of_its_state_machine(kind: RetentionClass, thread: Thread) -> None:
    if thread.closing_states:
        assert set(thread.closing_states) == ENDS[thread.name]
    assert thread.closing_states or thread.closing_types, kind.code


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.code)
def test_every_period_is_one_of_the_three_and_says_where_it_is_from(kind: RetentionClass) -> None:
    assert {period.years for period in kind.periods} <= {0, 10, 30}
    assert all(period.source for period in kind.periods)
    assert len([period for period in kind.periods if not period.when]) == 1


@pytest.mark.parametrize(("kind", "thread"), [each for each in THREADS if each[1].key or each[1].until])
def test_the_fields_that_tell_threads_apart_are_in_the_events_bodies(kind: RetentionClass, thread: Thread) -> None:
    for name in filter(thread.holds, FILED_TYPES):
        fields = EVENT_TYPES[name].body.model_fields
        assert thread.key is None or thread.key in fields, name
    if thread.until:
        assert [
            name for name in FILED_TYPES if thread.holds(name) and thread.until in EVENT_TYPES[name].body.model_fields
        ]


def test_a_refused_request_is_closed_and_kept_for_ten_years() -> None:
    refused = standing("request.created", ("request.refusal_accepted", {"state": "CLOSED_REFUSED"}))

    assert (refused.retention_class, refused.years, refused.open) == ("sharing", 10, ())
    assert refused.closed_at == NOON + timedelta(days=1)


def test_an_agreement_keeps_its_request_s_case_open_until_it_is_disposed_of() -> None:
    activated = ["request.created", "agreement.activated"]

    assert standing(*activated).open == ("agreement",)
    assert not closed(*activated, ("agreement.ended", {"state": "ENDED"}))
    assert closed(*activated, ("agreement.disposed", {"state": "DISPOSED"}))
    assert standing(*activated).years == 30


def test_what_the_leading_group_ruled_on_is_kept_for_ever() -> None:
    ruled = standing("request.created", "request.ruled_to_share", "agreement.activated")

    assert ruled.years == 0


def test_every_objection_and_every_report_of_an_agreement_must_be_closed_too() -> None:
    disposed: list[Told] = ["request.created", "agreement.activated", ("agreement.disposed", {"state": "DISPOSED"})]
    objected: list[Told] = [*disposed, ("objection.raised", {"state": "RAISED", "number": 1})]
    twice: list[Told] = [*objected, ("objection.raised", {"state": "RAISED", "number": 2})]

    assert standing(*twice).open == ("objection 1", "objection 2")
    settled: list[Told] = [*twice, ("objection.corrected", {"state": "CORRECTED", "number": 1})]
    assert standing(*settled).open == ("objection 2",)
    assert closed(*settled, ("objection.withdrawn", {"state": "WITHDRAWN", "number": 2}))
    assert not closed(*disposed, ("report.opened", {"state": "OPEN", "period": "2027Q1"}))


def test_a_case_that_goes_on_is_open_again_and_is_closed_later() -> None:
    disposed: list[Told] = ["request.created", "agreement.activated", ("agreement.disposed", {"state": "DISPOSED"})]
    gone_on: list[Told] = [*disposed, ("feedback.due", {"state": "DUE", "feedback": 1})]

    assert not closed(*gone_on)
    again = standing(*gone_on, ("feedback.closed", {"state": "CLOSED", "feedback": 1}))
    assert (again.closed_at, again.settled_seq) == (NOON + timedelta(days=4), 5)


@pytest.mark.parametrize(
    ("before", "archival"),
    [
        (
            ["request.created", "agreement.activated", ("agreement.disposed", {"state": "DISPOSED"})],
            "agreement.archived",
        ),
        (["database.planned", ("database.deregistered", {"state": "DEREGISTERED"})], "database.archived"),
    ],
)
def test_the_archives_own_doings_change_nothing_but_the_count(before: list[Any], archival: str) -> None:
    closed_case, archived = standing(*before), standing(*before, (archival, {"state": "ARCHIVED"}))

    assert archived == closed_case.model_copy(update={"case_seq": closed_case.case_seq + 1})


def test_a_published_entry_is_open_until_it_is_withdrawn() -> None:
    draft = ["resource.created", "resource.submitted"]

    assert closed(*draft, "resource.discarded")
    assert not closed(*draft, "resource.published")
    assert not closed(*draft, "resource.published", "resource.revised", "resource.discarded")
    assert not closed(*draft, "resource.published", "resource.confirmed")
    assert closed(*draft, "resource.published", "resource.revised", "resource.withdrawn")
    assert standing(*draft).years == 10
    assert standing(*draft, "resource.published").years == 30


def test_a_published_figure_is_open_until_it_is_withdrawn() -> None:
    assert closed("figure.created", "figure.discarded")
    assert not closed("figure.created", "figure.published", "figure.revised", "figure.discarded")
    assert closed("figure.created", "figure.published", "figure.withdrawn")


def test_a_certificate_is_closed_when_it_expires_and_not_before() -> None:
    recorded = standing(("check.recorded", {"expires_at": "2027-01-31T16:00:00Z"}), "check.hit_justified")

    assert recorded.closed_at == datetime(2027, 1, 31, 16, 0, tzinfo=UTC)
    assert due_on(recorded) == date(2028, 6, 30)


def test_a_closed_case_is_handed_over_by_the_end_of_june_of_the_next_year_as_days_are_counted_in_beijing() -> None:
    last_minute = datetime(2026, 12, 31, 15, 59, tzinfo=UTC)
    one = Step(case="c-1", case_seq=1, type="evidence.sealed", occurred_at=last_minute, body={})

    assert due_on(after(None, one)) == date(2027, 6, 30)
    later = one.model_copy(update={"occurred_at": last_minute + timedelta(minutes=1)})
    assert due_on(after(None, later)) == date(2028, 6, 30)


def test_an_open_case_is_not_due() -> None:
    assert due_on(standing("request.created")) is None


def test_a_package_s_own_case_is_in_no_package() -> None:
    transferred = standing("archive.prepared", "archive.transferred")

    assert transferred.closed_at is not None
    assert due_on(transferred) is None
    assert not class_named("package").packaged


def test_an_event_of_no_class_is_refused() -> None:
    with pytest.raises(LookupError):
        class_of("weather.changed")


def test_no_event_is_no_standing() -> None:
    assert standing_of([]) is None


def test_for_ever_is_the_longest_period() -> None:
    assert (longest(10, 30), longest(30, 0, 10)) == (30, 0)


STORIES = st.lists(
    st.tuples(
        st.sampled_from(OF_SHARING),
        st.fixed_dictionaries(
            {"state": st.sampled_from(["OPEN", "CLOSED", "DISPOSED", "WITHDRAWN"]), "number": st.just(1)}
        ),
    ),
    min_size=1,
    max_size=12,
)


@given(STORIES, st.data())
def test_entries_that_were_read_before_change_nothing(
    story: list[tuple[str, dict[str, Any]]], data: st.DataObject
) -> None:
    all_steps = steps(*story)
    first, last = sorted(data.draw(st.tuples(st.integers(0, len(story)), st.integers(0, len(story)))))

    assert reduce(after, [*all_steps, *all_steps[first:last]], None) == standing_of(all_steps)


@given(STORIES)
def test_a_case_is_never_kept_for_less_than_before(story: list[tuple[str, dict[str, Any]]]) -> None:
    kept = [found.years for number in range(1, len(story) + 1) if (found := standing_of(steps(*story[:number])))]

    assert all(longest(before, now) == now for before, now in pairwise(kept))
