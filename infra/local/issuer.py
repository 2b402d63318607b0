"""The local token issuer: a key made once, its public half in the emulator's bucket, tokens for any officer.

For stacks on one machine only: the templates take another issuer everywhere else.
"""

import json
import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.jwk import OKPKey

from infra.local.home import make_private
from infra.local.places import Place

ISSUER = "https://issuer.govshare.local"  # a name, not an address: nothing is fetched from it
AUDIENCE = "govshare"
JWKS = "jwks.json"


def key(home: Path) -> OKPKey:
    """Return this home's signing key, made on first use with mode 0600."""
    path = make_private(home) / "issuer.json"
    if not path.exists():
        made = OKPKey.generate_key("Ed25519")
        private = made.as_dict(private=True) | {"kid": made.thumbprint()}
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(private, file)
    return OKPKey.import_key(json.loads(path.read_text()))


def mint(home: Path, *, org: str, roles: Iterable[str], sub: str, ttl_seconds: int = 3600) -> str:
    """Return a bearer token of the local issuer for officer `sub` of organisation `org`."""
    now = int(time.time())
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": sub, "org": org, "roles": list(roles)}
    times = {"iat": now, "exp": now + ttl_seconds}
    signer = key(home)
    return jwt.encode({"alg": "Ed25519", "kid": signer.kid}, claims | times, signer, algorithms=["Ed25519"])


def public_keys(home: Path) -> dict[str, list[dict[str, Any]]]:
    """Return the key set that services verify with (RFC 7517 §5): public halves only."""
    return {"keys": [{**key(home).as_dict(private=False), "alg": "Ed25519", "use": "sig"}]}


def publish(place: Place, bucket: str, home: Path) -> str:
    """Put the public key where functions read it without credentials; return that address."""
    body = json.dumps(public_keys(home)).encode()
    place.s3.put_object(Bucket=bucket, Key=JWKS, Body=body, ContentType="application/json")
    place.s3.put_public_access_block(
        Bucket=bucket,
        PublicAccessBlockConfiguration={"BlockPublicPolicy": False, "RestrictPublicBuckets": False},
    )
    place.s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(_read_only(f"arn:aws:s3:::{bucket}/{JWKS}")))
    return f"{place.endpoint}/{bucket}/{JWKS}"


def _read_only(resource: str) -> dict[str, object]:
    anyone = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": resource}
    return {"Version": "2012-10-17", "Statement": [anyone]}
