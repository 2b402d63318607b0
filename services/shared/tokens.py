"""Bearer tokens: verified here, once for all services, against the issuer's published keys (RFC 7519, RFC 8725).

Only asymmetric algorithms are taken; `none` and HMAC are never tried. It knows no route.
"""

import json
import time
import urllib.request
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from services.shared.callers import ANONYMOUS, Caller, Claim
from services.shared.errors import Unauthenticated
from services.shared.organisations import organisations

ALGORITHMS = ["RS256", "ES256", "Ed25519"]
REFRESH_SECONDS = 30  # an unknown key id asks the issuer again, but not more often than this
LEEWAY_SECONDS = 30


class Verifier:
    """Turns an Authorization header into a caller. Keys are fetched when first needed and kept."""

    def __init__(
        self, *, issuer: str, audience: str, fetch: Callable[[], bytes], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rules = jwt.JWTClaimsRegistry(
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
            sub={"essential": True},
        )
        self._fetch, self._clock = fetch, clock
        self._keys: KeySet | None = None
        self._fetched_at = float("-inf")

    def caller(self, header: str | None) -> Caller:
        """Return who is calling; no header at all is the anonymous caller.

        Raises Unauthenticated for anything that does not verify: a bad token is never anonymous.
        """
        if header is None:
            return ANONYMOUS
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Unauthenticated("the Authorization header is not a bearer token")
        return _caller_from(self._claims(token.strip()))

    def _claims(self, token: str) -> Mapping[str, Any]:
        try:
            verified = jwt.decode(token, self._keys_for(token), algorithms=ALGORITHMS)
            self._rules.validate(verified.claims)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise Unauthenticated(f"the token does not verify: {type(error).__name__}") from error
        return verified.claims

    def _keys_for(self, token: str) -> KeySet:
        known = {key.kid for key in self._keys.keys} if self._keys else set()
        if self._keys is None or (_key_id(token) not in known and self._clock() - self._fetched_at > REFRESH_SECONDS):
            self._keys = KeySet.import_key_set(json.loads(self._fetch()))
            self._fetched_at = self._clock()
        return self._keys


def _key_id(token: str) -> str | None:
    from joserfc.jws import extract_compact  # noqa: PLC0415 - only when keys must be looked at

    header = extract_compact(token.encode()).headers()
    return header.get("kid")


def _caller_from(claims: Mapping[str, Any]) -> Caller:
    organisation, roles = claims.get("org"), claims.get("roles", [])
    if not isinstance(organisation, str) or organisation not in organisations():
        raise Unauthenticated("the token names an organisation that does not exist")
    known = {claim.value for claim in Claim}
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        raise Unauthenticated("the token's roles are not a list of names")
    claimed = frozenset(Claim(role) for role in roles if role in known)
    return Caller(organisation=organisation, officer=str(claims["sub"]), claims=claimed)


@cache
def verifier(issuer: str, audience: str, jwks_url: str) -> Verifier:
    """Return this process's verifier for an issuer; its keys come from `jwks_url`."""

    def fetch() -> bytes:
        with urllib.request.urlopen(jwks_url, timeout=5) as answer:  # noqa: S310 - the template allows https only
            body: bytes = answer.read()
        return body

    return Verifier(issuer=issuer, audience=audience, fetch=fetch)
