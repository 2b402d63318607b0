"""Sealed evidence over HTTP: routes only. Load, decide, save."""

import os
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query

from services.audit import evidence
from services.audit.access import may_list_evidence, may_read_entry, may_read_evidence
from services.audit.evidence import Evidence, EvidencePage, EvidenceView, Given, Sealing
from services.audit.evidence_acts import seal
from services.audit.evidence_store import evidence_store
from services.audit.store import AuditStore
from services.shared import http
from services.shared.callers import Caller, Claim
from services.shared.canonical import now
from services.shared.errors import Forbidden, NotFound, Stale
from services.shared.once import Once

router = http.make_router()

CREATED = 201
PAGE = 100
HERE = "/audit/evidence"

EvidenceId = Annotated[str, Path(max_length=80)]
Inquiry = Annotated[str, Query(min_length=1, max_length=80, description="The accountability case's reference")]


@router.post("/audit/evidence")
def seal_evidence(
    asked: Annotated[Sealing, Body()], idempotency_key: http.IdempotencyKey = None
) -> Response[EvidenceView]:
    """Seal a bundle of evidence for an accountability case: from now on the ledger holds the hash of all its files."""
    caller, store = http.officer_of(router), evidence_store()
    evidence.check_may_seal(asked.ground, caller)
    once = Once.of(caller.organisation, idempotency_key, asked)
    if once is not None and (made := store.made_before(once)) is not None:
        return _shown(store.get(made), status=CREATED)
    sealed, event = seal(asked, caller, now(), _given(asked, caller))
    try:
        store.save(sealed, event, once)
    except Stale:
        if once is None or (made := store.made_before(once)) is None:
            raise
        return _shown(store.get(made), status=CREATED)
    return _shown(sealed, status=CREATED)


@router.get("/audit/evidence/<evidence_id>")
def read_evidence(evidence_id: EvidenceId) -> Response[EvidenceView]:
    """Read what was sealed, by whom and when, for the bureau that sealed it and those that oversee sharing."""
    caller, found = http.officer_of(router), evidence_store().get(evidence_id)
    if not may_read_evidence(found, caller):
        raise NotFound("there is no such evidence")
    return _shown(found)


@router.get("/audit/evidence")
def list_evidence(accountability_case: Inquiry, limit: http.Limit = 50, next: http.Next = None) -> EvidencePage:
    """List what was sealed for an accountability case, the first first."""
    caller = http.officer_of(router)
    if not may_list_evidence(caller):
        raise Forbidden("sealed evidence is for the bureaus that seal it and those that oversee sharing")
    found, token = evidence_store().page(accountability_case, limit=limit, after=next)
    mine = (each for each in found if may_read_evidence(each, caller))
    return EvidencePage(items=tuple(map(evidence.view_of, mine)), next=token)


def _given(asked: Sealing, caller: Caller) -> Given:
    ledger = AuditStore(os.environ["AUDIT_TABLE"], os.environ["LOG_ORIGIN"])
    readable = frozenset(case for case in asked.cases if _reads(ledger, case, caller))
    return Given(ledger.head().published_size, readable)


def _reads(ledger: AuditStore, case: str, caller: Caller) -> bool:
    """Return whether a case has an entry that officers of the caller's bureau may read."""
    officer = caller.model_copy(update={"claims": frozenset({Claim.OFFICER})})
    after, more = None, True
    while more:
        marks, after = ledger.marks_of(case, limit=PAGE, after=after)
        if any(may_read_entry(mark, officer) for mark in marks):
            return True
        more = after is not None
    return False


def _shown(sealed: Evidence, *, status: int = 200) -> Response[EvidenceView]:
    location = f"{HERE}/{sealed.id}" if status == CREATED else None
    return http.answer(evidence.view_of(sealed), status=status, location=location)
