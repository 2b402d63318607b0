"""The local deployer talks to emulators only: whatever else it is pointed at is refused before anything is sent."""

import pytest

from infra.local.emulator import free_port
from infra.local.home import LocalStackError
from infra.local.places import place_at, refuse_real_aws


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://127.0.0.1:4566",
        "http://127.8.9.10:1",
        "http://localhost:4566",
        "http://[::1]:4566",
        "http://localstack:4566",
        "https://localhost.localstack.cloud:4566",
        "http://s3.localhost.localstack.cloud:4566",
    ],
)
def test_loopback_and_localstacks_own_names_are_local(endpoint: str) -> None:
    refuse_real_aws(endpoint)


@pytest.mark.parametrize(
    "endpoint",
    [
        "",
        "https://dynamodb.us-east-1.amazonaws.com",
        "https://sts.cn-north-1.amazonaws.com.cn",
        "http://10.0.0.7:4566",
        "http://0.0.0.0:4566",
        "http://127.0.0.1.nip.io:4566",
        "http://localhost.example.org",
        "http://127.0.0.1@dynamodb.us-east-1.amazonaws.com",
        "http://evil-localhost.localstack.cloud.example.org",
        "file:///etc/passwd",
        "127.0.0.1:4566",
    ],
)
def test_everything_else_is_refused(endpoint: str) -> None:
    with pytest.raises(LocalStackError, match="no local emulator"):
        place_at(endpoint)


def test_an_address_where_nothing_answers_is_named() -> None:
    with pytest.raises(LocalStackError, match="nothing answers at http://127"):
        place_at(f"http://127.0.0.1:{free_port()}")
