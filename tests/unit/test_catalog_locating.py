"""Where a found thing is to be had: which unit, which database, by which channel, and what to do next (S-115)."""

import re
from typing import Any

import pytest

from services.catalog.catalogues import KINDS
from services.catalog.facets import KINDS_ZH_EN
from services.catalog.findable import Findable
from services.catalog.locating import Location, href_of, location_of
from services.catalog.parts import ShareType
from services.shared.reference import vocabulary
from tests.routes import routes

STANDINGS: list[dict[str, Any]] = [
    *({"kind": "resource", "share_type": share_type} for share_type in (*ShareType, None)),
    {"kind": "resource", "nobodys": True},
    *({"kind": kind} for kind in ("database", "collection", "figure")),
]


def a_row(**said: Any) -> Findable:
    named = {"kind": "resource", "id": "r-1", "title": "公证处", "unit": "drc", "unit_name": "市发展改革委"}
    return Findable(**{**named, "updated": "2026-11-23", **said})


def located(**said: Any) -> Location:
    return location_of(a_row(**said), {"d-1": "公证机构库"})


def is_route(method: str, href: str) -> bool:
    """Return whether a call goes to a route that there is."""
    patterns = (re.sub(r"\{\w+\}", r"[^/{}]+", route) for route in routes())
    return any(re.fullmatch(pattern, f"{method} {href}") for pattern in patterns)


def has_chinese(text: str) -> bool:
    return re.search("[一-鿿]", text) is not None


def test_there_is_a_way_to_everything_that_is_found() -> None:
    assert {said["kind"] for said in STANDINGS} == set(KINDS_ZH_EN)
    assert {said.get("share_type") for said in STANDINGS} == {*ShareType, None}
    assert set(ShareType) == {term.code for term in vocabulary().share_types.terms}


@pytest.mark.parametrize("said", STANDINGS)
def test_what_comes_next_is_said_in_both_languages_and_begins_with_a_call_that_there_is(said: dict[str, Any]) -> None:
    step = located(**said).next
    assert has_chinese(step.zh)
    assert step.en.isascii()
    assert is_route(step.method, step.href)


@pytest.mark.parametrize("share_type", [ShareType.UNCONDITIONAL, ShareType.CONDITIONAL, None])
def test_what_can_be_had_is_requested(share_type: ShareType | None) -> None:
    step = located(share_type=share_type).next
    assert (step.method, step.href) == ("POST", "/requests")


def test_of_what_is_not_shared_or_nobodys_the_entry_is_read() -> None:
    for step in (located(share_type=ShareType.NOT_SHARED).next, located(nobodys=True).next):
        assert (step.method, step.href) == ("GET", "/catalog/resources/r-1")


def test_nobodys_goes_before_how_it_is_shared() -> None:
    assert located(nobodys=True, share_type=ShareType.UNCONDITIONAL).next == located(nobodys=True).next


@pytest.mark.parametrize("kind", ["database", "collection"])
def test_from_a_database_or_a_duty_the_chain_leads_to_what_is_shared(kind: str) -> None:
    place = located(kind=kind)
    assert place.next.href == place.chain == f"/catalog/chain/{kind}/r-1"


@pytest.mark.parametrize("kind", KINDS_ZH_EN)
def test_the_address_of_a_thing_and_its_chain_are_routes(kind: str) -> None:
    place = located(kind=kind)
    assert href_of(a_row(kind=kind)) == f"/catalog/{KINDS[kind].collection}/r-1"
    assert is_route("GET", href_of(a_row(kind=kind)))
    assert (place.chain is None) == (kind == "figure")
    assert place.chain is None or is_route("GET", place.chain)


def test_its_unit_is_named() -> None:
    assert (located().unit, located().unit_name) == ("drc", "市发展改革委")


def test_the_database_of_an_entry_is_named_and_a_call_shows_it() -> None:
    held = located(database="d-1").database
    assert held is not None
    assert (held.id, held.title, held.href) == ("d-1", "公证机构库", "/catalog/databases/d-1")
    assert is_route("GET", held.href)


def test_a_database_that_stands_in_no_catalogue_any_more_has_no_title() -> None:
    held = located(database="d-gone").database
    assert held is not None
    assert (held.id, held.title) == ("d-gone", None)
    assert located().database is None


def test_a_database_is_held_in_itself() -> None:
    held = located(kind="database", id="d-1", title="公证机构库").database
    assert held is not None
    assert (held.id, held.title, held.href) == ("d-1", "公证机构库", "/catalog/databases/d-1")


@pytest.mark.parametrize("term", vocabulary().share_methods.terms, ids=lambda term: term.code)
def test_every_method_of_sharing_is_a_channel_in_both_languages(term: Any) -> None:
    channel = located(share_method=term.code).channel
    assert channel is not None
    assert (channel.code, channel.zh, channel.en) == (term.code, term.zh, term.en)
    assert has_chinese(channel.zh)


def test_where_no_method_is_named_or_one_that_is_on_no_list_there_is_no_channel() -> None:
    assert located().channel is None
    assert located(share_method="pigeon").channel is None
