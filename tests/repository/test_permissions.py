"""Who may do what on AWS, whose tokens are taken, and what nobody can delete, as the templates have it."""

import re

import pytest

from tests.repository.templates import DATA, FUNCTIONS, SUITE, Json, of_type

HOLDS_DATA = {
    "AWS::DynamoDB::Table",
    "AWS::KMS::Key",
    "AWS::S3::Bucket",
    "AWS::SecretsManager::Secret",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
}
WITHOUT_RESOURCES = {"xray:PutTraceSegments", "xray:PutTelemetryRecords", "dynamodb:ListStreams"}  # AWS takes only "*"
ROLES = of_type(SUITE, "AWS::IAM::Role")


def statements(name: str) -> list[Json]:
    return [s for p in ROLES[name].get("Policies", []) for s in p["PolicyDocument"]["Statement"]]


def actions(statement: Json) -> set[str]:
    stated = statement["Action"]
    branches = stated["Fn::If"][1:] if isinstance(stated, dict) else [stated]
    return {action for branch in branches for action in ([branch] if isinstance(branch, str) else branch)}


def test_no_template_has_an_issuer_of_its_own_and_none_is_taken_without_tls() -> None:
    issuer, keys = SUITE["Parameters"]["TokenIssuer"], SUITE["Parameters"]["TokenJwksUrl"]

    assert "Default" not in issuer
    assert not re.match(issuer["AllowedPattern"], "http://id.example.org")
    assert not re.match(keys["AllowedPattern"], "http://id.example.org/keys")
    assert "TokenIssuer" not in DATA["Parameters"]


def test_keys_without_tls_are_refused_outside_a_local_stack() -> None:
    rule = SUITE["Rules"]["KeysComeOverTls"]

    assert rule["RuleCondition"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "Environment"}, "local"]}]}
    assert {"Fn::Equals": [{"Ref": "LocalTokenJwksUrl"}, ""]} in [each["Assert"] for each in rule["Assertions"]]
    assert "Default" not in SUITE["Parameters"]["Environment"]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_has_a_role_of_its_own(function: str) -> None:
    assert FUNCTIONS[function]["Role"] == {"Fn::GetAtt": [f"{function}Role", "Arn"]}


@pytest.mark.parametrize("role", ROLES)
def test_no_role_is_allowed_every_action_or_every_resource(role: str) -> None:
    for statement in statements(role):
        assert not [action for action in actions(statement) if "*" in action]
        assert statement["Resource"] != "*" or actions(statement) <= WITHOUT_RESOURCES


def test_what_all_functions_may_do_is_to_log_and_to_trace() -> None:
    (shared,) = of_type(SUITE, "AWS::IAM::ManagedPolicy").values()

    allowed = {action for statement in shared["PolicyDocument"]["Statement"] for action in actions(statement)}
    assert {action.partition(":")[0] for action in allowed} == {"logs", "xray"}


def test_the_signer_alone_signs_and_the_sequencer_alone_asks_it_to() -> None:
    may = {role: {a for s in statements(role) if s["Effect"] == "Allow" for a in actions(s)} for role in ROLES}

    assert [role for role in may if may[role] & {"kms:Sign", "secretsmanager:GetSecretValue"}] == ["AuditSignerRole"]
    assert [role for role in may if "lambda:InvokeFunction" in may[role]] == ["AuditSequencerRole"]


def test_nobody_may_delete_from_the_log() -> None:
    deletions = {"s3:DeleteObject", "s3:DeleteObjectVersion", "s3:BypassGovernanceRetention"}
    deleting = [s for role in ROLES for s in statements(role) if s["Effect"] == "Allow" and deletions & actions(s)]
    denied = DATA["Resources"]["LogBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    places = sorted((str(s["Resource"]), *sorted(actions(s))) for s in deleting)

    snapshots, *payloads = sorted(places, key=lambda place: "/payload/*" in place[0])
    assert "/search/*" in snapshots[0]  # of the search index, in the bucket of files
    assert "FilesBucket" in snapshots[0]
    assert snapshots[1:] == ("s3:DeleteObject", "s3:GetObject", "s3:PutObject")
    assert [actions for _, *actions in payloads] == [["s3:DeleteObject"], ["s3:DeleteObject"]]  # the two erasures
    assert all("/payload/*" in place and "PayloadBucket" in place for place, _ in payloads)
    assert "s3:DeleteObjectVersion" in next(s for s in denied if s.get("Sid") == "NothingIsDeleted")["Action"]


def test_what_holds_data_stays_when_its_stack_goes() -> None:
    held = [resource for resource in DATA["Resources"].values() if resource["Type"] in HOLDS_DATA]

    assert {resource["Type"] for resource in held} == HOLDS_DATA
    assert {(r.get("DeletionPolicy"), r.get("UpdateReplacePolicy")) for r in held} == {("Retain", "Retain")}


@pytest.mark.parametrize("role", ["AuditRecordsRole", "AuditArchivingRole", "AuditWitnessingRole", "AuditWatchRole"])
def test_who_does_not_file_cannot_write_what_the_log_rests_on(role: str) -> None:
    writes = {"dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:BatchWriteItem"}
    ours = {"SIGNED#*", "HEAD#*", "PEND#*", "EVT#*", "CASE#*"}
    allowed = [s for s in statements(role) if s["Effect"] == "Allow" and writes & actions(s)]
    denied = [s for s in statements(role) if s["Effect"] == "Deny" and writes & actions(s)]

    for statement in allowed:
        keys = statement.get("Condition", {}).get("ForAllValues:StringLike", {}).get("dynamodb:LeadingKeys", [])
        refused = [s for s in denied if writes & actions(statement) <= actions(s)]
        barred = {key for s in refused for key in s["Condition"]["ForAnyValue:StringLike"]["dynamodb:LeadingKeys"]}
        assert (keys and not ours & set(keys)) or barred >= ours
    stored = [s for s in statements(role) if s["Effect"] == "Allow" and "s3:PutObject" in actions(s)]
    assert not any("LogBucket" in str(s["Resource"]) and "/checkpoint" not in str(s["Resource"]) for s in stored)
