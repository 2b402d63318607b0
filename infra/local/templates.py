"""CloudFormation templates as values: read with their short tags in the long form, and adapted to an emulator.

Knows the language of templates; knows no emulator's address and none of our resources by name.
"""

import copy
import json
from pathlib import Path
from typing import Any

import yaml

from infra.local.home import LocalStackError

Template = dict[str, Any]

FUNCTION, LAYER, API = "AWS::Serverless::Function", "AWS::Serverless::LayerVersion", "AWS::Serverless::Api"
PLAIN_TAGS = ("Ref", "Condition")


class _Loader(yaml.SafeLoader):
    """YAML as CloudFormation reads it: dates stay text, `!Tag` is the long form's `Fn::Tag`."""


def _long_form(loader: yaml.SafeLoader, tag: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)  # type: ignore[arg-type]  # the third and last kind of node
    if tag == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {tag if tag in PLAIN_TAGS else f"Fn::{tag}": value}


_Loader.add_multi_constructor("!", _long_form)
_Loader.add_constructor("tag:yaml.org,2002:timestamp", lambda _, node: node.value)


def read(path: Path) -> Template:
    """Return the template in `path`. Raises LocalStackError when it is missing or is not YAML."""
    try:
        template: Template = yaml.load(path.read_text(), Loader=_Loader)  # noqa: S506 - a SafeLoader
    except (FileNotFoundError, yaml.YAMLError) as error:
        raise LocalStackError(f"{path.name} cannot be read: {error}") from error
    return template


def as_json(template: Template) -> str:
    """Return the template as the text that CloudFormation takes: the same text for the same template."""
    return json.dumps(template, ensure_ascii=False, separators=(",", ":"))


def of_type(template: Template, kind: str) -> dict[str, dict[str, Any]]:
    """Return the properties of each resource of this type, by logical id."""
    resources = template["Resources"].items()
    return {name: found.get("Properties", {}) for name, found in resources if found["Type"] == kind}


def literal(value: Any, where: str) -> Any:
    """Return `value`; raise LocalStackError when it is computed, since a setting by API needs it as it is."""
    if isinstance(value, dict) and any(key == "Ref" or key.startswith("Fn::") for key in value):
        raise LocalStackError(f"{where} must be written out: emulators drop it, and it is set from the template")
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        literal(inner, where)
    return value


def disposable(template: Template) -> Template:
    """Return the template with every resource deleted together with its stack."""
    local = copy.deepcopy(template)
    for resource in local["Resources"].values():
        for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
            resource.pop(policy, None)
    return local


def with_code(template: Template, code: dict[str, str], layer: dict[str, str] | None) -> Template:
    """Return the template whose functions take their code from S3 and their layer too, or have no layer at all."""
    local = copy.deepcopy(template)
    for properties in of_type(local, FUNCTION).values():
        properties["CodeUri"] = code
    for name, properties in of_type(local, LAYER).items():
        properties["ContentUri"] = layer
        if layer is None:
            del local["Resources"][name]
    if layer is None:
        for properties in (local.get("Globals", {}).get("Function", {}), *of_type(local, FUNCTION).values()):
            properties.pop("Layers", None)
    return local
