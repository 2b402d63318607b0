"""What a step changes in a request beyond its state. Pure; each effect returns a changed copy."""

from typing import TYPE_CHECKING

from services.requests.request import Request
from services.requests.request_parts import (
    Coordination,
    Docket,
    Extension,
    Gap,
    Notice,
    Offer,
    Proposal,
    RefusalReport,
    Ruling,
    Signature,
    Urgency,
)
from services.requests.terms import Terms, terms_hash
from services.shared import running
from services.shared.errors import Conflict
from services.shared.lifecycle import Act, Party

if TYPE_CHECKING:
    from services.requests.acts import (
        Classification,
        Commented,
        Draft,
        Escalation,
        Incomplete,
        Instructions,
        Mediation,
        Named,
        Reasoned,
        Refusal,
        RulingToShare,
    )
    from services.requests.entry import Entry

REPORT = frozenset({"instrument", "clause", "situation", "reason"})


def offer(terms: Terms, *, number: int, by: Party, act: Act) -> Offer:
    """Return terms as an offer on the table."""
    return Offer(number=number, by=by, terms=terms, terms_hash=terms_hash(terms), officer=act.caller.officer, at=act.at)


def urgency_of(draft: "Draft") -> Urgency | None:
    """Return the claim of urgency that a draft makes."""
    return Urgency(**draft.urgency.model_dump()) if draft.urgency else None


def revise(request: Request, act: Act) -> Request:
    """Replace what the draft says and its only offer."""
    body: Draft = act.body
    first = offer(body.terms, number=1, by=Party.REQUESTER, act=act)
    return _said(request, body).model_copy(update={"offers": (first,)})


def supplement(request: Request, act: Act) -> Request:
    """Say what was missing; other terms than before are another offer."""
    body: Draft = act.body
    said = _said(request, body)
    return said if terms_hash(body.terms) == request.latest.terms_hash else counter(said, act)


def counter(request: Request, act: Act) -> Request:
    """Put a new offer on the table."""
    made = offer(act.body.terms, number=request.latest.number + 1, by=_party(act), act=act)
    return request.model_copy(update={"offers": (*request.offers, made)})


def submit(request: Request, act: Act) -> Request:
    """Let the provider and the office know of the request; it is for the entry as it stands on that day."""
    entry: Entry = act.given.entry
    asked = {"entry": entry, "classification": entry.known_sensitivities()}
    return request.model_copy(update=asked | {"submitted_at": act.at, "reason": None})


def give_notice(request: Request, act: Act) -> Request:
    """Keep the notice of everything that is missing."""
    body: Incomplete = act.body
    gaps = tuple(Gap(**gap.model_dump()) for gap in body.gaps)
    notice = Notice(gaps=gaps, by=_party(act), officer=act.caller.officer, at=act.at)
    return request.model_copy(update={"notice": notice})


def ask_for_time(request: Request, act: Act) -> Request:
    """Keep the provider's wish for more time."""
    body: Reasoned = act.body
    return request.model_copy(
        update={"extension": Extension(reason=body.reason, officer=act.caller.officer, at=act.at)}
    )


def give_time(request: Request, act: Act) -> Request:
    """Put off the day on which the reply is due."""
    body: Commented = act.body
    if request.clock is None:
        raise Conflict("no clock runs")
    extended = running.extend(request.clock)
    return _decided(request, act, granted=True, comment=body.comment).model_copy(update={"clock": extended})


def deny_time(request: Request, act: Act) -> Request:
    """Leave the day as it is."""
    body: Reasoned = act.body
    return _decided(request, act, granted=False, comment=body.reason)


def note_silence(request: Request, act: Act) -> Request:
    """Mark the reply as late on the office's word, where no number says so."""
    if request.clock is None:
        raise Conflict("no clock runs")
    return request.model_copy(update={"clock": running.record_silence(request.clock, act.at)})


def mark_overdue(request: Request, act: Act) -> Request:
    """Mark that the day has passed; that decides nothing (I6)."""
    if request.clock is None:
        raise Conflict("no clock runs")
    return request.model_copy(update={"clock": running.mark_overdue(request.clock, act.at)})


def classify(request: Request, act: Act) -> Request:
    """Keep the provider's word on the items it names; the last word on an item stands."""
    body: Classification = act.body
    return request.model_copy(update={"classification": request.classification | body.items})


def sign(request: Request, act: Act) -> Request:
    """Add a signature over the agreed terms."""
    return request.model_copy(update={"signatures": (*request.signatures, _signature(act))})


def sign_confidentiality(request: Request, act: Act) -> Request:
    """Add a signature over the confidentiality agreement."""
    return request.model_copy(update={"confidentiality": (*request.confidentiality, _signature(act))})


def refuse(request: Request, act: Act) -> Request:
    """Attach the refusal report, by the provider or by the body that decided (I2)."""
    body: Refusal = act.body
    said = body.model_dump(include=set(REPORT))
    report = RefusalReport(**said, by=_party(act), officer=act.caller.officer, at=act.at)
    return request.model_copy(update={"refusal": report, "reason": None})


def open_coordination(request: Request, act: Act) -> Request:
    """Bring the dispute before the office."""
    body: Reasoned = act.body
    number = request.coordination.number + 1 if request.coordination else 1
    opened = Coordination(number=number, by=_party(act), reason=body.reason, at=act.at)
    return request.model_copy(update={"coordination": opened})


def mediate(request: Request, act: Act) -> Request:
    """Put a proposal before both sides; it is no offer until the requester makes it one."""
    body: Mediation = act.body
    proposal = Proposal(
        terms=body.terms,
        terms_hash=terms_hash(body.terms),
        comment=body.comment,
        officer=act.caller.officer,
        at=act.at,
    )
    return _in_dispute(request, proposal=proposal)


def escalate(request: Request, act: Act) -> Request:
    """Attach the docket."""
    body: Escalation = act.body
    docket = Docket(**body.model_dump(), officer=act.caller.officer, at=act.at)
    return _in_dispute(request, docket=docket).model_copy(update={"escalated_at": act.at})


def remand(request: Request, act: Act) -> Request:
    """Keep what the leading group sends the dispute back with."""
    body: Instructions = act.body
    return _in_dispute(request, instructions=body.instructions)


def rule_share(request: Request, act: Act) -> Request:
    """Make the ruling the offer on the table, which binds both."""
    body: RulingToShare = act.body
    ruling = Ruling(outcome="share", meeting=body.meeting, reason=body.reason, officer=act.caller.officer, at=act.at)
    return counter(_in_dispute(request, ruling=ruling), act)


def rule_refuse(request: Request, act: Act) -> Request:
    """Attach the ruling and the refusal report that the leading group draws up."""
    body = act.body
    ruling = Ruling(outcome="refuse", meeting=body.meeting, reason=body.reason, officer=act.caller.officer, at=act.at)
    return refuse(_in_dispute(request, ruling=ruling), act)


def route(request: Request, _: Act) -> Request:
    """Note that the entry's own standing offer was taken."""
    return request.model_copy(update={"routed": True})


def reopen(request: Request, act: Act) -> Request:
    """Void the signatures: what follows is a new negotiation in the same case (I5)."""
    return say_why(request, act).model_copy(update={"signatures": (), "confidentiality": (), "routed": False})


def say_why(request: Request, act: Act) -> Request:
    """Keep the reason that was given."""
    body: Reasoned = act.body
    return request.model_copy(update={"reason": body.reason})


def _said(request: Request, body: "Draft") -> Request:
    return request.model_copy(update={"duty": body.duty, "kind": body.kind, "urgency": urgency_of(body)})


def _decided(request: Request, act: Act, *, granted: bool, comment: str | None) -> Request:
    if request.extension is None:
        raise Conflict("no extension was asked for")
    word = {"granted": granted, "decided_at": act.at, "comment": comment}
    return request.model_copy(update={"extension": request.extension.model_copy(update=word)})


def _in_dispute(request: Request, **said: object) -> Request:
    if request.coordination is None:
        raise Conflict("nothing is in coordination")
    return request.model_copy(update={"coordination": request.coordination.model_copy(update=said)})


def _signature(act: Act) -> Signature:
    body: Named = act.body
    return Signature(
        party=_party(act),
        organisation=act.caller.organisation,
        officer=act.caller.officer,
        at=act.at,
        terms_hash=body.terms_hash,
    )


def _party(act: Act) -> Party:
    if act.party is None:
        raise ValueError("an effect needs an act whose party is known")
    return act.party
