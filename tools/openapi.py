"""The suite's one OpenAPI 3.1 document, built from the services' apps and nothing else.

Each service's models keep their names behind the service's own (`requests.State`), so that two may use the same word.
"""

import importlib
import inspect
import json
import re
import sys
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

from aws_lambda_powertools.event_handler.api_gateway import Route
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from services.shared.http import PROBLEM, STATUS

SERVICES = ("audit", "catalog", "identity", "requests")
# What the anonymous caller may read; everything else wants a token.
PUBLIC = frozenset(
    {
        "/audit/checkpoint",
        "/audit/checkpoints",
        "/audit/checkpoints/{size}",
        "/audit/tile/{path}",
        "/audit/witnesses",
        "/catalog/catalogues",
        "/catalog/catalogues/{name}",
        "/catalog/chain/{kind}/{node_id}",
        "/catalog/changes",
        "/catalog/exports/{format}",
        "/catalog/collections",
        "/catalog/collections/{collection_id}",
        "/catalog/databases",
        "/catalog/databases/{database_id}",
        "/catalog/figures",
        "/catalog/figures/{figure_id}",
        "/catalog/imports/template",
        "/catalog/reports/{name}",
        "/catalog/resources",
        "/catalog/resources/{resource_id}",
        "/catalog/vocabulary",
        "/identity/organisations",
        "/identity/organisations/{code}",
        "/openapi.json",
    }
)
REFUSALS = {status: kind.__name__ for kind, status in STATUS.items()}
HEADER_NAMES = {"if-match": "If-Match", "idempotency-key": "Idempotency-Key"}
OF_POWERTOOLS = ("HTTPValidationError", "ValidationError", "ResponseValidationError")
OF_MODULES = r"services__\w+?__(\w+?)__"  # how two models of one name are told apart
TEXT = {"type": "string"}
PROBLEM_SCHEMA = {
    "type": "object",
    "description": "Why nothing was done (RFC 9457), with every problem at once.",
    "required": ["type", "title", "detail", "errors"],
    "properties": {
        "type": TEXT,
        "title": TEXT,
        "status": {"type": "integer"},
        "detail": TEXT,
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {"pointer": TEXT | {"description": "JSON Pointer into the body"}, "detail": TEXT},
            },
        },
    },
}
Json = dict[str, Any]


def pages() -> dict[Path, str]:
    """Return the document by its path from the repository's root, and the compact copy that the API serves."""
    whole = document()
    text = json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    carried = json.dumps(whole, ensure_ascii=False, separators=(",", ":"), sort_keys=True) + "\n"
    return {Path("docs/api/openapi.json"): text, Path("services/identity/openapi.json"): carried}


def document() -> Json:
    """Return the document of all services. Raises ValueError when two serve the same path."""
    paths: Json = {}
    schemas: Json = {"Problem": PROBLEM_SCHEMA}
    for service in SERVICES:
        part = service_document(service)
        if twice := paths.keys() & part["paths"].keys():
            raise ValueError(f"two services serve {sorted(twice)}")
        paths |= part["paths"]
        schemas |= part["components"]["schemas"]
    bearer = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "GovShare",
            "version": "0.1.0",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/v1"}],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": {"bearer": bearer}},
    }


def service_document(service: str) -> Json:
    """Return one service's paths and schemas, its schemas under names of their own."""
    module = importlib.import_module(f"services.{service}.api")
    schema = module.app.get_openapi_schema(title=service, version="0")
    raw: Json = schema.model_dump(mode="json", by_alias=True, exclude_none=True)
    schemas = raw.get("components", {}).get("schemas", {})
    for route in module.app._static_routes + module.app._dynamic_routes:
        operation = raw["paths"][route.openapi_path][route.method.lower()]
        _complete(operation, route, service)
        schemas |= _actions(operation, route)
    text = json.dumps({"paths": raw["paths"], "schemas": schemas})
    named: Json = json.loads(_prefixed(re.sub(OF_MODULES, r"\1.", text), service))
    kept = {f"{service}.{name}": body for name, body in named["schemas"].items() if name not in OF_POWERTOOLS}
    return {"paths": {_template(path): body for path, body in named["paths"].items()}, "components": {"schemas": kept}}


def _complete(operation: Json, route: Route, service: str) -> None:
    path, method, name = route.openapi_path, route.method.lower(), route.func.__name__
    said = (inspect.getdoc(route.func) or "").split("\n\n")
    area = "_".join((service, *_area(route)))
    operation |= {"operationId": f"{area}_{name}", "summary": " ".join(said[0].split()), "tags": [service]}
    operation["security"] = [{}, {"bearer": []}] if method == "get" and _template(path) in PUBLIC else [{"bearer": []}]
    for parameter in operation.get("parameters", []):
        parameter["name"] = HEADER_NAMES.get(parameter["name"], parameter["name"])
    if "{path}" in _template(path):
        place = {"name": "path", "in": "path", "required": True, "description": "may hold slashes", "schema": TEXT}
        operation.setdefault("parameters", []).append(place)
    operation["responses"] = _answers(operation, path) | {
        str(status): _refusal(REFUSALS[status]) for status in _statuses(operation, path, method)
    }


def _answers(operation: Json, path: str) -> Json:
    done = operation["responses"]["200"]
    media = done["content"]
    if media["application/json"]["schema"].get("type") == "string" and not path.endswith(".json"):
        media["text/plain"] = media.pop("application/json")
    if "{path}" in _template(path):
        return {"302": {"description": "The tile lies at Location"}, "default": _refusal("any other refusal")}
    if "/exports/" in path:
        ready = {"description": "The file lies at Location, for five minutes", "content": media}
        built = {"description": "Ask again at Location, after Retry-After seconds", "content": media}
        return {"202": built, "303": ready, "default": _refusal("any other refusal")}
    if path.endswith("/imports/template"):
        ready = {"description": "The empty table lies at Location, for five minutes", "content": media}
        return {"303": ready, "default": _refusal("any other refusal")}
    created = {"201": done} if _has(operation, "Idempotency-Key") else {}
    return {"200": done, **created, "default": _refusal("any other refusal")}


def _has(operation: Json, header: str) -> bool:
    return any(parameter["name"] == header for parameter in operation.get("parameters", []))


def _statuses(operation: Json, path: str, method: str) -> list[int]:
    changes = [409, 412, 428] if _has(operation, "If-Match") else []
    writes = [403, 415, 422] if method != "get" else []
    inputs = [422] if operation.get("parameters") else []
    missing = [404] if "{" in _template(path) else []
    return sorted({401, *changes, *writes, *inputs, *missing})


def _refusal(words: str) -> Json:
    return {"description": words, "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}}


def _actions(operation: Json, route: Route) -> Json:
    """Give an operation that takes an action the bodies of its actions; return the schemas that this adds."""
    bodies = _bodies(route)
    if not bodies or not route.openapi_path.endswith("/{action}"):
        return {}
    models = sorted(set(bodies.values()), key=lambda model: model.__name__)
    _, made = models_json_schema(
        [(model, "validation") for model in models], ref_template="#/components/schemas/{model}"
    )
    words = "; ".join(f"{action}: {model.__name__}" for action, model in bodies.items())
    choice = {"anyOf": [{"$ref": f"#/components/schemas/{model.__name__}"} for model in models]}
    operation["requestBody"] = {"description": words, "content": {"application/json": {"schema": choice}}}
    # Two areas may call different bodies by the same word.
    area = ".".join(_area(route))
    operation["requestBody"] = json.loads(_prefixed(json.dumps(operation["requestBody"]), area))
    definitions: Json = json.loads(_prefixed(json.dumps(made["$defs"]), area))
    return {f"{area}.{name}" if area else name: body for name, body in definitions.items()}


def _bodies(route: Route) -> Mapping[StrEnum, type[BaseModel]]:
    """Return the bodies that a route's actions take: `take_case_action` has CASE_BODIES, or `case`'s own BODIES."""
    module = sys.modules[route.func.__module__]
    part = route.func.__name__.removeprefix("take_").removesuffix("action").strip("_")
    own = getattr(module, f"{part.upper()}_BODIES", None) or getattr(getattr(module, part, None), "BODIES", None)
    return own or getattr(module, "BODIES", {})


def _area(route: Route) -> tuple[str, ...]:
    """Return the kind of thing that a route's module is for, where a service has several."""
    module = str(route.func.__module__).rpartition(".")[2]
    return (module.removesuffix("_api"),) if module.endswith("_api") else ()


def _prefixed(text: str, prefix: str) -> str:
    return re.sub(r'"#/components/schemas/(?!Problem")', f'"#/components/schemas/{prefix}.', text) if prefix else text


def _template(path: str) -> str:
    """Return a path as OpenAPI writes it: a route that takes any rest (`.+`) names it `{path}`."""
    return re.sub(r"\.\+$", "{path}", path)
