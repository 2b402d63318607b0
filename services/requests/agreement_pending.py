"""A version of an agreement to come: how it is made, which confidentiality agreement goes with it. Pure.

An agreement's terms are held to the same rules as a request's offer: it is asked of the request as if it had been
settled on these terms.
"""

from datetime import date, datetime
from typing import TYPE_CHECKING

from services.requests.agreement import Agreement
from services.requests.agreement_parts import FormerEdition, PendingKind, PendingVersion
from services.requests.case_record import Filed
from services.requests.confidentiality import confidentiality_hash, is_sensitive
from services.requests.entry import Sensitivity
from services.requests.request import Request
from services.requests.terms import Terms, terms_hash
from services.shared import running
from services.shared.errors import Conflict
from services.shared.events import FilingKind
from services.shared.lifecycle import Act, Party
from services.shared.organisations import OFFICE, SECRECY_BUREAU
from services.shared.working_days import day_in_beijing

if TYPE_CHECKING:
    from services.requests.agreement_acts import Amendment

SIGN = "sign"


def settled_on(request: Request, terms: Terms, classification: dict[str, Sensitivity]) -> Request:
    """Return a request as if it had been settled on these terms, its items classified like this."""
    offer = request.latest.model_copy(update={"terms": terms, "terms_hash": terms_hash(terms)})
    return request.model_copy(update={"offers": (*request.offers[:-1], offer), "classification": classification})


def renewed(terms: Terms, valid_until: date) -> Terms:
    """Return the same terms with another last day."""
    validity = terms.validity.model_copy(update={"valid_until": valid_until})
    return terms.model_copy(update={"validity": validity})


def agreed_from(terms: Terms, day: date) -> Terms:
    """Return terms as they are agreed on anew on a day: what is past is no part of the time that a rule allows."""
    validity = terms.validity.model_copy(update={"valid_from": max(terms.validity.valid_from, day)})
    return terms.model_copy(update={"validity": validity})


def amendment(agreement: Agreement, act: Act) -> PendingVersion:
    """Return the version that an amendment proposes."""
    body: Amendment = act.body
    kind, said = PendingKind.AMENDMENT, body.classification
    return _pending(agreement, act, kind, body.terms, reason=body.reason, classification=said)


def renewal(agreement: Agreement, act: Act) -> PendingVersion:
    """Return the version that differs from what is in force in its last day alone."""
    terms = renewed(agreement.terms, act.body.valid_until)
    return _pending(agreement, act, PendingKind.RENEWAL, terms, reason=None, classification={})


def _pending(
    agreement: Agreement,
    act: Act,
    kind: PendingKind,
    terms: Terms,
    *,
    reason: str | None,
    classification: dict[str, Sensitivity],
) -> PendingVersion:
    settled = settled_on(act.given.request, terms, agreement.classification | classification)
    return PendingVersion(
        kind=kind,
        edition=agreement.edition + 1,
        terms=terms,
        terms_hash=terms_hash(terms),
        by=party_of(act),
        reason=reason,
        classification=classification,
        confidentiality_hash=confidentiality_hash(settled) if is_sensitive(settled) else None,
        clock=running.start(SIGN, act.at),
        officer=act.caller.officer,
        at=act.at,
    )


def party_of(act: Act) -> Party:
    """Return as which party an act is done. Raises ValueError for an act that the engine has not placed."""
    if act.party is None:
        raise ValueError("an act is applied only once its party is known")
    return act.party


def pending_of(agreement: Agreement) -> PendingVersion:
    """Return the version on the table. Raises Conflict when there is none."""
    if agreement.pending is None:
        raise Conflict("没有待生效的版本 / no version is pending")
    return agreement.pending


def filed_with(agreement: Agreement, authority: str, named: str) -> Filed | None:
    """Return the last filing of an amendment with an authority that names this hash, or None."""
    filings = (f for f in reversed(agreement.filings) if f.kind is FilingKind.AMENDMENT and f.authority == authority)
    return next((filing for filing in filings if filing.terms_hash == named), None)


def filings_of_pending(agreement: Agreement, pending: PendingVersion) -> dict[str, Filed | None]:
    """Return the filings that a version must rest on by their authorities, None where one is not made yet."""
    wanted = {OFFICE: pending.terms_hash}
    if pending.confidentiality_hash:
        wanted[SECRECY_BUREAU] = pending.confidentiality_hash
    return {authority: filed_with(agreement, authority, named) for authority, named in wanted.items()}


def as_amended(agreement: Agreement, pending: PendingVersion, at: datetime) -> Agreement:
    """Return an agreement with a version in force; the signatures under the former one are void (I5)."""
    filings = filings_of_pending(agreement, pending)
    filed, secret = filings[OFFICE], filings.get(SECRECY_BUREAU)
    former = FormerEdition(
        **agreement.model_dump(include={"edition", "terms_hash", "signatures", "confidentiality_hash"}),
        since=agreement.in_force_since,
        until=at,
    )
    same = {"edition", "terms_hash", "confidentiality_hash"}
    return agreement.model_copy(
        update={
            **pending.model_dump(include=same),
            "terms": pending.terms,
            "signatures": pending.signatures,
            "confidentiality": pending.confidentiality,
            "classification": agreement.classification | pending.classification,
            "former": (*agreement.former, former),
            "in_force_since": at,
            "drawn_on": day_in_beijing(pending.at),
            "amendment_filing": filed.event_id if filed else None,
            "confidentiality_filing": secret.event_id if secret else None,
            "expiring_since": None,
            "pending": None,
        }
    )
