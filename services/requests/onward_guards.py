"""What an onward permission must keep to: what may be asked for at all, and what may be allowed of it.

Never more than the agreement gives, never longer than it holds, never a state or work secret, never for a fee (S-082,
S-098; Decree 809 Art. 3 and 25). Each guard yields every fault it finds. Pure.
"""

from collections.abc import Iterator
from datetime import date

from services.requests.agreement import Agreement, AgreementState
from services.requests.entry import OFF_SYSTEM
from services.requests.matter import item_faults
from services.requests.onward import Limits, OnwardPermission, ThirdParty, common_limits
from services.requests.onward_acts import Allowed, Asked
from services.requests.wording import empty_reason, wording_faults
from services.shared.errors import Problem
from services.shared.lifecycle import Act
from services.shared.organisations import organisation
from services.shared.reference import vocabulary
from services.shared.working_days import day_in_beijing

Faults = Iterator[Problem]
NOT_AGREED = ("不是协议约定的信息项", "is not an item of the agreement")
NOT_ASKED = ("不在申请之内", "was not asked for")


def asking_faults(asked: Asked, agreement: Agreement, today: date) -> Faults:
    """Yield everything wrong with what is asked for under an agreement on a day."""
    yield from _in_force(agreement)
    yield from _third_party_faults(asked.to, agreement)
    yield from item_faults(asked.items, agreement.terms.content.items, strange=NOT_AGREED)
    for place, item in enumerate(asked.items):
        if agreement.classification.get(item) in OFF_SYSTEM:
            detail = "国家秘密和工作秘密不得再提供 / state and work secrets are never passed on here"
            yield Problem(pointer=f"/items/{place}", detail=detail)
    yield from _purpose_faults(asked, agreement)
    yield from _day_faults(asked.until, today, agreement.terms.validity.valid_until)
    yield from wording_faults(_texts_of(asked))
    if told := empty_reason(asked.reason):
        yield Problem(pointer="/reason", detail=told)


def agreement_stands(permission: OnwardPermission, act: Act) -> Faults:
    """The agreement is still in force when passing something on is allowed, and no more secret than it was."""
    agreement: Agreement = act.given
    yield from _in_force(agreement)
    if agreement.confidentiality_filing is not None and not permission.confidential:
        detail = "其间订立了安全保密协议,须重新申请 / a confidentiality agreement was made since: ask anew"
        yield Problem(pointer="/agreement", detail=detail)


def is_within_what_was_asked(permission: OnwardPermission, act: Act) -> Faults:
    """What is allowed is no more than was asked for, and than the agreement gives by now."""
    body, agreement, word = act.body, act.given, word_of(permission, act)
    yield from item_faults(body.items or (), permission.items, strange=NOT_ASKED)
    lost = set(permission.items) - set(agreement.terms.content.items)
    if gone := [item for item in word.items if item in lost]:
        named = "、".join(gone)
        yield Problem(pointer="/items", detail=f"协议已不含:{named} / no longer in the agreement: {named}")
    last = min(permission.until, agreement.terms.validity.valid_until)
    yield from _day_faults(word.until, day_in_beijing(act.at), last)
    if body.conditions:
        yield from wording_faults([("/conditions", body.conditions)])


def leaves_something(permission: OnwardPermission, act: Act) -> Faults:
    """Something is left of what all allow, items and days; where nothing is, one of them denies."""
    words = permission.words
    if not words:
        return
    left = common_limits((*words, word_of(permission, act)))
    if not left.items:
        detail = "与另一方允许的信息项没有交集 / none of these is allowed by the other; deny it, or allow one that is"
        yield Problem(pointer="/items", detail=detail)
    if min(word.until for word in words) < day_in_beijing(act.at):
        detail = "另一方允许的期限已经过去 / the last day that the other allows is past already; deny it"
        yield Problem(pointer="/until", detail=detail)


def says_why(_: OnwardPermission, act: Act) -> Faults:
    """The bare word "sensitive" is no reason (S-013)."""
    if told := empty_reason(act.body.reason):
        yield Problem(pointer="/reason", detail=told)


def word_of(permission: OnwardPermission, act: Act) -> Limits:
    """Return how far an act allows what was asked for; what it leaves out is allowed as it was asked for."""
    body: Allowed = act.body
    conditions = (body.conditions,) if body.conditions else ()
    return Limits(items=body.items or permission.items, until=body.until or permission.until, conditions=conditions)


def _in_force(agreement: Agreement) -> Faults:
    if agreement.state != AgreementState.ACTIVE:
        detail = f"协议不在生效状态 / the agreement is {agreement.state}, not {AgreementState.ACTIVE}"
        yield Problem(pointer="/agreement", detail=detail)


def _third_party_faults(to: ThirdParty, agreement: Agreement) -> Faults:
    if to.organisation is None:
        return
    found = organisation(to.organisation)
    if found is None or not found.active:
        detail = f"没有这个单位 / there is no organisation '{to.organisation}'"
        yield Problem(pointer="/to/organisation", detail=detail)
    if to.organisation in agreement.sides.values():
        detail = "是协议的一方,不是第三方 / is a side of the agreement, not a third party"
        yield Problem(pointer="/to/organisation", detail=detail)


def _purpose_faults(asked: Asked, agreement: Agreement) -> Faults:
    code, agreed = asked.purpose.code, agreement.terms.purpose.code
    if not vocabulary().purposes.has(code):
        yield Problem(pointer="/purpose/code", detail=f"不在用途清单中 / '{code}' is not a listed purpose")
    if code != agreed and (asked.explanation is None or empty_reason(asked.explanation)):
        detail = (
            f"协议约定的用途是 {agreed},须说明为何另有用途 / the agreed purpose is {agreed}: say why another is needed"
        )
        yield Problem(pointer="/explanation", detail=detail)


def _day_faults(until: date, today: date, last: date) -> Faults:
    if until < today:
        yield Problem(pointer="/until", detail="已经过去 / is past already")
    if until > last:
        yield Problem(pointer="/until", detail=f"不得晚于{last} / no later than {last}")


def _texts_of(asked: Asked) -> Iterator[tuple[str, str]]:
    yield "/purpose/text", asked.purpose.text
    yield "/reason", asked.reason
    if asked.explanation:
        yield "/explanation", asked.explanation
    if asked.to.name:
        yield "/to/name", asked.to.name
