"""The watch tells how the log stands without the sequencer: what waits, since when, what is published. It only
reads."""

import json
import os
from datetime import timedelta
from typing import Any

import pytest

from services.audit import listen
from services.audit.signer import SigningRefused
from services.audit.watch import handler
from services.shared.dynamo import dynamodb, item_of
from tests.filing import a_case, a_sequencer, prepare_ledger, store, take_in
from tests.stack import Calls, table_of

READS = {"GetItem", "GetObject", "Query"}


@pytest.fixture(autouse=True)
def ledger(data_stack: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty ledger."""
    for name, value in prepare_ledger(data_stack).items():
        monkeypatch.setenv(name, value)


def refuse(size: int, root: bytes) -> str:
    """Sign nothing."""
    raise SigningRefused(f"no signature for {size} {root.hex()}")


def watched(capsys: pytest.CaptureFixture[str]) -> dict[str, int]:
    """Run the watch; return the metrics that it emitted, in CloudWatch's embedded format."""
    capsys.readouterr()
    handler({}, None)
    lines: list[dict[str, Any]] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    emitted = [line for line in lines if "_aws" in line]
    names = [metric["Name"] for line in emitted for metric in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]]
    return {name: int(line[name][0]) for name, line in zip(names, emitted, strict=True)}


def make_older(by: timedelta) -> None:
    """Turn the clock of the head back, as if it had been committed earlier."""
    head = store().head()
    assert head.committed_at is not None
    earlier = head.model_copy(update={"committed_at": head.committed_at - by})
    name = {"pk": f"HEAD#{os.environ['LOG_ORIGIN']}", "sk": "HEAD"}
    dynamodb().put_item(TableName=os.environ["AUDIT_TABLE"], Item=item_of(name | earlier.model_dump(mode="json")))


def test_an_empty_log_stands_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert set(watched(capsys).values()) == {0}


def test_what_waits_is_counted_and_the_oldest_tells_since_when(capsys: pytest.CaptureFixture[str]) -> None:
    take_in(*a_case(3), *a_case(2))

    found = watched(capsys)

    assert found["EntriesWaiting"] == 5
    since = store().waiting().since
    assert since == min(each.accepted_at for each in store().pending())
    assert found["OldestWaitingSeconds"] <= 60


def test_nothing_waits_once_it_is_filed(capsys: pytest.CaptureFixture[str]) -> None:
    take_in(*a_case(3))
    a_sequencer().run()

    found = watched(capsys)

    assert (found["PublishedSize"], found["EntriesWaiting"], found["StalledSeconds"]) == (3, 0, 0)


def test_a_head_that_is_committed_and_not_written_out_is_seen_without_the_sequencer(
    capsys: pytest.CaptureFixture[str],
) -> None:
    take_in(*a_case(1))
    with pytest.raises(SigningRefused):
        listen.sequencer(refuse).run()
    make_older(timedelta(minutes=6))

    found = watched(capsys)

    assert found["UnappliedSeconds"] >= 360
    assert found["StalledSeconds"] >= 360
    assert found["PublishedSize"] == 0


def test_a_table_that_is_older_than_its_log_is_an_alarm(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    take_in(*a_case(1))
    a_sequencer().run()
    watched(capsys)
    assert "log_halted" not in caplog.text

    table_of(os.environ["AUDIT_TABLE"]).items.clear()
    watched(capsys)

    assert "log_halted" in caplog.text


def test_the_watch_only_reads(aws_calls: Calls, capsys: pytest.CaptureFixture[str]) -> None:
    take_in(*a_case(2))
    aws_calls.clear()

    watched(capsys)

    assert set(aws_calls.names) <= READS
    assert len(aws_calls.names) == 10
