"""A FIFO queue's consumer: messages in order, and from the first failure on everything comes again."""

import pytest

from services.shared.event_bodies import ResourceMoved
from services.shared.events import Event, Origin, event_of
from services.shared.queue import consume
from tests.support import Context, sqs_batch
from tests.unit.small_machine import NOON

BODY = ResourceMoved(state="DRAFT", provider="drc", entry_version=1, metadata_hash="00" * 32)
EVENTS = [event_of("resource.created", BODY, Origin(f"e-{n}", n, "drc", "o-7", NOON)) for n in range(1, 5)]


class Listener:
    """Hears events, and fails on those of some cases."""

    def __init__(self, *failing: str) -> None:
        self.failing, self.heard = set(failing), list[str]()

    def __call__(self, event: Event) -> None:
        if event.case in self.failing:
            raise LookupError(f"nothing known of {event.case}")
        self.heard.append(event.case)


def failed(listener: Listener, batch: dict[str, list[dict[str, str]]]) -> list[int]:
    answer = consume(batch, Context(), listener)
    ids = [record["messageId"] for record in batch["Records"]]
    return [ids.index(failure["itemIdentifier"]) for failure in answer["batchItemFailures"]]


def test_messages_are_heard_in_order_and_none_is_reported() -> None:
    listener = Listener()
    assert failed(listener, sqs_batch(EVENTS)) == []
    assert listener.heard == ["e-1", "e-2", "e-3", "e-4"]


def test_from_the_first_failure_on_everything_is_reported_and_nothing_is_heard() -> None:
    listener = Listener("e-2")
    assert failed(listener, sqs_batch(EVENTS)) == [1, 2, 3]
    assert listener.heard == ["e-1"]


def test_when_all_fail_the_queue_is_told_and_the_function_does_not_fail() -> None:
    assert failed(Listener("e-1"), sqs_batch(EVENTS)) == [0, 1, 2, 3]


@pytest.mark.parametrize("body", ["", "{", "null", "[]", '{"id": "e"}', '{"Type": "Notification", "Message": "{}"}'])
def test_what_is_no_event_is_reported_for_the_dead_letters(body: str) -> None:
    batch = sqs_batch(EVENTS[:2])
    batch["Records"][0]["body"] = body
    listener = Listener()
    assert failed(listener, batch) == [0, 1]
    assert listener.heard == []


def test_a_failure_is_logged_with_its_event_and_the_reason(caplog: pytest.LogCaptureFixture) -> None:
    failed(Listener("e-1"), sqs_batch(EVENTS[:1]))
    [line] = caplog.records
    assert (line.levelname, vars(line)["event_id"], vars(line)["case"]) == ("ERROR", EVENTS[0].id, "e-1")
    assert "nothing known of e-1" in caplog.text


def test_a_batch_leaves_nothing_behind_for_the_next() -> None:
    assert failed(Listener("e-1"), sqs_batch(EVENTS)) == [0, 1, 2, 3]
    assert failed(Listener(), sqs_batch(EVENTS)) == []
