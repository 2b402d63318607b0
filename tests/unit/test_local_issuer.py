"""The local issuer: one key for a home, kept from others, and tokens that the services' own verifier accepts."""

import json
import stat
from pathlib import Path

import pytest

from infra.local import issuer
from services.shared.callers import Claim
from services.shared.errors import Unauthenticated
from services.shared.tokens import Verifier


def verifier_for(home: Path) -> Verifier:
    keys = json.dumps(issuer.public_keys(home)).encode()
    return Verifier(issuer=issuer.ISSUER, audience=issuer.AUDIENCE, fetch=lambda: keys)


def bearer(home: Path, ttl_seconds: int = 60) -> str:
    token = issuer.mint(home, org="statistics_bureau", roles=["approver"], sub="o-7", ttl_seconds=ttl_seconds)
    return f"Bearer {token}"


def test_a_minted_token_says_who_calls(tmp_path: Path) -> None:
    caller = verifier_for(tmp_path).caller(bearer(tmp_path))

    assert (caller.organisation, caller.officer, caller.claims) == (
        "statistics_bureau",
        "o-7",
        frozenset({Claim("approver")}),
    )


def test_a_token_of_another_home_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unauthenticated):
        verifier_for(tmp_path / "one").caller(bearer(tmp_path / "other"))


def test_an_expired_token_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unauthenticated):
        verifier_for(tmp_path).caller(bearer(tmp_path, ttl_seconds=-3600))


def test_the_key_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    assert issuer.key(tmp_path).thumbprint() == issuer.key(tmp_path).thumbprint()
    assert stat.S_IMODE((tmp_path / "issuer.json").stat().st_mode) == 0o600


def test_what_is_published_is_not_the_private_half(tmp_path: Path) -> None:
    assert "d" not in issuer.public_keys(tmp_path)["keys"][0]
