"""The local deployer, on an emulator of its own: what templates say stands, again and again, and failures are plain."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from infra.local import emulator, issuer
from infra.local.deploy import Deployment, deploy
from infra.local.home import LocalStackError
from infra.local.places import place_at

DATA = """
Parameters:
  Environment: {Type: String}
  SigningKeyKind: {Type: String}
Resources:
  Cases:
    Type: AWS::DynamoDB::Table
    DeletionPolicy: Retain
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: pk, AttributeType: S}]
      KeySchema: [{AttributeName: pk, KeyType: HASH}]
      TimeToLiveSpecification: {AttributeName: expires_at, Enabled: true}
      PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true}
  Log:
    Type: AWS::S3::Bucket
    Properties:
      ObjectLockEnabled: true
      VersioningConfiguration: {Status: Enabled}
      ObjectLockConfiguration: {ObjectLockEnabled: Enabled, Rule: {DefaultRetention: {Mode: COMPLIANCE, Days: 1}}}
Outputs:
  Cases: {Value: !Ref Cases}
  Log: {Value: !Ref Log}
"""
APP = """
Transform: AWS::Serverless-2016-10-31
Parameters:
  Environment: {Type: String}
  DataStack: {Type: String}
  TokenIssuer: {Type: String}
  TokenAudience: {Type: String}
  LocalTokenJwksUrl: {Type: String}
  SigningKeyKind: {Type: String}
  Architecture: {Type: String}
Resources:
  Wheels:
    Type: AWS::Serverless::LayerVersion
    Properties: {ContentUri: infra/dependencies/, CompatibleRuntimes: [python3.13]}
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: v1
      GatewayResponses:
        MISSING_AUTHENTICATION_TOKEN:
          StatusCode: 404
          ResponseParameters: {Headers: {Content-Type: "'application/problem+json'"}}
          ResponseTemplates: {application/json: '{"title":"NotFound","status":404}'}
  IdentityApi:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: services/
      Handler: services.identity.api.handler
      Runtime: python3.13
      Timeout: 20
      Layers: [!Ref Wheels]
      Environment:
        Variables:
          TOKEN_ISSUER: !Ref TokenIssuer
          TOKEN_AUDIENCE: !Ref TokenAudience
          TOKEN_JWKS_URL: !Ref LocalTokenJwksUrl
      Events:
        Me: {Type: Api, Properties: {RestApiId: !Ref Api, Method: GET, Path: /identity/me}}
"""
BROKEN = (
    APP
    + """
  Orphan:
    Type: AWS::SQS::Queue
    Properties: {FifoQueue: true, QueueName: plain}
"""
)


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("emulator")
    yield emulator.start(emulator.free_port(), home).endpoint
    emulator.stop(home)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "infra").mkdir()
    (tmp_path / "infra" / "data.yaml").write_text(DATA)
    (tmp_path / "template.yaml").write_text(APP)
    return tmp_path


def deployed(endpoint: str, root: Path, name: str, told: list[str] | None = None) -> Deployment:
    heard = list[str]() if told is None else told
    return deploy(endpoint, name=name, home=root / "home", root=root, say=heard.append)


def test_what_was_deployed_answers_and_knows_the_local_issuer(endpoint: str, root: Path) -> None:
    api = deployed(endpoint, root, "one").api
    token = issuer.mint(root / "home", org="statistics_bureau", roles=["officer"], sub="o-1")

    known = httpx.get(f"{api}/identity/me", headers={"Authorization": f"Bearer {token}"}, timeout=30)
    stranger = httpx.get(f"{api}/identity/me", headers={"Authorization": f"Bearer {token[:-8]}AAAAAAAA"}, timeout=30)

    assert (known.status_code, stranger.status_code) == (200, 401)


def test_a_path_that_is_not_there_gets_the_templates_own_answer(endpoint: str, root: Path) -> None:
    answer = httpx.get(f"{deployed(endpoint, root, 'one').api}/nowhere", timeout=30)

    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


def test_settings_that_the_emulator_drops_from_templates_stand(endpoint: str, root: Path) -> None:
    outputs = deployed(endpoint, root, "one").outputs
    place = place_at(endpoint)

    expiry = place.dynamodb.describe_time_to_live(TableName=outputs["Cases"])
    backups = place.dynamodb.describe_continuous_backups(TableName=outputs["Cases"])["ContinuousBackupsDescription"]
    lock = place.s3.get_object_lock_configuration(Bucket=outputs["Log"])["ObjectLockConfiguration"]

    assert expiry["TimeToLiveDescription"] == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires_at"}
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    assert lock["Rule"]["DefaultRetention"] == {"Mode": "COMPLIANCE", "Days": 1}


def test_a_second_run_changes_nothing(endpoint: str, root: Path) -> None:
    first, told = deployed(endpoint, root, "two"), list[str]()

    assert deployed(endpoint, root, "two", told) == first
    assert told[:2] == ["stack two-data unchanged", "stack two unchanged"]


def test_a_new_route_is_there_after_the_next_run(endpoint: str, root: Path) -> None:
    deployed(endpoint, root, "three")
    (root / "template.yaml").write_text(APP.replace("Path: /identity/me}", "Path: /identity/organisations}"))

    api = deployed(endpoint, root, "three").api

    assert httpx.get(f"{api}/identity/organisations", timeout=30).status_code == 200
    assert httpx.get(f"{api}/identity/me", timeout=30).status_code == 404


def test_a_stack_that_fails_names_the_resource_and_the_next_run_mends_it(endpoint: str, root: Path) -> None:
    (root / "template.yaml").write_text(BROKEN)
    with pytest.raises(LocalStackError, match=r"stack four could not be created(?s:.*)Orphan: "):
        deployed(endpoint, root, "four")
    (root / "template.yaml").write_text(APP)
    told: list[str] = []

    deployed(endpoint, root, "four", told)

    assert "stack four created" in told


def test_code_is_readable_to_nobody_without_credentials(endpoint: str, root: Path) -> None:
    deployed(endpoint, root, "one")
    place = place_at(endpoint)
    code = next(key["Key"] for key in place.s3.list_objects_v2(Bucket="one-local")["Contents"] if ".zip" in key["Key"])

    assert httpx.get(f"{endpoint}/one-local/{code}", timeout=30).status_code == 403
    assert httpx.get(f"{endpoint}/one-local/{issuer.JWKS}", timeout=30).status_code == 200
