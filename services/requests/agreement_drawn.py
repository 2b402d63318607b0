"""What is drawn from an agreement, drafted or in force: its text, and what its policy says.

Both come from the terms of the record itself, so that they cannot differ from it. Pure.
"""

from datetime import date
from typing import TYPE_CHECKING, Any

from services.requests import agreement_text
from services.requests.agreed import Agreed, Called
from services.requests.confidentiality import confidentiality_hash, is_sensitive
from services.requests.request import Request, State
from services.shared.organisations import name_at, organisations
from services.shared.reference import duties
from services.shared.working_days import day_in_beijing

if TYPE_CHECKING:
    from services.requests.agreement import Agreement

# Where the agreement has a text that can be read and signed.
DRAFTED = frozenset(
    {
        State.AGREEMENT_DRAFTED,
        State.PRO_SIGNED,
        State.SIGNED,
        State.RESULT_FILED,
        State.CONF_PENDING,
        State.CONF_FILED,
        State.READY,
        State.CONCLUDED,
    }
)


def agreed_of(of: "Request | Agreement") -> Agreed:
    """Return what text and policy are drawn from: a request's terms on the table, an agreement's in force.

    Raises KeyError for organisations or a duty that are not known.
    """
    return _agreed_in_request(of) if isinstance(of, Request) else _agreed(of, of.provider, of.drawn_on, **_said(of))


def text_of(of: "Request | Agreement") -> str:
    """Return the agreement in Chinese, a clause a line."""
    return agreement_text.text_of(agreed_of(of))


def _agreed_in_request(request: Request) -> Agreed:
    sensitive = is_sensitive(request)
    said = {
        "resource": request.entry.id,
        "title": request.entry.title,
        "terms": request.latest.terms,
        "terms_hash": request.latest.terms_hash,
        "confidential": sensitive,
        "confidentiality_hash": confidentiality_hash(request) if sensitive else None,
    }
    return _agreed(request, request.provider, day_in_beijing(request.latest.at), **said)


def _said(agreement: "Agreement") -> dict[str, Any]:
    return {
        "version": agreement.edition,
        "resource": agreement.resource,
        "title": agreement.title,
        "terms": agreement.terms,
        "terms_hash": agreement.terms_hash,
        "confidential": agreement.confidentiality_hash is not None,
        "confidentiality_hash": agreement.confidentiality_hash,
        "activated_on": day_in_beijing(agreement.in_force_since),
    }


def _agreed(of: "Request | Agreement", provider: str, day: date, **said: Any) -> Agreed:
    giver, taker = _called(provider, day), _called(of.requester, day)
    return Agreed(
        case=of.id,
        requester=taker,
        provider=giver,
        duty=Called(code=of.duty, zh=duties()[of.duty].zh),
        responsible=giver,
        risk_bearer=taker,
        named_on=day,
        **said,
    )


def _called(code: str, day: date) -> Called:
    return Called(code=code, zh=name_at(organisations()[code], day).zh)
