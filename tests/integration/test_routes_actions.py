"""What may be done to a request: every action in every state by everyone, from the specification's table (C.1).

What the table does not have is refused and changes nothing; the table is written from the text, not from the code.
"""

import json
from collections.abc import Iterator
from itertools import product
from typing import Any, NamedTuple

import pytest

from tests.routes import CALLERS, Sent, items_of, undone
from tests.sharing import (
    COUNTER,
    ITEMS,
    REFUSAL,
    REQUESTER,
    STORIES,
    Side,
    a_request,
    deliver_receipts,
    hear,
    receipted,
    redraft,
)
from tests.stack import CALLS
from tests.standing import standing_stack
from tests.support import Reply

# C.1, as far as it is built; an action that stays where it is has no target.
WHO_MAY_DO_WHAT = """
DRAFT              revise                 asking           -
DRAFT              propose                asking           INTERNAL_APPROVAL
DRAFT              withdraw               asking           WITHDRAWN
INTERNAL_APPROVAL  send_back              asking_approver  DRAFT
INTERNAL_APPROVAL  submit                 asking_approver  SUBMITTED
INTERNAL_APPROVAL  withdraw               asking           WITHDRAWN
SUBMITTED          accept_for_processing  giving           UNDER_REVIEW
SUBMITTED          classify               giving           -
SUBMITTED          refuse                 giving           REFUSED
SUBMITTED          withdraw               asking           WITHDRAWN
UNDER_REVIEW       agree                  giving           TERMS_AGREED
UNDER_REVIEW       counter                giving           PRO_COUNTERED
UNDER_REVIEW       classify               giving           -
UNDER_REVIEW       refuse                 giving           REFUSED
UNDER_REVIEW       withdraw               asking           WITHDRAWN
PRO_COUNTERED      agree                  asking           TERMS_AGREED
PRO_COUNTERED      counter                asking           REQ_COUNTERED
PRO_COUNTERED      classify               giving           -
PRO_COUNTERED      withdraw               asking           WITHDRAWN
REQ_COUNTERED      agree                  giving           TERMS_AGREED
REQ_COUNTERED      counter                giving           PRO_COUNTERED
REQ_COUNTERED      classify               giving           -
REQ_COUNTERED      refuse                 giving           REFUSED
REQ_COUNTERED      withdraw               asking           WITHDRAWN
REFUSED            accept_refusal         asking           CLOSED_REFUSED
REFUSED            withdraw               asking           WITHDRAWN
TERMS_AGREED       classify               giving           -
TERMS_AGREED       draft                  giving           AGREEMENT_DRAFTED
TERMS_AGREED       withdraw               asking           WITHDRAWN
AGREEMENT_DRAFTED  sign                   giving_approver  PRO_SIGNED
AGREEMENT_DRAFTED  reopen                 asking           UNDER_REVIEW
AGREEMENT_DRAFTED  reopen                 giving           UNDER_REVIEW
AGREEMENT_DRAFTED  withdraw               asking           WITHDRAWN
PRO_SIGNED         sign                   asking_approver  SIGNED
PRO_SIGNED         reopen                 asking           UNDER_REVIEW
PRO_SIGNED         reopen                 giving           UNDER_REVIEW
PRO_SIGNED         withdraw               asking           WITHDRAWN
SIGNED             file_result            asking           -
SIGNED             file_result            giving           -
CONF_PENDING       reopen                 asking           UNDER_REVIEW
CONF_PENDING       reopen                 giving           UNDER_REVIEW
"""
ALLOWED = {
    (state, action, caller): state if target == "-" else target
    for state, action, caller, target in map(str.split, WHO_MAY_DO_WHAT.strip().splitlines())
}
STATES = [*STORIES, "CONF_PENDING", "READY"]
ACTIONS = sorted({action for _, action, _ in ALLOWED})
UNSEEN = {"DRAFT", "INTERNAL_APPROVAL"}  # until it is submitted, only the requester knows of a request
OUTSIDE = {"auditor", "secrecy", "statistics", "archives"}  # to a request they are strangers
PARTIES = [caller for caller in CALLERS if caller not in OUTSIDE]


class Case(NamedTuple):
    """A request in a state, and the table it lies in."""

    state: str
    id: str
    table: str

    @property
    def items(self) -> list[dict[str, Any]]:
        """Everything that is stored of it."""
        return items_of(self.table, self.id)


@pytest.fixture(scope="module", params=STATES)
def case(request: pytest.FixtureRequest) -> Iterator[Case]:
    """A request in each state, made once, in a stack of its own; what a test changes it puts back."""
    with standing_stack() as stack:
        made = SPECIAL.get(request.param, lambda: played_to(request.param))()
        yield Case(request.param, made, stack["RequestsTable"])


def test_each_case_stands_where_its_name_says(case: Case) -> None:
    assert Sent("GET", f"/requests/{case.id}").by("asking").body["state"] == case.state


def test_what_the_table_does_not_allow_is_refused_and_changes_nothing(case: Case) -> None:
    before = case.items
    told = {
        (action, caller): try_action(case, action, caller).status
        for action, caller in product(ACTIONS, PARTIES)
        if (case.state, action, caller) not in ALLOWED
    }
    assert told == {(action, caller): refusal_of(case.state, action, caller) for action, caller in told}
    assert case.items == before


def test_what_the_table_allows_is_done(case: Case) -> None:
    before = case.items
    for (state, action, caller), target in ALLOWED.items():
        if state == case.state:
            with undone(case.table, case.id):
                reply = try_action(case, action, caller)
                assert (reply.status, reply.body.get("state")) == (200, target), action
    assert case.items == before


@pytest.mark.parametrize("action", ["proceed", "proceed_confidential", "activate"])
def test_the_systems_own_actions_have_no_address(case: Case, action: str) -> None:
    before = case.items
    reply = try_action(case, action, "office")
    assert (reply.status, reply.pointers) == (422, ["/path/action"])
    assert case.items == before


def test_the_actions_that_are_shown_are_those_that_are_allowed(case: Case) -> None:
    for caller in ("asking", "asking_approver", "giving", "giving_approver", "office"):
        reply = Sent("GET", f"/requests/{case.id}").by(caller)
        allowed = sorted(action for at, action, who in ALLOWED if (at, who) == (case.state, caller))
        assert sorted(reply.body.get("actions", ())) == allowed


def refusal_of(state: str, action: str, caller: str) -> int:
    """Return what the specification answers where it does not allow: 401, 404, 409 or 403, the first that fits."""
    if caller == "anonymous":
        return 401
    if caller == "stranger" or (state in UNSEEN and not caller.startswith("asking")):
        return 404
    return 403 if any(row[:2] == (state, action) for row in ALLOWED) else 409


def try_action(case: Case, action: str, caller: str) -> Reply:
    bodies: dict[str, Any] = {
        "revise": redraft(Side(REQUESTER), case.id) if action == "revise" else {},
        "counter": COUNTER,
        "classify": {"items": {ITEMS[0]: "NONE"}},
        "refuse": REFUSAL,
        "withdraw": {"reason": "不再需要"},
        "send_back": {"reason": "再想想"},
        "reopen": {"reason": "范围需要调整"},
    }
    state = next(item for item in case.items if item["sk"] == "STATE#request")
    named = {"terms_hash": json.loads(state["record"])["offers"][-1]["terms_hash"]}
    body = named if action in {"agree", "sign", "file_result"} else bodies.get(action, {})
    return Sent("POST", f"/requests/{case.id}/{action}", body, f'"{state["version"]}"').by(caller)


def played_to(state: str) -> str:
    request_id, asking, _ = a_request(state)
    if state == "REFUSED":
        deliver_receipts(request_id, asking)
    return request_id


def waiting_for_confidentiality() -> str:
    """Return a request with an item of personal privacy, its result filed and receipted."""
    request_id, asking, giving = a_request("UNDER_REVIEW")
    agreed = {"terms_hash": asking.get(f"/requests/{request_id}").body["terms_hash"]}
    giving.act(request_id, "classify", {"items": {ITEMS[0]: "PERSONAL_PRIVACY"}})
    for side, action in ((giving, "agree"), (giving, "draft"), (giving, "sign"), (asking, "sign")):
        side.act(request_id, action, agreed if action != "draft" else {})
    for side in (giving, asking):
        side.act(request_id, "file_result", agreed)
    deliver_receipts(request_id, asking)
    return request_id


def ready() -> str:
    """Return a request whose listener died between the last receipt and the activation."""
    request_id, asking, _ = a_request("RESULT_FILED")
    first, second = asking.get(f"/requests/{request_id}").body["filing"]
    hear(receipted(request_id, first["event_id"]))
    with CALLS.crash("after", 2):
        hear(receipted(request_id, second["event_id"], kind="result"))
    return request_id


SPECIAL = {"CONF_PENDING": waiting_for_confidentiality, "READY": ready}
