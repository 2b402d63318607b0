"""A FIFO queue's consumer: one handler a message, in order; from the first failure on, everything comes again."""

import json
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.utilities.batch import SqsFifoPartialProcessor, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from services.shared.events import Event
from services.shared.observe import logger


def consume(batch: dict[str, Any], context: Any, handle: Callable[[Event], None]) -> Any:
    """Hand each message's event to `handle`; return the report of those that failed, for redelivery.

    `handle` must bear the same event twice. A failed message is logged with its trace; the function itself does not
    fail, so that the queue's own count of receives decides when a message goes to the dead letters.
    """

    def take(record: SQSRecord) -> None:
        event = Event.model_validate(json.loads(record.body))
        try:
            handle(event)
        except Exception:
            logger.exception("message failed", extra=_about(event))
            raise
        logger.info("message heard", extra=_about(event))

    processor = SqsFifoPartialProcessor()
    processor.raise_on_entire_batch_failure = False
    return process_partial_response(event=batch, record_handler=take, processor=processor, context=context)


def _about(event: Event) -> dict[str, object]:
    return {"type": event.type, "case": event.case, "case_seq": event.case_seq, "event_id": event.id}
