"""A FIFO queue's consumer: one handler a message, in order; a failure holds up its own case and no other.

The case is read from the message's body: not every emulator tells a message's group.
"""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from services.shared.events import Event
from services.shared.observe import count, logger

Failures = dict[str, list[dict[str, str]]]


def consume(batch: Mapping[str, Any], handle: Callable[[Event], None]) -> Failures:
    """Hand each message's event to `handle`; return the report of what must come again, in order.

    `handle` must bear the same event twice. What follows a failed event in its case fails with it. The function itself
    does not fail, so that the queue's own count of receives decides when a message goes to the dead letters.
    """
    held: set[str] = set()
    failed = [record["messageId"] for record in batch["Records"] if not _taken(record["body"], handle, held)]
    if failed:
        count("MessagesFailed", len(failed))
    return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}


def _taken(body: str, handle: Callable[[Event], None], held: set[str]) -> bool:
    try:
        event = Event.model_validate_json(body)
    except ValidationError:
        logger.exception("not_an_event")
        return False
    if event.case not in held and _handled(event, handle):
        return True
    held.add(event.case)
    return False


def _handled(event: Event, handle: Callable[[Event], None]) -> bool:
    about = {"type": event.type, "case": event.case, "case_seq": event.case_seq, "event_id": event.id}
    try:
        handle(event)
    except Exception:  # noqa: BLE001 - whatever it was, the message comes again and the others go on
        logger.exception("message failed", extra=about)
        return False
    logger.info("message heard", extra=about)
    return True
