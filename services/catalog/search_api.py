"""Searching all that is published: routes only. Load, decide, show."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from services.catalog import search_store
from services.catalog.finding import Found, Place, Question, find
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
    refuse_if(faults_of(question), "the search is not valid")
    if next is None:
        engine = search_store.newest()
    else:
        engine, question = _continued(question, next)
    found = find(engine, question)
    return page_of(engine, found, day=day_in_beijing(now()), next_page=_token(question, engine, found))


def _token(question: Question, engine: Engine, found: Found) -> str | None:
    if found.next is None:
        return None
    place = {name: str(number) for name, number in found.next._asdict().items()}
    own = {"loose": str(found.plan.loose), "engine": engine.name}
    return page_token(item_of(_search_of(question) | place | own))


def _continued(question: Question, token: str) -> tuple[Engine, Question]:
    """Return what a further page is made of, and from where. Raises Invalid for a token of another search."""
    named = dict.fromkeys((*Place._fields, "loose", "engine"))
    said = {name: value["S"] for name, value in open_token(token, {**_search_of(question), **named}).items()}
    places = [said[name] for name in Place._fields]
    if not all(place.isascii() and place.isdigit() and len(place) <= http.MOST_DIGITS for place in places):
        raise Invalid("not a page of this list", [Problem(pointer="/query/next", detail="not a page token")])
    start = Place(*map(int, places))
    return search_store.named(said["engine"]), question._replace(start=start, loose=said["loose"] == str(True))


def _search_of(question: Question) -> dict[str, str]:
    """Return what tells one search from another: its pages belong together."""
    return {"search": digest([question.text, [[facet, list(values)] for facet, values in question.filters]])[:16]}
