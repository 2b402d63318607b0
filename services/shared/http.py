"""HTTP, once for all services: verified callers, validated input, problem+json for every refusal, one log line.

The only module that knows statuses. A service's `api.py` makes its app here and exports `lambda_handler(app)`.
"""

import json
import os
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Annotated, Any, TypeVar

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestUnsupportedContentType, RequestValidationError
from aws_lambda_powertools.event_handler.openapi.params import Header, Query
from aws_lambda_powertools.event_handler.router import APIGatewayRouter
from pydantic import BaseModel, ValidationError

from services.shared import errors
from services.shared.callers import ANONYMOUS, Caller
from services.shared.errors import GovShareError
from services.shared.inputs import check_request, problems_of
from services.shared.observe import count, logger, traced

PROBLEM = "application/problem+json"
STATUS: dict[type[GovShareError], int] = {
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.Gone: 410,
    errors.Stale: 412,
    errors.UnsupportedMedia: 415,
    errors.Invalid: 422,
    errors.PreconditionRequired: 428,
    errors.TooMany: 429,
    errors.Unavailable: 503,
}
MOST_DIGITS = 10  # of a version
Answer = dict[str, Any]
T = TypeVar("T", bound=BaseModel)

IfMatch = Annotated[
    str | None, Header(alias="If-Match", description="The ETag of the version this change is made from")
]
IdempotencyKey = Annotated[
    str | None,
    Header(alias="Idempotency-Key", min_length=8, max_length=80, pattern=r"^[A-Za-z0-9_\-]+$"),
]
Limit = Annotated[int, Query(ge=1, le=100)]
Next = Annotated[str | None, Query(max_length=2000)]


def make_app() -> APIGatewayRestResolver:
    """Return a resolver that validates input and answers every refusal as problem+json (RFC 9457)."""
    app = APIGatewayRestResolver(
        enable_validation=True, serializer=partial(json.dumps, ensure_ascii=False, separators=(",", ":"))
    )

    app.exception_handler(GovShareError)(problem)
    app.exception_handler(RequestValidationError)(_invalid)
    app.exception_handler(RequestUnsupportedContentType)(_unsupported)
    app.exception_handler(NotFoundError)(_not_found)
    return app


def make_router() -> APIGatewayRouter:
    """Return a set of routes that an app takes in."""
    return APIGatewayRouter()  # type: ignore[no-untyped-call]  # Powertools does not type it


def lambda_handler(app: APIGatewayRestResolver) -> Callable[[Answer, Any], Answer]:
    """Return the function's entry point: who calls, what they get, one log line; never a trace."""

    def handle(event: Answer, context: Any) -> Answer:
        started = time.perf_counter()
        request_id = event["requestContext"]["requestId"]
        logger.set_correlation_id(request_id)
        answer, caller = _answer(app, event, context)
        answer.setdefault("headers", {})["X-Correlation-Id"] = request_id
        logger.info("request", extra=_line(event, answer, caller, started))
        return answer

    return traced(handle)


def caller_of(app: APIGatewayRestResolver | APIGatewayRouter) -> Caller:
    """Return the verified caller of the request being answered, by the app or by a router that is part of it."""
    caller: Caller = app.context["caller"]
    return caller


def officer_of(app: APIGatewayRestResolver | APIGatewayRouter) -> Caller:
    """Return the verified caller. Raises Unauthenticated for the anonymous one."""
    caller = caller_of(app)
    if caller.anonymous:
        raise errors.Unauthenticated("this needs a token")
    return caller


def expected_version(if_match: str | None) -> int:
    """Return the version an If-Match names. Raises PreconditionRequired when missing, Stale when it is no ETag."""
    if if_match is None:
        raise errors.PreconditionRequired("name the version you read in If-Match")
    tag = if_match.strip().strip('"')
    if not (tag.isascii() and tag.isdigit() and len(tag) <= MOST_DIGITS):
        raise errors.Stale("If-Match is not an ETag of this record")
    return int(tag)


def check_version(current: int, if_match: str | None) -> None:
    """Raise Stale unless If-Match names `current`, PreconditionRequired when it is missing."""
    if expected_version(if_match) != current:
        raise errors.Stale(f"this is at version {current}; read it again")


def answer(body: T, *, status: int = 200, version: int | None = None, location: str | None = None) -> Response[T]:
    """Return a JSON answer; `version` becomes the ETag."""
    headers: dict[str, str | list[str]] = {"ETag": f'"{version}"'} if version is not None else {}
    if location is not None:
        headers["Location"] = location
    return Response(status_code=status, content_type="application/json", body=body, headers=headers)


def body_of(model: type[T], sent: object) -> T:
    """Return what was sent as an action's own input. Raises Invalid with every fault at once."""
    try:
        return model.model_validate({} if sent is None else sent)
    except ValidationError as error:
        raise errors.Invalid("the request is not valid", problems_of(error.errors())) from error


def problem(error: GovShareError) -> Response[str]:
    """Return a refusal as problem+json."""
    status = STATUS[type(error)]
    body = {"type": f"urn:govshare:problem:{type(error).__name__}", "title": type(error).__name__, "status": status}
    body |= {"detail": error.detail, "errors": [fault.model_dump() for fault in error.problems]}
    headers: dict[str, str | list[str]] = (
        {"WWW-Authenticate": "Bearer"} if status == STATUS[errors.Unauthenticated] else {}
    )
    text = json.dumps(body, ensure_ascii=False)
    return Response(status_code=status, content_type=PROBLEM, body=text, headers=headers)


def _invalid(error: RequestValidationError) -> Response[str]:
    return problem(errors.Invalid("the request is not valid", problems_of(error.errors())))


def _unsupported(_: RequestUnsupportedContentType) -> Response[str]:
    return problem(errors.UnsupportedMedia("send application/json"))


def _not_found(_: NotFoundError) -> Response[str]:
    return problem(errors.NotFound("there is nothing at this address"))


def _answer(app: APIGatewayRestResolver, event: Answer, context: Any) -> tuple[Answer, Caller | None]:
    caller = None
    try:
        headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
        caller = _verified(headers)
        check_request(event, headers.get("content-type"))
        app.context["caller"] = caller
        return app.resolve(event, context), caller
    except GovShareError as error:
        return _plain(problem(error)), caller
    except RecursionError:
        return _plain(problem(errors.Invalid("the body is nested too deeply"))), caller
    except Exception:  # noqa: BLE001 - the platform sees it in the log and its alarm, the caller must not
        count("Failures", 1)
        logger.exception("failed")
        return _plain(_failure()), caller
    finally:
        app.context.clear()


def _verified(headers: Mapping[str, str]) -> Caller:
    if "authorization" not in headers:
        return ANONYMOUS
    # Loading it takes a fifth of a cold start, and what is public is read without.
    from services.shared.tokens import verifier  # noqa: PLC0415

    issuer, audience = os.environ["TOKEN_ISSUER"], os.environ["TOKEN_AUDIENCE"]
    return verifier(issuer, audience, os.environ["TOKEN_JWKS_URL"]).caller(headers["authorization"])


def _failure() -> Response[str]:
    body = {"type": "about:blank", "title": "InternalError", "status": 500, "errors": []}
    detail = {"detail": "we failed, not you; quote the correlation id when you ask"}
    return Response(status_code=500, content_type=PROBLEM, body=json.dumps(body | detail))


def _plain(response: Response[str]) -> Answer:
    headers = {"Content-Type": response.content_type} | dict(response.headers)
    return {"statusCode": response.status_code, "headers": headers, "body": response.body, "isBase64Encoded": False}


def _line(event: Answer, answer: Answer, caller: Caller | None, started: float) -> dict[str, object]:
    return {
        "method": event["httpMethod"],
        "route": event.get("resource"),
        "path": event["path"],
        "status": answer["statusCode"],
        "organisation": caller.organisation if caller else None,
        "officer": caller.officer if caller else None,
        "ms": round((time.perf_counter() - started) * 1000, 1),
    }
