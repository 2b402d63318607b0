"""From an act to everything it leaves behind: the request after it, its event, its payload, its agreement.

The request's table decides; this file only says what is written down. Pure but for the fresh ids and keys.
"""

from datetime import datetime
from typing import NamedTuple

from pydantic import JsonValue

from services.requests.acts import Counter, Draft, Reasoned, Refusal
from services.requests.agreement import Agreement, activation_of, agreement_of
from services.requests.effects import offer
from services.requests.entry import Entry
from services.requests.guards import Given, duty_is_own, offer_fits_entry
from services.requests.negotiation import NEGOTIATION, SYSTEM_ACTIONS, TABLE
from services.requests.request import Action, Filed, Request, State
from services.shared.callers import SYSTEM, Caller, Claim
from services.shared.canonical import new_id
from services.shared.errors import Forbidden, Invalid, Problem, refuse_if
from services.shared.event_bodies import ItemsClassified, RequestMoved, RequestRefused
from services.shared.events import Event, Origin, event_of
from services.shared.lifecycle import Act, Moved, Party
from services.shared.model import Model
from services.shared.payloads import Payload, seal

WITH_WORDS = (Draft, Counter, Reasoned, Refusal)  # what people wrote goes into the payload, never into the event
OUTCOMES = {State.CLOSED_REFUSED: "refused", State.WITHDRAWN: "withdrawn", State.RESULT_FILED: "agreed"}


class Step(NamedTuple):
    """What one act writes, in one transaction; the payload's box is written just before."""

    request: Request
    event: Event
    payload: Payload | None = None
    agreement: Agreement | None = None


def first_step(draft: Draft, entry: Entry, *, caller: Caller, at: datetime, request_id: str | None = None) -> Step:
    """Return a new request in DRAFT, with a fresh id unless one is given.

    Raises Forbidden without the officer's role, Invalid with everything wrong at once.
    """
    if Claim.OFFICER not in caller.claims:
        raise Forbidden("only an officer may draft a request")
    act = Act(Action.REVISE, draft, caller, at)
    first = offer(draft.terms, number=1, by=Party.REQUESTER, act=act)
    request = Request(
        id=request_id or new_id(),
        state=State.DRAFT,
        requester=caller.organisation,
        entry=entry,
        duty=draft.duty,
        offers=(first,),
        classification=entry.known_sensitivities(),
        created_at=at,
        changed_at=at,
    )
    faults = [*offer_fits_entry(request, act), *duty_is_own(request, act)]
    if entry.provider == caller.organisation:
        faults.append(Problem(pointer="/resource", detail="this entry is your own"))
    refuse_if(faults, "cannot draft this request: not valid")
    started = request.model_copy(update={"version": 1, "case_seq": 1})
    return _written(started, "request.created", act, content=draft.model_dump(mode="json"))


def take(request: Request, act: Act) -> Step:
    """Return what `act` leaves behind. Raises what NEGOTIATION.advance raises."""
    moved = NEGOTIATION.advance(request, act)
    event_id = new_id()
    after = _with_filing(moved, event_id)
    agreement = agreement_of(after) if after.state is State.CONCLUDED else None
    return _written(after, moved.move.event, act, content=_words(act.body), moved=moved, event_id=event_id)._replace(
        agreement=agreement
    )


def next_of_the_system(request: Request, given: Given, at: datetime) -> Step | None:
    """Return the step that the case is ready for without anybody's word, or None: a guard that fails waits."""
    for action in sorted(SYSTEM_ACTIONS):
        if (request.state, action) in TABLE:
            try:
                return take(request, Act(action, None, SYSTEM, at, given))
            except Invalid:
                continue
    return None


def _with_filing(moved: Moved[Request], event_id: str) -> Request:
    request = moved.record
    if moved.filing is None:
        return request
    filed = Filed(**moved.filing.model_dump(), event_id=event_id, terms_hash=request.latest.terms_hash, at=moved.act.at)
    return request.model_copy(update={"filings": (*request.filings, filed)})


def _written(
    request: Request,
    event_type: str,
    act: Act,
    *,
    content: dict[str, JsonValue] | None,
    moved: Moved[Request] | None = None,
    event_id: str | None = None,
) -> Step:
    origin = Origin(request.id, request.case_seq, act.caller.organisation, act.caller.officer, act.at)
    filing = moved.filing if moved else None
    event = event_of(
        event_type,
        _body(request, event_type, filed=filing is not None),
        origin,
        parties=_readers(request),
        filing=filing,
        event_id=event_id,
    )
    if not content:
        return Step(request, event)
    payload = seal(request.id, event.id, content)
    return Step(request, event.model_copy(update={"payload_sha256": payload.sha256}), payload)


def _words(body: Model | None) -> dict[str, JsonValue] | None:
    return body.model_dump(mode="json") if isinstance(body, WITH_WORDS) else None


def _readers(request: Request) -> tuple[str, ...]:
    return (request.requester, request.provider) if request.submitted_at else (request.requester,)


def _body(request: Request, event_type: str, *, filed: bool) -> Model:
    if event_type == "agreement.activated":
        return activation_of(agreement_of(request), request.duty)
    moved = {
        "state": request.state,
        "requester": request.requester,
        "provider": request.provider,
        "resource": request.entry.id,
        "offer": request.latest.number,
        "terms_hash": request.latest.terms_hash,
        "outcome": OUTCOMES.get(request.state) if filed else None,
    }
    if event_type == "request.items_classified":
        return ItemsClassified(**moved, classification=dict(request.classification))
    if event_type == "request.refused" and request.refusal:
        return RequestRefused(**moved, instrument=request.refusal.instrument, clause=request.refusal.clause)
    return RequestMoved(**moved)
