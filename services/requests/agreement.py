"""The agreement: what was agreed, in words a person reads and signs, and the record that is in force.

Text and record come from the same request, so that they cannot differ. Pure.
"""

from collections.abc import Iterable
from enum import StrEnum

from pydantic import AwareDatetime

from services.requests.request import Request, Signature, State
from services.requests.terms import CITY, Terms
from services.shared.event_bodies import AgreementActivated
from services.shared.events import FilingKind
from services.shared.lifecycle import Record
from services.shared.organisations import name_at, organisations
from services.shared.reference import CodeList, duties, vocabulary

# Where the agreement has a text that can be read and signed.
DRAFTED = frozenset(
    {
        State.AGREEMENT_DRAFTED,
        State.PRO_SIGNED,
        State.SIGNED,
        State.RESULT_FILED,
        State.CONF_PENDING,
        State.READY,
        State.CONCLUDED,
    }
)


class AgreementState(StrEnum):
    """Where an agreement stands (C.2)."""

    ACTIVE = "ACTIVE"


class Agreement(Record):
    """An agreement in force, in the same case as the request it came from."""

    state: AgreementState
    requester: str
    provider: str
    resource: str
    terms: Terms
    terms_hash: str
    signatures: tuple[Signature, ...]
    request_filing: str
    result_filing: str
    activated_at: AwareDatetime


def agreement_of(request: Request) -> Agreement:
    """Return the agreement that a concluded request has become.

    Raises ValueError without both filings: the negotiation never concludes without them (I1).
    """
    filed = {kind: request.last_filing(kind) for kind in (FilingKind.REQUEST, FilingKind.RESULT)}
    asked, agreed = filed[FilingKind.REQUEST], filed[FilingKind.RESULT]
    if asked is None or agreed is None:
        raise ValueError("an agreement rests on two filings")
    return Agreement(
        id=request.id,
        state=AgreementState.ACTIVE,
        version=request.version,
        case_seq=request.case_seq,
        changed_at=request.changed_at,
        requester=request.requester,
        provider=request.provider,
        resource=request.entry.id,
        terms=request.latest.terms,
        terms_hash=request.latest.terms_hash,
        signatures=request.signatures,
        request_filing=asked.event_id,
        result_filing=agreed.event_id,
        activated_at=request.changed_at,
    )


def activation_of(agreement: Agreement, duty: str) -> AgreementActivated:
    """Return what the event of an activation says: the terms without their free text."""
    terms = agreement.terms
    return AgreementActivated(
        requester=agreement.requester,
        provider=agreement.provider,
        resource=agreement.resource,
        terms_hash=agreement.terms_hash,
        items=terms.content.items,
        areas=terms.scope.areas,
        period_from=terms.scope.period_from,
        period_until=terms.scope.period_until,
        recipients=terms.scope.recipients,
        purpose=terms.purpose.code,
        duty=duty,
        channel=terms.method.channel,
        frequency=terms.method.frequency,
        format=terms.method.format,
        valid_from=terms.validity.valid_from,
        valid_until=terms.validity.valid_until,
        request_filing=agreement.request_filing,
        result_filing=agreement.result_filing,
    )


def text_of(request: Request) -> str:
    """Return the agreement in Chinese, a line a clause, drawn from the latest offer."""
    terms, lists = request.latest.terms, vocabulary()
    duty = duties()[request.duty].zh
    clauses = (
        f"政务信息共享协议({request.id})",
        f"提供单位:{_name(request, request.provider)}",
        f"需求单位:{_name(request, request.requester)}",
        f"依据职责:{duty}",
        f"内容:《{request.entry.title}》中的{_list(terms.content.items)}",
        f"范围:{_scope(terms)}",
        f"用途:{_zh(lists.purposes, terms.purpose.code)}。{terms.purpose.text}",
        f"方式:{_zh(lists.share_methods, terms.method.channel)},"
        f"{_zh(lists.update_cycles, terms.method.frequency)},格式 {terms.method.format}",
        f"有效期:{terms.validity.valid_from} 至 {terms.validity.valid_until}",
        "共享免费。所获信息只用于上述用途和范围,未经提供单位允许不得向其他任何单位和个人提供。",
        f"条款摘要(SHA-256):{request.latest.terms_hash}",
    )
    return "\n".join(clauses) + "\n"


def _scope(terms: Terms) -> str:
    scope = terms.scope
    areas = _list("全市" if area == CITY else organisations()[area].names[-1].zh for area in scope.areas)
    period = f";数据时段 {scope.period_from or '不限'} 至 {scope.period_until or '不限'}"
    rows = f";{scope.rows}" if scope.rows else ""
    return f"{areas}{period}{rows};使用者:{_list(scope.recipients)}"


def _name(request: Request, code: str) -> str:
    return name_at(organisations()[code], request.changed_at.date()).zh


def _zh(codes: CodeList, code: str) -> str:
    return next((term.zh for term in codes.terms if term.code == code), code)


def _list(words: Iterable[str]) -> str:
    return "、".join(words)
