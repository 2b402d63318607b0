"""Older catalogues come in: routes only."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body

from services.catalog import views
from services.catalog.legacy import Import, legacy_entry, repeated
from services.catalog.store import catalog_store
from services.shared import http
from services.shared.callers import Caller, Claim
from services.shared.canonical import now
from services.shared.errors import Forbidden, refuse_if
from services.shared.organisations import OFFICE

router = http.make_router()


@router.post("/catalog/imports")
def import_rows(sent: Annotated[Import, Body()]) -> views.ImportAnswer:
    """Publish up to 100 rows of an older catalogue as legacy entries; a row that was imported before stays."""
    caller = _office()
    refuse_if(repeated(sent.rows), "the request is not valid")
    store, at = catalog_store(), now()
    made = store.imported_as(row.id for row in sent.rows)
    steps = {row.id: legacy_entry(row, caller, at) for row in sent.rows if row.id not in made}
    store.save_imports(steps)
    return views.import_answer((row.id for row in sent.rows), made, steps)


def _office() -> Caller:
    caller = http.officer_of(router)
    if caller.organisation != OFFICE or Claim.OFFICER not in caller.claims:
        raise Forbidden("only an officer of the informatization_office may import an older catalogue")
    return caller
