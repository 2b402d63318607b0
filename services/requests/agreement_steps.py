"""From an act on an agreement to everything it leaves behind: the agreement after it, its events, its filings.

The table decides; this file only says what is written down. Pure but for the fresh ids and keys.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from services.requests.agreement import OVER, Agreement
from services.requests.agreement_acts import WITHOUT_WORDS
from services.requests.agreement_acts import AgreementAction as A
from services.requests.agreement_clocks import clocked
from services.requests.agreement_events import Change, body_of, readers_of_step
from services.requests.agreement_guards import AgreementGiven
from services.requests.agreement_life import AGREEMENT
from services.requests.agreement_table import BY_ITSELF, F_AMENDMENT_SECRECY
from services.requests.case import Case
from services.requests.period import Period
from services.requests.telling import Step, Told, filed, fresh_event_id, step_of
from services.shared.callers import SYSTEM
from services.shared.errors import Conflict, Invalid, NotFound
from services.shared.events import FilingKind
from services.shared.lifecycle import Act, Done, Moved
from services.shared.model import Model

NAME, NONE = "agreement", "there is no such agreement"
# What the first of two words on the same thing is told as.
HALF: Mapping[A, str] = {A.TERMINATE: "agreement.termination_signed"}
TO_THE_BUREAU = "agreement.confidentiality_amended"
SIGNATURES = frozenset({A.SIGN_AMENDMENT, A.RENEW})


def agreement_in(case: Case) -> Agreement:
    """Return the agreement that a case has come to. Raises NotFound."""
    found = case.named(NAME, Agreement)
    if found is None:
        raise NotFound(NONE)
    return found


def take(case: Case, act: Act) -> Step:
    """Return what an act on the agreement of a case leaves behind. Raises what AGREEMENT.advance raises."""
    before = agreement_in(case)
    moved = AGREEMENT.advance(before, replace(act, given=given_in(case)))
    after = clocked(before, moved.record, moved.act).model_copy(update={"done": _words_that_stand(before, moved)})
    change = Change(before, after, moved.act)
    told = tuple(_told(moved, change))
    for one in told:
        after = filed(after, one.filing, event_id=str(one.id), named=_named(one, change), act=act)
    return step_of(case.request.id, {NAME: (before, after)}, act, *told, words=words_of(act.body))


def given_in(case: Case) -> AgreementGiven:
    """Return what an agreement's guards look at beside it."""
    filed = (period.provision.deliveries for _, period in case.all_of(Period) if period.provision)
    seen = (facts.deliveries for facts in case.facts.values())
    return AgreementGiven(case.request, case.seen, any(filed) or any(seen))


def next_of_the_agreement(case: Case, at: datetime) -> Step | None:
    """Return the step that an agreement is ready for without anybody's word, or None: a guard that fails waits."""
    agreement = case.named(NAME, Agreement)
    if agreement is None:
        return None
    for action in BY_ITSELF:
        if (agreement.state, action) in AGREEMENT.table:
            try:
                return take(case, Act(action, None, SYSTEM, at))
            except (Conflict, Invalid):
                continue
    return None


def words_of(body: Model | None) -> Model | None:
    """Return what was written with an act, None where nothing was."""
    said = body is not None and not isinstance(body, WITHOUT_WORDS) and body.model_dump(exclude_none=True)
    return body if said else None


def _told(moved: Moved[Agreement], change: Change) -> Iterator[Told]:
    """Yield the events of a step: where a version has sensitive items, the secrecy bureau gets a filing of its own."""
    action = A(moved.act.action)
    event_type = moved.move.event if moved.complete else HALF.get(action, moved.move.event)
    readers = readers_of_step(event_type, change)
    yield Told(event_type, body_of(event_type, change), readers, moved.filing, fresh_event_id())
    pending = change.after.pending
    if moved.complete and action in SIGNATURES and pending and pending.confidentiality_hash:
        body, readers = body_of(TO_THE_BUREAU, change), readers_of_step(TO_THE_BUREAU, change)
        yield Told(TO_THE_BUREAU, body, readers, F_AMENDMENT_SECRECY, fresh_event_id())


def _named(told: Told, change: Change) -> str:
    """Return the hash of what is filed: of the terms it is about, of the version to come, or of its confidentiality."""
    pending = change.after.pending
    if told.filing is None or told.filing.kind is not FilingKind.AMENDMENT or pending is None:
        return change.after.terms_hash
    return (pending.confidentiality_hash or "") if told.filing == F_AMENDMENT_SECRECY else pending.terms_hash


def _words_that_stand(before: Agreement, moved: Moved[Agreement]) -> tuple[Done, ...]:
    """Return the words given so far on what each side must say once.

    They stand while what they are about does, wherever the agreement moves meanwhile: a version on the table, an end by
    both. Another edition voids them all (I5).
    """
    after, act = moved.record, moved.act
    if after.state in OVER or after.edition != before.edition or act.party is None:
        return ()
    word = Done(action=act.action, party=act.party, officer=act.caller.officer, at=act.at)
    given = (*before.done, word) if moved.move.each_once else before.done
    return given if after.pending else tuple(done for done in given if done.action not in SIGNATURES)
