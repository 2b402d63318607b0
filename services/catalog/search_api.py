"""Searching all that is published: routes only. Load, decide, show."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from services.catalog import search_store
from services.catalog.finding import Question, find
from services.catalog.retrieval import Engine, Facet
from services.catalog.search_views import SearchPage, faults_of, page_of
from services.shared import http
from services.shared.canonical import digest, now
from services.shared.dynamo import item_of, open_token, page_token
from services.shared.errors import Invalid, Problem, refuse_if
from services.shared.working_days import day_in_beijing

router = http.make_router()

LONGEST = 1000
Text = Annotated[
    str,
    Query(max_length=LONGEST, description="Words in Chinese or English, names of bodies, or a need in a sentence"),
]
Values = Annotated[list[str] | None, Query(description="Any of these; may be given again")]
Counts = Annotated[bool, Query(description="Whether to count what was found by each filter")]


@router.get("/catalog/search")
def search_catalogue(  # noqa: PLR0913 - a reader may narrow down in as many ways
    *,
    q: Text = "",
    kind: Values = None,
    catalogue: Values = None,
    provider: Values = None,
    district: Values = None,
    theme: Values = None,
    domain: Values = None,
    share_type: Values = None,
    format: Values = None,
    update_cycle: Values = None,
    facets: Counts = True,
    limit: http.Limit = 20,
    next: http.Next = None,
) -> SearchPage:
    """Find entries, collection duties, databases and figures by what they are about, best first; open to everybody.

    Spoken and official names, short names of bodies, traditional characters and a need in a sentence are understood.
    Each hit says which unit has it, in which database, by which channel, and what to do next.
    """
    given = (kind, catalogue, provider, district, theme, domain, share_type, format, update_cycle)
    filters = tuple((facet, tuple(values)) for facet, values in zip(Facet, given, strict=True) if values)
    question = Question(q, filters, most=limit, facets=tuple(Facet) if facets else ())
    engine, first = _begun(question, next)
    question = question._replace(first=first)
    refuse_if(faults_of(question), "the search is not valid")
    found = find(engine, question)
    if first + limit >= found.total:
        return page_of(engine, question, found, day=day_in_beijing(now()), next_page=None)
    if not engine.name:
        engine = engine.pinned()
        found = find(engine, question)
    token = page_token(item_of(_place(question) | {"engine": engine.name, "first": str(first + limit)}))
    return page_of(engine, question, found, day=day_in_beijing(now()), next_page=token)


def _begun(question: Question, token: str | None) -> tuple[Engine, int]:
    """Return what a page is made of, and its first place. Raises Invalid for a token of another search."""
    if token is None:
        return search_store.newest(), 0
    place = open_token(token, {**_place(question), "engine": None, "first": None})
    first = place["first"]["S"]
    if not (first.isascii() and first.isdigit() and len(first) <= http.MOST_DIGITS):
        raise Invalid("not a page of this list", [Problem(pointer="/query/next", detail="not a page token")])
    return search_store.named(place["engine"]["S"]), int(first)


def _place(question: Question) -> dict[str, str]:
    """Return what tells one search from another: its pages belong together."""
    return {"search": digest([question.text, [[facet, list(values)] for facet, values in question.filters]])[:16]}
