"""The event envelope, and the one table of event types: who makes each, what it carries, who listens.

An event's body holds terms, codes and hashes. Free text and personal data are in the payload, outside the event;
the event carries only the payload's salted hash.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from pydantic import AwareDatetime, JsonValue

from services.shared import (
    agreement_bodies,
    catalog_bodies,
    database_bodies,
    demand_bodies,
    ledger_bodies,
    objection_bodies,
    report_bodies,
    request_bodies,
)
from services.shared import event_bodies as bodies
from services.shared.canonical import canonical, new_id
from services.shared.errors import Invalid
from services.shared.model import Model

MAX_BYTES = 60_000  # a ledger entry holds 65,535 bytes; the rest is the entry's own fields


class FilingKind(StrEnum):
    """What is filed for the record (备案)."""

    CATALOGUE = "catalogue"
    COLLECTION = "collection"
    DB_ESTABLISHMENT = "db_establishment"
    DB_REGISTRATION = "db_registration"
    DB_CHANGE = "db_change"
    DB_DEREGISTRATION = "db_deregistration"
    REQUEST = "request"
    RESULT = "result"
    REFUSAL_REPORT = "refusal_report"
    CONFIDENTIALITY = "confidentiality"
    AMENDMENT = "amendment"
    NON_PERFORMANCE_REPORT = "non_performance_report"
    TERMINATION = "termination"
    DISPOSAL = "disposal"
    PROVISION = "provision"
    USAGE = "usage"
    EFFECT = "effect"
    SECURITY_EVENT = "security_event"
    EVIDENCE = "evidence"
    ARCHIVE = "archive"
    ERASURE = "erasure"


class Filing(Model):
    """That a step is a filing, of which kind, and with which authority (an organisation's code)."""

    kind: FilingKind
    authority: str


class Event(Model):
    """What happened in a case, once. `case_seq` counts a case's events from 1 without gaps.

    `parties` are the organisations that may read the entry besides its authority; `payload_sha256` is the salted hash
    of the payload kept at `payload/<case>/<id>`. Only `filing.*` events have no `case_seq`.
    """

    id: str
    type: str
    case: str
    case_seq: int | None
    organisation: str
    actor: str
    at: AwareDatetime
    parties: tuple[str, ...] = ()
    filing: Filing | None = None
    payload_sha256: str | None = None
    body: Mapping[str, JsonValue]


def readers_of(event: Event) -> tuple[str, ...]:
    """Return the organisations that may read an event's entry and payload: its parties and its filing's authority."""
    authority = (event.filing.authority,) if event.filing else ()
    return tuple(sorted({*event.parties, *authority}))


class Origin(NamedTuple):
    """Who did it, when and where: the part of an event that does not depend on its type."""

    case: str
    case_seq: int | None
    organisation: str
    actor: str
    at: AwareDatetime


def event_of(
    event_type: str,
    body: Model,
    origin: Origin,
    *,
    parties: tuple[str, ...] = (),
    filing: Filing | None = None,
    event_id: str | None = None,
) -> Event:
    """Return the event of a registered type.

    Raises TypeError when `body` is not that type's body model (our bug), Invalid when it is over 60,000 bytes.
    """
    if not isinstance(body, EVENT_TYPES[event_type].body):
        raise TypeError(f"{event_type} carries {EVENT_TYPES[event_type].body.__name__}")
    event = Event(
        id=event_id or new_id(),
        type=event_type,
        **origin._asdict(),
        parties=tuple(sorted(set(parties))),
        filing=filing,
        body=body.model_dump(mode="json"),
    )
    if (size := len(canonical(event))) > MAX_BYTES:
        raise Invalid(f"this step would make an event of {size} bytes; {MAX_BYTES} is the most")
    return event


@dataclass(frozen=True, slots=True)
class EventType:
    """One row of the table: the producing service, the body's model, the services that listen besides audit."""

    producer: str
    body: type[Model]
    consumers: tuple[str, ...] = ()


EVENT_TYPES: dict[str, EventType] = {
    "resource.created": EventType("catalog", bodies.ResourceMoved),
    "resource.revised": EventType("catalog", bodies.ResourceMoved),
    "resource.submitted": EventType("catalog", bodies.ResourceMoved),
    "resource.review_started": EventType("catalog", bodies.ResourceMoved),
    "resource.returned": EventType("catalog", bodies.ResourceMoved),
    "resource.approved": EventType("catalog", bodies.ResourceMoved),
    "resource.published": EventType("catalog", bodies.ResourcePublished, ("catalog", "requests")),
    "resource.imported": EventType("catalog", bodies.ResourcePublished, ("catalog", "requests")),
    "resource.confirmed": EventType("catalog", bodies.ResourceMoved),
    "resource.assigned": EventType("catalog", bodies.ResourcePublished, ("catalog", "requests")),
    "resource.withdrawn": EventType("catalog", bodies.ResourceMoved, ("catalog", "requests")),
    "resource.discarded": EventType("catalog", bodies.ResourceMoved),
    "collection.created": EventType("catalog", catalog_bodies.CollectionMoved),
    "collection.revised": EventType("catalog", catalog_bodies.CollectionMoved),
    "collection.applied": EventType("catalog", catalog_bodies.CollectionMoved),
    "collection.review_started": EventType("catalog", catalog_bodies.CollectionMoved),
    "collection.coordination_opened": EventType("catalog", catalog_bodies.CollectionMoved),
    "collection.heard": EventType("catalog", catalog_bodies.CollectionMoved),
    "collection.settled": EventType("catalog", catalog_bodies.CollectionSettled),
    "collection.escalated": EventType("catalog", catalog_bodies.CollectionMoved),
    "collection.ruled": EventType("catalog", catalog_bodies.CollectionSettled),
    "collection.remanded": EventType("catalog", catalog_bodies.CollectionMoved),
    "collection.returned": EventType("catalog", catalog_bodies.CollectionMoved),
    "collection.approved": EventType("catalog", catalog_bodies.CollectionMoved),
    "collection.declined": EventType("catalog", catalog_bodies.CollectionMoved),
    "collection.contested": EventType("catalog", catalog_bodies.CollectionMoved),
    "collection.decline_accepted": EventType("catalog", catalog_bodies.CollectionMoved),
    "collection.registered": EventType("catalog", catalog_bodies.CollectionMoved),
    "collection.published": EventType("catalog", catalog_bodies.CollectionMoved, ("catalog",)),
    "collection.transfer_agreed": EventType("catalog", catalog_bodies.CollectionTransferred),
    "collection.transferred": EventType("catalog", catalog_bodies.CollectionTransferred, ("catalog",)),
    "collection.revoked": EventType("catalog", catalog_bodies.CollectionRevoked, ("catalog",)),
    "collection.expired": EventType("catalog", catalog_bodies.CollectionMoved, ("catalog",)),
    "collection.withdrawn": EventType("catalog", catalog_bodies.CollectionMoved),
    **{name: EventType("catalog", *row) for name, row in database_bodies.TYPES.items()},
    "check.recorded": EventType("catalog", catalog_bodies.CheckRecorded),
    "check.hit_reused": EventType("catalog", catalog_bodies.HitReused, ("requests",)),
    "check.hit_justified": EventType("catalog", catalog_bodies.HitJustified),
    "adjudication.made": EventType("catalog", catalog_bodies.Adjudicated),
    "adjudication.revised": EventType("catalog", catalog_bodies.Adjudicated),
    "figure.created": EventType("catalog", catalog_bodies.FigureMoved),
    "figure.revised": EventType("catalog", catalog_bodies.FigureMoved),
    "figure.submitted": EventType("catalog", catalog_bodies.FigureMoved),
    "figure.returned": EventType("catalog", catalog_bodies.FigureMoved),
    "figure.approved": EventType("catalog", catalog_bodies.FigureMoved),
    "figure.published": EventType("catalog", catalog_bodies.FigurePublished, ("catalog",)),
    "figure.withdrawn": EventType("catalog", catalog_bodies.FigureMoved, ("catalog",)),
    "figure.discarded": EventType("catalog", catalog_bodies.FigureMoved),
    **{name: EventType("requests", *row) for name, row in request_bodies.TYPES.items()},
    **{name: EventType("requests", *row) for name, row in agreement_bodies.TYPES.items()},
    **{name: EventType("requests", *row) for name, row in objection_bodies.TYPES.items()},
    **{name: EventType("requests", *row) for name, row in demand_bodies.TYPES.items()},
    **{name: EventType("requests", *row) for name, row in report_bodies.TYPES.items()},
    **{name: EventType("exchange", *row) for name, row in report_bodies.OF_THE_EXCHANGE.items()},
    "payload.erased": EventType("catalog, requests", ledger_bodies.PayloadErased),
    "security.conflicting_event": EventType("audit", ledger_bodies.ConflictFound),
    "evidence.sealed": EventType("audit", ledger_bodies.EvidenceSealed),
    "archive.prepared": EventType("audit", ledger_bodies.PackageMoved),
    "archive.returned": EventType("audit", ledger_bodies.PackageMoved),
    "archive.transferred": EventType("audit", ledger_bodies.PackageMoved),
    "filing.receipted": EventType("audit", bodies.FilingReceipted, ("catalog", "requests")),
}
