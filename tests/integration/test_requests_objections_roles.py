"""Who may do what with a data objection: every action where each objection stands, by everybody, over HTTP.

The table is that of the specification, not of the code.
"""

from collections.abc import Iterator

import pytest

from tests.agreements import an_agreement
from tests.objections import (
    DONE_BEFORE,
    INSIDE,
    OBJECTION_RULES,
    OBJECTION_SAID,
    OBJECTION_STORIES,
    SEEING,
    WHO,
    Told,
    act,
    an_objection,
    get,
    raised,
)
from tests.routes import items_of
from tests.stack import CALLS, undone
from tests.standing import standing_stack

CALLERS = sorted(WHO.keys() - {"system", "secrecy_approver", "supervision_auditor"})
BEFORE_THE_GROUP = {"ESCALATED", "REMANDED"}


def seeing(story: str) -> frozenset[str]:
    """Return who may know of an objection."""
    return SEEING | ({"group"} if story in BEFORE_THE_GROUP else frozenset())


def refusal_of(story: str, action: str, who: str) -> int:
    """Return what the specification answers where it does not allow: 401, 404, 409 or 403, the first that fits."""
    if who == "anonymous":
        return 401
    if who not in seeing(story):
        return 404
    known = any(row[:2] == (story, action) for row in OBJECTION_RULES)
    return 403 if known and (story, action, who) not in DONE_BEFORE else 409


@pytest.fixture(scope="module")
def standing() -> Iterator[tuple[str, str]]:
    """A table with an agreement in force, made once."""
    with standing_stack() as stack:
        yield stack["RequestsTable"], an_agreement()


@pytest.fixture(scope="module", params=OBJECTION_STORIES)
def told(request: pytest.FixtureRequest, standing: tuple[str, str]) -> Iterator[Told]:
    """An objection for each story; what a test changes in it is put back."""
    table, agreement = standing
    with undone(table, agreement):
        yield Told(request.param, an_objection(agreement, request.param), table)


@pytest.fixture
def agreement(standing: tuple[str, str]) -> Iterator[str]:
    """The agreement's case with nothing raised in it; what a test changes is put back."""
    with undone(*standing):
        yield standing[1]


def test_what_the_table_does_not_allow_is_refused_and_changes_nothing(told: Told) -> None:
    before, etag = told.items, get(told.path, "office").etag
    answers = {
        (action, who): act(told.path, action, said, who, etag=etag).status
        for action, said in OBJECTION_SAID.items()
        for who in CALLERS
        if (told.story, action, who) not in OBJECTION_RULES
    }
    assert answers == {(action, who): refusal_of(told.story, action, who) for action, who in answers}
    assert told.items == before


def test_what_the_table_allows_is_done_in_three_calls(told: Told) -> None:
    etag = get(told.path, "office").etag
    for (story, action, who), target in OBJECTION_RULES.items():
        if story == told.story:
            with told.undone():
                CALLS.clear()
                reply = act(told.path, action, OBJECTION_SAID[action], who, etag=etag)
                assert (reply.status, reply.body["state"]) == (200, target), action
                assert len(CALLS.names) <= 3, CALLS.names
                assert get(told.path, "office").body["state"] == target


def test_who_sees_it_is_shown_what_they_may_do(told: Told) -> None:
    for who in CALLERS:
        reply = get(told.path, who)
        expected = 200 if who in seeing(told.story) else 401 if who == "anonymous" else 404
        assert (reply.status, get(f"{told.path}/history", who).status) == (expected, expected), who
        if expected == 200:
            allowed = sorted(action for story, action, by in OBJECTION_RULES if (story, by) == (told.story, who))
            assert sorted(reply.body["actions"]) == allowed
            assert reply.body["state"] == INSIDE.get(told.story, told.story)


@pytest.mark.parametrize("action", ["raise", "reconsider", "close", "mark_overdue"])
def test_the_systems_own_actions_have_no_address(action: str, agreement: str) -> None:
    reply = act(an_objection(agreement), action, {}, "office", etag='"1"')
    assert (reply.status, reply.pointers) == (422, ["/path/action"])


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("asking", 201),
        *((who, 403) for who in ("asking_approver", "giving", "giving_approver", "office", "supervision")),
        *((who, 422) for who in ("secrecy", "group", "archives", "stranger")),
        ("anonymous", 401),
    ],
)
def test_only_who_received_may_raise_one(who: str, status: int, agreement: str, standing: tuple[str, str]) -> None:
    before = items_of(*standing)
    reply = raised(agreement, who=who)
    assert reply.status == status, reply.body
    assert (items_of(*standing) == before) is (status != 201)
    if status == 422:
        assert reply.pointers == ["/agreement"]
