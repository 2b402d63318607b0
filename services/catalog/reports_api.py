"""The reports of dynamic management: one route. Each is made from what is published at the moment it is asked for."""

import os
from collections.abc import Sequence
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from services.catalog.adjudication_store import adjudication_store
from services.catalog.adjudication_views import verdicts_by_pair
from services.catalog.measures import SHELVES, Facts, lines_of
from services.catalog.report_store import entries, listed
from services.catalog.reports import Line, Report, ReportName, scope_of
from services.shared import http
from services.shared.canonical import now
from services.shared.dynamo import item_of, open_token, page_token
from services.shared.errors import Invalid, Problem
from services.shared.working_days import day_in_beijing

router = http.make_router()

Unit = Annotated[
    str | None, Query(max_length=80, description="An organisation's code; a district's stands for its units")
]


@router.get("/catalog/reports/<name>")
def read_report(name: ReportName, unit: Unit = None, limit: http.Limit = 100, next: http.Next = None) -> Report:
    """Read a report: counts and publication lags by anybody, the others by the overseeing offices and by each unit."""
    within, start = scope_of(name, http.caller_of(router), unit), _start(name, next)
    at, table = now(), os.environ["CATALOG_TABLE"]
    standing = [(shelf, line) for shelf in SHELVES.get(name, ()) for line in listed(table, shelf, day_in_beijing(at))]
    judged = verdicts_by_pair(adjudication_store().everything()) if name is ReportName.CONSOLIDATION else {}
    lines = lines_of(name, Facts(list(entries(table)), standing, at, judged), within)
    items, token = _page(name, lines, start, limit)
    return Report(name=name, at=at, items=items, next=token)


def _page(name: ReportName, lines: Sequence[Line], start: int, limit: int) -> tuple[tuple[Line, ...], str | None]:
    end = start + limit
    return tuple(lines[start:end]), page_token(item_of({"report": name, "start": str(end)})) if end < len(
        lines
    ) else None


def _start(name: ReportName, token: str | None) -> int:
    """Return the place that a page token names. Raises Invalid for one of another list."""
    if token is None:
        return 0
    place = open_token(token, {"report": name, "start": None})["start"]["S"]
    if not (place.isascii() and place.isdigit() and len(place) <= http.MOST_DIGITS):
        raise Invalid("not a page of this list", [Problem(pointer="/query/next", detail="not a page token")])
    return int(place)
