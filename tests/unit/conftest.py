"""What a passing test has to tell is printed at the end of the run, one line each."""

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the lines that tests left with `record_property("told", line)`; captured output would hide them."""
    reports = terminalreporter.getreports("passed")
    told = [text for report in reports for name, text in report.user_properties if name == "told"]
    for line in told:
        terminalreporter.write_line(line)
