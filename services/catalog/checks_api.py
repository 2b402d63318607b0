"""Search certificates: routes only. Load, decide, save."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from services.catalog import check_views as views
from services.catalog import search_store
from services.catalog.adjudication import REVIEWERS, Judged, key_of_subject
from services.catalog.adjudication_store import adjudication_store
from services.catalog.certificate import Certificate, Choice, Subject, follows
from services.catalog.check_store import check_store
from services.catalog.checking import Searched, issue, thing_wanted
from services.catalog.deciding import Given, Justification, Reusable, Reuse, take
from services.catalog.store import catalog_store
from services.catalog.version import State
from services.shared import http
from services.shared.callers import Caller
from services.shared.canonical import now
from services.shared.cases import Found
from services.shared.errors import Forbidden, NotFound, Stale
from services.shared.lifecycle import Act
from services.shared.model import Model
from services.shared.once import Once
from services.shared.payloads import Opened
from services.shared.views import HistoryPage, history_page

router = http.make_router()

CREATED = 201
MINE = "mine"
UnitCode = Annotated[str, Query(max_length=80, description="`mine`, or an organisation's code")]
BODIES: dict[Choice, type[Model]] = {Choice.REUSE: Reuse, Choice.JUSTIFY: Justification}


@router.get("/catalog/checks")
def list_checks(unit: UnitCode = MINE, limit: http.Limit = 20, next: http.Next = None) -> views.CheckPage:
    """List a unit's search certificates, latest change first; another's only for those who review."""
    caller = http.officer_of(router)
    code = caller.organisation if unit == MINE else unit
    if caller.organisation not in {code, *REVIEWERS}:
        raise Forbidden("a unit's certificates are for itself and for those who review")
    items, token = check_store().of_unit(code, limit=limit, after=next)
    return views.CheckPage(items=tuple(items), next=token)


@router.post("/catalog/checks")
def search_before_building(
    subject: Annotated[Subject, Body()], idempotency_key: http.IdempotencyKey = None
) -> Response[views.CheckView]:
    """Search both catalogues for what the caller means to collect or build, and keep what is found."""
    caller, store = http.officer_of(router), check_store()
    once = Once.of(caller.organisation, idempotency_key, subject)
    step = issue(subject, _searched(subject, caller), caller, now())
    try:
        store.save_step(step, once)
    except Stale:
        if once is None or (made := store.made_before(once)) is None:
            raise
        return _shown(store.get(made).record, caller, status=CREATED)
    return _shown(step.record, caller, status=CREATED)


@router.get("/catalog/checks/<check_id>")
def read_check(check_id: str) -> Response[views.CheckView]:
    """Read a search certificate: its unit, and who reviews or rules on what cites it."""
    caller = http.officer_of(router)
    return _shown(_visible(check_id, caller).record, caller)


@router.post("/catalog/checks/<check_id>/<action>")
def decide_hit(
    check_id: str,
    action: Choice,
    body: Annotated[dict[str, Any] | None, Body()] = None,
    if_match: http.IfMatch = None,
) -> Response[views.CheckView]:
    """Reuse a hit, which makes a draft of a sharing request, or justify why it does not serve."""
    caller, store = http.officer_of(router), check_store()
    sent = http.body_of(BODIES[action], body)
    certificate = _visible(check_id, caller).record
    http.check_version(certificate.version, if_match)
    given = Given(_reusable(sent.entry)) if isinstance(sent, Reuse) else None
    step = take(certificate, Act(action, sent, caller, now(), given))
    store.save_step(step)
    return _shown(step.record, caller)


@router.get("/catalog/checks/<check_id>/history")
def read_history(check_id: str, limit: http.Limit = 100, next: http.Next = None) -> HistoryPage:
    """List a certificate's events in order, each with the address of its receipt."""
    _visible(check_id, http.officer_of(router))
    events, token = check_store().history(check_id, limit=limit, after=next)
    return history_page(events, token, "/catalog/checks")


@router.get("/catalog/checks/<check_id>/payloads/<event_id>")
def read_payload(check_id: str, event_id: str) -> Opened:
    """Read the reason that was given with a decision, with the salt that lets the reader recompute its filed hash."""
    return check_store().payload(check_id, event_id, reader=http.officer_of(router).organisation)


def _searched(subject: Subject, caller: Caller) -> Searched:
    judged = {said.id: said for said in adjudication_store().about(key_of_subject(subject)).values()}
    named = {said.id: said.kind for said in judged.values()}
    found = check_store().searched(search_store.newest(), thing_wanted(subject, caller.organisation), named)
    return found._replace(judged={case: Judged(said.verdict, said.adjudication) for case, said in judged.items()})


def _visible(check_id: str, caller: Caller) -> Found[Certificate]:
    found = check_store().get(check_id)
    if not follows(found.record, caller):
        raise NotFound("there is no such certificate")
    return found


def _reusable(entry_id: str) -> Reusable | None:
    """Return a published entry, or None when there is none."""
    try:
        live = catalog_store().get(entry_id).record.live
    except NotFound:
        return None
    if live is None or live.state is not State.LIVE:
        return None
    said = live.metadata
    return Reusable(live.id, live.provider, tuple(item.name for item in said.items), said.share_type)


def _shown(certificate: Certificate, caller: Caller, *, status: int = 200) -> Response[views.CheckView]:
    view = views.view_of(certificate, caller, now())
    location = f"/catalog/checks/{view.id}" if status == CREATED else None
    return http.answer(view, status=status, version=view.version, location=location)
