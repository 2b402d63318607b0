"""HTTP, once for all services: every refusal is a problem, nothing of the inside shows, a request is one log line."""

import json
import logging
from collections.abc import Iterator
from typing import Annotated, Any

import pytest
from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body
from pydantic import Field

from services.shared import http
from services.shared.errors import GovShareError, Problem
from services.shared.model import Model
from tests.standing import standing_stack
from tests.support import Context, Reply, call, rest_event, token

SECRET = "arn:aws:kms:eu-west-1:000000000000:key/a-secret-name"


class Wish(Model):
    """What the made-up service takes."""

    name: Annotated[str, Field(min_length=1, max_length=20)]
    count: Annotated[int, Field(ge=1)] = 1


class Who(Model):
    """What the made-up service says."""

    organisation: str
    count: int = 0


REFUSALS = {kind.__name__: kind for kind in http.STATUS}
app = http.make_app()
handler = http.lambda_handler(app)


@app.get("/who")
def who() -> Who:
    return Who(organisation=http.caller_of(app).organisation)


@app.get("/mine")
def mine() -> Who:
    return Who(organisation=http.officer_of(app).organisation)


@app.post("/wishes")
def wish(sent: Annotated[Wish, Body()], limit: http.Limit = 10, key: http.IdempotencyKey = None) -> Response[Who]:
    return http.answer(Who(organisation="x", count=sent.count), status=201, version=7, location="/wishes/1")


@app.put("/wishes")
def change(sent: Annotated[Wish, Body()], if_match: http.IfMatch = None) -> Response[Who]:
    http.check_version(7, if_match)
    return http.answer(Who(organisation="x"), version=8)


@app.get("/refusals/<kind>")
def refuse(kind: str) -> Who:
    raise REFUSALS[kind](f"no, {kind}", [Problem(pointer="/a~1b", detail="不行")])


@app.get("/broken")
def broken() -> Who:
    raise RuntimeError(f"the key {SECRET} is gone")


@pytest.fixture(scope="module", autouse=True)
def environment() -> Iterator[None]:
    """The functions' environment."""
    with standing_stack():
        yield


def send(method: str, path: str, **parts: Any) -> Reply:
    return call(handler, method, path, **parts)


def assert_is_problem(reply: Reply, status: int) -> None:
    assert reply.status == reply.body["status"] == status
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.body.keys() == {"type", "title", "status", "detail", "errors"}
    assert reply.body["detail"]


@pytest.mark.parametrize(("kind", "status"), http.STATUS.items())
def test_each_refusal_has_its_status_its_words_and_its_faults(kind: type[GovShareError], status: int) -> None:
    reply = send("GET", f"/refusals/{kind.__name__}")
    assert_is_problem(reply, status)
    assert reply.body["title"] == kind.__name__
    assert reply.body["detail"] == f"no, {kind.__name__}"
    assert reply.body["errors"] == [{"pointer": "/a~1b", "detail": "不行"}]


def test_every_refusal_of_the_house_has_a_status() -> None:
    assert set(GovShareError.__subclasses__()) == set(http.STATUS)


def test_only_a_missing_or_bad_token_is_told_how_to_come() -> None:
    asked = {name: "www-authenticate" in send("GET", f"/refusals/{name}").headers for name in REFUSALS}
    assert [name for name, told in asked.items() if told] == ["Unauthenticated"]


def test_an_address_where_nothing_is_is_404_and_so_is_a_method_nobody_takes() -> None:
    for method, path in (("GET", "/nowhere"), ("DELETE", "/who"), ("PATCH", "/wishes"), ("GET", "/who/else")):
        assert_is_problem(send(method, path), 404)


def test_an_address_longer_than_any_id_is_404() -> None:
    assert send("GET", "/refusals/" + "x" * 1001).body["detail"] == "there is nothing at this address"
    assert send("GET", "/refusals/" + "泊" * 334).body["detail"] == "there is nothing at this address"


def test_all_faults_of_a_body_and_a_query_are_told_at_once() -> None:
    reply = send(
        "POST", "/wishes?limit=0", json={"name": "", "count": "many", "a/b": 1}, headers={"Idempotency-Key": "x"}
    )
    assert_is_problem(reply, 422)
    assert reply.pointers == ["/a~1b", "/count", "/header/idempotency-key", "/name", "/query/limit"]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("{", "Expecting property name enclosed in double quotes at character 1"),
        ('{"name": NaN}', "NaN is not a number in JSON"),
        ('{"count": -Infinity}', "-Infinity is not a number in JSON"),
        ('{"count": ' + "9" * 5000 + "}", "a number has too many digits"),
        ("[" * 100_000, "nested too deeply"),
        ('{"name": ' + "[" * 5000 + "]" * 5000 + "}", "nested too deeply"),
        ('{"name": ' + "[" * 101 + "]" * 101 + "}", "nested too deeply"),
        ("{'name': 1}", "Expecting property name enclosed in double quotes at character 1"),
        ('{"name": "a"} {}', "Extra data at character 14"),
        ("\ufeff{}", "Unexpected UTF-8 BOM (decode using utf-8-sig) at character 0"),
    ],
)
def test_a_body_that_is_no_json_is_told_what_is_wrong_with_it(raw: str, said: str) -> None:
    reply = send("POST", "/wishes", raw=raw)
    assert_is_problem(reply, 422)
    assert (reply.body["detail"], reply.body["errors"]) == ("the body is not JSON", [{"pointer": "", "detail": said}])


@pytest.mark.parametrize("raw", [None, "", "null", "[]", '"text"', "7", "true"])
def test_a_body_that_is_no_object_is_told_to_be_one(raw: str | None) -> None:
    reply = send("POST", "/wishes", raw=raw)
    assert_is_problem(reply, 422)
    assert reply.body["errors"] == [{"pointer": "", "detail": "send a JSON object"}]


@pytest.mark.parametrize(
    "sent", ["application/xml", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "json"]
)
def test_a_body_in_another_format_is_415(sent: str) -> None:
    assert_is_problem(send("POST", "/wishes", raw='{"name": "a"}', headers={"Content-Type": sent}), 415)


@pytest.mark.parametrize("sent", ["application/json", "application/json; charset=utf-8", "application/json;v=1", ""])
def test_json_is_json_with_parameters_and_when_nobody_says_so(sent: str) -> None:
    assert send("POST", "/wishes", raw='{"name": "a"}', headers={"Content-Type": sent}).status == 201


def encoded(body: str) -> dict[str, Any]:
    event = rest_event("POST", "/wishes", {"content-type": "application/json"}, body) | {"isBase64Encoded": True}
    answer: dict[str, Any] = handler(event, Context())
    return answer


def test_a_body_that_the_gateway_encoded_is_read_and_a_broken_one_is_refused() -> None:
    assert encoded("eyJuYW1lIjoiYSJ9")["statusCode"] == 201
    for broken_body in ("!!!", "/w=="):
        assert json.loads(encoded(broken_body)["body"])["errors"][0]["detail"] == "not UTF-8 text"


def test_a_made_thing_has_a_place_and_a_version() -> None:
    reply = send("POST", "/wishes", json={"name": "a"})
    assert (reply.status, reply.headers["location"], reply.etag) == (201, "/wishes/1", '"7"')


@pytest.mark.parametrize(
    ("if_match", "status"),
    [
        ('"7"', 200),
        ("7", 200),
        ('"6"', 412),
        ('"8"', 412),
        ("*", 412),
        ('W/"7"', 412),
        ("", 412),
        ('"-7"', 412),
        ("٧", 412),
        ("7" * 5000, 412),
        (None, 428),
    ],
)
def test_a_change_names_the_version_it_was_made_from(if_match: str | None, status: int) -> None:
    headers = {} if if_match is None else {"If-Match": if_match}
    reply = send("PUT", "/wishes", json={"name": "a"}, headers=headers)
    assert reply.status == status


def test_a_caller_is_who_the_token_says_and_nobody_without_one() -> None:
    assert send("GET", "/who").body["organisation"] == ""
    assert send("GET", "/who", token=token("drc")).body["organisation"] == "drc"
    assert send("GET", "/mine", token=token("drc")).status == 200


def test_the_header_is_found_in_any_case() -> None:
    event = rest_event("GET", "/mine", {"AUTHORIZATION": f"Bearer {token('drc')}"}, None)
    assert handler(event, Context())["statusCode"] == 200


def test_the_next_caller_is_not_taken_for_the_last() -> None:
    assert send("GET", "/mine", token=token("drc")).status == 200
    assert send("GET", "/who").body["organisation"] == ""
    assert_is_problem(send("GET", "/mine"), 401)


def test_a_bad_token_is_refused_before_the_address_and_the_body_are_looked_at() -> None:
    for reply in (send("GET", "/nowhere", token="x.y.z"), send("POST", "/wishes", raw="{", token="x.y.z")):
        assert_is_problem(reply, 401)


def test_our_own_failure_is_500_and_shows_nothing_of_the_inside() -> None:
    reply = send("GET", "/broken", token=token("drc"))
    assert_is_problem(reply, 500)
    assert reply.body["errors"] == []
    assert not any(word in json.dumps(reply.body) for word in (SECRET, "Traceback", "RuntimeError", "broken", ".py"))


def test_our_own_failure_is_logged_with_its_trace(caplog: pytest.LogCaptureFixture) -> None:
    send("GET", "/broken")
    failure = next(line for line in caplog.records if line.levelno == logging.ERROR)
    assert failure.exc_info is not None
    assert SECRET in str(failure.exc_info[1])


def test_a_request_is_one_line_with_who_asked_what_and_how_it_went(caplog: pytest.LogCaptureFixture) -> None:
    for path in ("/who", "/nowhere", "/refusals/Conflict"):
        caplog.clear()
        reply = send("GET", path, token=token("drc"))
        [line] = [vars(line) for line in caplog.records if line.getMessage() == "request"]
        assert len(caplog.records) == 1
        assert (line["method"], line["path"], line["status"]) == ("GET", path, reply.status)
        assert (line["organisation"], line["officer"]) == ("drc", "o-drc")
        assert line["ms"] >= 0


def test_no_line_holds_the_token_or_what_was_sent(caplog: pytest.LogCaptureFixture) -> None:
    bearer = token("drc")
    send("POST", "/wishes", json={"name": "a-private-wish"}, token=bearer)
    assert not any(word in str(vars(line)) for line in caplog.records for word in (bearer, "a-private-wish"))


@pytest.mark.parametrize("path", ["/who", "/nowhere", "/broken", "/refusals/Conflict", "/mine"])
def test_every_answer_carries_the_requests_id(path: str) -> None:
    event = rest_event("GET", path, {}, None)
    assert handler(event, Context())["headers"]["X-Correlation-Id"] == event["requestContext"]["requestId"]


def test_chinese_stays_chinese_on_the_wire() -> None:
    answer = handler(rest_event("GET", "/refusals/Invalid", {}, None), Context())
    assert "不行" in answer["body"]
