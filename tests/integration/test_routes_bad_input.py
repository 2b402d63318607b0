"""Bad input at every address that writes: one clear problem with the right status and pointer, and nothing changed."""

import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OKPKey

from tests.filing import standing_ledger
from tests.routes import CALLERS, Write, routes
from tests.sharing import ITEMS, terms
from tests.stack import stored
from tests.support import AUDIENCE, ISSUER, Reply, token
from tests.writes import FOREIGN, ROUTES, good_writes


@pytest.fixture(scope="module")
def stack() -> Iterator[dict[str, str]]:
    """One stack for all tests here: none of them changes anything."""
    with standing_ledger() as made:
        yield made


@pytest.fixture(scope="module")
def writes(stack: dict[str, str]) -> dict[str, Write]:
    """A request that would succeed for each route that writes."""
    return good_writes()


CHANGES = [route for route in ROUTES if "{" in route]
ACTIONS = [route for route in CHANGES if route.endswith("{action}")]
DRAFTS = {
    "POST /catalog/collections",
    "PUT /catalog/collections/{collection_id}",
    "POST /catalog/databases",
    "PUT /catalog/databases/{database_id}",
    "POST /catalog/resources",
    "PUT /catalog/resources/{resource_id}",
}
every_write = pytest.mark.parametrize("route", ROUTES)


@pytest.fixture
def write(route: str, writes: dict[str, Write], stack: dict[str, str]) -> Iterator[Write]:
    """The request that would succeed; whatever is made of it here must change nothing."""
    before = everything(stack)
    yield writes[route]
    assert everything(stack) == before


def everything(stack: dict[str, str]) -> list[Any]:
    """Return all items of the tables."""
    return [item for table in ("CatalogTable", "RequestsTable", "AuditTable") for item in stored(stack[table])]


def assert_problem(reply: Reply, status: int, *pointers: str) -> None:
    assert (reply.status, reply.headers["content-type"]) == (status, "application/problem+json"), reply.body
    assert reply.body["status"] == status
    assert reply.body["detail"]
    if pointers:
        assert reply.pointers == list(pointers)
        assert all(error["detail"] for error in reply.body["errors"])


def test_every_route_that_writes_is_tried_here() -> None:
    assert set(ROUTES) == {route for route in routes() if not route.startswith("GET")}


@every_write
@pytest.mark.parametrize("wrong", [7, True, ["a"], {"a": "b"}, 1.5, 10**30])
def test_a_value_of_the_wrong_type_is_pointed_at(write: Write, wrong: object) -> None:
    assert_problem(write.send(raw=write.with_text(wrong)), 422, write.pointer)


@every_write
def test_an_unknown_field_is_pointed_at(write: Write) -> None:
    raw = json.dumps(write.sent.json | {"surprise": 1, "a/b": 2})
    assert_problem(write.send(raw=raw), 422, "/a~1b", "/surprise")


@every_write
@pytest.mark.parametrize("text", ["泊" * 5000, "a\u0000b", "a\u001bb", "a\u202eb", "a\ud800b", "", "   "])
def test_text_that_is_too_long_or_not_for_reading_is_pointed_at(write: Write, text: str) -> None:
    assert_problem(write.send(raw=write.with_text(text)), 422, write.pointer)


@every_write
@pytest.mark.parametrize("raw", ["[]", "[{}]", '"text"', "7", "true"])
def test_a_body_that_is_no_object_is_refused(write: Write, raw: str) -> None:
    assert_problem(write.send(raw=raw), 422, "")


@every_write
def test_a_list_of_one_good_body_is_not_taken_for_the_body(write: Write) -> None:
    assert_problem(write.send(raw=json.dumps([write.sent.json])), 422, "")


@every_write
@pytest.mark.parametrize("raw", ["null", "", "{}"])
def test_a_body_that_says_nothing_is_told_what_is_missing(write: Write, raw: str, route: str) -> None:
    if route in DRAFTS and raw == "{}":
        raw = '{"surprise": 1}'  # such a draft may wait with everything
    reply = write.send(raw=raw)
    assert_problem(reply, 422)
    assert reply.body["errors"]


@every_write
@pytest.mark.parametrize("raw", ["{", "{'a': 1}", '{"a": NaN}', '{"a": ' + "9" * 5000 + "}", "[" * 100_000, "a=b"])
def test_what_is_no_json_is_told_so(write: Write, raw: str) -> None:
    reply = write.send(raw=raw)
    assert_problem(reply, 422, "")
    assert reply.body["detail"] == "the body is not JSON"


@every_write
@pytest.mark.parametrize("sent", ["application/xml", "text/plain", "application/x-www-form-urlencoded"])
def test_another_content_type_is_415(write: Write, sent: str) -> None:
    assert_problem(write.send(content_type=sent), 415)


@pytest.mark.parametrize("route", CHANGES)
@pytest.mark.parametrize("tag", ['"0"', '"99"', "*", 'W/"1"', "nonsense", "9" * 5000])
def test_a_version_that_does_not_stand_is_412(write: Write, tag: str) -> None:
    assert_problem(write.send(If_Match=tag), 412)


@pytest.mark.parametrize("route", CHANGES)
def test_a_change_that_names_no_version_is_428(write: Write) -> None:
    assert_problem(write._replace(sent=write.sent._replace(etag=None)).send(), 428)


@pytest.mark.parametrize("route", [route for route in ACTIONS if route in FOREIGN])
def test_an_action_of_another_state_is_409(write: Write, route: str) -> None:
    other, body = FOREIGN[route]
    place = write.sent.path.rpartition("/")[0]
    foreign = write._replace(sent=write.sent._replace(path=f"{place}/{other}", json=body))
    assert_problem(foreign.send(), 409)


@pytest.mark.parametrize("route", ACTIONS)
def test_an_action_that_nobody_knows_is_422(write: Write) -> None:
    place = write.sent.path.rpartition("/")[0]
    unknown = write._replace(sent=write.sent._replace(path=f"{place}/burn"))
    assert_problem(unknown.send(), 422, "/path/action")


@pytest.mark.parametrize(
    "route",
    [
        "POST /catalog/resources",
        "POST /catalog/checks",
        "POST /catalog/adjudications",
        "POST /catalog/figures",
        "POST /requests",
    ],
)
@pytest.mark.parametrize("key", ["short", "x" * 81, "a b c d e f", "泊泊泊泊泊泊泊泊"])
def test_a_key_that_is_no_key_is_pointed_at(write: Write, key: str) -> None:
    assert_problem(write.send(Idempotency_Key=key), 422, "/header/idempotency-key")


def claims(caller: str, **overrides: Any) -> dict[str, Any]:
    organisation, *roles = CALLERS[caller]
    said = {"iss": ISSUER, "aud": AUDIENCE, "sub": "o-1", "org": organisation, "roles": roles}
    return said | {"exp": int(time.time()) + 600} | overrides


def foreign(caller: str) -> str:
    key = OKPKey.generate_key("Ed25519", {"kid": "test-1"})
    return jwt.encode({"alg": "Ed25519", "kid": "test-1"}, claims(caller), key, algorithms=["Ed25519"])


def unsigned(caller: str) -> str:
    parts = (urlsafe_b64encode(json.dumps(part).encode()) for part in ({"alg": "none"}, claims(caller)))
    return ".".join([*(part.decode().rstrip("=") for part in parts), ""])


BAD_TOKENS: dict[str, Callable[[str], str]] = {
    "signed by another": foreign,
    "of another issuer": lambda caller: token(*CALLERS[caller], iss="https://other.test"),
    "expired": lambda caller: token(*CALLERS[caller], exp=int(time.time()) - 3600),
    "unsigned": unsigned,
    "no token": lambda _: "x.y.z",
}


@every_write
@pytest.mark.parametrize("kind", BAD_TOKENS)
def test_a_token_that_does_not_verify_is_401(write: Write, kind: str) -> None:
    reply = write.send(bearer=BAD_TOKENS[kind](write.caller))
    assert_problem(reply, 401)
    assert reply.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("route", ["POST /requests"])
def test_everything_wrong_with_a_draft_is_told_at_once(write: Write) -> None:
    wrong = terms(items=(ITEMS[0], "不存在"), area="999999", until="2026-01-01")
    raw = json.dumps(write.sent.json | {"terms": wrong, "duty": "no_such_duty"})
    found = ["/duty", "/terms/content/items/1", "/terms/scope/areas/0", "/terms/validity/valid_until"]
    assert_problem(write.send(raw=raw), 422, *found)


@every_write
def test_the_request_that_all_this_was_made_of_would_have_succeeded(route: str, writes: dict[str, Write]) -> None:
    assert writes[route].send().status in {200, 201}
