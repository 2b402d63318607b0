"""What may be done to a request: every action in every state by everyone, from the specification's table (C.1).

What the table does not have is refused and changes nothing; the table is written from the text, not from the code.
"""

from collections.abc import Callable, Iterator
from itertools import cycle, product
from typing import Any, NamedTuple

import pytest

from services.requests import api
from services.shared.organisations import LEADING_GROUP, SUPERVISION_BUREAU
from tests import routes
from tests.negotiating import ONE_IS_PRIVATE, ONE_IS_PUBLIC, RULED, SIGNED_AND_FILED, WHY, let_time_pass
from tests.routes import items_of
from tests.sharing import (
    COUNTER,
    DOCKET,
    GAPS,
    HASH,
    REFUSAL,
    REQUESTER,
    RULING,
    STORIES,
    Act,
    Side,
    a_request,
    deliver_receipts,
    draft,
    hear,
    named_in,
    play,
    receipted,
    redraft,
)
from tests.stack import CALLS, empty, undone
from tests.support import Reply, call, token

# C.1 in full. `-`: the state stays; 422: allowed, and what must hold does not; 403: a row that is open to nobody yet.
# A state with a `/` has the rows of its state, but for those that stand under its own name.
WHO_MAY_DO_WHAT = """
DRAFT              revise                 asking           -
DRAFT              propose                asking           INTERNAL_APPROVAL
DRAFT              withdraw               asking           WITHDRAWN
INTERNAL_APPROVAL  send_back              asking_approver  DRAFT
INTERNAL_APPROVAL  submit                 asking_approver  SUBMITTED
INTERNAL_APPROVAL  withdraw               asking           WITHDRAWN
SUBMITTED          return                 giving           RETURNED
SUBMITTED          return                 office           RETURNED
SUBMITTED          accept_for_processing  giving           UNDER_REVIEW
SUBMITTED          classify               giving           -
SUBMITTED          request_extension      giving           -
SUBMITTED          grant_extension        nobody           403
SUBMITTED          deny_extension         nobody           403
SUBMITTED          record_silence         office           422
SUBMITTED          refuse                 giving           REFUSED
SUBMITTED          coordinate             asking           422
SUBMITTED          coordinate             giving           422
SUBMITTED          coordinate             office           422
SUBMITTED          withdraw               asking           WITHDRAWN
RETURNED           supplement             asking           SUBMITTED
RETURNED           withdraw               asking           WITHDRAWN
UNDER_REVIEW       agree                  giving           TERMS_AGREED
UNDER_REVIEW       counter                giving           PRO_COUNTERED
UNDER_REVIEW       classify               giving           -
UNDER_REVIEW       request_extension      giving           -
UNDER_REVIEW       grant_extension        nobody           403
UNDER_REVIEW       deny_extension         nobody           403
UNDER_REVIEW       record_silence         office           422
UNDER_REVIEW       refuse                 giving           REFUSED
UNDER_REVIEW       coordinate             asking           422
UNDER_REVIEW       coordinate             giving           422
UNDER_REVIEW       coordinate             office           422
UNDER_REVIEW       withdraw               asking           WITHDRAWN
PRO_COUNTERED      agree                  asking           TERMS_AGREED
PRO_COUNTERED      counter                asking           REQ_COUNTERED
PRO_COUNTERED      classify               giving           -
PRO_COUNTERED      coordinate             asking           COORDINATION
PRO_COUNTERED      coordinate             giving           COORDINATION
PRO_COUNTERED      coordinate             office           COORDINATION
PRO_COUNTERED      withdraw               asking           WITHDRAWN
REQ_COUNTERED      agree                  giving           TERMS_AGREED
REQ_COUNTERED      counter                giving           PRO_COUNTERED
REQ_COUNTERED      classify               giving           -
REQ_COUNTERED      request_extension      giving           -
REQ_COUNTERED      grant_extension        nobody           403
REQ_COUNTERED      deny_extension         nobody           403
REQ_COUNTERED      record_silence         office           422
REQ_COUNTERED      refuse                 giving           REFUSED
REQ_COUNTERED      coordinate             asking           COORDINATION
REQ_COUNTERED      coordinate             giving           COORDINATION
REQ_COUNTERED      coordinate             office           COORDINATION
REQ_COUNTERED      withdraw               asking           WITHDRAWN
REFUSED            accept_refusal         asking           CLOSED_REFUSED
REFUSED            coordinate             asking           COORDINATION
REFUSED            coordinate             giving           COORDINATION
REFUSED            coordinate             office           COORDINATION
REFUSED            withdraw               asking           WITHDRAWN
COORDINATION       mediate                office           -
COORDINATION       counter                asking           REQ_COUNTERED
COORDINATION       uphold_refusal         office           CLOSED_REFUSED
COORDINATION       escalate               office           ESCALATED
COORDINATION       withdraw               asking           WITHDRAWN
ESCALATED          rule_share             group            TERMS_AGREED
ESCALATED          rule_refuse            group            CLOSED_REFUSED
ESCALATED          remand                 group            COORDINATION
ESCALATED          withdraw               asking           WITHDRAWN
TERMS_AGREED       classify               giving           -
TERMS_AGREED       draft                  giving           AGREEMENT_DRAFTED
TERMS_AGREED       reopen                 asking           UNDER_REVIEW
TERMS_AGREED       reopen                 giving           UNDER_REVIEW
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
CONF_PENDING       sign_confidentiality   asking_approver  -
CONF_PENDING       sign_confidentiality   giving_approver  -
CONF_PENDING       reopen                 asking           UNDER_REVIEW
CONF_PENDING       reopen                 giving           UNDER_REVIEW

SUBMITTED/supplemented     return             giving  422
SUBMITTED/supplemented     return             office  422
SUBMITTED/extension        request_extension  giving  422
SUBMITTED/extension        grant_extension    office  -
SUBMITTED/extension        deny_extension     office  -
SUBMITTED/overdue          request_extension  giving  422
SUBMITTED/overdue          coordinate         asking  COORDINATION
SUBMITTED/overdue          coordinate         giving  COORDINATION
SUBMITTED/overdue          coordinate         office  COORDINATION
SUBMITTED/silent           request_extension  giving  422
SUBMITTED/silent           record_silence     office  -
UNDER_REVIEW/extension     request_extension  giving  422
UNDER_REVIEW/extension     grant_extension    office  -
UNDER_REVIEW/extension     deny_extension     office  -
UNDER_REVIEW/overdue       request_extension  giving  422
UNDER_REVIEW/overdue       coordinate         asking  COORDINATION
UNDER_REVIEW/overdue       coordinate         giving  COORDINATION
UNDER_REVIEW/overdue       coordinate         office  COORDINATION
UNDER_REVIEW/reopened      agree              giving  422
REQ_COUNTERED/extension    request_extension  giving  422
REQ_COUNTERED/extension    grant_extension    office  -
REQ_COUNTERED/extension    deny_extension     office  -
REFUSED/unreported         accept_refusal     asking  422
TERMS_AGREED/unclassified  draft              giving  422
TERMS_AGREED/ruled         draft              giving  AGREEMENT_DRAFTED
TERMS_AGREED/ruled         reopen             asking  422
TERMS_AGREED/ruled         reopen             giving  422
AGREEMENT_DRAFTED/ruled    reopen             asking  422
AGREEMENT_DRAFTED/ruled    reopen             giving  422
CONF_PENDING/ruled         reopen             asking  422
CONF_PENDING/ruled         reopen             giving  422
"""
ROWS = {
    (name, action, caller): told
    for name, action, caller, told in map(str.split, filter(None, WHO_MAY_DO_WHAT.splitlines()))
}
SYSTEM = ("route", "proceed", "proceed_confidential", "activate", "mark_overdue")
ACTIONS = sorted({action for _, action, _ in ROWS})
VARIANTS = sorted({name for name, _, _ in ROWS if "/" in name})
CALLERS = {
    **routes.CALLERS,
    "group": (LEADING_GROUP, "officer", "approver"),
    "supervision": (SUPERVISION_BUREAU, "officer", "approver"),
}
PARTIES = ("asking", "asking_approver", "giving", "giving_approver", "office", "group")
OUTSIDERS = sorted(CALLERS.keys() - set(PARTIES))
UNSEEN = {"DRAFT", "INTERNAL_APPROVAL"}  # until it is submitted, only the requester knows of a request
BEFORE_THE_GROUP = {"ESCALATED", "TERMS_AGREED/ruled", "AGREEMENT_DRAFTED/ruled", "CONF_PENDING/ruled"}


class Case(NamedTuple):
    """A request in a state, the table it lies in, its entry and version, and the hashes that its actions name."""

    name: str
    id: str
    table: str
    entry: str
    version: int
    named: dict[str, str]

    @property
    def items(self) -> list[dict[str, Any]]:
        """Everything that is stored of it."""
        return items_of(self.table, self.id)

    @property
    def state(self) -> str:
        """The state that its name begins with."""
        return self.name.partition("/")[0]

    def told(self, action: str, caller: str) -> str | None:
        """Return what the table says of an action by somebody, None where it has no such row."""
        general = ROWS.get((self.state, action, caller))
        return ROWS.get((self.name, action, caller), general)

    @property
    def open(self) -> set[str]:
        """The actions that the table has here, for whomever."""
        return {action for name, action, _ in ROWS if name in {self.name, self.state}}

    def seen_by(self, caller: str) -> bool:
        """Return whether somebody may know of it."""
        if caller == "group":
            return self.name in BEFORE_THE_GROUP
        return caller.startswith("asking") or (caller in PARTIES and self.state not in UNSEEN)

    def attempts(self) -> Iterator[tuple[str, str]]:
        """Yield who tries what: the parties everything, and outsiders in turn what is open to somebody.

        Where nothing is open to anybody the parties take turns, too.
        """
        tempting = sorted(self.open) or ACTIONS
        if self.open:
            yield from product(tempting if "/" in self.name else ACTIONS, PARTIES)
        else:
            yield from zip(ACTIONS, cycle(PARTIES), strict=False)
        yield from zip(tempting, cycle(OUTSIDERS), strict=False)
        yield from zip(cycle(tempting), OUTSIDERS, strict=False)


@pytest.fixture(scope="module", params=[*STORIES, "READY", *VARIANTS])
def case(request: pytest.FixtureRequest, stack_in_memory: dict[str, str]) -> Case:
    """A request in each state, made once, alone in its table; what a test changes it puts back."""
    empty(stack_in_memory)
    name = request.param
    made = SPECIAL[name]() if name in SPECIAL else played(MORE_STORIES.get(name) or STORIES[name])
    view = Side(REQUESTER).get(f"/requests/{made}").body
    secret = {"sign_confidentiality": named_in(view, "sign_confidentiality")} if view["confidentiality"] else {}
    named = dict.fromkeys(("agree", "sign", "file_result"), named_in(view, "agree")) | secret
    return Case(name, made, stack_in_memory["RequestsTable"], view["resource"], view["version"], named)


def test_each_case_stands_where_its_name_says(case: Case) -> None:
    assert read(case, "asking").body["state"] == case.state


def test_what_the_table_does_not_allow_is_refused_and_changes_nothing(case: Case) -> None:
    before = case.items
    tried = [(action, caller) for action, caller in case.attempts() if case.told(action, caller) is None]
    told = {(action, caller): try_action(case, action, caller).status for action, caller in tried}
    assert told == {(action, caller): refusal_of(case, action, caller) for action, caller in tried}
    assert case.items == before


def test_what_the_table_allows_is_done(case: Case) -> None:
    before = case.items
    for action, caller in product(sorted(case.open), PARTIES):
        told = case.told(action, caller)
        if told is not None:
            with undone(case.table, case.id):
                reply = try_action(case, action, caller)
                assert told != "422" or case.items == before
            answered = "422" if reply.status == 422 else reply.body.get("state")
            assert answered == (case.state if told == "-" else told), (action, caller)
    assert case.items == before


@pytest.mark.parametrize("action", SYSTEM)
def test_the_systems_own_actions_have_no_address(case: Case, action: str) -> None:
    before = case.items
    reply = try_action(case, action, "office")
    assert (reply.status, reply.pointers) == (422, ["/path/action"])
    assert case.items == before


def test_the_actions_that_are_shown_are_those_that_the_table_has(case: Case) -> None:
    for caller in PARTIES:
        has = sorted(action for action in case.open if case.told(action, caller) is not None)
        assert sorted(read(case, caller).body.get("actions", ())) == has, caller


def refusal_of(case: Case, action: str, caller: str) -> int:
    """Return what the specification answers where it does not allow: 401, 404, 409 or 403, the first that fits."""
    if caller == "anonymous":
        return 401
    if not case.seen_by(caller):
        return 404
    return 403 if action in case.open else 409


def try_action(case: Case, action: str, caller: str) -> Reply:
    body = {"terms_hash": case.named.get(action, "0" * 64)} if action in NAMING else bodies(case).get(action, {})
    return send(caller, "POST", f"/requests/{case.id}/{action}", body, f'"{case.version}"')


def read(case: Case, caller: str) -> Reply:
    return send(caller, "GET", f"/requests/{case.id}")


def send(caller: str, method: str, path: str, body: Any = None, etag: str | None = None) -> Reply:
    """Send a request as one of CALLERS."""
    named, headers = CALLERS[caller], {"If-Match": etag} if etag else {}
    return call(api.handler, method, path, token=token(*named) if named else None, json=body, headers=headers)


NAMING = {"agree", "sign", "file_result", "sign_confidentiality"}
BODIES: dict[str, Any] = {
    "return": GAPS,
    "counter": COUNTER,
    "classify": ONE_IS_PUBLIC,
    "refuse": REFUSAL,
    "uphold_refusal": REFUSAL,
    "mediate": COUNTER | {"comment": "先共享泊位数"},
    "escalate": DOCKET,
    "rule_share": RULING,
    "rule_refuse": REFUSAL | {"meeting": "领导小组2026年第3次会议"},
    "remand": {"instructions": "请就路侧泊位再行协调"},
    **dict.fromkeys(
        ("withdraw", "send_back", "reopen", "coordinate", "request_extension", "deny_extension"),
        WHY,
    ),
}


def bodies(case: Case) -> dict[str, Any]:
    """Return what each action is sent with."""
    return BODIES | dict.fromkeys(("revise", "supplement"), draft(case.entry))


def played(story: list[Act]) -> str:
    request_id, _, _ = a_request("DRAFT")
    play(request_id, story)
    return request_id


def supplemented() -> str:
    request_id, asking, _ = a_request("RETURNED")
    asking.act(request_id, "supplement", redraft(asking, request_id))
    return request_id


def refused_and_reported() -> str:
    request_id, asking, _ = a_request("REFUSED")
    deliver_receipts(request_id, asking)
    return request_id


def overdue(state: str) -> str:
    """Return a request whose reply is late, and marked."""
    request_id, _, _ = a_request(state)
    assert let_time_pass(request_id) == 1
    return request_id


def silent() -> str:
    """Return a request whose clock was started under the policy of 2005, which gives no number."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CLOCK_PROFILE", "policy-2005")
        return a_request("SUBMITTED")[0]


def ready() -> str:
    """Return a request whose listener died between the last receipt and the activation."""
    request_id, asking, _ = a_request("RESULT_FILED")
    first, second = asking.get(f"/requests/{request_id}").body["filing"]
    hear(receipted(request_id, first["event_id"]))
    with CALLS.crash("after", 2):
        hear(receipted(request_id, second["event_id"], kind="result"))
    return request_id


RULED_DRAFT: list[Act] = [*RULED, ("giving", "classify", ONE_IS_PUBLIC), ("giving", "draft", {})]
MORE_STORIES: dict[str, list[Act]] = {
    **{
        f"{state}/extension": [*STORIES[state], ("giving", "request_extension", WHY)]
        for state in ("SUBMITTED", "UNDER_REVIEW", "REQ_COUNTERED")
    },
    "UNDER_REVIEW/reopened": [*STORIES["PRO_SIGNED"], ("asking", "reopen", WHY)],
    "REFUSED/unreported": STORIES["REFUSED"],
    "TERMS_AGREED/unclassified": [
        *STORIES["SUBMITTED"],
        ("giving", "accept_for_processing", {}),
        ("giving", "counter", COUNTER),
        ("asking", "agree", HASH),
    ],
    "TERMS_AGREED/ruled": [*RULED, ("giving", "classify", ONE_IS_PUBLIC)],
    "AGREEMENT_DRAFTED/ruled": RULED_DRAFT,
    "CONF_PENDING/ruled": [
        *RULED,
        ("giving", "classify", ONE_IS_PRIVATE),
        *SIGNED_AND_FILED,
        ("ledger", "", {}),
    ],
}
SPECIAL: dict[str, Callable[[], str]] = {
    "READY": ready,
    "REFUSED": refused_and_reported,
    "SUBMITTED/supplemented": supplemented,
    "SUBMITTED/overdue": lambda: overdue("SUBMITTED"),
    "SUBMITTED/silent": silent,
    "UNDER_REVIEW/overdue": lambda: overdue("UNDER_REVIEW"),
}
