"""Identity over HTTP: the directory is public, `me` wants a token, and bad input is told as problems."""

import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from json import dumps
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from services.identity.api import handler
from tests.stack import Calls
from tests.support import AUDIENCE, ISSUER, Reply, call, token


@pytest.fixture(autouse=True)
def stack(data_stack: dict[str, str]) -> None:
    """Every test here wants the functions' environment."""


def get(path: str, **kwargs: Any) -> Reply:
    return call(handler, "GET", path, **kwargs)


def part(value: Mapping[str, Any]) -> str:
    return urlsafe_b64encode(dumps(value).encode()).decode().rstrip("=")


def test_anybody_lists_organisations_page_by_page() -> None:
    first = get("/identity/organisations?limit=3")
    second = get(f"/identity/organisations?limit=3&next={first.body['next']}")
    assert first.status == second.status == 200
    assert len({item["code"] for item in first.body["items"] + second.body["items"]}) == 6


def test_a_district_is_found_by_name_within_its_tier() -> None:
    codes = [item["code"] for item in get("/identity/organisations?q=石景山&tier=district").body["items"]]
    assert "110107" in codes


def test_an_organisation_shows_todays_name_and_all_names() -> None:
    reply = get("/identity/organisations/informatization_office")
    assert reply.status == 200
    assert reply.body["name"] == reply.body["names"][-1]["zh"]


def test_a_code_that_nobody_has_is_404() -> None:
    assert get("/identity/organisations/nobody").status == 404


def test_me_is_what_the_token_says() -> None:
    reply = get("/identity/me", token=token("drc", "officer", "approver", sub="o-7"))
    assert (reply.status, reply.body["officer"], reply.body["roles"]) == (200, "o-7", ["approver", "officer"])
    assert reply.body["organisation"]["code"] == "drc"


def test_me_without_a_token_is_401_and_says_how_to_come() -> None:
    reply = get("/identity/me")
    assert (reply.status, reply.headers["www-authenticate"]) == (401, "Bearer")


@pytest.mark.parametrize(
    "overrides",
    [
        {"iss": "https://other.test"},
        {"aud": "other"},
        {"exp": int(time.time()) - 3600},
        {"exp": None},
        {"sub": None},
        {"org": "nobody"},
        {"roles": "officer"},
    ],
)
def test_a_token_with_a_wrong_claim_is_401(overrides: Mapping[str, Any]) -> None:
    reply = get("/identity/me", token=token("drc", **overrides))
    assert (reply.status, reply.headers["content-type"]) == (401, "application/problem+json")


def test_a_token_signed_with_another_key_or_none_is_401() -> None:
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "o", "org": "drc", "roles": [], "exp": int(time.time()) + 60}
    other = OKPKey.generate_key("Ed25519", {"kid": "test-1"})
    foreign = jwt.encode({"alg": "Ed25519", "kid": "test-1"}, claims, other, algorithms=["Ed25519"])
    shared = OctKey.import_key("a secret that both sides would know", {"kid": "test-1"})
    symmetric = jwt.encode({"alg": "HS256", "kid": "test-1"}, claims, shared)
    unsigned = ".".join([part({"alg": "none", "kid": "test-1"}), part(claims), ""])
    assert [get("/identity/me", token=bad).status for bad in (foreign, symmetric, unsigned, "x.y.z")] == [401] * 4


def test_a_bad_token_is_never_anonymous() -> None:
    assert get("/identity/organisations", token="x.y.z").status == 401


@pytest.mark.parametrize(
    ("query", "pointer"),
    [("limit=0", "/query/limit"), ("limit=101", "/query/limit"), ("tier=village", "/query/tier")],
)
def test_a_query_that_is_not_valid_is_422_and_points_at_it(query: str, pointer: str) -> None:
    reply = get(f"/identity/organisations?{query}")
    assert (reply.status, reply.pointers) == (422, [pointer])


def test_an_address_that_is_not_there_is_a_problem() -> None:
    assert get("/identity/nothing").headers["content-type"] == "application/problem+json"


def test_the_directory_needs_no_call_to_aws(aws_calls: Calls) -> None:
    get("/identity/organisations")
    get("/identity/me", token=token("drc"))
    assert aws_calls.names == []
