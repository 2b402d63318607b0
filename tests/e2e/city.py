"""The departments of a city at a deployed stack: their calls over HTTP, and an operator's clients."""

import json
import time
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import httpx
from localstack_client.session import Session

from infra.local import issuer
from infra.local.deploy import Deployment
from infra.local.places import Kind, place_at

WAIT_SECONDS = 60.0
T = TypeVar("T")


class City:
    """A deployed stack. `outputs` are both stacks' outputs by key."""

    def __init__(self, deployment: Deployment, home: Path) -> None:
        self.deployment, self.home = deployment, home
        self.outputs = deployment.outputs
        self.http = httpx.Client(base_url=deployment.api, timeout=180)
        self._clients: dict[str, Any] = {}

    @cached_property
    def kind(self) -> Kind:
        """Which emulator this is."""
        return place_at(self.deployment.endpoint).kind

    def close(self) -> None:
        """Hang up."""
        for client in (self.http, *self._clients.values()):
            client.close()

    @cached_property
    def _session(self) -> Session:
        host = self.deployment.endpoint.removeprefix("http://")
        return Session(aws_access_key_id="test", aws_secret_access_key="test", localstack_host=host)

    def aws(self, service: str) -> Any:
        """Return an operator's client of an AWS service."""
        if service not in self._clients:
            self._clients[service] = self._session.client(service, endpoint_url=self.deployment.endpoint)
        return self._clients[service]

    def token(self, organisation: str, *roles: str) -> str:
        """Return a token of the local issuer."""
        return issuer.mint(self.home, org=organisation, roles=roles or ("officer",), sub=f"o-{organisation}")

    def unit(self, organisation: str, *roles: str) -> "Unit":
        """Return an organisation that calls the API, officer and approver unless `roles` say otherwise."""
        return Unit(self, self.token(organisation, *(roles or ("officer", "approver"))))

    def resource(self, logical_id: str) -> str:
        """Return the physical name of a resource of the application's stack."""
        client = self.aws("cloudformation")
        found = client.describe_stack_resource(StackName=self.deployment.name, LogicalResourceId=logical_id)
        return str(found["StackResourceDetail"]["PhysicalResourceId"])


class Unit:
    """One organisation's calls."""

    def __init__(self, city: City, token: str | None) -> None:
        self._http = city.http
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def get(self, path: str) -> httpx.Response:
        """Read."""
        return self._http.get(path, headers=self._headers)

    def post(self, path: str, body: Any, **headers: str) -> httpx.Response:
        """Create, or send what `headers` go with."""
        return self._http.post(path, json=body, headers=self._headers | headers)

    def act(self, path: str, action: str, body: Mapping[str, Any] | None = None, *, etag: str = "") -> httpx.Response:
        """Take an action on the version that stands, or on `etag`'s."""
        seen = etag or self.get(path).headers["ETag"]
        return self.post(f"{path}/{action}", body or {}, **{"If-Match": seen})

    def does(self, path: str, action: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Take an action that must succeed; return the record after it."""
        answer = self.act(path, action, body)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


def eventually(check: Callable[[], T | None], seconds: float = WAIT_SECONDS) -> T:
    """Return the first true value of `check`, tried until `seconds` have passed."""
    end = time.monotonic() + seconds
    while not (value := check()) and time.monotonic() < end:
        time.sleep(0.3)
    assert value, f"not within {seconds} seconds"
    return value


def sample(count: int) -> list[dict[str, Any]]:
    """Return the first rows of the shipped catalogue."""
    path = Path(__file__).parents[2] / "data" / "beijing_catalogue.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()[:count]]
