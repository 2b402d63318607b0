"""What the catalogue offers everybody to read beside its entries: routes only."""

import os
from functools import partial
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from services.catalog import exchange, exchange_store, feed_store, feed_views
from services.catalog.catalogues import Catalogue, CatalogueName, Listed, Offers, offer_of
from services.catalog.chain import Chain, Kind, Step
from services.catalog.chain_walk import chain_of
from services.catalog.listing import BY_CATALOGUE, Holding, page_of, saying
from services.catalog.search import BEIJING, words_of
from services.catalog.words import Words, words
from services.shared import http
from services.shared.canonical import now

router = http.make_router()

Since = Annotated[int, Query(ge=0, lt=10**12, description="The number of the last change that was seen; 0 for all")]
SearchWords = Annotated[str, Query(max_length=100, description="Words that title, unit or items must contain")]
Code = Annotated[str | None, Query(min_length=1, max_length=80)]


@router.get("/catalog/vocabulary")
def read_vocabulary() -> Words:
    """Read every code list, the texts that can be cited, the duties that can be named, the clocks and the calendar."""
    return words(now())


@router.get("/catalog/catalogues")
def list_catalogues() -> Offers:
    """List the public catalogues, with how many things stand in each."""
    counts, latest = feed_store.shelved(_table())
    return Offers(items=tuple(offer_of(name, counts) for name in CatalogueName), latest=latest)


@router.get("/catalog/catalogues/<name>")
def read_catalogue(  # noqa: PLR0913 - a reader may narrow it down in as many ways
    name: CatalogueName,
    *,
    q: SearchWords = "",
    unit: Code = None,
    basic_class: Code = None,
    key_domain: Code = None,
    limit: http.Limit = 20,
    next: http.Next = None,
) -> Catalogue:
    """Read a public catalogue, newest first: what there is, which unit has it, in which database, shared by what."""
    wanted = {"unit": unit, "basic_class": basic_class, "key_domain": key_domain}
    holding = [saying(BY_CATALOGUE, field, code) for field, code in wanted.items() if code]
    holding += [Holding("search", word) for word in words_of(q)]
    lines, token = page_of(_table(), BY_CATALOGUE, name.shelf, limit=limit, after=next, holding=holding)
    return Catalogue(items=READ.get(name, _listed)(lines), next=token)


@router.get("/catalog/changes")
def read_changes(since: Since = 0, limit: http.Limit = 100) -> feed_views.ChangePage:
    """Read what appeared in the public catalogues, changed or left them after change number `since`, in order."""
    latest = feed_store.latest(_table())
    changes = feed_store.between(_table(), since, min(since + limit, latest))
    return feed_views.page_of(changes, since=since, latest=latest)


@router.get("/catalog/chain/<kind>/<node_id>")
def read_chain(kind: Kind, node_id: str) -> Chain:
    """Trace something both ways: collection duty, database, entry, channel, agreement; the last for its parties."""
    day = now().astimezone(BEIJING).date()
    return chain_of(Step(kind, node_id), partial(exchange_store.place_of, _table()), http.caller_of(router), day)


def _listed(lines: list[str]) -> tuple[Listed, ...]:
    return tuple(map(Listed.model_validate_json, lines))


def _exchanged(lines: list[str]) -> tuple[Listed, ...]:
    return tuple(exchange.shown(map(exchange.Line.model_validate_json, lines), now().astimezone(BEIJING).date()))


def _table() -> str:
    return os.environ["CATALOG_TABLE"]


READ = {CatalogueName.EXCHANGE: _exchanged}
