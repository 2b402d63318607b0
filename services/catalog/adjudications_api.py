"""What reviewers decided about two things that are alike: routes only. Load, decide, save."""

from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body

from services.catalog import adjudication_views as views
from services.catalog.adjudication import (
    REVIEWERS,
    Action,
    Adjudication,
    Asked,
    Compared,
    Judgement,
    Side,
    check_reviewer,
    follows,
    judge,
    take,
)
from services.catalog.adjudication_store import adjudication_store
from services.shared import http
from services.shared.callers import Caller
from services.shared.canonical import now
from services.shared.errors import Conflict, Forbidden, Invalid, NotFound, Problem, Stale
from services.shared.lifecycle import Act
from services.shared.once import Once
from services.shared.payloads import Opened
from services.shared.views import HistoryPage, history_page

router = http.make_router()

CREATED = 201
HERE = "/catalog/adjudications"


@router.get("/catalog/adjudications")
def list_adjudications(limit: http.Limit = 20, next: http.Next = None) -> views.AdjudicationPage:
    """List what was decided about any two things, the latest first, for those who review."""
    if http.officer_of(router).organisation not in REVIEWERS:
        raise Forbidden("the list is for those who review; a unit reads what is about its own things")
    items, token = adjudication_store().page(limit=limit, after=next)
    return views.AdjudicationPage(items=tuple(items), next=token)


@router.post("/catalog/adjudications")
def judge_pair(
    asked: Annotated[Asked, Body()], idempotency_key: http.IdempotencyKey = None
) -> Response[views.AdjudicationView]:
    """Decide what two things are to each other; it stands in every search and report in which the two come up again."""
    caller, store = http.officer_of(router), adjudication_store()
    check_reviewer(caller)
    once = Once.of(caller.organisation, idempotency_key, asked)
    if once is not None and (made := store.made_before(once)) is not None:
        return _shown(store.get(made).record, caller, status=CREATED)
    step = judge(*_both(store.side(asked.one), store.side(asked.other)), asked, caller, now())
    try:
        store.save_step(step, once)
    except Stale as lost:
        if lost.in_flight:
            raise
        raise Conflict(f"these two are judged already: {HERE}/{step.record.id}; revise that") from lost
    return _shown(step.record, caller, status=CREATED)


@router.get("/catalog/adjudications/<adjudication_id>")
def read_adjudication(adjudication_id: str) -> Response[views.AdjudicationView]:
    """Read an adjudication: who reviews, and the units whose things were judged."""
    caller = http.officer_of(router)
    return _shown(_visible(adjudication_id, caller), caller)


@router.post("/catalog/adjudications/<adjudication_id>/<action>")
def revise_adjudication(
    adjudication_id: str,
    action: Action,
    body: Annotated[Judgement, Body()],
    if_match: http.IfMatch = None,
) -> Response[views.AdjudicationView]:
    """Decide again."""
    caller, store = http.officer_of(router), adjudication_store()
    adjudication = _visible(adjudication_id, caller)
    http.check_version(adjudication.version, if_match)
    sides = {name: _as_it_stands(getattr(adjudication, name)) for name in ("one", "other")}
    step = take(adjudication, Act(action, body, caller, now(), sides))
    store.save_step(step)
    return _shown(step.record, caller)


@router.get("/catalog/adjudications/<adjudication_id>/history")
def read_history(adjudication_id: str, limit: http.Limit = 100, next: http.Next = None) -> HistoryPage:
    """List an adjudication's events in order, each with the address of its receipt and of its reason."""
    _visible(adjudication_id, http.officer_of(router))
    events, token = adjudication_store().history(adjudication_id, limit=limit, after=next)
    return history_page(events, token, HERE)


@router.get("/catalog/adjudications/<adjudication_id>/payloads/<event_id>")
def read_payload(adjudication_id: str, event_id: str) -> Opened:
    """Read the reason of a decision, with the salt that lets the reader recompute its filed hash."""
    return adjudication_store().payload(adjudication_id, event_id, reader=http.officer_of(router).organisation)


def _both(one: Compared | None, other: Compared | None) -> tuple[Compared, Compared]:
    """Return the two. Raises Invalid naming each that there is not."""
    if one is not None and other is not None:
        return one, other
    missing = [pointer for pointer, side in (("/one/id", one), ("/other/id", other)) if side is None]
    problems = (Problem(pointer=pointer, detail="没有此项 / there is no such thing") for pointer in missing)
    raise Invalid("nothing to decide", problems)


def _as_it_stands(side: Compared) -> Compared | None:
    return adjudication_store().side(Side.model_validate(side.model_dump(include={"kind", "id"})))


def _visible(adjudication_id: str, caller: Caller) -> Adjudication:
    found = adjudication_store().get(adjudication_id).record
    if not follows(found, caller):
        raise NotFound("there is no such adjudication")
    return found


def _shown(adjudication: Adjudication, caller: Caller, *, status: int = 200) -> Response[views.AdjudicationView]:
    view = views.view_of(adjudication, caller, now())
    location = f"{HERE}/{view.id}" if status == CREATED else None
    return http.answer(view, status=status, version=view.version, location=location)
