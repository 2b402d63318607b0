"""Logs, metrics and traces: one logger, one metrics namespace and one tracer for a function."""

import os
from functools import cache

from aws_lambda_powertools import Logger, Metrics, Tracer

logger = Logger(service=os.environ.get("POWERTOOLS_SERVICE_NAME", "govshare"))
metrics = Metrics(namespace="GovShare", service=os.environ.get("POWERTOOLS_SERVICE_NAME", "govshare"))


@cache
def tracer() -> Tracer:
    """Return the tracer; made when first needed, because patching costs start-up time."""
    return Tracer(auto_patch=False)
