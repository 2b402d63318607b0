"""Whether information may be had under an agreement at a moment (I7, S-097): a pure function of agreement and time.

Everything that speaks against it is said at once. What an agreement says in free text, which rows, is for the provider
to hold the delivery to; nothing here reads it.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from services.requests.agreement import Agreement, AgreementState
from services.requests.terms import CITY, Scope, Terms
from services.shared.model import Model
from services.shared.texts import Code, Line
from services.shared.working_days import day_in_beijing


class Grant(StrEnum):
    """Where the grant of an access stands (C.3)."""

    PENDING = "PENDING"
    PROVISIONING = "PROVISIONING"
    GRANTED = "GRANTED"
    PAUSED = "PAUSED"
    FAILED = "FAILED"
    EXPIRED = "EXPIRED"
    REVOKING = "REVOKING"
    REVOKE_FAILED = "REVOKE_FAILED"
    REVOKED = "REVOKED"


class Access(Model):
    """What is wanted, by whom and how: items by name, areas (GB/T 2260), the period the data cover, what for.

    A bound of the period that is None is no bound.
    """

    items: Annotated[tuple[Line, ...], Field(min_length=1)]
    areas: Annotated[tuple[Code, ...], Field(min_length=1)]
    period_from: date | None = None
    period_until: date | None = None
    recipient: Line
    purpose: Code
    channel: Code


class Denial(Model):
    """One reason why an access is not allowed."""

    code: str
    zh: str
    en: str


class Decision(Model):
    """Whether an access is allowed, and every reason why it is not."""

    allowed: bool
    reasons: tuple[Denial, ...]


def access_allowed(agreement: Agreement, wanted: Access, at: datetime, grant: Grant | None = None) -> Decision:
    """Return whether an access is within an agreement at an aware moment; a grant counts where one is given (C.3)."""
    found = (*_standing(agreement, at), *_beyond(agreement.terms, wanted), *_not_granted(grant))
    return Decision(allowed=not found, reasons=found)


def _standing(agreement: Agreement, at: datetime) -> Iterator[Denial]:
    validity, day = agreement.terms.validity, day_in_beijing(at)
    if agreement.state is not AgreementState.ACTIVE:
        yield _no("state", f"协议不在生效状态：{agreement.state}", f"the agreement is {agreement.state}")
    if at < agreement.in_force_since:
        yield _no("before_activation", "早于协议生效时间", "these terms were not in force yet")
    if not validity.valid_from <= day <= validity.valid_until:
        days = f"{validity.valid_from}—{validity.valid_until}"
        yield _no("validity", f"不在有效期内：{days}", f"{day} is outside {days}")


def _beyond(terms: Terms, wanted: Access) -> Iterator[Denial]:
    scope = terms.scope
    if wanted.purpose != terms.purpose.code:
        yield _no("purpose", f"用途不符：约定 {terms.purpose.code}", f"the agreed purpose is {terms.purpose.code}")
    if items := _missing(wanted.items, terms.content.items):
        yield _no("items", f"超出约定的信息项：{'、'.join(items)}", f"items beyond the agreed: {', '.join(items)}")
    if areas := () if CITY in scope.areas else _missing(wanted.areas, scope.areas):
        yield _no("areas", f"超出约定的区域：{'、'.join(areas)}", f"areas beyond the agreed: {', '.join(areas)}")
    if not _is_within(wanted, scope):
        period = f"{scope.period_from or '…'}—{scope.period_until or '…'}"
        yield _no("period", f"超出约定的数据时段：{period}", f"beyond the agreed period of the data: {period}")
    if wanted.recipient not in scope.recipients:
        yield _no("recipient", f"不是约定的使用者：{wanted.recipient}", f"not an agreed recipient: {wanted.recipient}")
    if wanted.channel != terms.method.channel:
        yield _no("channel", f"方式不符：约定 {terms.method.channel}", f"the agreed channel is {terms.method.channel}")


def _not_granted(grant: Grant | None) -> Iterator[Denial]:
    if grant is not None and grant is not Grant.GRANTED:
        yield _no("grant", f"授权状态为 {grant}", f"the grant is {grant}")


def _missing(wanted: Iterable[str], agreed: Iterable[str]) -> tuple[str, ...]:
    known = frozenset(agreed)
    return tuple(each for each in wanted if each not in known)


def _is_within(wanted: Access, scope: Scope) -> bool:
    first, last = wanted.period_from, wanted.period_until
    if first and last and last < first:
        return False
    begins = scope.period_from is None or (first is not None and first >= scope.period_from)
    return begins and (scope.period_until is None or (last is not None and last <= scope.period_until))


def _no(code: str, zh: str, en: str) -> Denial:
    return Denial(code=code, zh=zh, en=en)
