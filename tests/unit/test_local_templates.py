"""Templates are read as CloudFormation reads them, and adapted to an emulator without touching the original."""

from pathlib import Path

import pytest

from infra.local.home import LocalStackError
from infra.local.templates import Template, disposable, literal, of_type, read, with_code

TEMPLATE = """
Globals:
  Function:
    Layers: [!Ref Wheels]
Resources:
  Wheels:
    Type: AWS::Serverless::LayerVersion
    Properties: {ContentUri: infra/dependencies/}
  Relay:
    Type: AWS::Serverless::Function
    DeletionPolicy: Retain
    Properties:
      CodeUri: services/
      Role: !GetAtt Role.Arn.Part
      Policies: [{Version: 2012-10-17, Resource: !Sub ["${a}/*", {a: !ImportValue x}]}]
      Enabled: !If [Shared, !Not [!Condition Kms], false]
"""
CODE = {"Bucket": "code", "Key": "a.zip"}
LAYER = {"Bucket": "code", "Key": "b.zip"}


@pytest.fixture
def template(tmp_path: Path) -> Template:
    path = tmp_path / "template.yaml"
    path.write_text(TEMPLATE)
    return read(path)


def test_short_tags_become_the_long_form_at_any_depth(template: Template) -> None:
    relay = of_type(template, "AWS::Serverless::Function")["Relay"]

    assert relay["Role"] == {"Fn::GetAtt": ["Role", "Arn.Part"]}
    assert relay["Policies"][0]["Resource"] == {"Fn::Sub": ["${a}/*", {"a": {"Fn::ImportValue": "x"}}]}
    assert relay["Enabled"] == {"Fn::If": ["Shared", {"Fn::Not": [{"Condition": "Kms"}]}, False]}


def test_a_policys_version_stays_text(template: Template) -> None:
    assert of_type(template, "AWS::Serverless::Function")["Relay"]["Policies"][0]["Version"] == "2012-10-17"


def test_functions_take_their_code_and_layer_from_s3(template: Template) -> None:
    local = with_code(template, CODE, LAYER)

    assert local["Resources"]["Relay"]["Properties"]["CodeUri"] == CODE
    assert local["Resources"]["Wheels"]["Properties"]["ContentUri"] == LAYER
    assert template["Resources"]["Relay"]["Properties"]["CodeUri"] == "services/"


def test_without_a_layer_nothing_names_one(template: Template) -> None:
    local = with_code(template, CODE, None)

    assert "Wheels" not in local["Resources"]
    assert "Wheels" not in str(local)


def test_a_local_stack_goes_with_everything_in_it(template: Template) -> None:
    assert "DeletionPolicy" not in disposable(template)["Resources"]["Relay"]


def test_a_computed_value_cannot_be_set_by_api() -> None:
    with pytest.raises(LocalStackError, match=r"Table\.Ttl must be written out"):
        literal({"Enabled": {"Fn::If": ["Shared", True, False]}}, "Table.Ttl")


def test_a_missing_template_is_named(tmp_path: Path) -> None:
    with pytest.raises(LocalStackError, match=r"template\.yaml cannot be read"):
        read(tmp_path / "template.yaml")
