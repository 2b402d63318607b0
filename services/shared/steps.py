"""What one act leaves behind: the record after it, its event, and what people wrote, sealed beside the event.

Pure but for fresh keys: nothing is written here.
"""

from collections.abc import Mapping
from typing import Generic, NamedTuple, TypeVar

from pydantic import JsonValue

from services.shared.events import Event
from services.shared.lifecycle import Record
from services.shared.payloads import Payload, seal

R = TypeVar("R", bound=Record)


class Step(NamedTuple, Generic[R]):
    """One transaction's worth; the payload's box is written just before."""

    record: R
    event: Event
    payload: Payload | None = None


def step_of(record: R, event: Event, words: Mapping[str, JsonValue] | None = None) -> Step[R]:
    """Return the step; `words`, what people wrote, are sealed, and the event carries no more than their salted hash."""
    if not words:
        return Step(record, event)
    payload = seal(event.case, event.id, words)
    return Step(record, event.model_copy(update={"payload_sha256": payload.sha256}), payload)
