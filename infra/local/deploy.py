"""Deploys both stacks to an emulator, each run changing only what differs.

Knows the two templates and their parameters; refuses anything that is not a local emulator.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from infra.local import issuer, package
from infra.local.gateway import settle_gateway
from infra.local.home import HOME, ROOT, LocalStackError, make_private
from infra.local.places import Kind, Place, architecture, place_at
from infra.local.settle import settle
from infra.local.stack import Stack
from infra.local.templates import API, Template, as_json, disposable, of_type, read, with_code

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

NAME = "govshare"
SIGNING_KEY = {Kind.MINISTACK: "kms", Kind.LOCALSTACK: "secret"}  # LocalStack's KMS has no Ed25519


@dataclass(frozen=True)
class Deployment:
    """Both stacks of one name, standing."""

    name: str
    endpoint: str
    api: str
    """The API's base address, without a slash at its end."""
    outputs: dict[str, str]
    """The outputs of both stacks."""


def deploy(
    endpoint: str,
    *,
    name: str = NAME,
    home: Path = HOME,
    root: Path = ROOT,
    say: Callable[[str], None] = lambda _: None,
) -> Deployment:
    """Bring `<name>-data` and `<name>` at `endpoint` to what `root`'s templates say, and settle what emulators drop.

    Raises LocalStackError, in words for the person at the keyboard, when the endpoint is not local or a stack fails.
    """
    place = place_at(endpoint)
    store = _bucket(place.s3, f"{name}-local")
    data = disposable(read(root / "infra" / "data.yaml"))
    app = disposable(read(root / "template.yaml"))
    jwks = issuer.publish(place, store, make_private(home))
    Stack(place, f"{name}-data").bring(_put(place, store, as_json(data), "json"), data_parameters(place), say)
    body = as_json(with_code(app, *_code(place, store, home)))
    Stack(place, name).bring(_put(place, store, body, "json"), parameters(place, name, jwks), say)
    _settle(place, {f"{name}-data": data, name: app}, say)
    return standing(place, name, app)


def data_parameters(place: Place) -> dict[str, str]:
    """Return what `infra/data.yaml` is deployed with on one machine."""
    return {"Environment": "local", "SigningKeyKind": SIGNING_KEY[place.kind]}


def parameters(place: Place, name: str, jwks_url: str) -> dict[str, str]:
    """Return what `template.yaml` is deployed with on one machine."""
    return {
        "Environment": "local",
        "DataStack": f"{name}-data",
        "TokenIssuer": issuer.ISSUER,
        "TokenAudience": issuer.AUDIENCE,
        "LocalTokenJwksUrl": jwks_url,
        "SigningKeyKind": SIGNING_KEY[place.kind],
        "Architecture": architecture(),
    }


def standing(place: Place, name: str, app: Template) -> Deployment:
    """Return the deployment that stands at `place` under `name`."""
    stack = Stack(place, name)
    apis = of_type(app, API)
    if len(apis) != 1:
        raise LocalStackError(f"template.yaml has {len(apis)} REST APIs; the local stack serves exactly one")
    (logical, properties), *_ = apis.items()
    address = f"{place.endpoint}/_aws/execute-api/{stack.resources()[logical]}/{properties['StageName']}"
    return Deployment(name, place.endpoint, address, Stack(place, f"{name}-data").outputs() | stack.outputs())


def remove(endpoint: str, *, name: str = NAME) -> None:
    """Delete both stacks of `name`; their bucket of code stays until the emulator stops."""
    place = place_at(endpoint)
    for stack in (name, f"{name}-data"):
        Stack(place, stack).delete()


def _code(place: Place, store: str, home: Path) -> tuple[dict[str, str], dict[str, str] | None]:
    """Return where the functions' code and their layer lie; MiniStack's own interpreter has the packages already."""
    code = _put(place, store, package.code(), "zip")
    if place.kind is Kind.MINISTACK:
        return _at(code, place, store), None
    layer = _put(place, store, package.layer(architecture(), home), "zip")
    return _at(code, place, store), _at(layer, place, store)


def _at(url: str, place: Place, store: str) -> dict[str, str]:
    return {"Bucket": store, "Key": url.removeprefix(f"{place.endpoint}/{store}/")}


def _put(place: Place, store: str, content: bytes | str, suffix: str) -> str:
    """Put content under its own hash; return its address."""
    body = content.encode() if isinstance(content, str) else content
    name = f"{package.fingerprint(body)}.{suffix}"
    place.s3.put_object(Bucket=store, Key=name, Body=body)
    return f"{place.endpoint}/{store}/{name}"


def _bucket(s3: "S3Client", name: str) -> str:
    if name not in {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}:
        s3.create_bucket(Bucket=name)
    return name


def _settle(place: Place, templates: dict[str, Template], say: Callable[[str], None]) -> None:
    written: list[str] = []
    for name, template in templates.items():
        resources = Stack(place, name).resources()
        written += settle(place, template, resources) + settle_gateway(place, template, resources)
    say(f"settings that emulators drop from templates: {len(written)} set, all of them stand")
