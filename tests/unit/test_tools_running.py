"""What the command line knows of the stack that runs here, and the tokens it mints for it."""

import json
from pathlib import Path

import pytest

from infra.local.issuer import AUDIENCE, ISSUER, key, public_keys
from services.shared.callers import Caller, Claim
from services.shared.errors import Unauthenticated
from services.shared.tokens import Verifier
from tools.govshare.failures import Unusable
from tools.govshare.running import aws_settings, local_token, running_stack


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home whose issuer has its key."""
    key(tmp_path)
    return tmp_path


def caller(token: str, home: Path) -> Caller:
    verifier = Verifier(issuer=ISSUER, audience=AUDIENCE, fetch=lambda: json.dumps(public_keys(home)).encode())
    return verifier.caller(f"Bearer {token}")


def test_a_token_says_organisation_roles_and_officer(home: Path) -> None:
    token = local_token(home, organisation="110107", roles=["officer", "approver"], officer="o-7")
    assert caller(token, home) == Caller(
        organisation="110107", officer="o-7", claims=frozenset({Claim.OFFICER, Claim.APPROVER})
    )


def test_an_officer_without_a_name_is_called_after_organisation_and_role(home: Path) -> None:
    token = local_token(home, organisation="110107", roles=["approver"])
    assert caller(token, home).officer == "110107-approver"


def test_a_token_lasts_as_long_as_was_asked(home: Path) -> None:
    token = local_token(home, organisation="110107", roles=["officer"], ttl_seconds=-60)
    with pytest.raises(Unauthenticated):
        caller(token, home)


def test_without_a_local_issuer_there_is_no_token_and_no_key_is_made(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="no local issuer"):
        local_token(tmp_path, organisation="110107", roles=["officer"])
    assert list(tmp_path.iterdir()) == []


def test_where_no_stack_runs_the_next_step_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="make up"):
        running_stack(tmp_path)


def test_a_running_stack_is_read_from_its_record(home: Path) -> None:
    record = {"endpoint": "http://127.0.0.1:4566", "api": "http://127.0.0.1:4566/v1", "outputs": {"AuditQueueUrl": "q"}}
    (home / "stack.json").write_text(json.dumps(record | {"stack": "govshare"}))

    stack = running_stack(home)

    assert (stack.api, stack.outputs["AuditQueueUrl"]) == ("http://127.0.0.1:4566/v1", "q")
    assert caller(stack.token("110107", "officer"), home).organisation == "110107"


def test_an_emulator_s_settings_never_carry_the_user_s_own_credentials() -> None:
    assert aws_settings("http://127.0.0.1:4566")["aws_access_key_id"] == "test"
    assert aws_settings(None) == {}
