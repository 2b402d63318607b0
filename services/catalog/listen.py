"""What the catalogue hears: receipts for the filings that published its entries.

Every message may come twice and is idempotent; anything that fails is raised, and comes again in order.
"""

import json
from typing import Any

from aws_lambda_powertools.utilities.batch import SqsFifoPartialProcessor, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from services.catalog.store import catalog_store
from services.shared.event_bodies import FilingReceipted
from services.shared.events import Event
from services.shared.observe import logger

HEARD = {"filing.receipted"}


def handler(event: dict[str, Any], context: Any) -> Any:
    """Take a batch of messages; report those that failed, and of the same entry those behind them."""
    processor = SqsFifoPartialProcessor(skip_group_on_error=True)
    return process_partial_response(event=event, record_handler=hear, processor=processor, context=context)


def hear(record: SQSRecord) -> None:
    """Keep the receipt that a message brings. Raises KeyError for a type nobody subscribed to."""
    event = Event.model_validate(json.loads(record.body))
    if event.type not in HEARD:
        raise KeyError(event.type)
    catalog_store().keep_receipt(event.case, FilingReceipted.model_validate(dict(event.body)))
    logger.info("heard", extra={"type": event.type, "case": event.case, "event_id": event.id})
