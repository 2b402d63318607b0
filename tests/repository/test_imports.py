"""The import contracts of pyproject.toml leave no service and no module out."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SERVICES = sorted(p.parent.name for p in (ROOT / "services").glob("*/__init__.py") if p.parent.name != "shared")
CONTRACTS: dict[str, dict[str, Any]] = {
    contract["name"]: contract
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
}
LAYERS = {c["containers"][0]: c for c in CONTRACTS.values() if c["type"] == "layers"}
# What may touch AWS or HTTP; every other module is a rule.
TOUCHING = {
    "services.audit.archiving",
    "services.audit.bulk",
    "services.audit.history",
    "services.audit.items",
    "services.audit.listing",
    "services.audit.objects",
    "services.audit.packaging",
    "services.audit.published",
    "services.audit.recover",
    "services.audit.sequence",
    "services.audit.signer",
    "services.audit.watch",
    "services.audit.witness_calls",
    "services.audit.witnessing",
    "services.catalog.counters",
    "services.catalog.listing",
    "services.shared.cases",
    "services.shared.doorbell",
    "services.shared.dynamo",
    "services.shared.http",
    "services.shared.observe",
    "services.shared.once",
    "services.shared.payloads",
    "services.shared.queue",
    "services.shared.relay",
}
EVERYWHERE = ("api", "listen", "store", "sweep", "work")


def modules(service: str) -> set[str]:
    """Return a service's modules and packages, one level deep."""
    found = [p for p in (ROOT / "services" / service).iterdir() if p.suffix == ".py" or (p / "__init__.py").exists()]
    return {f"services.{service}.{p.stem}" for p in found if p.stem != "__init__"}


def test_the_services_are_independent_and_unknown_to_what_they_share() -> None:
    named = [f"services.{service}" for service in SERVICES]

    assert CONTRACTS["Services never import each other"]["modules"] == named
    assert CONTRACTS["What is shared knows no service"]["forbidden_modules"] == named


@pytest.mark.parametrize("service", SERVICES)
def test_every_module_of_a_service_has_its_layer(service: str) -> None:
    contract = LAYERS[f"services.{service}"]
    named = {name.strip("() ") for layer in contract["layers"] for name in layer.replace("|", ":").split(":")}

    assert contract["exhaustive"] is True
    assert {f"services.{service}.{name}" for name in named} >= modules(service)


def test_every_module_that_does_not_touch_the_outside_is_held_to_be_pure() -> None:
    pure = set(CONTRACTS["Rules touch neither AWS nor HTTP"]["source_modules"])
    every = {module for service in [*SERVICES, "shared"] for module in modules(service)}

    assert pure == {module for module in every - TOUCHING if not module.rpartition(".")[2].endswith(EVERYWHERE)}


def test_the_verifier_is_kept_from_everything_else_of_ours() -> None:
    forbidden = set(CONTRACTS["The offline verifier needs nothing of ours"]["forbidden_modules"])
    others = {f"services.{service}" for service in [*SERVICES, "shared"]} - {"services.audit"}

    assert forbidden >= (modules("audit") - {"services.audit.verify"}) | others
