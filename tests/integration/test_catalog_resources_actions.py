"""What may be done to an entry: every action in every state by everyone, from the specification's table (A0).

What the table does not name is refused and changes nothing; the table is written from the text, not from the code.
"""

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any, NamedTuple

import pytest

from services.catalog.api import handler
from services.catalog.resource_acts import SYSTEM_ACTIONS, Action
from services.catalog.version import State
from tests.catalogue import (
    BASIC,
    COMMENT,
    ENTRY,
    OFFICE,
    PROVIDER,
    STATISTICS,
    a_legacy_entry,
    act,
    approved,
    create,
    published,
    put,
    read,
)
from tests.routes import items_of
from tests.stack import undone
from tests.standing import standing_stack
from tests.support import Reply, call, token

# from, action, who, to; `-` stays. REVISED is published with a draft beside it, OWNERLESS a legacy entry of nobody.
WHO_MAY_DO_WHAT = """
DRAFT          revise        provider    -
DRAFT          submit        provider    SUBMITTED
DRAFT          discard       provider    DISCARDED
SUBMITTED      start_review  office      UNDER_REVIEW
SUBMITTED      discard       provider    DISCARDED
UNDER_REVIEW   return        office      RETURNED
UNDER_REVIEW   approve       office      APPROVED
BASIC_SENT     start_review  office      UNDER_REVIEW
BASIC_SENT     discard       provider    DISCARDED
BASIC_REVIEW   return        office      RETURNED
BASIC_REVIEW   return        statistics  RETURNED
BASIC_REVIEW   approve       office      -
BASIC_REVIEW   approve       statistics  -
ONE_KEY_GIVEN  return        office      RETURNED
ONE_KEY_GIVEN  return        statistics  RETURNED
ONE_KEY_GIVEN  approve       statistics  APPROVED
RETURNED       revise        provider    -
RETURNED       submit        provider    SUBMITTED
RETURNED       discard       provider    DISCARDED
APPROVED       publish       office      LIVE
APPROVED       discard       provider    DISCARDED
BASIC_APPROVED publish       office      LIVE
BASIC_APPROVED discard       provider    DISCARDED
LIVE           revise        provider    DRAFT
LIVE           confirm       provider    -
LIVE           withdraw      provider    WITHDRAWN
LIVE           withdraw      office      WITHDRAWN
BASIC_LIVE     revise        provider    DRAFT
BASIC_LIVE     confirm       provider    -
BASIC_LIVE     withdraw      provider    WITHDRAWN
BASIC_LIVE     withdraw      office      WITHDRAWN
REVISED        revise        provider    -
REVISED        submit        provider    SUBMITTED
REVISED        discard       provider    LIVE
REVISED        confirm       provider    -
REVISED        withdraw      provider    WITHDRAWN
REVISED        withdraw      office      WITHDRAWN
OWNERLESS      revise        office      DRAFT
OWNERLESS      confirm       office      -
OWNERLESS      withdraw      office      WITHDRAWN
OWNERLESS      assign        office      -
"""
ALLOWED = {
    (state, action, who): target for state, action, who, target in map(str.split, WHO_MAY_DO_WHAT.strip().splitlines())
}
SPECIAL = {
    "BASIC_SENT": "SUBMITTED",
    "BASIC_REVIEW": "UNDER_REVIEW",
    "ONE_KEY_GIVEN": "UNDER_REVIEW",
    "BASIC_APPROVED": "APPROVED",
    "BASIC_LIVE": "LIVE",
    "REVISED": "DRAFT",
    "OWNERLESS": "LIVE",
}
CALLERS: dict[str, tuple[str, ...]] = {
    "anonymous": (),
    "provider": (PROVIDER, "officer"),
    "provider_approver": (PROVIDER, "approver"),
    "asking": ("110107", "officer", "approver"),
    "office": (OFFICE, "officer"),
    "office_approver": (OFFICE, "approver"),
    "statistics": (STATISTICS, "officer"),
    "statistics_approver": (STATISTICS, "approver"),
    "secrecy": ("secrecy_bureau", "officer", "approver"),
    "archives": ("archives_bureau", "officer", "approver"),
    "auditor": ("supervision_bureau", "auditor"),
}
ACTIONS = sorted(action for action in Action if action not in SYSTEM_ACTIONS)
ON_LIVE = {"confirm", "assign", "withdraw"}
PUBLISHED = {"LIVE", "BASIC_LIVE", "REVISED", "OWNERLESS", "WITHDRAWN"}
BY_STATE = {(SPECIAL.get(state, state), action) for state, action, _ in ALLOWED if state != "REVISED"}


def sent(metadata: dict[str, Any] = ENTRY) -> Reply:
    return act(create(metadata), "submit", PROVIDER)


def under_review(metadata: dict[str, Any] = ENTRY) -> Reply:
    return act(sent(metadata), "start_review", OFFICE)


MADE: dict[str, Callable[[], Any]] = {
    "DRAFT": create,
    "SUBMITTED": sent,
    "UNDER_REVIEW": under_review,
    "BASIC_SENT": lambda: sent(BASIC),
    "BASIC_REVIEW": lambda: under_review(BASIC),
    "ONE_KEY_GIVEN": lambda: act(under_review(BASIC), "approve", OFFICE, COMMENT),
    "RETURNED": lambda: act(under_review(), "return", OFFICE, {"gaps": [{"pointer": "/title", "detail": "缺少"}]}),
    "APPROVED": lambda: approved(under_review()),
    "BASIC_APPROVED": lambda: approved(under_review(BASIC)),
    "LIVE": published,
    "BASIC_LIVE": lambda: published(BASIC),
    "REVISED": lambda: put(published(), PROVIDER, ENTRY | {"title": "新标题"}),
    "OWNERLESS": a_legacy_entry,
    "WITHDRAWN": lambda: act(published(), "withdraw", PROVIDER, {"reason": "职能调整"}),
    "DISCARDED": lambda: act(create(), "discard", PROVIDER),
}


class Case(NamedTuple):
    """An entry in a state, its version, and the table it lies in."""

    name: str
    id: str
    etag: str
    table: str

    @property
    def state(self) -> str:
        """Where it stands for its provider, by the specification."""
        return SPECIAL.get(self.name, self.name)

    @property
    def items(self) -> list[dict[str, Any]]:
        """Everything that is stored of it."""
        return items_of(self.table, self.id)


@pytest.fixture(scope="module")
def table() -> Iterator[str]:
    """The catalogue's table, one for all states."""
    with standing_stack() as stack:
        yield stack["CatalogTable"]


@pytest.fixture(scope="module", params=MADE)
def case(request: pytest.FixtureRequest, table: str) -> Case:
    """An entry in each state, made once; what a test changes it puts back."""
    made = MADE[request.param]()
    entry = made if isinstance(made, str) else made.body["id"]
    return Case(request.param, entry, read(entry, PROVIDER).etag, table)


def test_every_state_and_every_action_is_here() -> None:
    assert {SPECIAL.get(name, name) for name in MADE} == set(State) - {State.SUPERSEDED}
    assert {action for _, action, _ in ALLOWED} == set(ACTIONS)


def test_each_case_stands_where_its_name_says(case: Case) -> None:
    assert read(case.id, PROVIDER).body["state"] == case.state


def test_what_the_table_does_not_allow_is_refused_and_changes_nothing(case: Case) -> None:
    before = case.items
    told = {
        (action, who): attempt(case, action, who).status
        for action, who in product(ACTIONS, CALLERS)
        if (case.name, action, who) not in ALLOWED
    }
    assert told == {(action, who): refusal_of(case, action, who) for action, who in told}
    assert case.items == before


def test_what_the_table_allows_is_done(case: Case) -> None:
    before = case.items
    for (name, action, who), target in ALLOWED.items():
        if name == case.name:
            with undone(case.table, case.id):
                reply = attempt(case, action, who)
                assert (reply.status, reply.body.get("state")) == (200, case.state if target == "-" else target), action
    assert case.items == before


@pytest.mark.parametrize("action", sorted(SYSTEM_ACTIONS))
def test_what_happens_by_itself_has_no_address(case: Case, action: str) -> None:
    reply = send(case, "POST", action, "office", {})
    assert (reply.status, reply.pointers) == (422, ["/path/action"])


def test_the_actions_that_are_shown_are_those_that_are_allowed(case: Case) -> None:
    for who in set(CALLERS) - {"anonymous"}:
        reply = call(handler, "GET", f"/catalog/resources/{case.id}", token=token(*CALLERS[who]))
        allowed = sorted(action for name, action, by in ALLOWED if (name, by) == (case.name, who))
        assert sorted(reply.body.get("actions", ())) == allowed, who


def refusal_of(case: Case, action: str, who: str) -> int:
    """Return what is answered where the table does not allow: the first that fits."""
    if who == "anonymous":
        return 401
    if not sees_open(case, who) and case.name not in PUBLISHED:
        return 404
    live = case.name in PUBLISHED and (action in ON_LIVE or not sees_open(case, who))
    state = ("WITHDRAWN" if case.name == "WITHDRAWN" else "LIVE") if live else case.state
    mine = who == "office" and action == "assign"  # nothing but what nobody owns is given away
    done = who == "office" and (case.name, action) == ("ONE_KEY_GIVEN", "approve")
    return 409 if mine or done or (state, action) not in BY_STATE else 403


def sees_open(case: Case, who: str) -> bool:
    """Return whether a caller sees the version that is being worked on."""
    if case.name in PUBLISHED - {"REVISED"}:
        return False
    if who.startswith("provider"):
        return True
    reviewed = case.name not in {"DRAFT", "DISCARDED", "REVISED"}
    return reviewed and (who.startswith("office") or (who.startswith("statistics") and basic(case)))


def basic(case: Case) -> bool:
    """Return whether a case is basic information, which the statistics bureau reviews too."""
    return case.name.startswith(("BASIC", "ONE_KEY"))


def attempt(case: Case, action: str, who: str) -> Reply:
    if action == "revise":
        return send(case, "PUT", "", who, BASIC if basic(case) else ENTRY)
    bodies: dict[str, dict[str, Any]] = {
        "return": {"gaps": [{"pointer": "/items", "detail": "缺少"}]},
        "approve": COMMENT,
        "assign": {"provider": PROVIDER},
        "withdraw": {"reason": "职能调整"},
    }
    return send(case, "POST", action, who, bodies.get(action, {}))


def send(case: Case, method: str, action: str, who: str, body: dict[str, Any]) -> Reply:
    named, headers = CALLERS[who], {"If-Match": case.etag}
    path = f"/catalog/resources/{case.id}" + (f"/{action}" if action else "")
    return call(handler, method, path, token=token(*named) if named else None, json=body, headers=headers)
