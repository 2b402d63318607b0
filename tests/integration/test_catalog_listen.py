"""A receipt comes back to the entry that it proves, once or often, and failures stay with their own entry."""

from collections.abc import Mapping

import pytest

from services.catalog.listen import handler
from services.shared.canonical import now
from services.shared.event_bodies import FilingReceipted
from services.shared.events import Event, Origin, event_of
from tests.catalogue import published, read
from tests.support import Context, Reply, sqs_batch


@pytest.fixture(autouse=True)
def table(data_stack: dict[str, str]) -> str:
    """The catalogue's table, empty."""
    return data_stack["CatalogTable"]


def receipt_for(live: Reply, index: int = 7) -> Event:
    filed = FilingReceipted(
        event_id=live.body["filing"]["event_id"],
        case_seq=5,
        kind="catalogue",
        authority="informatization_office",
        index=index,
        checkpoint_size=index + 1,
    )
    return event_of("filing.receipted", filed, Origin(live.body["id"], None, "system", "system", now()))


def hear(*events: Event) -> Mapping[str, list[dict[str, str]]]:
    answer: Mapping[str, list[dict[str, str]]] = handler(sqs_batch(events), Context())
    return answer


def test_a_filing_is_pending_until_its_receipt_is_heard_however_often() -> None:
    live = published()
    for _ in range(2):
        assert hear(receipt_for(live)) == {"batchItemFailures": []}
    filing = read(live.body["id"]).body["filing"]
    assert (live.body["filing"]["state"], filing["state"], filing["index"]) == ("pending", "receipted", 7)
    assert (filing["kind"], filing["authority"]) == ("catalogue", "informatization_office")


def test_a_message_that_fails_comes_again_and_does_not_hold_up_other_entries() -> None:
    one, two = published(), published()
    broken = receipt_for(one).model_copy(update={"body": {"event_id": "x", "kind": "catalogue"}})
    sent = sqs_batch([broken, receipt_for(one), receipt_for(two)])
    failed = [failure["itemIdentifier"] for failure in handler(sent, Context())["batchItemFailures"]]
    assert failed == [record["messageId"] for record in sent["Records"][:2]]
    assert [read(live.body["id"]).body["filing"]["state"] for live in (one, two)] == ["pending", "receipted"]


def test_a_message_of_a_type_nobody_subscribed_to_fails() -> None:
    one, two = published(), published()
    foreign = receipt_for(one).model_copy(update={"type": "request.submitted"})
    assert len(hear(foreign, receipt_for(two))["batchItemFailures"]) == 1
