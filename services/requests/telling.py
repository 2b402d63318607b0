"""What a step leaves behind: the records after it, the events that tell of it, and what people wrote, sealed.

One step is one transaction. Pure but for fresh ids and keys.
"""

from collections.abc import Mapping
from typing import NamedTuple, TypeVar

from pydantic import JsonValue

from services.requests.case_record import CaseRecord, Filed
from services.shared.canonical import new_id
from services.shared.events import Event, Filing, Origin, event_of
from services.shared.lifecycle import Act
from services.shared.model import Model
from services.shared.payloads import Payload, seal

C = TypeVar("C", bound=CaseRecord)


class Step(NamedTuple):
    """What one act writes, in one transaction; the payload's box is written just before.

    `before` holds the records as they were read, by the same names; none for a record that is new.
    """

    case: str
    records: Mapping[str, CaseRecord]
    before: Mapping[str, CaseRecord]
    events: tuple[Event, ...]
    payload: Payload | None = None

    @property
    def event(self) -> Event:
        """The event of the step; where two filings are made by one act, the first."""
        return self.events[0]


class Told(NamedTuple):
    """One event to tell: its type, body and readers, and the filing that it is; `id` where a record names it."""

    type: str
    body: Model
    parties: tuple[str, ...]
    filing: Filing | None = None
    id: str | None = None


def step_of(
    case: str,
    records: Mapping[str, tuple[CaseRecord | None, CaseRecord]],
    act: Act,
    *told: Told,
    words: Model | None = None,
) -> Step:
    """Return the step that moves records, by name from before to after, and tells of it in one event or more.

    The records stand at the number of the last event; `words` are sealed beside the first.
    """
    first = next(iter(records.values()))[1].case_seq
    last = first + len(told) - 1
    events = tuple(_event(case, first + place, act, one) for place, one in enumerate(told))
    placed = {"version": last, "case_seq": last}
    after = {name: record.model_copy(update=placed) for name, (_, record) in records.items()}
    before = {name: record for name, (record, _) in records.items() if record is not None}
    if words is None:
        return Step(case, after, before, events)
    payload = seal(case, events[0].id, _written(words))
    bound = events[0].model_copy(update={"payload_sha256": payload.sha256})
    return Step(case, after, before, (bound, *events[1:]), payload)


def filed(record: C, filing: Filing | None, *, event_id: str, named: str, act: Act) -> C:
    """Return a record with the filing that its event makes, of what is `named` by its hash; unchanged without one."""
    if filing is None:
        return record
    made = Filed(**filing.model_dump(), event_id=event_id, terms_hash=named, at=act.at)
    return record.model_copy(update={"filings": (*record.filings, made)})


def fresh_event_id() -> str:
    """Return the id of an event to come, so that a record can name it."""
    return new_id()


def _event(case: str, seq: int, act: Act, told: Told) -> Event:
    origin = Origin(case, seq, act.caller.organisation, act.caller.officer, act.at)
    return event_of(told.type, told.body, origin, parties=told.parties, filing=told.filing, event_id=told.id)


def _written(words: Model) -> dict[str, JsonValue]:
    said: dict[str, JsonValue] = words.model_dump(mode="json")
    return said
