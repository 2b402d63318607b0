"""Erasing what was written with an event: who may, on which ground, what stays, and the event that tells of it. Pure.

What was written, its key and its salt go; the event and its salted hash stay, and still verify. In the records of its
case a mark takes the place of each of its texts. An erasure is a case of its own, so that no record moves by it.

Out of reach is what other cases and services keep of the words; a text that holds more than the words; and one that
could be a code: a single word in ASCII.
"""

import json
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, uuid5

from pydantic import AwareDatetime, JsonValue

from services.shared.callers import Caller, Claim
from services.shared.errors import Forbidden, NotFound
from services.shared.events import Event, Filing, FilingKind, Origin, event_of, readers_of
from services.shared.ledger_bodies import PayloadErased
from services.shared.model import Model
from services.shared.organisations import OFFICE
from services.shared.texts import Code
from services.shared.working_days import day_in_beijing

FILED = Filing(kind=FilingKind.ERASURE, authority=OFFICE)
MARK = "（已删除 / erased）"
SHORTEST = 2  # characters of a text
# What is cited or pointed at is no text, in whatever script it is spelled.
LABELS = frozenset({"against", "clause", "instrument", "number", "pointer"})


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
    """What stays of an erased payload beside its event: its hash, who could read it, who erased it, when and why.

    `kept_in` are the fields of the case's records where its words still stand, as JSON pointers from the record's name.
    """

    case: str
    event_id: str
    sha256: str
    readers: tuple[str, ...]
    erased_at: AwareDatetime
    by: str
    ground: Ground
    kept_in: tuple[str, ...] = ()


class ErasureView(Model):
    """An erasure as it is answered; `erasure` is the event that tells of it, filed under `receipt`.

    `kept_in` are the fields of the case's records (JSON pointers from the record's name: `/request/offers/0/terms`)
    where words still stand, because a hash that was agreed, filed or published binds them.
    """

    case: str
    event_id: str
    payload_sha256: str
    ground: Ground
    erased_at: AwareDatetime
    by: str
    erasure: str
    receipt: str
    kept_in: tuple[str, ...]


class Struck(NamedTuple):
    """What an erasure makes of a record's item: the attributes that change, and where words still stand."""

    changed: Mapping[str, str]
    kept_in: tuple[str, ...]


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


def texts_in(value: JsonValue) -> frozenset[str]:
    """Return every text that people wrote in a JSON value: words in Chinese, or more than one; never a name of it."""
    return frozenset(text for text in _strings_in(value) if _is_text(text))


def struck(value: JsonValue, texts: AbstractSet[str], bound: AbstractSet[str]) -> JsonValue:
    """Return a JSON value with the mark in place of each of the texts, but in fields that are `bound` or labels."""
    if isinstance(value, str):
        return MARK if value in texts else value
    if isinstance(value, list):
        return [struck(each, texts, bound) for each in value]
    if isinstance(value, dict):
        stays = bound | LABELS
        return {name: each if name in stays else struck(each, texts, bound) for name, each in value.items()}
    return value


def where_kept(value: JsonValue, texts: AbstractSet[str], bound: AbstractSet[str], at: str = "") -> Iterator[str]:
    """Yield the JSON pointers, behind `at`, of the `bound` fields that hold one of the texts; a label holds none."""
    for name, each in _fields_of(value):
        if name in LABELS:
            continue
        place = f"{at}/{name.replace('~', '~0').replace('/', '~1')}"
        if name not in bound:
            yield from where_kept(each, texts, bound, place)
        elif texts & texts_in(each):
            yield place


def struck_item(name: str, item: Mapping[str, Any], texts: AbstractSet[str], bound: AbstractSet[str]) -> Struck:
    """Return what an erasure of texts makes of the item of the record with this name.

    What stays in the record stays in what the item repeats of it for the lists.
    """
    record = json.loads(item["record"])
    after = struck(record, texts, bound)
    gone = texts - texts_in(after)
    lines = {key: value for key, value in item.items() if key not in {"pk", "sk", "record"} and isinstance(value, str)}
    changed = {key: line for key, value in lines.items() if (line := _struck_line(value, gone)) != value}
    if after != record:
        changed["record"] = _spelled(after)
    return Struck(changed, tuple(where_kept(record, texts, bound, f"/{name}")))


def erase(
    event: Event, sha256: str, ground: Ground, caller: Caller, at: datetime, *, kept_in: tuple[str, ...] = ()
) -> tuple[Erased, Event]:
    """Return what stays of an event's payload, and the event that files the erasure with the office."""
    kept = Erased(
        case=event.case,
        event_id=event.id,
        sha256=sha256,
        readers=readers_of(event),
        erased_at=at,
        by=caller.organisation,
        ground=ground,
        kept_in=kept_in,
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
    kept = erased.model_dump(include={"case", "event_id", "ground", "erased_at", "by", "kept_in"})
    return ErasureView(**kept, payload_sha256=erased.sha256, erasure=told, receipt=f"/audit/receipts/{told}")


def _strings_in(value: JsonValue) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for name, each in _fields_of(value):
        if name not in LABELS:
            yield from _strings_in(each)


def _fields_of(value: JsonValue) -> Iterator[tuple[str, JsonValue]]:
    if isinstance(value, dict):
        yield from value.items()
    if isinstance(value, list):
        yield from ((str(place), each) for place, each in enumerate(value))


def _is_text(value: str) -> bool:
    wordy = any(sign.isspace() or (sign.isalpha() and not sign.isascii()) for sign in value)
    return len(value) >= SHORTEST and wordy and value != MARK


def _struck_line(value: str, texts: AbstractSet[str]) -> str:
    if not value.startswith("{"):
        return MARK if value in texts else value
    line = json.loads(value)
    after = struck(line, texts, frozenset())
    return value if after == line else _spelled(after)


def _spelled(value: JsonValue) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
