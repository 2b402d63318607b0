"""The events of an agreement: what each carries, and who is told of it beside the two sides. Pure."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from services.requests.agreement import Agreement, activation_of
from services.requests.agreement_clocks import clock_that_ran_out
from services.requests.agreement_life import AGREEMENT
from services.requests.agreement_parts import EndKind
from services.requests.agreement_pending import party_of, pending_of
from services.shared.agreement_bodies import (
    TYPES,
    AgreementAmended,
    AgreementAmending,
    AgreementCoordinated,
    AgreementDisposed,
    AgreementEnded,
    AgreementExpiring,
    AgreementMoved,
    AgreementOverdue,
    AgreementProvided,
    AgreementSuspended,
    BreachMoved,
    ConfidentialityAmended,
    CustodyRecorded,
    NonPerformanceReported,
)
from services.shared.lifecycle import Act
from services.shared.model import Model
from services.shared.organisations import ARCHIVES_BUREAU, LEADING_GROUP, OFFICE, SECRECY_BUREAU, SUPERVISION_BUREAU
from services.shared.running import due_at


class Change(NamedTuple):
    """An agreement before and after an act."""

    before: Agreement
    after: Agreement
    act: Act


def body_of(event_type: str, change: Change) -> Model:
    """Return what the event of a step carries."""
    model = TYPES[event_type][0]
    after = change.after
    moved = after.model_dump(include=set(AgreementMoved.model_fields))
    more = MORE.get(model)
    return model.model_validate((moved | more(change)) if more else moved)


def readers_of_step(event_type: str, change: Change) -> tuple[str, ...]:
    """Return who may read the event: both sides, and the offices that are called upon or watch."""
    sides = (change.after.requester, change.after.provider)
    return (*sides, *ALSO_TOLD.get(event_type, ()), *TOLD_BY_CASE.get(event_type, _nobody)(change))


def _suspended(change: Change) -> dict[str, object]:
    suspension = change.after.suspension
    return suspension.model_dump(include={"by", "review_by"}) if suspension else {}


def _amending(change: Change) -> dict[str, object]:
    """Say of which version: the one on the table, or the one that was taken off it."""
    pending = change.after.pending or pending_of(change.before)
    named = {"kind": pending.kind, "pending_edition": pending.edition, "pending_hash": pending.terms_hash}
    return named | {"valid_until": pending.terms.validity.valid_until}


def _confidential(change: Change) -> dict[str, object]:
    pending = pending_of(change.after)
    return {"pending_edition": pending.edition, "confidentiality_hash": pending.confidentiality_hash}


def _amended(change: Change) -> dict[str, object]:
    after = change.after
    return activation_of(after, after.duty).model_dump() | {"amendment_filing": after.amendment_filing}


def _reported(change: Change) -> dict[str, object]:
    mark = change.after.non_performance
    return mark.model_dump(include={"by", "clock", "due_at"}) if mark else {}


def _coordinated(change: Change) -> dict[str, object]:
    opened = change.after.coordination
    basis = opened.basis if opened else None
    return {
        "coordination": opened.state if opened else "",
        "non_performing": change.after.non_performance is not None,
        "instrument": basis.instrument if basis else None,
        "clause": basis.clause if basis else None,
    }


def _breach(change: Change) -> dict[str, object]:
    return {"by": party_of(change.act)}


def _overdue(change: Change) -> dict[str, object]:
    clock = clock_that_ran_out(change.before, change.act.at).clock
    return {"clock": clock.clock, "due_at": due_at(clock)}


def _provided(change: Change) -> dict[str, object]:
    return {"provided_at": change.after.provided_at}


def _expiring(change: Change) -> dict[str, object]:
    return {"valid_until": change.after.terms.validity.valid_until}


def _ended(change: Change) -> dict[str, object]:
    end = change.after.end
    return {"end": end.kind} | end.model_dump(include={"by", "leak", "instrument", "clause"}) if end else {}


def _disposed(change: Change) -> dict[str, object]:
    said = change.after.disposal
    return {"disposed_on": said.disposed_on, "remains": said.remains is not None} if said else {}


def _custody(change: Change) -> dict[str, object]:
    record = change.after.custody
    return {"custody": record.number, "retention_until": record.retention_until} if record else {}


def _nobody(_: Change) -> tuple[str, ...]:
    return ()


def _secrecy(change: Change) -> tuple[str, ...]:
    """Tell the secrecy bureau of what follows from sensitive items; it knows no more of the agreement."""
    return (SECRECY_BUREAU,) if change.after.known_to_secrecy else ()


def _whom_it_waits_for(change: Change) -> tuple[str, ...]:
    after = change.after
    return tuple(after.organisations[party] for party in AGREEMENT.awaiting(after))


def _of_its_end(change: Change) -> tuple[str, ...]:
    end = change.after.end
    if end is None or end.kind is not EndKind.REVOKED:
        return ()
    return (SUPERVISION_BUREAU, SECRECY_BUREAU) if end.leak else (SUPERVISION_BUREAU,)


MORE: Mapping[type[Model], Callable[[Change], dict[str, object]]] = {
    AgreementSuspended: _suspended,
    AgreementAmending: _amending,
    ConfidentialityAmended: _confidential,
    AgreementAmended: _amended,
    NonPerformanceReported: _reported,
    AgreementCoordinated: _coordinated,
    BreachMoved: _breach,
    AgreementOverdue: _overdue,
    AgreementProvided: _provided,
    AgreementExpiring: _expiring,
    AgreementEnded: _ended,
    AgreementDisposed: _disposed,
    CustodyRecorded: _custody,
}
DISPUTED = tuple(name for name in TYPES if name.startswith("agreement.coordination_"))
BEFORE_THE_GROUP = ("escalated", "remanded", "ruled_for", "ruled_against")
ALSO_TOLD: Mapping[str, tuple[str, ...]] = {
    "agreement.suspended": (OFFICE,),
    "agreement.resumed": (OFFICE,),
    "agreement.breach_suspected": (OFFICE, SUPERVISION_BUREAU),
    "agreement.breach_cleared": (OFFICE, SUPERVISION_BUREAU),
    "agreement.overdue": (OFFICE,),
    "agreement.ended": (OFFICE,),
    "agreement.disposed": (ARCHIVES_BUREAU,),
    "agreement.archived": (ARCHIVES_BUREAU,),
    **dict.fromkeys(DISPUTED, (OFFICE,)),
    **{f"agreement.coordination_{step}": (OFFICE, LEADING_GROUP) for step in BEFORE_THE_GROUP},
}
TOLD_BY_CASE: Mapping[str, Callable[[Change], tuple[str, ...]]] = {
    "agreement.suspended": _secrecy,
    "agreement.resumed": _secrecy,
    "agreement.overdue": _whom_it_waits_for,
    "agreement.ended": _of_its_end,
}
