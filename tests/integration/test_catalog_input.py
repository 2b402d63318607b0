"""Bad input gets one clear problem answer that names every fault, and changes nothing."""

from typing import Any

import pytest

from services.catalog.api import handler
from tests.catalogue import ENTRY, PROVIDER, act, create, put, read
from tests.support import call, events_in, token

ADDRESS = "/catalog/resources"


@pytest.fixture(autouse=True)
def table(data_stack: dict[str, str]) -> str:
    """The catalogue's table, empty."""
    return data_stack["CatalogTable"]


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        (
            {"title": 5, "colour": "red", "items": [{"nom": "x"}]},
            ["/colour", "/items/0/name", "/items/0/nom", "/title"],
        ),
        ({"title": "甲" * 201, "abstract": "甲" * 4001}, ["/abstract", "/title"]),
        ({"title": "a\u0007b", "theme": "\ud800"}, ["/theme", "/title"]),
        ({"items": [{"name": "甲", "sensitivity": "STATE_SECRET"}]}, ["/items/0/sensitivity"]),
        ({"share_type": "unconditional", "formats": ["exe"]}, ["/formats/0", "/share_type"]),
    ],
)
def test_every_fault_of_a_draft_is_named_at_once(changes: dict[str, Any], pointers: list[str], table: str) -> None:
    reply = create(ENTRY | changes)
    assert (reply.status, reply.headers["content-type"]) == (422, "application/problem+json")
    assert reply.pointers == pointers
    assert events_in(table) == []


@pytest.mark.parametrize("raw", ["{", "[]", "null", '"text"', "", "[" * 2000])
def test_a_body_that_is_no_draft_is_422(raw: str, table: str) -> None:
    reply = call(handler, "POST", ADDRESS, token=token(PROVIDER), raw=raw)
    assert (reply.status, reply.headers["content-type"]) == (422, "application/problem+json")
    assert events_in(table) == []


@pytest.mark.parametrize(
    ("action", "body", "pointers"),
    [
        ("return", None, ["/gaps"]),
        ("return", {"gaps": [{"pointer": "title", "detail": ""}]}, ["/gaps/0/detail", "/gaps/0/pointer"]),
        ("withdraw", {"because": "x"}, ["/because", "/reason"]),
        ("submit", {"force": True}, ["/force"]),
    ],
)
def test_an_actions_body_is_its_own(action: str, body: Any, pointers: list[str]) -> None:
    assert act(create(), action, PROVIDER, body).pointers == pointers


@pytest.mark.parametrize("etag", ['"7"', "*", 'W/"1"', "x"])
def test_a_stale_or_strange_if_match_is_412_and_changes_nothing(etag: str, table: str) -> None:
    draft = create()
    path = f"{ADDRESS}/{draft.body['id']}"
    for method, address, body in (("PUT", path, ENTRY), ("POST", f"{path}/submit", None)):
        assert (
            call(handler, method, address, token=token(PROVIDER), json=body, headers={"If-Match": etag}).status == 412
        )
    assert len(events_in(table)) == 1


@pytest.mark.parametrize("following", ["x", "e30", "eyJwayI6ImEifQ", "%F0%9F%98%80", "WzFd"])
def test_a_page_token_that_is_not_of_this_list_is_422(following: str) -> None:
    draft = create()
    history = f"{ADDRESS}/{draft.body['id']}/history"
    replies = [call(handler, "GET", f"{place}?next={following}", token=token(PROVIDER)) for place in (ADDRESS, history)]
    assert [(reply.status, reply.pointers) for reply in replies] == [(422, ["/query/next"])] * 2


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "q=" + "x" * 101, "provider=" + "x" * 81])
def test_a_query_out_of_bounds_is_422(query: str) -> None:
    assert call(handler, "GET", f"{ADDRESS}?{query}").status == 422


def test_an_idempotency_key_of_a_strange_form_is_422() -> None:
    assert create(key="a b").status == 422


def test_what_is_not_there_is_404_for_everybody() -> None:
    assert [read("nothing", who).status for who in (PROVIDER, None)] == [404, 404]


def test_metadata_are_replaced_whole() -> None:
    draft = put(create(), PROVIDER, {"title": "只有标题"})
    assert draft.body["open"]["metadata"]["abstract"] is None


def test_the_vocabulary_names_what_a_draft_may_say() -> None:
    words = call(handler, "GET", "/catalog/vocabulary").body
    assert ENTRY["update_cycle"] in [term["code"] for term in words["update_cycles"]["terms"]]
    assert {"legal_instruments", "duties", "formats", "share_types"} <= words.keys()
