"""LocalStack in Docker, for testers: started and stopped through the compose file beside this one."""

import os
import shutil
import subprocess
from pathlib import Path

from infra.local.home import LocalStackError

COMPOSE_FILE = Path(__file__).with_name("compose.yaml")


def start(port: int) -> str:
    """Start LocalStack on `port`, or use the one at AWS_ENDPOINT_URL when that is set; return its endpoint.

    The name resolves to loopback here and to LocalStack inside its functions, which fetch the issuer's keys by it.
    """
    if named := os.environ.get("AWS_ENDPOINT_URL"):
        return named
    _compose(port, "up", "--detach", "--wait")
    return f"http://localhost.localstack.cloud:{port}"


def stop(port: int) -> None:
    """Stop LocalStack and delete its volumes."""
    _compose(port, "down", "--volumes")


def _compose(port: int, *action: str) -> None:
    docker = shutil.which("docker")
    if docker is None:
        raise LocalStackError("LocalStack needs Docker, which is not here; plain `make up` needs none")
    command = [docker, "compose", "--file", str(COMPOSE_FILE), *action]
    done = subprocess.run(command, env={**os.environ, "PORT": str(port)}, check=False)  # noqa: S603 - our own words
    if done.returncode:
        raise LocalStackError(f"docker compose {action[0]} failed; its words are above")
