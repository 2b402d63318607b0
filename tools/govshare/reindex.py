"""Has the search index made anew from the catalogue's table, by the function that makes it. Knows no index."""

import json
from typing import TYPE_CHECKING

import boto3

from tools.govshare.failures import Refused
from tools.govshare.running import aws_settings

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


def reindex(function: str, endpoint: str | None = None) -> int:
    """Return the number of the last change that the new index knows, once it is in use.

    `endpoint` is an emulator's; None is AWS with the caller's own credentials. Raises Refused when the function fails.
    """
    client: LambdaClient = boto3.client("lambda", **aws_settings(endpoint))
    answer = client.invoke(FunctionName=function, Payload=json.dumps({"rebuild": True}))
    said = answer["Payload"].read().decode(errors="replace")
    if "FunctionError" in answer:
        raise Refused(f"{function} could not make the index: {said[:200]}")
    return int(json.loads(said)["version"])
