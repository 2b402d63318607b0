"""What a step changes in an agreement beyond its state. Pure; each effect returns a changed copy."""

from services.requests.agreement import Agreement
from services.requests.agreement_acts import (
    Custody,
    Disposal,
    FirstProvision,
    NonPerformanceReport,
    TerminationRuling,
)
from services.requests.agreement_clocks import dispute_clock, provided, with_mark
from services.requests.agreement_parts import (
    AgreementEnd,
    Breach,
    CustodyRecord,
    DisposalCertificate,
    EndKind,
    NonPerformance,
    PendingVersion,
    Suspension,
)
from services.requests.agreement_pending import amendment, as_amended, party_of, pending_of, renewal
from services.requests.request_parts import Signature
from services.shared.canonical import new_id
from services.shared.coordination import Coordination, Seat
from services.shared.lifecycle import Act, Party
from services.shared.working_days import start_of


def suspend(agreement: Agreement, act: Act) -> Agreement:
    """Keep who suspends it, why, and by when that is looked at again."""
    suspension = Suspension(**act.body.model_dump(), by=party_of(act), officer=act.caller.officer, at=act.at)
    return agreement.model_copy(update={"suspension": suspension})


def resume(agreement: Agreement, _: Act) -> Agreement:
    """Forget the suspension; its event stays."""
    return agreement.model_copy(update={"suspension": None})


def propose(agreement: Agreement, act: Act) -> Agreement:
    """Put an amendment on the table, unsigned."""
    return agreement.model_copy(update={"pending": amendment(agreement, act)})


def sign(agreement: Agreement, act: Act) -> Agreement:
    """Sign the version on the table, and the confidentiality agreement that goes with it."""
    return agreement.model_copy(update={"pending": _signed(pending_of(agreement), act)})


def renew(agreement: Agreement, act: Act) -> Agreement:
    """Sign a later end: the first to do so puts it on the table."""
    pending = agreement.pending or renewal(agreement, act)
    return agreement.model_copy(update={"pending": _signed(pending, act)})


def drop(agreement: Agreement, _: Act) -> Agreement:
    """Take the version off the table; signatures under it are void."""
    return agreement.model_copy(update={"pending": None})


def put_in_force(agreement: Agreement, act: Act) -> Agreement:
    """Let the version on the table take the place of the one in force."""
    return as_amended(agreement, pending_of(agreement), act.at)


def report(agreement: Agreement, act: Act) -> Agreement:
    """Mark what is not provided as agreed, and bring it before the office: both sides have a seat."""
    seats = tuple(Seat(party=party, organisation=code) for party, code in agreement.sides.items())
    opened = Coordination(id=new_id(), seats=seats, changed_at=act.at)
    clock = dispute_clock(None, opened, act, None)
    mark = NonPerformance(by=party_of(act), officer=act.caller.officer, at=act.at, **_failure(agreement, act))
    return agreement.model_copy(update={"non_performance": mark, "coordination": opened, "dispute_clock": clock})


def suspect(agreement: Agreement, act: Act) -> Agreement:
    """Keep who suspects a breach, and on what evidence."""
    breach = Breach(by=party_of(act), evidence=act.body.evidence, officer=act.caller.officer, at=act.at)
    return agreement.model_copy(update={"breach": breach})


def clear(agreement: Agreement, _: Act) -> Agreement:
    """Forget the suspicion; its events stay."""
    return agreement.model_copy(update={"breach": None})


def revoke(agreement: Agreement, act: Act) -> Agreement:
    """End it as broken."""
    return _ended(agreement, act, EndKind.REVOKED, reason=act.body.finding, leak=act.body.leak)


def expire(agreement: Agreement, act: Act) -> Agreement:
    """End it by its own terms."""
    return _ended(agreement, act, EndKind.EXPIRED)


def fulfil(agreement: Agreement, act: Act) -> Agreement:
    """End it because what it was for is achieved (R16)."""
    return _ended(agreement, act, EndKind.FULFILLED, reason=act.body.comment)


def terminate(agreement: Agreement, act: Act) -> Agreement:
    """End it by both sides' word; the first word alone changes nothing."""
    words = {done.party for done in agreement.done if done.action == act.action} | {party_of(act)}
    if words < {Party.REQUESTER, Party.PROVIDER}:
        return agreement
    return _ended(agreement, act, EndKind.TERMINATED, reason=act.body.reason)


def rule_termination(agreement: Agreement, act: Act) -> Agreement:
    """End it by a ruling."""
    body: TerminationRuling = act.body
    return _ended(agreement, act, EndKind.TERMINATED, **body.model_dump())


def record_provision(agreement: Agreement, act: Act) -> Agreement:
    """Note that the provider has provided: its clock has run its course."""
    body: FirstProvision | None = act.body
    return provided(agreement, max(agreement.activated_at, start_of(body.provided_on)) if body else act.at)


def record_custody(agreement: Agreement, act: Act) -> Agreement:
    """Keep the latest custody record; those before are in their events."""
    body: Custody = act.body
    number = agreement.custody.number + 1 if agreement.custody else 1
    record = CustodyRecord(**body.model_dump(), number=number, officer=act.caller.officer, at=act.at)
    return agreement.model_copy(update={"custody": record})


def dispose(agreement: Agreement, act: Act) -> Agreement:
    """Keep the disposal certificate."""
    body: Disposal = act.body
    certificate = DisposalCertificate(**body.model_dump(), officer=act.caller.officer, at=act.at)
    return agreement.model_copy(update={"disposal": certificate})


def mark_expiring(agreement: Agreement, act: Act) -> Agreement:
    """Mark that it will soon end."""
    return agreement.model_copy(update={"expiring_since": act.at})


def mark_overdue(agreement: Agreement, act: Act) -> Agreement:
    """Mark the clock that has run out; that decides nothing (I6)."""
    return with_mark(agreement, act.at)


def _signed(pending: PendingVersion, act: Act) -> PendingVersion:
    signatures = (*pending.signatures, _signature(act, pending.terms_hash))
    named = pending.confidentiality_hash
    secret = (*pending.confidentiality, _signature(act, named)) if named else ()
    after = pending.model_copy(update={"signatures": signatures, "confidentiality": secret})
    return after if after.unsigned else after.model_copy(update={"clock": None})


def _signature(act: Act, named: str) -> Signature:
    who = {"party": party_of(act), "organisation": act.caller.organisation, "officer": act.caller.officer}
    return Signature(**who, at=act.at, terms_hash=named)


def _failure(agreement: Agreement, act: Act) -> dict[str, object]:
    if isinstance(act.body, NonPerformanceReport):
        return act.body.model_dump()
    clock = agreement.clock
    return {"clock": clock.clock if clock else None, "due_at": clock.due.due_at if clock and clock.due else None}


def _ended(agreement: Agreement, act: Act, kind: EndKind, **said: object) -> Agreement:
    """End it; what was to come, or was in coordination, ends with it."""
    end = AgreementEnd(kind=kind, by=party_of(act), at=act.at, officer=act.caller.officer, **said)
    gone = {"pending": None, "suspension": None, "dispute_clock": None}
    return agreement.model_copy(update={"end": end, **gone})
