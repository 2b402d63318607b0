"""Logs, metrics and traces of a function: one logger, counts as metrics, and traces where the stack asks for them."""

import os
from collections.abc import Callable
from typing import Any, TypeVar, cast

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

H = TypeVar("H", bound=Callable[..., Any])

_SERVICE = os.environ.get("POWERTOOLS_SERVICE_NAME", "govshare")
logger = Logger(service=_SERVICE)
_metrics = Metrics(namespace="GovShare", service=_SERVICE)


def count(name: str, value: int) -> None:
    """Report a count as a metric: one line in CloudWatch's embedded metric format."""
    _metrics.add_metric(name=name, unit=MetricUnit.Count, value=value)
    _metrics.flush_metrics()


def traced(handler: H) -> H:
    """Return the handler with its calls to AWS traced, or as it is where POWERTOOLS_TRACE_DISABLED is not `false`.

    The tracer is loaded only where it is used: it costs start-up time.
    """
    if os.environ.get("POWERTOOLS_TRACE_DISABLED", "true").lower() != "false":
        return handler
    from aws_lambda_powertools import Tracer  # noqa: PLC0415 - see above

    tracer = Tracer(service=_SERVICE, patch_modules=["botocore"])
    return cast("H", tracer.capture_lambda_handler(handler, capture_response=False))
