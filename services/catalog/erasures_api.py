"""Erasing what was written with an event of the catalogue's cases: routes only."""

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
# What a hash in an event binds, and what repeats published names, by the kind of record.
BOUND = {
    "entry": frozenset({"metadata", "source"}),
    "figure": frozenset({"meaning"}),
    "collection": frozenset({"statement"}),
    "database": frozenset({"description", "rivals"}),
    "certificate": frozenset({"subject", "collection_hits", "catalogue_hits"}),
    "adjudication": frozenset({"one", "other"}),
}


@router.post("/catalog/erasures")
def erase_what_was_written(
    asked: Annotated[ErasureAsked, Body()], idempotency_key: http.IdempotencyKey = None
) -> Response[ErasureView]:
    """Erase what was written with an event, for good; its hash stays, and its ledger entry still verifies.

    In the case's records a mark takes its place; `kept_in` of the answer says where a hash binds it and it stays.
    """
    kept = Kept(os.environ["CATALOG_TABLE"], os.environ["PAYLOAD_BUCKET"], BOUND)
    erased = erase_payload(kept, Attempt(asked, http.officer_of(router), now(), idempotency_key))
    return http.answer(erased, status=CREATED)
