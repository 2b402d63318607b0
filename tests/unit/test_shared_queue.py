"""A FIFO queue's consumer: messages in order, and a failure holds up its own case and no other."""

import pytest

from services.shared.event_bodies import ResourceMoved
from services.shared.events import Event, Origin, event_of
from services.shared.queue import consume
from tests.support import sqs_batch
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
    answer = consume(batch, listener)
    ids = [record["messageId"] for record in batch["Records"]]
    return [ids.index(failure["itemIdentifier"]) for failure in answer["batchItemFailures"]]


def test_messages_are_heard_in_order_and_none_is_reported() -> None:
    listener = Listener()
    assert failed(listener, sqs_batch(EVENTS)) == []
    assert listener.heard == ["e-1", "e-2", "e-3", "e-4"]


def test_a_failure_holds_up_what_follows_in_its_case_and_nothing_else() -> None:
    again = event_of("resource.created", BODY, Origin("e-2", 3, "drc", "o-7", NOON))
    listener = Listener("e-2")
    assert failed(listener, sqs_batch([*EVENTS[:3], again])) == [1, 3]
    assert listener.heard == ["e-1", "e-3"]


def test_what_follows_a_failure_in_its_case_is_not_even_tried() -> None:
    listener = Listener("e-1")
    tried: list[int | None] = []

    def handle(event: Event) -> None:
        tried.append(event.case_seq)
        listener(event)

    later = event_of("resource.created", BODY, Origin("e-1", 2, "drc", "o-7", NOON))
    assert len(consume(sqs_batch([EVENTS[0], later]), handle)["batchItemFailures"]) == 2
    assert tried == [1]


def test_when_all_fail_the_queue_is_told_and_the_function_does_not_fail() -> None:
    assert failed(Listener("e-1", "e-2", "e-3", "e-4"), sqs_batch(EVENTS)) == [0, 1, 2, 3]


@pytest.mark.parametrize("body", ["", "{", "null", "[]", '{"id": "e"}', '{"Type": "Notification", "Message": "{}"}'])
def test_what_is_no_event_is_reported_for_the_dead_letters(body: str) -> None:
    batch = sqs_batch(EVENTS[:2])
    batch["Records"][0]["body"] = body
    listener = Listener()
    assert failed(listener, batch) == [0]
    assert listener.heard == ["e-2"]


def test_a_failure_is_logged_with_its_event_and_the_reason(caplog: pytest.LogCaptureFixture) -> None:
    failed(Listener("e-1"), sqs_batch(EVENTS[:1]))
    [line] = caplog.records
    assert (line.levelname, vars(line)["event_id"], vars(line)["case"]) == ("ERROR", EVENTS[0].id, "e-1")
    assert "nothing known of e-1" in caplog.text


def test_a_batch_leaves_nothing_behind_for_the_next() -> None:
    assert failed(Listener("e-1"), sqs_batch(EVENTS)) == [0]
    assert failed(Listener(), sqs_batch(EVENTS)) == []
