"""Makers for tests of objections and onward permissions: who acts on one, what each action takes, how it stands."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

from services.requests.agreement import Agreement, AgreementState, agreement_of
from services.requests.api import handler
from services.requests.case import Case
from services.requests.telling import Step
from services.shared.callers import ANONYMOUS, SYSTEM, Caller, Claim
from services.shared.events import Event
from services.shared.organisations import (
    ARCHIVES_BUREAU,
    LEADING_GROUP,
    OFFICE,
    SECRECY_BUREAU,
    SUPERVISION_BUREAU,
)
from tests.agreements import a_concluded_request
from tests.routes import items_of
from tests.sharing import ITEMS, NOON, PROVIDER, REQUESTER, STRANGER
from tests.stack import undone
from tests.support import Reply, call, token

CODES = {
    "asking": REQUESTER,
    "giving": PROVIDER,
    "office": OFFICE,
    "secrecy": SECRECY_BUREAU,
    "supervision": SUPERVISION_BUREAU,
    "group": LEADING_GROUP,
    "archives": ARCHIVES_BUREAU,
    "stranger": STRANGER,
}
# Everybody by name: their organisation and their roles.
PLAYERS: dict[str, tuple[str, tuple[Claim, ...]]] = {
    **{name: (code, (Claim.OFFICER,)) for name, code in CODES.items()},
    **{f"{name}_approver": (CODES[name], (Claim.APPROVER,)) for name in ("asking", "giving", "secrecy")},
    "supervision_auditor": (CODES["supervision"], (Claim.AUDITOR,)),
}
WHO: dict[str, Caller] = {
    name: Caller(organisation=code, officer=f"o-{name}", claims=frozenset(claims))
    for name, (code, claims) in PLAYERS.items()
} | {"anonymous": ANONYMOUS, "system": SYSTEM}


class Played(NamedTuple):
    """What a pure story came to: the case as it stands, and every event of it so far."""

    case: Case
    events: tuple[Event, ...]

    def then(self, step: Step) -> "Played":
        """Return what it came to with one more step."""
        return Played(self.case.after(step.records), self.events + step.events)


def a_case(*, secret: bool = False, state: AgreementState = AgreementState.ACTIVE) -> Case:
    """Return a case whose agreement came into force at noon; `secret` with a confidentiality agreement."""
    request = a_concluded_request(secret=secret, begun=NOON)
    agreement = agreement_of(request).model_copy(update={"state": state})
    return Case({"request": request, "agreement": agreement}, {})


def with_agreement(case: Case, **changes: Any) -> Case:
    """Return a case whose agreement is another in some respect."""
    agreement = case.named("agreement", Agreement)
    assert agreement is not None
    return case._replace(records={**case.records, "agreement": agreement.model_copy(update=changes)})


def bearer(who: str) -> str | None:
    """Return the token of one of the players; nobody's is None."""
    if who == "anonymous":
        return None
    code, claims = PLAYERS[who]
    return token(code, *claims)


def get(path: str, who: str) -> Reply:
    """Read as one of the players."""
    return call(handler, "GET", path, token=bearer(who))


def post(path: str, body: Mapping[str, Any], who: str, key: str | None = None) -> Reply:
    """Bring up a matter as one of the players, under an Idempotency-Key if one is given."""
    headers = {"Idempotency-Key": key} if key else {}
    return call(handler, "POST", path, token=bearer(who), json=body, headers=headers)


def act(path: str, action: str, body: Mapping[str, Any], who: str, *, etag: str) -> Reply:
    """Take an action on a version."""
    return call(handler, "POST", f"{path}/{action}", token=bearer(who), json=body, headers={"If-Match": etag})


def act_now(path: str, action: str, body: Mapping[str, Any], who: str) -> Reply:
    """Take an action on the version that stands; it must be done."""
    reply = act(path, action, body, who, etag=get(path, "office").etag)
    assert reply.status == 200, (action, reply.body)
    return reply


OBJECTION: dict[str, Any] = {
    "items": [ITEMS[0]],
    "records": "2026年11月20日8时至10时,车场编号 P-0107-33 的三条记录。",
    "wrong": "空余泊位数大于泊位总数。",
    "evidence": "现场照片三张。",
}
CONTESTED = {"reason": "现场核对仍有三条记录与实际不符。"}
RULING = {"meeting": "第4次会议", "reason": "经现场核实。"}
# The body of each action on an objection.
OBJECTION_SAID: dict[str, dict[str, Any]] = {
    "verify": {},
    "confirm": {"finding": "采集设备时钟偏差,三条记录有误。"},
    "correct": {"corrected": "三条记录已更正并重新推送。", "corrected_on": "2026-11-20"},
    "reject": {"reason": "原始记录与现场登记一致,无误。"},
    "accept": {},
    "coordinate": CONTESTED,
    "withdraw": {"comment": "已自行核实。"},
    "mediate": {"proposal": "双方共同到场核对。"},
    "settle": {"comment": "按核对结果更正。"},
    "uphold": {"instrument": "policy-2005", "clause": "三(二)", "reason": "原始记录无误。"},
    "escalate": {"docket": "双方对原始记录意见不一,请决定。"},
    "rule_for": RULING,
    "rule_against": RULING,
    "remand": {"instructions": "请再核对一次。"},
}
# How an objection comes to stand somewhere; beside the states, what its coordination can stand at.
OBJECTION_STORIES: dict[str, list[tuple[str, str]]] = {
    "RAISED": [],
    "VERIFYING": [("verify", "giving")],
    "CORRECTING": [("verify", "giving"), ("confirm", "giving")],
    "CORRECTED": [("verify", "giving"), ("confirm", "giving"), ("correct", "giving")],
    "REJECTED": [("reject", "giving")],
    "COORDINATION": [("reject", "giving"), ("coordinate", "asking")],
    "HALF_SETTLED": [("reject", "giving"), ("coordinate", "asking"), ("settle", "asking")],
    "ESCALATED": [("reject", "giving"), ("coordinate", "asking"), ("escalate", "office")],
    "REMANDED": [
        ("reject", "giving"),
        ("coordinate", "asking"),
        ("escalate", "office"),
        ("remand", "group"),
    ],
    "CLOSED": [("verify", "giving"), ("reject", "giving"), ("accept", "asking")],
    "WITHDRAWN": [("withdraw", "asking")],
}
INSIDE = {"HALF_SETTLED": "COORDINATION", "ESCALATED": "COORDINATION", "REMANDED": "COORDINATION"}

PERMISSION: dict[str, Any] = {
    "to": {"organisation": STRANGER},
    "items": list(ITEMS),
    "purpose": {"code": "city_operation", "text": "大型活动期间的停车诱导"},
    "reason": "活动场馆周边停车诱导由其负责。",
    "until": "2027-06-30",
}
# The body of each action on an onward permission.
PERMISSION_SAID: dict[str, dict[str, Any]] = {
    "allow": {"items": [ITEMS[0]], "until": "2027-03-31", "conditions": "使用后删除。"},
    "deny": {"reason": "该单位已可自行采集,无须再提供。"},
    "withdraw": {"comment": "活动取消。"},
}
# How a permission comes to stand somewhere, and whether a confidentiality agreement exists.
PERMISSION_STORIES: dict[str, tuple[bool, list[tuple[str, str]]]] = {
    "ASKED": (False, []),
    "SECRET": (True, []),
    "HALF": (True, [("allow", "giving_approver")]),
    "ALLOWED": (False, [("allow", "giving_approver")]),
    "BOTH": (True, [("allow", "secrecy_approver"), ("allow", "giving_approver")]),
    "DENIED": (True, [("deny", "secrecy_approver")]),
    "WITHDRAWN": (False, [("withdraw", "asking")]),
}
SHOWN_AS = {"SECRET": "ASKED", "HALF": "ASKED", "BOTH": "ALLOWED"}


def rules_in(text: str, shown_as: Mapping[str, str]) -> dict[tuple[str, str, str], str]:
    """Return who may do what where, and the state that it leads to, from a table in which `-` stays."""
    return {
        (story, action, who): shown_as.get(story, story) if to == "-" else to
        for story, action, whom, to in (line.split() for line in text.strip().splitlines())
        for who in whom.split(",")
    }


# From the specification: C.4, and G where an objection is contested.
OBJECTION_RULES = rules_in(
    """
RAISED        verify        giving         VERIFYING
RAISED        reject        giving         REJECTED
RAISED        withdraw      asking         WITHDRAWN
VERIFYING     confirm       giving         CORRECTING
VERIFYING     reject        giving         REJECTED
VERIFYING     withdraw      asking         WITHDRAWN
CORRECTING    correct       giving         CORRECTED
REJECTED      accept        asking         CLOSED
REJECTED      coordinate    asking         COORDINATION
REJECTED      withdraw      asking         WITHDRAWN
COORDINATION  mediate       office         -
COORDINATION  settle        asking,giving  -
COORDINATION  uphold        office         CLOSED
COORDINATION  escalate      office         -
HALF_SETTLED  mediate       office         -
HALF_SETTLED  settle        giving         CORRECTING
HALF_SETTLED  uphold        office         CLOSED
HALF_SETTLED  escalate      office         -
ESCALATED     rule_for      group          CORRECTING
ESCALATED     rule_against  group          CLOSED
ESCALATED     remand        group          -
REMANDED      mediate       office         -
REMANDED      settle        asking,giving  -
REMANDED      uphold        office         CLOSED
REMANDED      escalate      office         -
""",
    INSIDE,
)
# From the specification: the end of section D.
PERMISSION_RULES = rules_in(
    """
ASKED   allow     giving_approver                   ALLOWED
ASKED   deny      giving_approver                   DENIED
ASKED   withdraw  asking                            WITHDRAWN
SECRET  allow     giving_approver,secrecy_approver  -
SECRET  deny      giving_approver,secrecy_approver  DENIED
SECRET  withdraw  asking                            WITHDRAWN
HALF    allow     secrecy_approver                  ALLOWED
HALF    deny      giving_approver,secrecy_approver  DENIED
HALF    withdraw  asking                            WITHDRAWN
""",
    SHOWN_AS,
)
# Acts of the table whose second time is refused as done, not as another's.
DONE_BEFORE = {("HALF_SETTLED", "settle", "asking"), ("HALF", "allow", "giving_approver")}
# Who knows of every objection and of every permission.
SEEING = frozenset(
    {"asking", "asking_approver", "giving", "giving_approver", "office", "supervision", "supervision_auditor"}
)


def raised(agreement: str, *, who: str = "asking", key: str | None = None, **changes: Any) -> Reply:
    """Raise an objection over HTTP."""
    return post("/objections", OBJECTION | {"agreement": agreement} | changes, who, key)


def an_objection(agreement: str, story: str = "RAISED") -> str:
    """Play an objection over HTTP; return where it is found."""
    made = raised(agreement)
    assert made.status == 201, made.body
    path = f"/objections/{made.body['id']}"
    for action, who in OBJECTION_STORIES[story]:
        act_now(path, action, OBJECTION_SAID[action], who)
    return path


def asked(agreement: str, *, who: str = "asking", key: str | None = None, **changes: Any) -> Reply:
    """Ask for an onward permission over HTTP."""
    return post("/onward-permissions", PERMISSION | {"agreement": agreement} | changes, who, key)


def a_permission(agreement: str, story: str = "ASKED") -> str:
    """Play an onward permission over HTTP, under an agreement as the story wants it; return where it is found."""
    made = asked(agreement)
    assert made.status == 201, made.body
    path = f"/onward-permissions/{made.body['id']}"
    for action, who in PERMISSION_STORIES[story][1]:
        act_now(path, action, PERMISSION_SAID[action], who)
    return path


def case_of(path: str) -> str:
    """Return the case that an address of a matter is in."""
    return path.rpartition("/")[2].partition(".")[0]


class Told(NamedTuple):
    """A matter as a story tells it, alone in its case, and the table it lies in."""

    story: str
    path: str
    table: str

    @property
    def items(self) -> list[dict[str, Any]]:
        """Everything that is stored of its case."""
        return items_of(self.table, case_of(self.path))

    def undone(self) -> AbstractContextManager[None]:
        """Put its case back as it was when the block ends."""
        return undone(self.table, case_of(self.path))
