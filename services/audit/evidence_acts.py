"""Sealing a bundle: one record and one event. Pure but for fresh ids.

The units under inquiry are not among the event's parties: they do not see it.
"""

from datetime import datetime

from services.audit.evidence import Evidence, Given, Sealing, check_may_seal, faults
from services.shared.callers import Caller
from services.shared.canonical import new_id
from services.shared.errors import refuse_if
from services.shared.events import Event, Filing, FilingKind, Origin, event_of
from services.shared.ledger_bodies import EvidenceSealed
from services.shared.organisations import SUPERVISION_BUREAU

FILED = Filing(kind=FilingKind.EVIDENCE, authority=SUPERVISION_BUREAU)


def seal(asked: Sealing, caller: Caller, at: datetime, given: Given) -> tuple[Evidence, Event]:
    """Return the record of a sealed bundle and its event, the only one of a case of its own.

    Raises Forbidden for who may not seal on this ground, Invalid with everything that speaks against it.
    """
    check_may_seal(asked.ground, caller)
    refuse_if(faults(asked, given), "不能封存 / this cannot be sealed")
    said, case, event_id = asked.model_dump(), new_id(), new_id()
    evidence = Evidence(**said, id=case, sealed_by=caller.organisation, sealed_at=at, event_id=event_id)
    origin = Origin(case, 1, caller.organisation, caller.officer, at)
    body, parties = EvidenceSealed.model_validate(said), (caller.organisation,)
    return evidence, event_of("evidence.sealed", body, origin, parties=parties, filing=FILED, event_id=event_id)
