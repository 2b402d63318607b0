"""The relay before it publishes: which stream records are events, and how they are packed within the topic's limits."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.shared.event_bodies import FilingReceipted
from services.shared.events import Event, Origin, event_of
from services.shared.relay import BATCH_BYTES, BATCH_ENTRIES, batches, committed_events, subject
from services.shared.request_bodies import RequestMoved
from tests.unit.small_machine import NOON

BODY = RequestMoved(state="DRAFT", requester="drc", provider="110107", resource="e-1", offer=1, terms_hash="")


def an_event(case: str = "r-1", seq: int = 1, padding: int = 0) -> str:
    body = BODY.model_copy(update={"terms_hash": "泊" * padding})
    return event_of("request.created", body, Origin(case, seq, "drc", "o-7", NOON)).model_dump_json()


def a_record(sk: str, *, name: str = "INSERT", event: str = "{}") -> dict[str, Any]:
    image = {"pk": {"S": "r-1"}, "sk": {"S": sk}, "event": {"S": event}}
    return {"eventName": name, "dynamodb": {"NewImage": image, "Keys": {"sk": {"S": sk}}}}


def test_new_events_are_taken_in_the_streams_order() -> None:
    records = [a_record(f"EVENT#{n:08}", event=str(n)) for n in (3, 1, 2)]
    assert list(committed_events(records)) == ["3", "1", "2"]


@pytest.mark.parametrize("sk", ["STATE#request", "PAYLOAD#e-1", "RECEIPT#e-1", "KEY", "ENTRY", "EVT", "EVENTS", ""])
def test_what_is_not_an_event_item_is_passed_over(sk: str) -> None:
    assert list(committed_events([a_record(sk)])) == []


@pytest.mark.parametrize("name", ["MODIFY", "REMOVE"])
def test_an_event_item_that_was_touched_later_is_not_published_again(name: str) -> None:
    assert list(committed_events([a_record("EVENT#00000001", name=name)])) == []


def test_a_record_without_an_image_is_passed_over() -> None:
    assert list(committed_events([{"eventName": "REMOVE", "dynamodb": {}}])) == []


def test_ten_events_are_a_call_and_the_eleventh_begins_the_next() -> None:
    packed = list(batches(an_event(seq=n) for n in range(1, 22)))
    assert [len(batch) for batch in packed] == [10, 10, 1]
    assert [entry["Id"] for entry in packed[1]] == [str(n) for n in range(10)]


def test_bytes_are_counted_not_characters() -> None:
    packed = list(batches(an_event(seq=n, padding=19_000) for n in range(1, 6)))  # 57,000 bytes each
    assert [len(batch) for batch in packed] == [4, 1]


def test_no_events_are_no_call() -> None:
    assert list(batches([])) == []


@given(st.lists(st.integers(0, 19_000), max_size=25))
def test_every_event_goes_out_once_in_order_and_within_the_limits(paddings: list[int]) -> None:
    sent = [an_event(seq=n, padding=padding) for n, padding in enumerate(paddings, 1)]
    packed = list(batches(sent))
    assert [entry["Message"] for batch in packed for entry in batch] == sent
    for batch in packed:
        assert 1 <= len(batch) <= BATCH_ENTRIES
        assert sum(len(entry["Message"].encode()) for entry in batch) <= BATCH_BYTES


def test_an_event_is_grouped_by_its_case_and_known_by_its_id() -> None:
    message = an_event("r-9")
    [[entry]] = batches([message])
    assert (entry.get("MessageGroupId"), entry.get("MessageDeduplicationId")) == (
        "r-9",
        Event.model_validate_json(message).id,
    )


def test_subscriptions_can_tell_receipts_by_the_kind_of_filing() -> None:
    body = FilingReceipted(event_id="e", case_seq=1, kind="result", authority="drc", index=0, checkpoint_size=1)
    receipt = event_of("filing.receipted", body, Origin("r-1", None, "drc", "ledger", NOON))
    assert subject(receipt) == "filing.receipted.result"
    assert subject(Event.model_validate_json(an_event())) == "request.created"
