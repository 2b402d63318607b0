"""Bearer tokens: what verifies is a caller with known claims, no header is anonymous, all else is refused."""

import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

from services.shared.callers import ANONYMOUS, Claim
from services.shared.errors import Unauthenticated
from services.shared.tokens import REFRESH_SECONDS, Verifier

AsymmetricKey = RSAKey | ECKey | OKPKey
ISSUER, AUDIENCE = "https://issuer.test", "govshare"
KEYS: dict[str, AsymmetricKey] = {
    "Ed25519": OKPKey.generate_key("Ed25519", {"kid": "ed"}),
    "ES256": ECKey.generate_key("P-256", {"kid": "ec"}),
    "RS256": RSAKey.generate_key(2048, {"kid": "rsa"}),
}
NEW_KEY = OKPKey.generate_key("Ed25519", {"kid": "new"})


class Issuer:
    """An issuer whose keys can be asked for, and which counts how often they were."""

    def __init__(self, *keys: AsymmetricKey) -> None:
        self.keys: list[AsymmetricKey] = list(keys)
        self.asked = 0

    def __call__(self) -> bytes:
        self.asked += 1
        return json.dumps(KeySet([*self.keys]).as_dict(private=False)).encode()


def a_verifier(fetch: Callable[[], bytes] | None = None, clock: Callable[[], float] = time.monotonic) -> Verifier:
    return Verifier(issuer=ISSUER, audience=AUDIENCE, fetch=fetch or Issuer(*KEYS.values()), clock=clock)


def claims(**overrides: Any) -> dict[str, Any]:
    now = int(time.time())
    said: dict[str, Any] = {"iss": ISSUER, "aud": AUDIENCE, "sub": "o-7", "org": "drc", "roles": ["officer"]}
    said |= {"iat": now, "exp": now + 600} | overrides
    return {name: value for name, value in said.items() if value is not None}


def a_token(key: AsymmetricKey | None = None, alg: str = "Ed25519", **overrides: Any) -> str:
    signer = key or KEYS[alg]
    return jwt.encode({"alg": alg, "kid": signer.kid}, claims(**overrides), signer, algorithms=[alg])


def refusal_of(token: str) -> str:
    with pytest.raises(Unauthenticated) as refused:
        a_verifier().caller(f"Bearer {token}")
    return refused.value.detail


def part(value: Any) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.mark.parametrize("alg", KEYS)
def test_each_asymmetric_algorithm_verifies(alg: str) -> None:
    caller = a_verifier().caller(f"Bearer {a_token(alg=alg)}")
    assert (caller.organisation, caller.officer, caller.claims) == ("drc", "o-7", frozenset({Claim.OFFICER}))


def test_no_header_is_the_anonymous_caller_and_asks_for_no_keys() -> None:
    issuer = Issuer(*KEYS.values())
    assert a_verifier(issuer).caller(None) is ANONYMOUS
    assert issuer.asked == 0


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer    ", "Basic dTpw", "bearer:x", "ey.ey.ey"])
def test_a_header_that_carries_no_bearer_token_is_refused_and_never_anonymous(header: str) -> None:
    with pytest.raises(Unauthenticated, match="not a bearer token"):
        a_verifier().caller(header)


def test_the_scheme_is_read_in_any_case() -> None:
    assert a_verifier().caller(f"bEARER  {a_token()} ").organisation == "drc"


@pytest.mark.parametrize(
    "overrides",
    [
        {"iss": "https://other.test"},
        {"iss": None},
        {"aud": "other"},
        {"aud": None},
        {"exp": int(time.time()) - 60},
        {"exp": None},
        {"exp": "soon"},
        {"nbf": int(time.time()) + 600},
        {"iat": int(time.time()) + 600},
        {"sub": None},
        {"sub": ""},
    ],
)
def test_a_claim_of_another_issuer_audience_or_time_is_refused(overrides: dict[str, Any]) -> None:
    assert refusal_of(a_token(**overrides)).startswith("the token does not verify")


def test_an_audience_among_several_is_enough() -> None:
    assert a_verifier().caller(f"Bearer {a_token(aud=['other', AUDIENCE])}").organisation == "drc"


@pytest.mark.parametrize("organisation", [None, "nobody", "", "system", 7, ["drc"], {"code": "drc"}])
def test_an_organisation_that_does_not_exist_is_refused(organisation: object) -> None:
    assert "an organisation that does not exist" in refusal_of(a_token(org=organisation))


@pytest.mark.parametrize("roles", ["officer", {"officer": True}, [["officer"]], [1], 1, True])
def test_roles_that_are_no_list_of_names_are_refused(roles: object) -> None:
    assert "roles" in refusal_of(a_token(roles=roles))


def test_roles_that_nobody_knows_give_nothing() -> None:
    caller = a_verifier().caller(f"Bearer {a_token(roles=['root', 'OFFICER', 'auditor'])}")
    assert caller.claims == {Claim.AUDITOR}


def test_a_token_without_roles_claims_nothing() -> None:
    assert a_verifier().caller(f"Bearer {a_token(roles=None)}").claims == frozenset()


@pytest.mark.parametrize("alg", ["none", "None", "NONE", ""])
def test_an_unsigned_token_is_refused(alg: str) -> None:
    assert "does not verify" in refusal_of(f"{part({'alg': alg, 'kid': 'ed'})}.{part(claims())}.")


@pytest.mark.parametrize("alg", KEYS)
def test_a_public_key_used_as_a_shared_secret_is_refused(alg: str) -> None:
    signed = f"{part({'alg': 'HS256', 'kid': KEYS[alg].kid})}.{part(claims())}"
    mac = hmac.digest(KEYS[alg].as_pem(private=False), signed.encode(), "sha256")
    assert "does not verify" in refusal_of(f"{signed}.{urlsafe_b64encode(mac).decode().rstrip('=')}")


@pytest.mark.parametrize("kid", ["ed", "rsa", "unknown"])
def test_another_issuers_key_is_refused_under_any_key_id(kid: str) -> None:
    assert "does not verify" in refusal_of(a_token(OKPKey.generate_key("Ed25519", {"kid": kid})))


def test_claims_that_were_changed_after_signing_are_refused() -> None:
    head, _, signature = a_token().split(".")
    assert "does not verify" in refusal_of(f"{head}.{part(claims(org='informatization_office'))}.{signature}")


@pytest.mark.parametrize("token", ["x", "x.y", "x.y.z", "....", "é.é.é", "\u0000.a.b", "e30.e30.e30", "W10.W10.W10"])
def test_what_is_no_token_at_all_is_refused(token: str) -> None:
    assert "does not verify" in refusal_of(token)


def test_a_refusal_repeats_nothing_of_the_token() -> None:
    secret = a_token(iss="https://other.test")
    assert not any(piece in refusal_of(secret) for piece in secret.split("."))


def test_keys_are_fetched_once_for_many_tokens() -> None:
    issuer = Issuer(*KEYS.values())
    verifier = a_verifier(issuer)
    for _ in range(3):
        verifier.caller(f"Bearer {a_token()}")
    assert issuer.asked == 1


def test_a_new_key_is_asked_for_once_the_keys_are_old_enough() -> None:
    clock, issuer = [0.0], Issuer(KEYS["Ed25519"])
    verifier = a_verifier(issuer, lambda: clock[0])
    verifier.caller(f"Bearer {a_token()}")
    issuer.keys.append(NEW_KEY)
    clock[0] = REFRESH_SECONDS + 1
    assert verifier.caller(f"Bearer {a_token(NEW_KEY)}").organisation == "drc"
    assert issuer.asked == 2


def test_unknown_key_ids_do_not_make_us_ask_the_issuer_again_and_again() -> None:
    clock, issuer = [0.0], Issuer(KEYS["Ed25519"])
    verifier = a_verifier(issuer, lambda: clock[0])
    for clock[0] in (0.0, 1.0, 31.0, 32.0, 60.0, 61.0):
        with pytest.raises(Unauthenticated):
            verifier.caller(f"Bearer {a_token(NEW_KEY)}")
    assert issuer.asked == 2
    clock[0] = 62.0
    with pytest.raises(Unauthenticated):
        verifier.caller(f"Bearer {a_token(NEW_KEY)}")
    assert issuer.asked == 3


def test_an_issuer_that_does_not_answer_is_our_failure_and_not_the_callers() -> None:
    def down() -> bytes:
        raise OSError("no route to host")

    with pytest.raises(OSError, match="no route"):
        a_verifier(down).caller(f"Bearer {a_token()}")
