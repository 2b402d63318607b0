"""Erasing what was written with an event of the cases of requests: routes only."""

import os
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body

from services.shared import http
from services.shared.canonical import now
from services.shared.erasure import ErasureAsked, ErasureView
from services.shared.erasure_store import Attempt, Kept, erase_payload

router = http.make_router()

CREATED = 201


@router.post("/requests/erasures")
def erase_what_was_written(
    asked: Annotated[ErasureAsked, Body()], idempotency_key: http.IdempotencyKey = None
) -> Response[ErasureView]:
    """Erase what was written with an event, for good; its hash stays, and its ledger entry still verifies."""
    kept = Kept(os.environ["REQUESTS_TABLE"], os.environ["PAYLOAD_BUCKET"])
    erased = erase_payload(kept, Attempt(asked, http.officer_of(router), now(), idempotency_key))
    return http.answer(erased, status=CREATED)
