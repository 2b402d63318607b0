"""What is not one request: inboxes, clocks, statistics, and whether one may have an entry. Routes only."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from services.requests import desk_views as views
from services.requests.inbox_store import inbox_store
from services.requests.statistics import Statistics, statistics_of
from services.requests.statistics_store import statistics_store
from services.requests.store import request_store
from services.shared import http
from services.shared.canonical import now
from services.shared.clock_words import calendar_view, clocks
from services.shared.texts import Code
from services.shared.working_days import day_in_beijing

router = http.make_router()

Year = Annotated[int | None, Query(ge=2004, le=9999, description="A year in Beijing; this one without")]


@router.get("/requests/inbox")
def read_inbox(limit: http.Limit = 20, next: http.Next = None) -> views.InboxPage:
    """Read what the caller's organisation was told, the latest first."""
    found, token = inbox_store().page(http.officer_of(router).organisation, limit=limit, after=next)
    return views.InboxPage(items=tuple(found), next=token)


@router.get("/requests/clocks")
def read_clocks() -> views.ClocksView:
    """Read what is timed, by which text's numbers, and on which calendar; everybody may."""
    return views.ClocksView(clocks=clocks(), working_days=calendar_view())


@router.get("/requests/statistics")
def read_statistics(year: Year = None) -> Statistics:
    """Read what a year's refusals rested on, and who called how much urgent."""
    http.officer_of(router)
    asked = year or day_in_beijing(now()).year
    return statistics_of(asked, statistics_store().of_year(asked))


@router.get("/requests/permission")
def read_permission(resource: Annotated[Code, Query()]) -> views.Permission:
    """Read whether the caller's organisation may have an entry's information, and what to do next."""
    caller, store = http.officer_of(router), request_store()
    return views.permission_for(store.entry(resource), store.agreement_on(resource, caller.organisation))
