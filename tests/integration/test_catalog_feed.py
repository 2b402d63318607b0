"""The change feed over HTTP: what was published is numbered once, however often it is heard and by however many."""

from typing import Any

import pytest

from services.catalog import counters, feed_store, listen
from services.catalog.api import handler
from services.shared.canonical import new_id
from services.shared.dynamo import write
from tests.catalogue import ENTRY, PROVIDER, act, published, put, read, through
from tests.feeding import hear
from tests.feeding import published as publication
from tests.feeding import withdrawn as withdrawal
from tests.filing import at_call
from tests.stack import Calls
from tests.support import Pump, call, events_in

WITHDRAWAL = {"reason": "业务取消"}
SUBJECTS = ("resource.published", "resource.imported", "resource.withdrawn")


@pytest.fixture(autouse=True)
def table(data_stack: dict[str, str]) -> str:
    """The catalogue's table, empty."""
    return data_stack["CatalogTable"]


def changes(since: int = 0, limit: int = 100) -> dict[str, Any]:
    reply = call(handler, "GET", f"/catalog/changes?since={since}&limit={limit}")
    assert reply.status == 200, reply.body
    page: dict[str, Any] = reply.body
    return page


def all_changes(since: int, limit: int) -> list[int]:
    page = changes(since, limit)
    found = [item["seq"] for item in page["items"]]
    while page["next"] is not None:
        page = changes(page["next"], limit)
        found += [item["seq"] for item in page["items"]]
    return found


def test_an_empty_catalogue_has_an_empty_feed() -> None:
    assert changes() == {"items": [], "next": None, "latest": 0}


def test_an_entrys_publication_next_version_and_withdrawal_are_three_changes_and_the_last_is_a_tombstone(
    table: str,
) -> None:
    pump = Pump(table, listen.handler, SUBJECTS)
    live = published()
    pump.run(replays=2)
    live = through(put(live, PROVIDER, ENTRY | {"title": "停车场泊位"}))
    pump.run()
    act(live, "withdraw", PROVIDER, WITHDRAWAL)
    pump.run()

    page = changes()
    assert [(item["seq"], item["change"], item["supersedes"]) for item in page["items"]] == [
        (1, "published", None),
        (2, "updated", 1),
        (3, "withdrawn", 2),
    ]
    tombstone = page["items"][-1]
    assert (tombstone["kind"], tombstone["id"], tombstone["title"]) == ("resource", live.body["id"], "停车场泊位")
    assert read(live.body["id"]).status == call(handler, "GET", tombstone["href"]).status == 200


def test_pages_hold_every_number_once_and_in_order_across_partitions(table: str) -> None:
    write([counters.taking(table, "CHANGES", 1, count=980)])  # as many were numbered before
    for _ in range(4):
        feed_store.number(table, [publication(new_id()) for _ in range(10)])

    assert all_changes(980, limit=7) == list(range(981, 1021))
    assert [item["seq"] for item in changes(since=990, limit=20)["items"]] == list(range(991, 1011))
    assert changes(since=1020) == {"items": [], "next": None, "latest": 1020}
    assert changes(since=5000)["items"] == []


def test_ten_messages_are_numbered_with_three_calls_and_one_ring(table: str, aws_calls: Calls) -> None:
    events = [publication(new_id()).model_copy(update={"type": "resource.imported"}) for _ in range(10)]
    aws_calls.clear()
    assert hear(*events) == {"batchItemFailures": []}
    assert aws_calls.names == ["GetItem", "BatchGetItem", "TransactWriteItems", "SendMessage"]
    assert [item["id"] for item in changes()["items"]] == [event.case for event in events]


def test_messages_that_come_again_add_nothing_even_when_the_process_died_after_the_write(aws_calls: Calls) -> None:
    events = [publication(new_id()).model_copy(update={"type": "resource.imported"}) for _ in range(3)]
    for when in ("before", "after"):
        with aws_calls.crash(when, 1):
            hear(*events)
        assert aws_calls.crashed
    hear(*events)
    assert [item["seq"] for item in changes()["items"]] == [1, 2, 3]


def test_listeners_at_the_same_time_leave_no_gap_and_no_double(table: str) -> None:
    mine, theirs = [publication(new_id()) for _ in range(5)], [publication(new_id()) for _ in range(5)]
    with at_call("dynamodb", "TransactWriteItems", lambda: feed_store.number(table, [*theirs, *mine[:2]])):
        feed_store.number(table, mine)

    page = changes()
    assert [item["seq"] for item in page["items"]] == list(range(1, 11))
    assert [item["id"] for item in page["items"]] == [event.case for event in [*theirs, *mine]]


def test_a_message_that_spoils_the_batch_holds_up_its_own_case_only(table: str) -> None:
    ghost = publication(new_id())  # an entry that the table does not hold: its line cannot be brought up to date
    live = published()
    events = [event for event in events_in(table) if event.type in SUBJECTS]
    answer = hear(ghost, withdrawal(ghost.case), *events)

    assert len(answer["batchItemFailures"]) == 2
    assert live.body["id"] in {item["id"] for item in changes()["items"]}


@pytest.mark.parametrize("query", ["since=-1", "since=x", "limit=0", "limit=101", "since=1000000000000000"])
def test_a_place_that_no_feed_has_is_refused(query: str) -> None:
    assert call(handler, "GET", f"/catalog/changes?{query}").status == 422
