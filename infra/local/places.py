"""The emulator that a stack is deployed to: what it is, and clients for it. Never real AWS.

Knows addresses and credentials of emulators; knows nothing of templates.
"""

import ipaddress
import platform
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import boto3
import httpx
from botocore.config import Config

from infra.local.home import LocalStackError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

REGION = "us-east-1"
ARCHITECTURES = {"x86_64": "x86_64", "AMD64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
LOCAL_NAMES = ("localhost", "localstack", "localhost.localstack.cloud")


class Kind(StrEnum):
    """The emulators that are known."""

    MINISTACK = "ministack"
    LOCALSTACK = "localstack"


@dataclass(frozen=True)
class Place:
    """An emulator at an address, and the clients that talk to it."""

    endpoint: str
    kind: Kind

    @cached_property
    def cloudformation(self) -> "CloudFormationClient":
        """CloudFormation's client."""
        return boto3.client("cloudformation", **self._how())

    @cached_property
    def dynamodb(self) -> "DynamoDBClient":
        """DynamoDB's client."""
        return boto3.client("dynamodb", **self._how())

    @cached_property
    def s3(self) -> "S3Client":
        """S3's client."""
        return boto3.client("s3", **self._how())

    @cached_property
    def sqs(self) -> "SQSClient":
        """SQS's client."""
        return boto3.client("sqs", **self._how())

    @cached_property
    def apigateway(self) -> Any:
        """API Gateway's client; no types for it are installed."""
        return boto3.session.Session().client("apigateway", **self._how())

    def _how(self) -> dict[str, Any]:
        return {
            "endpoint_url": self.endpoint,
            "region_name": REGION,
            "aws_access_key_id": "test",
            "aws_secret_access_key": "test",
            # no proxy on the way to loopback; the signature that presigned addresses are enforced with
            "config": Config(signature_version="v4", s3={"addressing_style": "path"}, proxies={}),
        }


def place_at(endpoint: str) -> Place:
    """Return the emulator at `endpoint`. Raises LocalStackError when it is not local, or does not answer."""
    refuse_real_aws(endpoint)
    try:
        answer = httpx.get(f"{endpoint}/_ministack/health", timeout=10, trust_env=False)
    except httpx.HTTPError as error:
        raise LocalStackError(f"nothing answers at {endpoint}: {error}") from error
    return Place(endpoint.rstrip("/"), Kind.MINISTACK if answer.is_success else Kind.LOCALSTACK)


def refuse_real_aws(endpoint: str) -> None:
    """Raise LocalStackError unless `endpoint` is plain http to loopback or to a name that only LocalStack has."""
    parts = urlsplit(endpoint)
    if parts.scheme not in ("http", "https") or not _is_local(parts.hostname or ""):
        raise LocalStackError(f"{endpoint or 'an empty address'} is no local emulator: nothing was sent to it")


def architecture() -> str:
    """Return this machine's processor as Lambda names it."""
    return ARCHITECTURES[platform.machine()]


def _is_local(host: str) -> bool:
    if host in LOCAL_NAMES or host.endswith(".localhost.localstack.cloud"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
