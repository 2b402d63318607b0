"""What the catalogue hears: receipts for the filings that published its entries.

Every message may come twice and is idempotent; anything that fails is raised, and comes again in order.
"""

import os
from collections.abc import Mapping
from typing import Any

from services.shared.cases import keep_receipt
from services.shared.event_bodies import FilingReceipted
from services.shared.events import Event
from services.shared.observe import traced
from services.shared.queue import Failures, consume

HEARD = {"filing.receipted"}


@traced
def handler(event: Mapping[str, Any], _context: object) -> Failures:
    """Take a batch of messages; report those that failed, and of the same entry those behind them."""
    return consume(event, hear)


def hear(event: Event) -> None:
    """Keep the receipt that a message brings. Raises KeyError for a type nobody subscribed to."""
    if event.type not in HEARD:
        raise KeyError(event.type)
    keep_receipt(os.environ["CATALOG_TABLE"], event.case, FilingReceipted.model_validate(dict(event.body)))
