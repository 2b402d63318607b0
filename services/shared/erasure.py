"""Erasing what was written with an event: who may, on which ground, what stays, and the event that tells of it. Pure.

What was written, its key and its salt go; the event and its salted hash stay, and still verify. An erasure is a case
of its own, so that no record moves by it.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from uuid import NAMESPACE_URL, uuid5

from pydantic import AwareDatetime

from services.shared.callers import Caller, Claim
from services.shared.errors import Forbidden, NotFound
from services.shared.events import Event, Filing, FilingKind, Origin, event_of, readers_of
from services.shared.ledger_bodies import PayloadErased
from services.shared.model import Model
from services.shared.organisations import OFFICE
from services.shared.texts import Code
from services.shared.working_days import day_in_beijing

FILED = Filing(kind=FilingKind.ERASURE, authority=OFFICE)


class Ground(StrEnum):
    """Why a payload is erased; there is no other reason."""

    PERSONAL_INFORMATION = "personal_information"  # PIPL Art. 47
    WRONGLY_GIVEN = "wrongly_given"
    RETENTION_ENDED = "retention_ended"
    SECRET_CONTENT = "secret_content"  # noqa: S105 - what may not stand here at all (Secrecy Law)
    COURT_ORDER = "court_order"


WORDS: Mapping[Ground, tuple[str, str]] = {
    Ground.PERSONAL_INFORMATION: ("个人信息删除", "personal information is to be deleted (PIPL Art. 47)"),
    Ground.WRONGLY_GIVEN: ("误填误报", "it was given by mistake"),
    Ground.RETENTION_ENDED: ("保存期限届满", "the time for which it is kept has ended"),
    Ground.SECRET_CONTENT: ("涉密内容清除", "it held what may not stand here"),
    Ground.COURT_ORDER: ("司法文书要求", "a court ordered it"),
}


class ErasureAsked(Model):
    """What is to be erased: the payload of an event of a case, and why."""

    case: Code
    event_id: Code
    ground: Ground


class Erased(Model):
    """What stays of an erased payload beside its event: its hash, who could read it, who erased it, when and why."""

    case: str
    event_id: str
    sha256: str
    readers: tuple[str, ...]
    erased_at: AwareDatetime
    by: str
    ground: Ground


class ErasureView(Model):
    """An erasure as it is answered; `erasure` is the event that tells of it, filed under `receipt`."""

    case: str
    event_id: str
    payload_sha256: str
    ground: Ground
    erased_at: AwareDatetime
    by: str
    erasure: str
    receipt: str


def erasure_case(event_id: str) -> str:
    """Return the case that an erasure of this event's payload is: always the same."""
    return str(uuid5(NAMESPACE_URL, f"urn:uuid:{event_id}#erasure"))


def erasure_id(event_id: str) -> str:
    """Return the id of the event that tells of an erasure of this event's payload: always the same."""
    return str(uuid5(NAMESPACE_URL, f"urn:uuid:{event_id}#erased"))


def check_may_erase(event: Event, caller: Caller) -> None:
    """Raise NotFound for who may not know of the event, Forbidden for all but an approver of its unit or the office."""
    erasers = {event.organisation, OFFICE}
    if caller.organisation not in {*erasers, *readers_of(event)}:
        raise NotFound("there is no such event")
    if caller.organisation not in erasers or Claim.APPROVER not in caller.claims:
        raise Forbidden(
            "由记录单位或市信息办的审批人删除 / an approver of the body that wrote it, or of the office, may erase it"
        )


def erase(event: Event, sha256: str, ground: Ground, caller: Caller, at: datetime) -> tuple[Erased, Event]:
    """Return what stays of an event's payload, and the event that files the erasure with the office."""
    kept = Erased(
        case=event.case,
        event_id=event.id,
        sha256=sha256,
        readers=readers_of(event),
        erased_at=at,
        by=caller.organisation,
        ground=ground,
    )
    body = PayloadErased(event_id=event.id, case=event.case, payload_sha256=sha256, ground=ground)
    origin = Origin(erasure_case(event.id), 1, caller.organisation, caller.officer, at)
    told = event_of("payload.erased", body, origin, parties=kept.readers, filing=FILED, event_id=erasure_id(event.id))
    return kept, told


def sentence(erased: Erased) -> str:
    """Return what is answered instead of an erased payload."""
    zh, en = WORDS[erased.ground]
    day = day_in_beijing(erased.erased_at)
    return (
        f"已于{day}由{erased.by}删除（{zh}），其哈希仍在 / "
        f"erased on {day} by {erased.by}: {en}; its hash stays, and the erasure is event {erasure_id(erased.event_id)}"
    )


def view_of(erased: Erased) -> ErasureView:
    """Return an erasure as it is answered, the first time and every other."""
    told = erasure_id(erased.event_id)
    kept = erased.model_dump(include={"case", "event_id", "ground", "erased_at", "by"})
    return ErasureView(**kept, payload_sha256=erased.sha256, erasure=told, receipt=f"/audit/receipts/{told}")
