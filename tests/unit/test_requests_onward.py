"""An onward permission (section D, S-098, Decree 809 Art. 25): who may ask and who answers, and that silence is a no.

The tables below are written from the specification, not from the code.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.requests.agreement import AgreementState
from services.requests.by_itself import READY
from services.requests.case import Case
from services.requests.entry import Sensitivity
from services.requests.onward import (
    Action,
    Limits,
    OnwardPermission,
    State,
    ThirdParty,
    Word,
    common_limits,
    onward_allowed,
)
from services.requests.onward_acts import BODIES, Asked
from services.requests.onward_life import ONWARD_PERMISSION, may_see
from services.requests.onward_steps import ask_step, next_of_the_permissions, take
from services.requests.onward_views import view_of
from services.requests.shelves import desks_of
from services.requests.terms import Terms
from services.shared import running
from services.shared.errors import Conflict, Forbidden, GovShareError, Invalid, NotFound
from services.shared.lifecycle import Act, Party
from services.shared.organisations import organisations
from services.shared.structure import faults, reachable
from tests.agreements import CASE
from tests.objections import (
    CODES,
    PERMISSION,
    PERMISSION_RULES,
    PERMISSION_SAID,
    PERMISSION_STORIES,
    SHOWN_AS,
    WHO,
    Played,
    a_case,
    with_agreement,
)
from tests.sharing import ITEMS, NOON, STRANGER, terms

ENDS = ("ALLOWED", "BOTH", "DENIED", "WITHDRAWN")
ACTIONS = [action.value for action in BODIES]
NAME = "onward_permission-1"
THIRD = ThirdParty(organisation=STRANGER)
COMPANY = "某停车服务有限公司"
FEE = "每条数据收取服务费2元。"


def asked(case: Case, who: str = "asking", *, at: datetime = NOON, **changes: Any) -> Played:
    body = Asked.model_validate(PERMISSION | {"agreement": CASE} | changes)
    return Played(case, ()).then(ask_step(body, case, caller=WHO[who], at=at))


def do(played: Played, action: str, who: str, *, at: datetime = NOON, **said: Any) -> Played:
    body = BODIES[Action(action)].model_validate(PERMISSION_SAID[action] | said)
    return played.then(take(played.case, NAME, Act(Action(action), body, WHO[who], at)))


def a_story(story: str) -> Played:
    secret, acts = PERMISSION_STORIES[story]
    played = asked(a_case(secret=secret))
    for action, who in acts:
        played = do(played, action, who)
    return played


def permission_in(played: Played) -> OnwardPermission:
    found = played.case.named(NAME, OnwardPermission)
    assert found is not None
    return found


def standing(story: str) -> OnwardPermission:
    return permission_in(a_story(story))


def pointers(error: pytest.ExceptionInfo[Invalid]) -> list[str]:
    return [problem.pointer for problem in error.value.problems]


def every_step() -> Iterator[Played]:
    yield from (a_story(story) for story in PERMISSION_STORIES)
    yield from (do(a_story(story), action, who) for story, action, who in PERMISSION_RULES)


@pytest.mark.parametrize("story", PERMISSION_STORIES)
def test_each_story_leads_where_its_name_says(story: str) -> None:
    assert standing(story).state == SHOWN_AS.get(story, story)


@pytest.mark.parametrize(("story", "action"), list(product(PERMISSION_STORIES, ACTIONS)))
def test_what_the_table_allows_happens_and_nothing_else(story: str, action: str) -> None:
    played = a_story(story)
    for who in WHO:
        if (target := PERMISSION_RULES.get((story, action, who))) is not None:
            assert permission_in(do(played, action, who)).state == target
            continue
        known = any(row[:2] == (story, action) for row in PERMISSION_RULES)
        twice = (story, action, who) == ("HALF", "allow", "giving_approver")
        with pytest.raises(Forbidden if known and not twice else Conflict):
            do(played, action, who)


@pytest.mark.parametrize(("story", "who"), list(product(PERMISSION_STORIES, WHO)))
def test_the_actions_shown_are_those_that_are_allowed(story: str, who: str) -> None:
    shown = set(ONWARD_PERMISSION.actions_for(standing(story), WHO[who])) - {"mark_overdue"}
    assert shown == {action for at, action, by in PERMISSION_RULES if (at, by) == (story, who)}


@pytest.mark.parametrize("story", PERMISSION_STORIES)
def test_the_mark_is_the_systems_alone(story: str) -> None:
    for who in WHO.keys() - {"system"}:
        with pytest.raises((Forbidden, Conflict)):
            take(a_story(story).case, NAME, Act(Action.MARK_OVERDUE, None, WHO[who], NOON + timedelta(days=99)))


def test_nothing_waits_for_nobody_and_nothing_is_a_trap() -> None:
    probe = standing("SECRET")
    assert list(faults(ONWARD_PERMISSION, dict.fromkeys(State, probe))) == []
    assert reachable(ONWARD_PERMISSION) == set(State)


@pytest.mark.parametrize(
    ("story", "waiting"),
    [
        ("ASKED", (Party.PROVIDER,)),
        ("SECRET", (Party.PROVIDER, Party.SECRECY)),
        ("HALF", (Party.SECRECY,)),
        *((story, ()) for story in ENDS),
    ],
)
def test_it_waits_for_whose_word_is_not_given_yet(story: str, waiting: tuple[Party, ...]) -> None:
    permission = standing(story)
    assert ONWARD_PERMISSION.awaiting(permission) == waiting
    assert set(desks_of(NAME, permission)) == {permission.organisations[party] for party in waiting}
    assert (permission.clock.clock if permission.clock else None) == ("onward_permission" if waiting else None)
    assert permission.wakes_at is None  # no rule gives a number of days


def test_where_a_city_sets_a_number_a_late_answer_is_marked_once_and_allows_nothing() -> None:
    assert next_of_the_permissions in READY
    played = a_story("SECRET")
    numbered = running.start("correction", NOON)  # a clock that has a number
    timed = played.case.records[NAME].model_copy(update={"clock": numbered})
    late = played._replace(case=played.case._replace(records={**played.case.records, NAME: timed}))
    due = timed.wakes_at
    assert due is not None
    assert next_of_the_permissions(late.case, due) is None
    step = next_of_the_permissions(late.case, due + timedelta(seconds=1))
    assert step is not None
    assert set(step.event.parties) == {CODES[who] for who in ("asking", "giving", "secrecy", "office")}
    marked = permission_in(late.then(step))
    assert (marked.state, marked.limits, marked.wakes_at) == (State.ASKED, None, None)
    assert next_of_the_permissions(late.then(step).case, due + timedelta(days=999)) is None


@pytest.mark.parametrize(
    ("who", "error"),
    [(who, Forbidden) for who in ("giving", "office", "supervision", "asking_approver", "giving_approver", "anonymous")]
    + [(who, Invalid) for who in ("secrecy", "group", "archives", "stranger", "system")],
)
def test_only_an_officer_of_who_received_may_ask(who: str, error: type[GovShareError]) -> None:
    with pytest.raises(error):
        asked(a_case(), who)


@pytest.mark.parametrize("state", AgreementState)
def test_only_under_an_agreement_in_force_is_anything_asked_or_allowed(state: AgreementState) -> None:
    case, open_one = a_case(state=state), a_story("ASKED")
    lapsed = open_one._replace(case=with_agreement(open_one.case, state=state))
    if state is AgreementState.ACTIVE:
        assert permission_in(asked(case)).state is State.ASKED
        assert permission_in(do(lapsed, "allow", "giving_approver")).state is State.ALLOWED
        return
    with pytest.raises(Invalid) as refused:
        asked(case)
    assert pointers(refused) == ["/agreement"]
    with pytest.raises(Invalid) as late:
        do(lapsed, "allow", "giving_approver")
    assert pointers(late) == ["/agreement"]
    assert permission_in(do(lapsed, "deny", "giving_approver")).state is State.DENIED


def test_everything_wrong_is_told_at_once() -> None:
    case = with_agreement(a_case(), state=AgreementState.SUSPENDED)
    with pytest.raises(Invalid) as refused:
        asked(
            case,
            to={"organisation": "no_such_unit"},
            items=[ITEMS[0], "不存在", ITEMS[0]],
            purpose={"code": "telepathy", "text": FEE},
            reason="工作需要",
            until="2028-01-01",
        )
    assert sorted(pointers(refused)) == [
        "/agreement",
        "/explanation",
        "/items/1",
        "/items/2",
        "/purpose/code",
        "/purpose/text",
        "/reason",
        "/to/organisation",
        "/until",
    ]


@pytest.mark.parametrize("until", ["2026-11-22", "2028-01-01"])
def test_what_is_past_or_beyond_the_agreement_cannot_be_asked_for(until: str) -> None:
    with pytest.raises(Invalid) as refused:
        asked(a_case(), until=until)
    assert pointers(refused) == ["/until"]


@pytest.mark.parametrize("until", ["2026-11-23", "2027-12-31"])
def test_today_and_the_agreements_last_day_can_be_asked_for(until: str) -> None:
    assert permission_in(asked(a_case(), until=until)).until == date.fromisoformat(until)


@pytest.mark.parametrize("secret", [Sensitivity.STATE_SECRET, Sensitivity.WORK_SECRET])
def test_a_secret_is_never_passed_on(secret: Sensitivity) -> None:
    case = with_agreement(a_case(), classification={ITEMS[0]: Sensitivity.NONE, ITEMS[1]: secret})
    with pytest.raises(Invalid) as refused:
        asked(case)
    assert pointers(refused) == ["/items/1"]


@pytest.mark.parametrize("side", ["asking", "giving"])
def test_a_side_of_the_agreement_is_no_third_party(side: str) -> None:
    with pytest.raises(Invalid) as refused:
        asked(a_case(), to={"organisation": CODES[side]})
    assert pointers(refused) == ["/to/organisation"]


@pytest.mark.parametrize("to", [{}, {"organisation": STRANGER, "name": COMPANY}])
def test_a_third_party_is_an_organisation_or_somebody_by_name(to: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="either organisation or name"):
        asked(a_case(), to=to)


@pytest.mark.parametrize(
    ("explanation", "fine"), [(None, False), ("敏感", False), ("应急期间的统计分析由其承担。", True)]
)
def test_another_purpose_than_the_agreed_one_is_explained(explanation: str | None, *, fine: bool) -> None:
    said: dict[str, Any] = {
        "purpose": {"code": "statistical_analysis", "text": "泊位周转分析"},
        "explanation": explanation,
    }
    if fine:
        assert permission_in(asked(a_case(), **said)).explanation == explanation
        return
    with pytest.raises(Invalid) as refused:
        asked(a_case(), **said)
    assert pointers(refused) == ["/explanation"]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"purpose": {"code": "city_operation", "text": FEE}}, "/purpose/text"),
        ({"reason": FEE}, "/reason"),
        ({"explanation": FEE}, "/explanation"),
        ({"to": {"name": FEE}}, "/to/name"),
    ],
)
def test_no_fee_is_asked_for_anywhere(change: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        asked(a_case(), **change)
    assert pointers(refused) == [pointer]


def test_a_condition_asks_for_no_fee_either() -> None:
    with pytest.raises(Invalid) as refused:
        do(a_story("ASKED"), "allow", "giving_approver", conditions=FEE)
    assert pointers(refused) == ["/conditions"]


@pytest.mark.parametrize("reason", ["敏感", "Confidential", "不便提供"])
def test_a_bare_word_is_no_reason_to_deny(reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        do(a_story("ASKED"), "deny", "giving_approver", reason=reason)
    assert pointers(refused) == ["/reason"]


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"items": [ITEMS[0], "不存在", ITEMS[0]]}, ["/items/1", "/items/2"]),
        ({"until": "2027-07-01"}, ["/until"]),
        ({"until": "2026-11-22"}, ["/until"]),
        ({"items": ["不存在"], "until": "2027-07-01", "conditions": FEE}, ["/items/0", "/until", "/conditions"]),
    ],
)
def test_no_more_is_allowed_than_was_asked_for(said: dict[str, Any], wrong: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        do(a_story("ASKED"), "allow", "giving_approver", **said)
    assert pointers(refused) == wrong


def test_what_is_left_out_is_allowed_as_it_was_asked_for() -> None:
    done = do(a_story("ASKED"), "allow", "giving_approver", items=None, until=None, conditions=None)
    assert permission_in(done).limits == Limits(items=ITEMS, until=date(2027, 6, 30), conditions=())


def test_what_an_amendment_took_out_of_the_agreement_is_not_allowed_any_more() -> None:
    played = a_story("ASKED")
    fewer = Terms.model_validate(terms(items=ITEMS[1:], until="2027-01-31"))
    less = played._replace(case=with_agreement(played.case, terms=fewer))
    with pytest.raises(Invalid) as refused:
        do(less, "allow", "giving_approver")
    assert pointers(refused) == ["/items", "/until"]
    assert (
        permission_in(do(less, "allow", "giving_approver", items=ITEMS[1:], until="2027-01-31")).state is State.ALLOWED
    )


def test_where_it_became_confidential_meanwhile_it_is_asked_for_anew() -> None:
    played = a_story("ASKED")
    secret = played._replace(case=with_agreement(played.case, confidentiality_filing="e-9"))
    with pytest.raises(Invalid) as refused:
        do(secret, "allow", "giving_approver")
    assert pointers(refused) == ["/agreement"]


def test_both_words_are_kept_and_only_what_both_allow_is_allowed() -> None:
    half = do(a_story("SECRET"), "allow", "giving_approver", items=ITEMS, until="2027-03-31", conditions="只读。")
    assert permission_in(half).limits is None
    whole = do(half, "allow", "secrecy_approver", items=[ITEMS[1]], until="2027-05-31", conditions="用后即删。")
    permission = permission_in(whole)
    assert permission.limits == Limits(items=(ITEMS[1],), until=date(2027, 3, 31), conditions=("只读。", "用后即删。"))
    assert [(word.party, word.items, word.until) for word in permission.words] == [
        (Party.PROVIDER, ITEMS, date(2027, 3, 31)),
        (Party.SECRECY, (ITEMS[1],), date(2027, 5, 31)),
    ]
    told = [(event.type, event.body.get("by"), event.body.get("items")) for event in whole.events[1:]]
    assert told == [
        ("onward_permission.word_given", "provider", list(ITEMS)),
        ("onward_permission.allowed", "secrecy_bureau", [ITEMS[1]]),
    ]


def test_two_words_with_nothing_in_common_allow_nothing() -> None:
    half = do(a_story("SECRET"), "allow", "giving_approver", items=[ITEMS[0]], until="2026-11-30")
    with pytest.raises(Invalid) as refused:
        do(half, "allow", "secrecy_approver", items=[ITEMS[1]])
    assert pointers(refused) == ["/items"]
    with pytest.raises(Invalid) as late:
        do(half, "allow", "secrecy_approver", items=[ITEMS[0]], at=NOON + timedelta(days=8))
    assert pointers(late) == ["/until"]


def test_permissions_are_counted_and_one_that_is_not_there_is_not_found() -> None:
    first = asked(a_case())
    again = ask_step(Asked.model_validate(PERMISSION | {"agreement": CASE}), first.case, caller=WHO["asking"], at=NOON)
    assert list(again.records) == ["onward_permission-2"]
    with pytest.raises(NotFound):
        take(a_case(), NAME, Act(Action.WITHDRAW, None, WHO["asking"], NOON))


@pytest.mark.parametrize("story", PERMISSION_STORIES)
def test_the_sides_the_office_and_supervision_see_it_and_the_secrecy_bureau_where_it_is_asked(story: str) -> None:
    permission = standing(story)
    seeing = {who for who in WHO if may_see(permission, WHO[who])}
    always = {"asking", "asking_approver", "giving", "giving_approver", "office", "supervision", "supervision_auditor"}
    assert seeing == always | ({"secrecy", "secrecy_approver"} if PERMISSION_STORIES[story][0] else set())


def test_who_is_told_is_who_sees_its_steps_and_the_secrecy_bureau_only_where_it_is_asked() -> None:
    for played in every_step():
        sides = {CODES["asking"], CODES["giving"]}
        secret = {CODES["secrecy"]} if permission_in(played).confidential else set()
        assert {frozenset(event.parties) for event in played.events} == {frozenset(sides | secret)}


def test_a_person_or_a_company_stands_in_no_event_and_neither_does_what_people_wrote() -> None:
    played = do(asked(a_case(), to={"name": COMPANY}), "allow", "giving_approver")
    texts = [COMPANY, PERMISSION["reason"], PERMISSION_SAID["allow"]["conditions"]]
    for event in played.events:
        assert not [text for text in texts if text in event.model_dump_json()]
        assert event.payload_sha256 is not None
        assert event.body["organisation"] is None


def test_an_organisation_that_is_allowed_is_told_how_to_come_to_an_agreement_of_its_own() -> None:
    shown = view_of(standing("ALLOWED"), WHO["asking"])
    third = organisations()[STRANGER].names[-1]
    assert shown.next is not None
    for said, name, how in (
        (shown.next.zh, third.zh, "起草共享申请"),
        (shown.next.en, third.en, "drafts a sharing request"),
    ):
        assert all(part in said for part in (name, how, STRANGER, shown.resource, ITEMS[0], "2027-03-31"))
        assert ITEMS[1] not in said
    assert [view_of(standing(story), WHO["asking"]).next for story in ("ASKED", "HALF", "DENIED")] == [None] * 3


def test_a_company_that_is_allowed_gets_an_agreement_from_the_provider() -> None:
    shown = view_of(permission_in(do(asked(a_case(), to={"name": COMPANY}), "allow", "giving_approver")), WHO["giving"])
    assert shown.next is not None
    assert COMPANY in shown.next.zh
    assert "另订协议" in shown.next.zh


def allowed_to(to: ThirdParty, items: tuple[str, ...], until: date, *, on: datetime = NOON) -> OnwardPermission:
    word = Word(items=items, until=until, conditions=(), party=Party.PROVIDER, officer="o-1", at=on)
    return standing("ALLOWED").model_copy(update={"to": to, "words": (word,)})


def test_a_permission_counts_from_its_day_in_beijing_to_its_last_day() -> None:
    late = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)  # the 24th in Beijing
    permission = allowed_to(THIRD, ITEMS, date(2026, 11, 25), on=late)
    days = [date(2026, 11, day) for day in (23, 24, 25, 26)]
    assert [onward_allowed([permission], THIRD, ITEMS, day) for day in days] == [False, True, True, False]


def test_two_permissions_do_not_add_up() -> None:
    until, day = date(2027, 1, 1), date(2026, 12, 1)
    apart = [allowed_to(THIRD, (item,), until) for item in ITEMS]
    assert onward_allowed(apart, THIRD, [ITEMS[0]], day)
    assert not onward_allowed(apart, THIRD, ITEMS, day)


@pytest.mark.parametrize("story", ["ASKED", "SECRET", "HALF", "DENIED", "WITHDRAWN"])
def test_what_is_not_allowed_is_denied(story: str) -> None:
    assert not onward_allowed([standing(story)], THIRD, [ITEMS[0]], date(2026, 12, 1))


SOME_ITEMS = st.lists(st.sampled_from(["甲", "乙", "丙", "丁"]), unique=True).map(tuple)
DAYS = st.dates(date(2026, 11, 20), date(2026, 12, 10))
PARTIES = st.sampled_from([THIRD, ThirdParty(organisation="drc"), ThirdParty(name=COMPANY)])
LIMITS = st.builds(Limits, items=SOME_ITEMS, until=DAYS, conditions=st.sampled_from([(), ("只读。",)]))
STATES = st.sampled_from(State)


@given(st.lists(LIMITS, min_size=1, max_size=3))
def test_common_limits_are_within_each_word_and_as_wide_as_that_allows(words: list[Limits]) -> None:
    common = common_limits(words)
    assert set(common.items) == set.intersection(*(set(word.items) for word in words))
    assert all(common.until <= word.until for word in words)
    assert common.until in {word.until for word in words}
    assert list(common.conditions) == [said for word in words for said in word.conditions]


@given(st.lists(LIMITS, min_size=2, max_size=3))
def test_the_order_of_words_changes_nothing_but_the_order(words: list[Limits]) -> None:
    one, other = common_limits(words), common_limits(words[::-1])
    assert (set(one.items), one.until) == (set(other.items), other.until)


def test_without_a_word_there_are_no_limits() -> None:
    with pytest.raises(ValueError, match="nobody"):
        common_limits([])


@given(st.lists(st.tuples(PARTIES, SOME_ITEMS, DAYS, STATES), max_size=4), PARTIES, SOME_ITEMS, DAYS)
def test_nothing_may_be_passed_on_but_what_one_permission_allows(
    made: list[tuple[ThirdParty, tuple[str, ...], date, State]], to: ThirdParty, items: tuple[str, ...], on: date
) -> None:
    permissions = [allowed_to(who, some, until).model_copy(update={"state": state}) for who, some, until, state in made]
    wanted = any(
        state is State.ALLOWED and who == to and items and set(items) <= set(some) and date(2026, 11, 23) <= on <= until
        for who, some, until, state in made
    )
    assert onward_allowed(permissions, to, items, on) is bool(wanted)


@given(st.lists(st.sampled_from([*ACTIONS, "wait"]), max_size=8), st.data())
def test_no_history_allows_without_every_word_and_no_end_is_left(acts: list[str], data: st.DataObject) -> None:
    """I6 and I9: only the provider's and the bureau's own words allow, and what has ended stays as it is."""
    played = asked(a_case(secret=True))
    for action in acts:
        before = permission_in(played)
        if action == "wait":
            assert next_of_the_permissions(played.case, NOON + timedelta(days=9999)) is None
            continue
        try:
            played = do(played, action, data.draw(st.sampled_from(sorted(WHO))))
        except GovShareError:
            continue
        assert before.state not in ONWARD_PERMISSION.terminal
    permission = permission_in(played)
    if permission.state is State.ALLOWED:
        assert {word.party for word in permission.words} == {Party.PROVIDER, Party.SECRECY}
        assert permission.denial is None
    assert [event.case_seq for event in played.events] == list(range(15, 15 + len(played.events)))
