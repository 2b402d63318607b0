"""The policy of a log: the key its checkpoints are verified with, the witnesses that vouch for it; its signer is asked.

Who verifies should get this file (c2sp.org/tlog-policy) once, from someone they trust, and keep it. Knows no receipt.
"""

import json
from typing import TYPE_CHECKING, Any

import boto3

from services.audit.verify.policy import NO_QUORUM, parse_policy
from tools.govshare.failures import Refused
from tools.govshare.running import aws_settings

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


def log_policy(function: str, endpoint: str | None = None) -> str:
    """Return the text of the policy that trusts the log of the signing `function` (its name or ARN) and its witnesses.

    `endpoint` is an emulator's; None is AWS with the caller's own credentials. Raises Refused when the function fails.
    """
    client: LambdaClient = boto3.client("lambda", **aws_settings(endpoint))
    answer = client.invoke(FunctionName=function, Payload=json.dumps({"action": "vkey"}))
    said = answer["Payload"].read().decode(errors="replace")
    if "FunctionError" in answer:
        raise Refused(f"{function} did not tell its key: {said[:200]}")
    return policy_text(json.loads(said))


def policy_text(told: dict[str, Any]) -> str:
    """Return the policy of what a signer told: its `vkey`, and its `witness_policy` where the log has witnesses."""
    witnesses = str(told.get("witness_policy") or "").strip() or f"quorum {NO_QUORUM}"
    text = f"log {told['vkey']}\n{witnesses}\n"
    parse_policy(text.encode())
    return text
