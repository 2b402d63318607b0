"""What a step changes in a request beyond its state. Pure; each effect returns a changed copy."""

from typing import TYPE_CHECKING

from services.requests.request import Offer, RefusalReport, Request, Signature
from services.requests.terms import Terms, terms_hash
from services.shared.lifecycle import Act, Party

if TYPE_CHECKING:
    from services.requests.acts import Classification, Draft, Named, Reasoned, Refusal


def offer(terms: Terms, *, number: int, by: Party, act: Act) -> Offer:
    """Return terms as an offer on the table."""
    return Offer(number=number, by=by, terms=terms, terms_hash=terms_hash(terms), officer=act.caller.officer, at=act.at)


def revise(request: Request, act: Act) -> Request:
    """Replace the draft's duty and its only offer."""
    body: Draft = act.body
    first = offer(body.terms, number=1, by=Party.REQUESTER, act=act)
    return request.model_copy(update={"duty": body.duty, "offers": (first,)})


def counter(request: Request, act: Act) -> Request:
    """Put a new offer on the table."""
    made = offer(act.body.terms, number=request.latest.number + 1, by=_party(act), act=act)
    return request.model_copy(update={"offers": (*request.offers, made)})


def submit(request: Request, act: Act) -> Request:
    """Let the provider and the office know of the request."""
    return request.model_copy(update={"submitted_at": act.at, "reason": None})


def classify(request: Request, act: Act) -> Request:
    """Keep the provider's word on the items it names; the last word on an item stands."""
    body: Classification = act.body
    return request.model_copy(update={"classification": request.classification | body.items})


def sign(request: Request, act: Act) -> Request:
    """Add a signature over the agreed terms."""
    body: Named = act.body
    organisation, officer = act.caller.organisation, act.caller.officer
    signature = Signature(
        party=_party(act), organisation=organisation, officer=officer, at=act.at, terms_hash=body.terms_hash
    )
    return request.model_copy(update={"signatures": (*request.signatures, signature)})


def refuse(request: Request, act: Act) -> Request:
    """Attach the refusal report."""
    body: Refusal = act.body
    report = RefusalReport(**body.model_dump(), officer=act.caller.officer, at=act.at)
    return request.model_copy(update={"refusal": report, "reason": None})


def reopen(request: Request, act: Act) -> Request:
    """Void the signatures: what follows is a new negotiation in the same case (I5)."""
    return say_why(request, act).model_copy(update={"signatures": ()})


def say_why(request: Request, act: Act) -> Request:
    """Keep the reason that was given."""
    body: Reasoned = act.body
    return request.model_copy(update={"reason": body.reason})


def _party(act: Act) -> Party:
    if act.party is None:
        raise ValueError("an effect needs an act whose party is known")
    return act.party
