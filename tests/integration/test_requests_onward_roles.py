"""Who may do what with an onward permission: every action where each permission stands, by everybody, over HTTP.

The table is that of the specification, not of the code.
"""

from collections.abc import Iterator

import pytest

from services.requests.store import request_store
from tests.agreements import an_agreement
from tests.objections import (
    DONE_BEFORE,
    PERMISSION_RULES,
    PERMISSION_SAID,
    PERMISSION_STORIES,
    SEEING,
    SHOWN_AS,
    WHO,
    Told,
    a_permission,
    act,
    asked,
    get,
)
from tests.routes import items_of
from tests.stack import CALLS, undone
from tests.standing import standing_stack

CALLERS = sorted(WHO.keys() - {"system"})
SECRET = {"secrecy", "secrecy_approver"}
Agreements = dict[bool, str]  # whether a confidentiality agreement exists, and the agreement's case


def seeing(story: str) -> frozenset[str]:
    """Return who may know of a permission."""
    return SEEING | (SECRET if PERMISSION_STORIES[story][0] else frozenset())


@pytest.fixture(scope="module")
def agreements() -> Iterator[Agreements]:
    """Two agreements in force, made once in a stack of their own: a plain one and one with a sensitive item."""
    with standing_stack():
        yield {secret: an_agreement(secret=secret) for secret in (False, True)}


@pytest.fixture(scope="module", params=PERMISSION_STORIES)
def told(request: pytest.FixtureRequest, agreements: Agreements) -> Iterator[Told]:
    """A permission for each story; what a test changes in it is put back."""
    table, agreement = request_store().table, agreements[PERMISSION_STORIES[request.param][0]]
    with undone(table, agreement):
        yield Told(request.param, a_permission(agreement, request.param), table)


@pytest.fixture
def agreement(agreements: Agreements) -> Iterator[str]:
    """The plain agreement's case; what a test changes in it is put back."""
    with undone(request_store().table, agreements[False]):
        yield agreements[False]


def refusal_of(told: Told, action: str, who: str) -> int:
    """Return what the specification answers where it does not allow: 401, 404, 409 or 403, the first that fits."""
    if who == "anonymous":
        return 401
    if who not in seeing(told.story):
        return 404
    known = any(row[:2] == (told.story, action) for row in PERMISSION_RULES)
    return 403 if known and (told.story, action, who) not in DONE_BEFORE else 409


def test_what_the_table_does_not_allow_is_refused_and_changes_nothing(told: Told) -> None:
    before, etag = told.items, get(told.path, "office").etag
    answers = {
        (action, who): act(told.path, action, said, who, etag=etag).status
        for action, said in PERMISSION_SAID.items()
        for who in CALLERS
        if (told.story, action, who) not in PERMISSION_RULES
    }
    assert answers == {(action, who): refusal_of(told, action, who) for action, who in answers}
    assert told.items == before


def test_what_the_table_allows_is_done_in_three_calls(told: Told) -> None:
    etag = get(told.path, "office").etag
    for (story, action, who), target in PERMISSION_RULES.items():
        if story == told.story:
            with told.undone():
                CALLS.clear()
                reply = act(told.path, action, PERMISSION_SAID[action], who, etag=etag)
                assert (reply.status, reply.body["state"]) == (200, target), action
                assert len(CALLS.names) <= 3, CALLS.names
                assert get(told.path, "office").body["state"] == target


def test_who_sees_it_is_shown_what_they_may_do(told: Told) -> None:
    for who in CALLERS:
        reply = get(told.path, who)
        expected = 200 if who in seeing(told.story) else 401 if who == "anonymous" else 404
        assert (reply.status, get(f"{told.path}/history", who).status) == (expected, expected), who
        if expected == 200:
            allowed = sorted(action for story, action, by in PERMISSION_RULES if (story, by) == (told.story, who))
            assert sorted(reply.body["actions"]) == allowed
            assert reply.body["state"] == SHOWN_AS.get(told.story, told.story)


@pytest.mark.parametrize("action", ["ask", "mark_overdue"])
def test_the_systems_own_actions_have_no_address(action: str, agreement: str) -> None:
    reply = act(a_permission(agreement), action, {}, "office", etag='"1"')
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
def test_only_who_received_may_ask(who: str, status: int, agreement: str) -> None:
    before = items_of(request_store().table, agreement)
    reply = asked(agreement, who=who)
    assert reply.status == status, reply.body
    assert (items_of(request_store().table, agreement) == before) is (status != 201)
    if status == 422:
        assert reply.pointers == ["/agreement"]
