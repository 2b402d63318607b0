"""The events of a request: what each carries, and who is told of it beside the two parties. Pure."""

from collections.abc import Callable, Mapping

from services.requests.confidentiality import confidentiality_hash
from services.requests.request import Request, State
from services.shared.model import Model
from services.shared.organisations import LEADING_GROUP, OFFICE
from services.shared.request_bodies import (
    ConfidentialitySigned,
    ItemsClassified,
    RequestEscalated,
    RequestMoved,
    RequestOverdue,
    RequestProposed,
    RequestRefused,
    RequestSubmitted,
)

OUTCOMES = {State.CLOSED_REFUSED: "refused", State.WITHDRAWN: "withdrawn", State.RESULT_FILED: "agreed"}
# Who is called upon by an event beside the two sides; a filing's authority hears of it anyway.
ALSO_TOLD: Mapping[str, tuple[str, ...]] = {
    "request.extension_requested": (OFFICE,),
    "request.overdue": (OFFICE,),
    "request.silence_recorded": (OFFICE,),
    "request.coordination_opened": (OFFICE,),
    "request.mediated": (OFFICE,),
    "request.escalated": (OFFICE, LEADING_GROUP),
    "request.ruled_to_share": (OFFICE, LEADING_GROUP),
    "request.ruled_to_refuse": (OFFICE, LEADING_GROUP),
    "request.remanded": (OFFICE, LEADING_GROUP),
}


def body_of(request: Request, event_type: str, *, filed: bool) -> Model:
    """Return what the event of a step carries; the outcome stands in the filings of a result."""
    moved: dict[str, object] = {
        "state": request.state,
        "requester": request.requester,
        "provider": request.provider,
        "resource": request.entry.id,
        "offer": request.latest.number,
        "terms_hash": request.latest.terms_hash,
        "outcome": OUTCOMES.get(request.state) if filed else None,
    }
    more = MORE.get(event_type)
    return more(request, moved) if more else RequestMoved.model_validate(moved)


def readers_of_step(request: Request, event_type: str) -> tuple[str, ...]:
    """Return who may read the event: the requester alone until it is submitted, then both and who is called upon."""
    if not request.submitted_at:
        return (request.requester,)
    group = (LEADING_GROUP,) if request.escalated_at and event_type == "request.withdrawn" else ()
    return (request.requester, request.provider, *ALSO_TOLD.get(event_type, ()), *group)


def _submitted(request: Request, moved: dict[str, object]) -> Model:
    area = request.urgency.work_area if request.urgency else None
    return RequestSubmitted.model_validate(moved | {"kind": request.kind, "work_area": area})


def _overdue(request: Request, moved: dict[str, object]) -> Model:
    clock = request.clock
    timed = {"clock": clock.clock if clock else "", "due_at": clock.due.due_at if clock and clock.due else None}
    return RequestOverdue.model_validate(moved | timed)


def _classified(request: Request, moved: dict[str, object]) -> Model:
    return ItemsClassified.model_validate(moved | {"classification": dict(request.classification)})


def _refused(request: Request, moved: dict[str, object]) -> Model:
    report = request.refusal
    basis = {"instrument": report.instrument if report else "", "clause": report.clause if report else ""}
    return RequestRefused.model_validate(moved | basis)


def _mediated(request: Request, moved: dict[str, object]) -> Model:
    proposal = request.coordination.proposal if request.coordination else None
    return RequestProposed.model_validate(moved | {"proposal_hash": proposal.terms_hash if proposal else ""})


def _escalated(request: Request, moved: dict[str, object]) -> Model:
    docket = request.coordination.docket if request.coordination else None
    return RequestEscalated.model_validate(moved | {"ground": docket.ground if docket else ""})


def _confidential(request: Request, moved: dict[str, object]) -> Model:
    return ConfidentialitySigned.model_validate(moved | {"confidentiality_hash": confidentiality_hash(request)})


MORE: Mapping[str, Callable[[Request, dict[str, object]], Model]] = {
    "request.submitted": _submitted,
    "request.supplemented": _submitted,
    "request.overdue": _overdue,
    "request.silence_recorded": _overdue,
    "request.items_classified": _classified,
    "request.refused": _refused,
    "request.refusal_upheld": _refused,
    "request.ruled_to_refuse": _refused,
    "request.mediated": _mediated,
    "request.escalated": _escalated,
    "request.confidentiality_signed": _confidential,
}
