"""The stack that `make up` started here, from the record it left: addresses, names, tokens. Knows no route."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.config import Config

from infra.local.home import HOME, read_record
from infra.local.issuer import mint
from infra.local.places import REGION, refuse_real_aws
from services.shared.organisations import OFFICE
from tools.govshare.failures import Unusable

HOUR = 3600


@dataclass(frozen=True)
class RunningStack:
    """A stack on this machine: its emulator's `endpoint`, its `api`'s base address, the outputs of its templates."""

    endpoint: str
    api: str
    outputs: Mapping[str, str]
    home: Path

    def token(self, organisation: str, *roles: str) -> str:
        """Return a token of the local issuer that lasts an hour."""
        return local_token(self.home, organisation=organisation, roles=roles)

    @property
    def policy(self) -> Path:
        """The file with the key of this stack's log."""
        return self.home / "policy.txt"


def running_stack(home: Path = HOME) -> RunningStack:
    """Return the stack that runs here; raises Unusable when none does."""
    record = read_record(home / "stack.json")
    if record is None:
        raise Unusable("no stack runs here: `make up` starts one")
    return RunningStack(record["endpoint"], record["api"], record["outputs"], home)


def address_of(api: str | None, token: str | None) -> tuple[str, str]:
    """Return base address and token as given, or those of the stack that runs here.

    Raises Unusable for another API without a token: this stack's tokens are nobody else's business.
    """
    if api is None:
        stack = running_stack()
        return stack.api, token or stack.token(OFFICE, "officer")
    if token is None:
        raise Unusable("--api needs --token")
    return api, token


def local_token(
    home: Path, *, organisation: str, roles: Iterable[str], officer: str | None = None, ttl_seconds: int = HOUR
) -> str:
    """Return a token of the local issuer; raises Unusable when no stack was started here, so that nobody knows its key.

    An officer without a name is called after organisation and role.
    """
    if not (home / "issuer.json").exists():
        raise Unusable("there is no local issuer here: `make up` makes one")
    claims = list(roles)
    name = officer or "-".join([organisation, *claims])
    return mint(home, org=organisation, roles=claims, sub=name, ttl_seconds=ttl_seconds)


def aws_settings(endpoint: str | None) -> dict[str, Any]:
    """Return what makes a boto3 client talk to the emulator at `endpoint`; None is AWS with the caller's own settings.

    Raises LocalStackError when `endpoint` is given and is not on this machine.
    """
    if endpoint is None:
        return {}
    refuse_real_aws(endpoint)
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    # proxies: none on the way to this machine
    return {"endpoint_url": endpoint, "region_name": REGION, "config": Config(proxies={})} | keys
