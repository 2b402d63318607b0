"""What tests of all routes share: the routes that the code has, and who calls them."""

import json
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from services.shared.dynamo import dynamodb, plain
from tests.sharing import PROVIDER, REQUESTER, STRANGER
from tests.support import Handler, Reply, call, token

SERVICES = Path(__file__).parents[1] / "services"
OF_REQUESTS = frozenset({"agreements", "demands", "objections", "onward-permissions"})  # beside its own address
CALLERS: dict[str, tuple[str, ...]] = {
    "anonymous": (),
    "asking": (REQUESTER, "officer"),
    "asking_approver": (REQUESTER, "approver"),
    "giving": (PROVIDER, "officer"),
    "giving_approver": (PROVIDER, "approver"),
    "stranger": (STRANGER, "officer", "approver"),
    "office": ("informatization_office", "officer", "approver"),
    "auditor": ("supervision_bureau", "auditor"),
    "secrecy": ("secrecy_bureau", "officer", "approver"),
    "statistics": ("statistics_bureau", "officer", "approver"),
    "archives": ("archives_bureau", "officer", "approver"),
}


class Sent(NamedTuple):
    """One request: `json` None sends no body."""

    method: str
    path: str
    json: Any = None
    etag: str | None = None

    def by(self, caller: str) -> Reply:
        """Send it as one of CALLERS."""
        named = CALLERS[caller]
        headers = {"If-Match": self.etag} if self.etag else {}
        bearer = token(*named) if named else None
        return call(handler_of(self.path), self.method, self.path, token=bearer, json=self.json, headers=headers)


class Write(NamedTuple):
    """A request that would succeed: by whom, and where in its body a free text lies."""

    sent: Sent
    caller: str
    text: tuple[str | int, ...]

    def send(self, *, raw: str | None = None, bearer: str | None = None, **headers: str) -> Reply:
        """Send it with another body, token or header; a header's name has `_` for `-`."""
        named = {"If-Match": self.sent.etag} if self.sent.etag else {}
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        body = raw if raw is not None else json.dumps(self.sent.json)
        shown = bearer or token(*CALLERS[self.caller])
        return call(handler_of(self.sent.path), self.sent.method, self.sent.path, token=shown, raw=body, headers=named)

    def with_text(self, value: Any) -> str:
        """Return the body with another value where the text lies."""
        body = json.loads(json.dumps(self.sent.json))
        inner = body
        for step in self.text[:-1]:
            inner = inner[step]
        inner[self.text[-1]] = value
        return json.dumps(body)

    @property
    def pointer(self) -> str:
        """Where the text lies, as a problem points at it."""
        return "".join(f"/{step}" for step in self.text)


def handler_of(path: str) -> Handler:
    """Return the entry point of the service that an address belongs to; the suite's own document is identity's."""
    room = path.split("/")[1].split("?", maxsplit=1)[0]
    room = "requests" if room in OF_REQUESTS else room
    service = room if (SERVICES / room / "api.py").exists() else "identity"
    handler: Handler = import_module(f"services.{service}.api").handler
    return handler


def routes() -> set[str]:
    """Return every route of every service, as `METHOD /path/{name}`."""
    apps = [import_module(f"services.{place.parent.name}.api").app for place in SERVICES.glob("*/api.py")]
    return {
        f"{route.method} {route.openapi_path}" for app in apps for route in app._static_routes + app._dynamic_routes
    }


def cells(table: str) -> Iterator[tuple[str, str, int]]:
    """Yield route, caller and status for each cell of a table whose first row names the callers."""
    head, *rows = table.strip("\n").splitlines()
    for row in rows:
        method, path, *statuses = row.split()
        for caller, status in zip(head.split(), statuses, strict=True):
            yield f"{method} {path}", caller, int(status)


def check_cell(area: ModuleType, route: str, caller: str, status: int, made: dict[str, Sent]) -> None:
    """Assert what a caller is answered at a route of an area; what is only read or refused is `made` once."""
    changes = status < 300 and not route.startswith("GET")
    sent = area.request_for(route) if changes else made.setdefault(route, made.get(route) or area.request_for(route))
    reply = sent.by(caller)
    assert reply.status == status, reply.body
    if status >= 400:
        assert reply.headers["content-type"] == "application/problem+json"


def items_of(table: str, case: str) -> list[dict[str, Any]]:
    """Return all of a case's items, in order."""
    answer = dynamodb().query(
        TableName=table,
        KeyConditionExpression="pk = :case",
        ExpressionAttributeValues={":case": {"S": case}},
        ConsistentRead=True,
    )
    return [plain(item) for item in answer["Items"]]
