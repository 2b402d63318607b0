"""The life of an onward permission (section D) as a table: what the provider says, and the secrecy bureau where asked.

Silence is a no: nothing is allowed by itself (S-098, I6). Pure.
"""

from services.requests import onward_guards as guards
from services.requests.case_record import parties_of
from services.requests.lateness import day_has_passed, marked_overdue
from services.requests.onward import Action as A  # noqa: N817 - a row of a table is short
from services.requests.onward import Denial, OnwardPermission, Word
from services.requests.onward import State as S  # noqa: N817
from services.shared.callers import Caller, Claim
from services.shared.events import Event, readers_of
from services.shared.lifecycle import Act, Machine, Move, Party

Row = Move[OnwardPermission]
REQ, SYS = frozenset({Party.REQUESTER}), frozenset({Party.SYSTEM})
KNOWN_TO = frozenset({Party.REQUESTER, Party.PROVIDER, Party.OFFICE, Party.SUPERVISION, Party.SYSTEM})
FOLLOWING = frozenset({Party.OFFICE, Party.SUPERVISION, Party.SECRECY})
SYSTEM_ACTIONS = (A.MARK_OVERDUE,)
CLOCK = "onward_permission"


def relations(permission: OnwardPermission, caller: Caller) -> frozenset[Party]:
    """Return what a caller is to a permission; the secrecy bureau knows of those that it is asked about."""
    return parties_of(permission, caller) & (KNOWN_TO | who_answers(permission))


def who_answers(permission: OnwardPermission) -> frozenset[Party]:
    """Return who is asked: the provider, and where a confidentiality agreement exists the secrecy bureau."""
    return frozenset({Party.PROVIDER, Party.SECRECY}) if permission.confidential else frozenset({Party.PROVIDER})


def may_see(permission: OnwardPermission, caller: Caller) -> bool:
    """Return whether a caller may know of a permission: both sides, the offices, and the secrecy bureau if asked."""
    return bool(relations(permission, caller) - SYS)


def may_read(permission: OnwardPermission, caller: Caller, event: Event) -> bool:
    """Return whether a caller may read one of its events: who was told, and the bodies that follow it all of them."""
    return caller.organisation in readers_of(event) or bool(relations(permission, caller) & FOLLOWING)


def _allowed(permission: OnwardPermission, act: Act) -> OnwardPermission:
    limits = guards.word_of(permission, act).model_dump()
    word = Word.model_validate(limits | _by(act))
    return permission.model_copy(update={"words": (*permission.words, word)})


def _denied(permission: OnwardPermission, act: Act) -> OnwardPermission:
    denial = Denial.model_validate({"reason": act.body.reason} | _by(act))
    return permission.model_copy(update={"denial": denial})


def _by(act: Act) -> dict[str, object]:
    return {"party": act.party, "officer": act.caller.officer, "at": act.at}


def _withdrawn(permission: OnwardPermission, act: Act) -> OnwardPermission:
    return permission.model_copy(update={"comment": act.body.comment})


TABLE: dict[tuple[S, A], Row] = {
    (S.ASKED, A.ALLOW): Row(
        who_answers,
        S.ALLOWED,
        "onward_permission.allowed",
        claim=Claim.APPROVER,
        guards=(guards.agreement_stands, guards.is_within_what_was_asked, guards.leaves_something),
        effect=_allowed,
        each_once=True,
    ),
    (S.ASKED, A.DENY): Row(
        who_answers,
        S.DENIED,
        "onward_permission.denied",
        claim=Claim.APPROVER,
        guards=(guards.says_why,),
        effect=_denied,
        awaited=False,
    ),
    (S.ASKED, A.WITHDRAW): Row(REQ, S.WITHDRAWN, "onward_permission.withdrawn", effect=_withdrawn, awaited=False),
    (S.ASKED, A.MARK_OVERDUE): Row(
        SYS, None, "onward_permission.overdue", guards=(day_has_passed,), effect=marked_overdue, awaited=False
    ),
}

ONWARD_PERMISSION: Machine[OnwardPermission] = Machine(
    name="onward_permission",
    table=TABLE,
    relations=relations,
    initial=S.ASKED,
    terminal=frozenset({S.ALLOWED, S.DENIED, S.WITHDRAWN}),
)
