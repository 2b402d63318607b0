"""HTTP for the ledger: checkpoint and tiles for anyone, entries and receipts for those entitled."""

import os
from collections.abc import Sequence, Set
from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from services.audit import evidence_api, filings, packages_api, witnesses_api
from services.audit.access import Part, may_read, may_read_entry
from services.audit.batch import CHECKPOINT, archived
from services.audit.entry import Mark, mark_of
from services.audit.filings import FilingDetail, Filings
from services.audit.objects import FROZEN, LogReader
from services.audit.store import AuditStore
from services.audit.witnessed import witnessed_receipt
from services.audit.witnesses_api import witness_store
from services.shared.errors import Forbidden, Invalid, NotFound, Problem
from services.shared.http import Limit, Next, caller_of, lambda_handler, make_app, officer_of
from services.shared.model import Model

app = make_app()
app.include_router(witnesses_api.router)
app.include_router(evidence_api.router)
app.include_router(packages_api.router)
TEXT = "text/plain; charset=utf-8"
TILES = "/audit/tile/"

Case = Annotated[str | None, Query(min_length=1, max_length=200, description="A case, to see its filings in order")]
Index = Annotated[int, Path(ge=0, le=2**53)]
EventId = Annotated[str, Path(max_length=200)]
Witnessed = Annotated[bool, Query(description="Lead to a checkpoint that the quorum of witnesses cosigned")]


class Checkpoints(Model):
    """A page of archived checkpoints, by their sizes; `next` names the following page, null at the end."""

    items: tuple[int, ...]
    next: str | None


@app.get("/audit/checkpoint")
def get_checkpoint() -> Response[str]:
    """Show the log's latest signed checkpoint, byte for byte."""
    try:
        note = _log().read(CHECKPOINT).decode()
    except LookupError as error:
        raise NotFound("the log has no checkpoint yet") from error
    return Response(HTTPStatus.OK, TEXT, note, headers={"Cache-Control": "public, max-age=5"})


@app.get("/audit/checkpoints")
def list_checkpoints(limit: Limit = 100, next: Next = None) -> Checkpoints:
    """List the sizes of the log's archived checkpoints, in the order of their digits: 1, 10, 100, 2."""
    if next is not None and not filings.INDEX.fullmatch(next):
        raise Invalid("not a page of this list", [Problem(pointer="/query/next", detail="not a page token")])
    sizes, following = _log().archived_sizes(limit=limit, after=None if next is None else int(next))
    return Checkpoints(items=tuple(sizes), next=None if following is None else str(following))


@app.get("/audit/checkpoints/<size>")
def get_archived_checkpoint(size: Index) -> Response[str]:
    """Show the checkpoint that was signed when the log had so many entries, byte for byte."""
    try:
        note = _log().read(archived(size)).decode()
    except LookupError as error:
        raise NotFound("there is no checkpoint of that size") from error
    return Response(HTTPStatus.OK, TEXT, note, headers={"Cache-Control": FROZEN["CacheControl"]})


@app.get("/audit/filings")
def list_filings(case: Case = None, limit: Limit = 50, next: Next = None) -> Filings:
    """List the filings of a case in its order, or, for the overseers, those of the whole log."""
    caller = officer_of(app)
    if case is None:
        if not may_read(Part.ALL_FILINGS, caller):
            raise Forbidden("only the bodies that oversee sharing may read the whole log; name a case")
        visible, following = filings.log_page(_store().head(), _log().read, limit=limit, after=next)
    else:
        marks, following = _store().marks_of(case, limit=limit, after=next)
        visible = [mark for mark in marks if may_read_entry(mark, caller)]
        if not visible and next is None:
            raise NotFound("there is no such case")
    return filings.page_of(visible, _erased(visible), following=following)


@app.get("/audit/filings/<index>")
def get_filing(index: Index) -> FilingDetail:
    """Show one filed entry with its hash."""
    caller = officer_of(app)
    entry = filings.entry_at(index, _store().head(), _log().read)
    mark = mark_of(entry)
    if not may_read_entry(mark, caller):
        raise NotFound("there is no such filing")
    return filings.detail(index, entry, _erased([mark]))


@app.get("/audit/receipts/<event_id>")
def get_receipt(event_id: EventId, witnessed: Witnessed = False) -> Response[str]:
    """Give the receipt of a filed event, which anyone who has the entry can verify offline."""
    caller = officer_of(app)
    mark = _store().mark(event_id)
    if mark is None or not may_read_entry(mark, caller):
        raise NotFound("there is no such event")
    if witnessed:
        return Response(HTTPStatus.OK, TEXT, witnessed_receipt(mark, witness_store().witnessed(), _log().read))
    return Response(HTTPStatus.OK, TEXT, filings.receipt_of(mark, _log().read))


@app.get(f"{TILES}.+")
def get_tile() -> Response[str]:
    """Redirect to a tile of the log (c2sp.org/tlog-tiles); bundles of entries are for the overseers."""
    path = app.current_event.path.partition(TILES)[2]
    bundle = filings.is_bundle(path)
    part = Part.ENTRY_BUNDLE if bundle else Part.HASH_TILE
    if not may_read(part, officer_of(app) if bundle else caller_of(app)):
        raise NotFound("there is no such tile")
    public = os.environ.get("PUBLIC_LOG_BASE_URL", "").rstrip("/")
    place = f"{public}/tile/{path}" if public and not bundle else _log().link(f"tile/{path}")
    return Response(HTTPStatus.FOUND, TEXT, "", headers={"Location": place})


def _erased(marks: Sequence[Mark]) -> Set[str]:
    return _store().filed(filings.erasures_of(marks))


def _store() -> AuditStore:
    return AuditStore(os.environ["AUDIT_TABLE"], os.environ["LOG_ORIGIN"])


def _log() -> LogReader:
    return LogReader(os.environ["LOG_BUCKET"])


handler = lambda_handler(app)
