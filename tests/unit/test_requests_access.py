"""Whether information may be had under an agreement (I7): only just what was agreed, while it is agreed."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.requests.access import Access, Grant, access_allowed
from services.requests.agreement import Agreement, AgreementState
from services.requests.terms import CITY, Scope, Terms
from services.shared.working_days import end_of, start_of
from tests.agreements import BEGUN, LATER, STORIES_OF_AGREEMENTS, agreement_of_case, done, told, with_receipts
from tests.sharing import ITEMS, terms

AREAS = ("110101", "110105", "110107", CITY)
PEOPLE = ("停车管理处", "规划处", "信息中心")
DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))
SOME_ITEMS = tuple(f"第{number}项" for number in range(4))


@st.composite
def agreements(draw: st.DrawFn) -> Agreement:
    """Return an active agreement on any terms."""
    first, last = sorted((draw(DAYS), draw(DAYS)))
    begins, ends = sorted((draw(DAYS), draw(DAYS)))
    said = {
        "content": {"items": draw(st.lists(st.sampled_from(SOME_ITEMS), min_size=1, unique=True))},
        "scope": {
            "areas": draw(st.lists(st.sampled_from(AREAS), min_size=1, unique=True)),
            "period_from": draw(st.sampled_from([None, begins])),
            "period_until": draw(st.sampled_from([None, ends])),
            "recipients": draw(st.lists(st.sampled_from(PEOPLE), min_size=1, unique=True)),
        },
        "validity": {"valid_from": first, "valid_until": last},
    }
    agreed = Terms.model_validate(terms() | said)
    active = agreement_of_case(told("ACTIVE"))
    return active.model_copy(update={"terms": agreed, "in_force_since": datetime(2019, 1, 1, tzinfo=UTC)})


def all_of(agreement: Agreement, **changes: Any) -> Access:
    """Return the access to all that was agreed, but for some changes."""
    agreed = agreement.terms
    whole: dict[str, Any] = {
        "items": agreed.content.items,
        "areas": agreed.scope.areas,
        "period_from": agreed.scope.period_from,
        "period_until": agreed.scope.period_until,
        "recipient": agreed.scope.recipients[0],
        "purpose": agreed.purpose.code,
        "channel": agreed.method.channel,
    }
    return Access(**whole | changes)


def inside(agreement: Agreement) -> st.SearchStrategy[datetime]:
    validity = agreement.terms.validity
    first, last = start_of(validity.valid_from), end_of(validity.valid_until)
    return st.integers(0, int((last - first).total_seconds())).map(lambda seconds: first + timedelta(seconds=seconds))


def refused(agreement: Agreement, wanted: Access, at: datetime, grant: Grant | None = None) -> list[str]:
    decision = access_allowed(agreement, wanted, at, grant)
    assert decision.allowed == (decision.reasons == ())
    assert all(reason.zh and reason.en for reason in decision.reasons)
    return [reason.code for reason in decision.reasons]


@given(agreements(), st.data())
def test_just_what_was_agreed_is_allowed_at_any_moment_of_its_days(agreement: Agreement, data: st.DataObject) -> None:
    at = data.draw(inside(agreement))
    assert refused(agreement, all_of(agreement), at) == []
    assert refused(agreement, all_of(agreement), at, Grant.GRANTED) == []


@given(agreements(), st.data())
def test_any_part_of_it_is_allowed_too(agreement: Agreement, data: st.DataObject) -> None:
    agreed = agreement.terms
    some = data.draw(st.lists(st.sampled_from(agreed.content.items), min_size=1))
    area = data.draw(st.sampled_from(AREAS if CITY in agreed.scope.areas else agreed.scope.areas))
    who = data.draw(st.sampled_from(agreed.scope.recipients))
    wanted = all_of(agreement, items=some, areas=(area,), recipient=who)
    assert refused(agreement, wanted, data.draw(inside(agreement))) == []


@given(agreements(), st.data())
def test_each_deviation_alone_is_refused_for_just_that(agreement: Agreement, data: st.DataObject) -> None:
    scope, validity, at = agreement.terms.scope, agreement.terms.validity, data.draw(inside(agreement))
    strange_areas = [area for area in AREAS if area not in scope.areas and CITY not in scope.areas]
    deviations: dict[str, list[dict[str, Any]]] = {
        "items": [{"items": (*agreement.terms.content.items, "别的项")}],
        "areas": [{"areas": (*scope.areas, area)} for area in strange_areas],
        "period": list(beyond(scope)),
        "recipient": [{"recipient": "某公司"}],
        "purpose": [{"purpose": "public_service"}],
        "channel": [{"channel": "file"}],
    }
    for code, changes in deviations.items():
        for change in changes:
            assert refused(agreement, all_of(agreement, **change), at) == [code]
    for moment in (start_of(validity.valid_from) - timedelta(seconds=1), start_of(validity.valid_until + timedelta(1))):
        assert refused(agreement, all_of(agreement), moment) == ["validity"]
    for grant in set(Grant) - {Grant.GRANTED}:
        assert refused(agreement, all_of(agreement), at, grant) == ["grant"]
    for state in set(AgreementState) - {AgreementState.ACTIVE}:
        stopped = agreement.model_copy(update={"state": state})
        assert refused(stopped, all_of(stopped), at) == ["state"]


def beyond(scope: Scope) -> list[dict[str, Any]]:
    """Return the periods that go beyond an agreed one, or that are none."""
    first, last, day = scope.period_from, scope.period_until, timedelta(days=1)
    early: list[dict[str, Any]] = [{"period_from": None}, {"period_from": first - day}] if first else []
    late: list[dict[str, Any]] = [{"period_until": None}, {"period_until": last + day}] if last else []
    upside_down: dict[str, Any] = {"period_from": date(2025, 6, 2), "period_until": date(2025, 6, 1)}
    return [*early, *late, upside_down]


def test_all_that_is_wrong_is_said_at_once() -> None:
    agreement = agreement_of_case(told("STOPPED_BY_OFFICE"))
    wrong = Access(items=("别的项",), areas=(CITY,), recipient="某公司", purpose="public_service", channel="file")
    reasons = refused(agreement, wrong, BEGUN - timedelta(days=300), Grant.PAUSED)
    wanted = ["state", "before_activation", "validity", "purpose", "items", "areas", "recipient", "channel", "grant"]
    assert reasons == wanted


@pytest.mark.parametrize("story", STORIES_OF_AGREEMENTS)
def test_marks_stop_nothing_and_every_state_but_active_stops_all(story: str) -> None:
    agreement = agreement_of_case(told(story))
    active = agreement.state is AgreementState.ACTIVE
    assert access_allowed(agreement, all_of(agreement), LATER).allowed is active


def test_access_follows_the_edition_in_force_and_not_the_one_to_come() -> None:
    signed = told("SIGNED")
    wanted = all_of(agreement_of_case(told("ACTIVE")))
    assert access_allowed(agreement_of_case(signed), wanted, LATER).allowed
    amended = agreement_of_case(with_receipts(signed))
    assert [reason.code for reason in access_allowed(amended, wanted, LATER).reasons] == ["items"]
    assert access_allowed(amended, all_of(amended, items=ITEMS[:1]), LATER).allowed


def test_after_the_last_day_nothing_is_allowed_even_before_it_is_told() -> None:
    agreement = agreement_of_case(told("ACTIVE"))
    assert access_allowed(agreement, all_of(agreement), agreement.ends_at).allowed
    assert not access_allowed(agreement, all_of(agreement), agreement.ends_at + timedelta(seconds=1)).allowed


def test_a_resumed_agreement_gives_what_it_gave() -> None:
    resumed = agreement_of_case(done(told("STOPPED_BY_OFFICE"), "office resume"))
    assert access_allowed(resumed, all_of(resumed), LATER).allowed
