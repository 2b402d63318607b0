"""Has the audit table brought forward to the log, by the function that files, as often as it takes. Knows no log."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import boto3

from tools.govshare.failures import Refused
from tools.govshare.running import aws_settings

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


class Reached(NamedTuple):
    """How many entries the table knows, of how many in the log."""

    size: int
    of: int


def recover_log(function: str, endpoint: str | None = None) -> Iterator[Reached]:
    """Yield how far the table is after each call of the sequencing `function` (its name or ARN), until it is there.

    `endpoint` is an emulator's; None is AWS with the caller's own credentials. Raises Refused when the function fails:
    what was written until then stays, and the same again goes on from there.
    """
    client: LambdaClient = boto3.client("lambda", **aws_settings(endpoint))
    done = False
    while not done:
        answer = client.invoke(FunctionName=function, Payload=json.dumps({"action": "recover"}))
        said = answer["Payload"].read().decode(errors="replace")
        if "FunctionError" in answer:
            raise Refused(f"{function} could not recover the table: {said[:400]}")
        told = json.loads(said)
        yield Reached(int(told["size"]), int(told["of"]))
        done = bool(told["done"])
