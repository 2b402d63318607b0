"""The policy of a log: which key its checkpoints are verified with (c2sp.org/tlog-policy), asked of its signer.

Who verifies should get this file once, from someone they trust, and keep it. Knows no receipt.
"""

import json
from typing import TYPE_CHECKING

import boto3

from services.audit.verify.policy import NO_QUORUM, trust_log
from tools.govshare.failures import Refused
from tools.govshare.running import aws_settings

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


def log_policy(function: str, endpoint: str | None = None) -> str:
    """Return the text of the policy that trusts the log of the signing `function` (its name or ARN).

    `endpoint` is an emulator's; None is AWS with the caller's own credentials. Raises Refused when the function fails.
    """
    client: LambdaClient = boto3.client("lambda", **aws_settings(endpoint))
    answer = client.invoke(FunctionName=function, Payload=json.dumps({"action": "vkey"}))
    said = answer["Payload"].read().decode(errors="replace")
    if "FunctionError" in answer:
        raise Refused(f"{function} did not tell its key: {said[:200]}")
    vkey = str(json.loads(said)["vkey"])
    trust_log(vkey)
    return f"log {vkey}\nquorum {NO_QUORUM}\n"
