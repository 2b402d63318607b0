"""What may be done to a collection responsibility: every action in every state by everyone, from the specification's
table (B). What it does not name is refused and changes nothing."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any, NamedTuple

import pytest

from services.catalog import sweep
from services.catalog.api import handler
from services.catalog.collection import INTERNAL, Action, State
from services.shared.working_days import day_in_beijing
from tests.collecting import (
    COMMENT,
    DECLINE,
    GROUP,
    HERE,
    OFFICE,
    POLICE,
    REVOCATION,
    STATISTICS,
    STRANGER,
    TAX,
    act,
    act_now,
    applied,
    certificate_for,
    coordinated,
    create,
    designated,
    done,
    published,
    put,
    read,
    settle,
    statement,
    under_review,
)
from tests.stack import stored, undone
from tests.standing import standing_stack
from tests.support import Reply, call, token

# from, action, who, to; `-` stays. The case is the police's, its rival the tax service's.
WHO_MAY_DO_WHAT = """
DRAFT         apply              unit        APPLIED
DRAFT         revise             unit        -
DRAFT         withdraw           unit        WITHDRAWN
APPLIED       start_review       office      JOINT_REVIEW
APPLIED       withdraw           unit        WITHDRAWN
CLAIMED_TWICE open_coordination  office      COORDINATION
CLAIMED_TWICE withdraw           unit        WITHDRAWN
JOINT_REVIEW  return             office      RETURNED
JOINT_REVIEW  return             statistics  RETURNED
JOINT_REVIEW  approve            office      -
JOINT_REVIEW  approve            statistics  -
JOINT_REVIEW  decline            office      DECLINED
JOINT_REVIEW  decline            statistics  DECLINED
JOINT_REVIEW  withdraw           unit        WITHDRAWN
ONE_KEY_GIVEN return             office      RETURNED
ONE_KEY_GIVEN return             statistics  RETURNED
ONE_KEY_GIVEN approve            statistics  DESIGNATED
ONE_KEY_GIVEN decline            office      DECLINED
ONE_KEY_GIVEN decline            statistics  DECLINED
ONE_KEY_GIVEN withdraw           unit        WITHDRAWN
RETURNED      revise             unit        -
RETURNED      apply              unit        APPLIED
RETURNED      withdraw           unit        WITHDRAWN
COORDINATION  settle             office      DESIGNATED
COORDINATION  escalate           office      ESCALATED
COORDINATION  withdraw           unit        WITHDRAWN
UNHEARD       be_heard           unit        -
UNHEARD       escalate           office      ESCALATED
UNHEARD       withdraw           unit        WITHDRAWN
ESCALATED     rule               group       DESIGNATED
ESCALATED     remand             group       COORDINATION
DECLINED      contest            unit        COORDINATION
DECLINED      accept             unit        REJECTED
DECLINED      withdraw           unit        WITHDRAWN
DESIGNATED    register           office      REGISTERED
REGISTERED    publish            office      PUBLISHED
PUBLISHED     revise             unit        -
PUBLISHED     revoke             office      REVOKED
REVISED       approve            office      -
REVISED       approve            statistics  -
REVISED       return             office      -
REVISED       return             statistics  -
REVISED       decline            office      -
REVISED       decline            statistics  -
REVISED       revoke             office      REVOKED
SUCCEEDED     revise             unit        -
SUCCEEDED     transfer           office      -
SUCCEEDED     transfer           statistics  -
SUCCEEDED     revoke             office      REVOKED
"""
ALLOWED = {
    (state, action, who): target for state, action, who, target in map(str.split, WHO_MAY_DO_WHAT.strip().splitlines())
}
# Rows whose guard does not hold there: nobody to coordinate with, not heard, no successor, a second key of the same.
GUARDED = {
    *(("APPLIED", "open_coordination", "office"), ("JOINT_REVIEW", "open_coordination", "office")),
    *(("ONE_KEY_GIVEN", "open_coordination", "office"), ("CLAIMED_TWICE", "start_review", "office")),
    *(("UNHEARD", "settle", "office"), ("PUBLISHED", "transfer", "office"), ("PUBLISHED", "transfer", "statistics")),
    *(("REVISED", "transfer", "office"), ("REVISED", "transfer", "statistics")),
}
DONE_BEFORE = {("ONE_KEY_GIVEN", "approve", "office"), ("COORDINATION", "be_heard", "unit")}
SPECIAL = {
    "CLAIMED_TWICE": State.APPLIED,
    "ONE_KEY_GIVEN": State.JOINT_REVIEW,
    "UNHEARD": State.COORDINATION,
    "REVISED": State.PUBLISHED,
    "SUCCEEDED": State.PUBLISHED,
}
CALLERS: dict[str, tuple[str, ...]] = {
    "unit": (POLICE, "officer"),
    "approver": (POLICE, "approver"),
    "rival": (TAX, "officer"),
    "office": (OFFICE, "officer"),
    "statistics": (STATISTICS, "officer"),
    "group": (GROUP, "officer"),
    "stranger": (STRANGER, "officer", "approver"),
    "anonymous": (),
}
PUBLIC = {"PUBLISHED", "REVISED", "SUCCEEDED", "TRANSFERRED", "REVOKED", "EXPIRED"}
ACTIONS = sorted(action for action in Action if action not in INTERNAL)


class Case(NamedTuple):
    """A case in a state, its version, what it says, its rival's case, and the table it lies in."""

    name: str
    id: str
    etag: str
    said: dict[str, Any]
    heir: str
    table: str

    @property
    def state(self) -> str:
        """Where it stands by the specification."""
        return SPECIAL.get(self.name, self.name)


def declined() -> Reply:
    return done(act(under_review(), "decline", OFFICE, DECLINE))


def redirected() -> str:
    first, second = coordinated(POLICE, TAX)
    done(settle(first, designated=second))
    return first


def escalated() -> str:
    first, _ = coordinated(POLICE, TAX)
    done(act_now(first, "escalate", OFFICE, {"docket": "议题"}))
    return first


def claimed_twice() -> str:
    first = applied()
    applied(TAX)
    return str(first.body["id"])


def succeeded() -> str:
    first = published()
    designated(TAX, succeeds=first.body["id"])
    return str(first.body["id"])


def revised() -> Reply:
    duty = published()
    return done(put(duty, POLICE, duty.body["case"]["statement"] | {"update_cycle": "weekly"}))


def transferred() -> str:
    first = succeeded()
    heir = heir_of(first)
    for key in (OFFICE, STATISTICS):
        done(act_now(first, "transfer", key, {"successor": heir}))
    return first


def expired() -> str:
    now = datetime.now(UTC)
    first = published(valid_until=day_in_beijing(now).isoformat())
    sweep.sweep(now + timedelta(days=1))
    return str(first.body["id"])


def returned() -> Reply:
    return done(act(under_review(), "return", OFFICE, {"gaps": [{"pointer": "/items", "detail": "缺少"}]}))


MADE: dict[str, Callable[[], Any]] = {
    "DRAFT": create,
    "APPLIED": applied,
    "CLAIMED_TWICE": claimed_twice,
    "JOINT_REVIEW": under_review,
    "ONE_KEY_GIVEN": lambda: done(act(under_review(), "approve", OFFICE, COMMENT)),
    "RETURNED": returned,
    "COORDINATION": lambda: coordinated(POLICE, TAX)[0],
    "UNHEARD": lambda: coordinated(POLICE, TAX, hear=False)[0],
    "ESCALATED": escalated,
    "DECLINED": declined,
    "DESIGNATED": designated,
    "REGISTERED": lambda: done(act(designated(), "register", OFFICE)),
    "PUBLISHED": published,
    "REVISED": revised,
    "SUCCEEDED": succeeded,
    "REDIRECTED": redirected,
    "REJECTED": lambda: done(act(declined(), "accept", POLICE)),
    "TRANSFERRED": transferred,
    "REVOKED": lambda: done(act(published(), "revoke", OFFICE, REVOCATION)),
    "EXPIRED": expired,
    "WITHDRAWN": lambda: done(act(applied(), "withdraw", POLICE)),
}


@pytest.fixture(scope="module", params=MADE)
def case(request: pytest.FixtureRequest) -> Iterator[Case]:
    """A case in each state, made once, in a stack of its own; what a test changes it puts back."""
    with standing_stack() as stack:
        made = MADE[request.param]()
        case_id = made if isinstance(made, str) else made.body["id"]
        said = statement() | {"certificate": certificate_for(statement(), POLICE)}
        etag = read(case_id, POLICE).etag
        yield Case(request.param, case_id, etag, said, heir_of(case_id), stack["CatalogTable"])


def test_every_state_and_every_action_is_here() -> None:
    assert {SPECIAL.get(name, name) for name in MADE} == set(State)
    assert {action for _, action, _ in ALLOWED} == set(ACTIONS)


def test_each_case_stands_where_its_name_says(case: Case) -> None:
    assert read(case.id, POLICE).body["state"] == case.state


def test_what_the_table_does_not_allow_is_refused_and_changes_nothing(case: Case) -> None:
    before = stored(case.table)
    told = {
        (action, who): attempt(case, action, who).status
        for action, who in product(ACTIONS, CALLERS)
        if (case.name, action, who) not in ALLOWED
    }
    assert told == {(action, who): refusal_of(case, action, who) for action, who in told}
    assert stored(case.table) == before


def test_what_the_table_allows_is_done(case: Case) -> None:
    for (name, action, who), target in ALLOWED.items():
        if name == case.name:
            with undone(case.table):  # a step may move several cases
                reply = attempt(case, action, who)
                assert (reply.status, reply.body.get("state")) == (200, case.state if target == "-" else target), action


@pytest.mark.parametrize("action", sorted(INTERNAL))
def test_what_happens_by_itself_has_no_address(case: Case, action: str) -> None:
    reply = send(case, "POST", action, "office", {})
    assert (reply.status, reply.pointers) == (422, ["/path/action"])


def test_the_actions_that_are_shown_are_those_the_caller_may_try(case: Case) -> None:
    for who in ("unit", "office", "statistics", "group"):
        reply = read(case.id, CALLERS[who][0])
        rows = [*ALLOWED, *GUARDED]
        may = sorted(action for name, action, by in rows if (name, by) == (case.name, who))
        assert sorted(reply.body.get("actions", ())) == may, who


def refusal_of(case: Case, action: str, who: str) -> int:
    """Return what is answered where the table does not allow: the first that fits."""
    if who == "anonymous":
        return 401
    if not knows(case, who):
        return 404
    if (case.name, action, who) in GUARDED:
        return 422
    if (case.name, action, who) in DONE_BEFORE:
        return 409
    if case.name == "REVISED" and action == "revise":
        return 409  # what it is to say is under review
    rows = {(name, row) for name, row, _ in [*ALLOWED, *GUARDED, *DONE_BEFORE]}
    rows |= {(SPECIAL.get(name, name), row) for name, row in rows if name != "REVISED"}
    return 403 if {(case.name, action), (case.state, action)} & rows else 409


def knows(case: Case, who: str) -> bool:
    """Return whether a caller may see that the case is there."""
    if case.name in PUBLIC or who in {"unit", "approver"}:
        return True
    if who == "group":
        return case.name == "ESCALATED"
    return who in {"office", "statistics"} and case.name != "DRAFT"


def attempt(case: Case, action: str, who: str) -> Reply:
    if action == "revise":
        return send(case, "PUT", "", who, case.said)
    return send(case, "POST", action, who, body_for(case, action))


def body_for(case: Case, action: str) -> dict[str, Any]:
    decision = {"designated": case.id, "reason": "一数一源。"}
    bodies: dict[str, dict[str, Any]] = {
        "be_heard": {"position": "本单位依法采集。"},
        "settle": decision,
        "escalate": {"docket": "议题"},
        "rule": decision | {"meeting": "2026年第3次会议"},
        "remand": {"instructions": "再议。"},
        "return": {"gaps": [{"pointer": "/items", "detail": "缺少"}]},
        "approve": COMMENT,
        "decline": DECLINE,
        "contest": {"reason": "法定职责。"},
        "transfer": {"successor": case.heir},
        "revoke": REVOCATION,
    }
    return bodies.get(action, {})


def send(case: Case, method: str, action: str, who: str, body: dict[str, Any]) -> Reply:
    named = CALLERS[who]
    headers = {"If-Match": case.etag}
    path = f"{HERE}/{case.id}/{action}" if action else f"{HERE}/{case.id}"
    return call(handler, method, path, token=token(*named) if named else None, json=body, headers=headers)


def heir_of(case: str) -> str:
    """Return the rival's case, where there is one."""
    own = call(handler, "GET", f"{HERE}?unit=mine", token=token(TAX)).body["items"]
    return next((str(line["id"]) for line in own if line["id"] != case), "nobody")
