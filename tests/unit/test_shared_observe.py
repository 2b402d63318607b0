"""Counts are metrics in a log line, and a traced handler answers as it would untraced."""

import json
from typing import Any

import pytest

from services.shared.observe import count, traced


def double(event: dict[str, int], _context: object) -> int:
    """A handler."""
    return event["n"] * 2


def test_a_count_is_one_line_in_the_embedded_metric_format(capsys: pytest.CaptureFixture[str]) -> None:
    count("EventsRelayed", 3)
    line: dict[str, Any] = json.loads(capsys.readouterr().out)
    [told] = line["_aws"]["CloudWatchMetrics"]
    assert (told["Namespace"], told["Metrics"][0]["Name"], line["EventsRelayed"]) == (
        "GovShare",
        "EventsRelayed",
        [3.0],
    )


def test_a_handler_is_left_alone_unless_tracing_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("POWERTOOLS_TRACE_DISABLED", raising=False)
    assert traced(double) is double


def test_a_traced_handler_answers_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POWERTOOLS_TRACE_DISABLED", "false")
    wrapped = traced(double)
    assert wrapped is not double
    assert wrapped({"n": 21}, object()) == 42
