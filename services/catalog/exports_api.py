"""The public catalogue as a file: routes only."""

import os
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query

from services.catalog import export_store, feed_store, files_store
from services.catalog.exports import JOB, RETRY_SECONDS, Export, Format, Progress, address_of, key_of, name_of
from services.catalog.job_store import Job, enqueue
from services.shared import http
from services.shared.canonical import now
from services.shared.errors import NotFound

router = http.make_router()

ACCEPTED, SEE_OTHER = 202, 303
OfVersion = Annotated[
    int | None, Query(ge=0, lt=10**12, description="As of this change of the catalogue; the last one without it")
]


@router.get("/catalog/exports/<format>")
def read_export(format: Format, version: OfVersion = None) -> Response[Export]:
    """Fetch every published entry as one file: 303 to the file, or 202 and where to ask again while it is built."""
    table = os.environ["CATALOG_TABLE"]
    latest = feed_store.latest(table)
    wanted = latest if version is None else version
    if files_store.size_of(key_of(format, wanted)) is not None:
        link = files_store.link(key_of(format, wanted), name_of(format, wanted))
        return _answer(SEE_OTHER, Export(format=format, version=wanted, state=Progress.BUILT, href=link))
    if wanted != latest and not export_store.asked(table, format, wanted):
        raise NotFound("no file of this version of the catalogue is kept; ask without a version")
    if wanted == latest and export_store.ask(table, format, wanted, now()):
        enqueue(Job(name=JOB, about=format, part=wanted))
    place = address_of(format, wanted)
    return _answer(ACCEPTED, Export(format=format, version=wanted, state=Progress.BUILDING, href=place))


def _answer(status: int, export: Export) -> Response[Export]:
    reply = http.answer(export, status=status, location=export.href)
    if status == ACCEPTED:
        reply.headers["Retry-After"] = str(RETRY_SECONDS)
    return reply
