"""From an act on a request to everything it leaves behind: the request after it, its event, its agreement.

The request's table decides; this file only says what is written down. Pure but for the fresh ids and keys.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from services.requests.acts import Draft, Named, Nothing
from services.requests.agreement import activation_of, agreement_of
from services.requests.confidentiality import confidentiality_hash
from services.requests.effects import offer, urgency_of
from services.requests.entry import Entry
from services.requests.guards import (
    Given,
    duty_is_own,
    flows_back_to_a_district,
    offer_fits_entry,
    urgency_has_reason,
)
from services.requests.negotiation import BY_ITSELF, NEGOTIATION, TABLE
from services.requests.reply_clocks import clocked
from services.requests.request import Action, Request, State
from services.requests.request_events import body_of, readers_of_step
from services.requests.telling import Step, Told, filed, fresh_event_id, step_of
from services.shared.callers import SYSTEM, Caller, Claim
from services.shared.canonical import new_id
from services.shared.errors import Forbidden, Invalid, Problem, refuse_if
from services.shared.events import FilingKind
from services.shared.lifecycle import Act, Moved, Party

if TYPE_CHECKING:
    from services.requests.case_record import CaseRecord

WITHOUT_WORDS = (Nothing, Named)  # codes and hashes alone stand in the event; what people wrote is sealed beside it


def first_step(draft: Draft, entry: Entry, *, caller: Caller, at: datetime, request_id: str | None = None) -> Step:
    """Return a new request in DRAFT, with a fresh id unless one is given.

    Raises Forbidden without the officer's role, Invalid with everything wrong at once.
    """
    if Claim.OFFICER not in caller.claims:
        raise Forbidden("only an officer may draft a request")
    act = Act(Action.REVISE, draft, caller, at)
    request = Request(
        id=request_id or new_id(),
        state=State.DRAFT,
        kind=draft.kind,
        requester=caller.organisation,
        entry=entry,
        duty=draft.duty,
        urgency=urgency_of(draft),
        offers=(offer(draft.terms, number=1, by=Party.REQUESTER, act=act),),
        classification=entry.known_sensitivities(),
        created_at=at,
        changed_at=at,
        version=1,
        case_seq=1,
    )
    guards = (offer_fits_entry, duty_is_own, flows_back_to_a_district, urgency_has_reason)
    faults = [fault for guard in guards for fault in guard(request, act)]
    if entry.provider == caller.organisation:
        faults.append(Problem(pointer="/resource", detail="this entry is your own"))
    refuse_if(faults, "cannot draft this request: not valid")
    started = clocked(None, request, act)
    told = Told("request.created", body_of(started, "request.created", filed=False), (started.requester,))
    return step_of(started.id, {"request": (None, started)}, act, told, words=draft)


def take(request: Request, act: Act) -> Step:
    """Return what `act` leaves behind. Raises what NEGOTIATION.advance raises."""
    moved = NEGOTIATION.advance(request, act)
    event_id = fresh_event_id()
    after = clocked(request, moved.record, moved.act)
    after = filed(after, moved.filing, event_id=event_id, named=_named(moved), act=act)
    records: dict[str, tuple[CaseRecord | None, CaseRecord]] = {"request": (request, after)}
    event_type = moved.move.event
    body = body_of(after, event_type, filed=moved.filing is not None)
    if after.state is State.CONCLUDED:
        agreement = agreement_of(after)
        records["agreement"] = (None, agreement)
        body = activation_of(agreement, after.duty)
    told = Told(event_type, body, readers_of_step(after, event_type), moved.filing, event_id)
    words = None if act.body is None or isinstance(act.body, WITHOUT_WORDS) else act.body
    return step_of(request.id, records, act, told, words=words)


def next_of_the_request(request: Request, given: Given, at: datetime) -> Step | None:
    """Return the step that a request is ready for without anybody's word, or None: a guard that fails waits."""
    for action in BY_ITSELF:
        move = TABLE.get((request.state, action))
        if move and Party.SYSTEM in move.parties(request):
            try:
                return take(request, Act(action, None, SYSTEM, at, given))
            except Invalid:
                continue
    return None


def _named(moved: Moved[Request]) -> str:
    """Return the hash of what is filed: the terms on the table, or the confidentiality agreement."""
    if moved.filing and moved.filing.kind is FilingKind.CONFIDENTIALITY:
        return confidentiality_hash(moved.record)
    return moved.record.latest.terms_hash
