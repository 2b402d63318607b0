"""An event that contradicts what the ledger holds is refused, comes to the dead letters, and is filed as a security
event: once, with the same bytes, however often it comes and wherever a function dies."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest

from services.audit.api import handler
from services.shared.dynamo import dynamodb
from services.shared.events import Event, FilingKind
from services.shared.organisations import OFFICE
from tests.filing import PROVIDER, REQUESTER, a_case, a_sequencer, check_everything, prepare_ledger, take_in
from tests.stack import Calls
from tests.support import Reply, call, events_in, token


@pytest.fixture(autouse=True)
def ledger(data_stack: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty ledger."""
    for name, value in prepare_ledger(data_stack).items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def event() -> Event:
    """A filed event."""
    (event,) = a_case(1)
    file(event)
    return event


def file(*events: Event) -> None:
    """Take events in and sequence them."""
    assert take_in(*events) == []
    a_sequencer().run()


def another(event: Event, officer: str = "o-2") -> Event:
    """Return another event under the same id."""
    return event.model_copy(update={"actor": officer})


def rival_of(event: Event) -> Event:
    """Return another event that claims the place of the first."""
    (rival,) = a_case(1, case=event.case)
    return rival


def told() -> list[Event]:
    """Return the security events in the outbox, which the relay publishes and the intake then takes in."""
    return [event for event in events_in(os.environ["AUDIT_TABLE"]) if event.type.startswith("security.")]


def filed_contradiction(event: Event) -> Event:
    """Return the filed security event of a contradiction of `event`."""
    take_in(another(event))
    file(*told())
    return told()[0]


def get(path: str, organisation: str) -> Reply:
    """Read as an officer of an organisation."""
    return call(handler, "GET", path, token=token(organisation))


@contextmanager
def a_torn_read() -> Iterator[None]:
    """Have the first read of a mark and a case inside the block find the mark as it was before it was written."""
    events = dynamodb().meta.events

    def tear(parsed: dict[str, Any], **_: object) -> None:
        events.unregister("after-call.dynamodb.BatchGetItem", tear)
        found = parsed["Responses"]
        found |= {table: [item for item in items if item["sk"]["S"] != "EVT"] for table, items in found.items()}

    events.register("after-call.dynamodb.BatchGetItem", tear)
    try:
        yield
    finally:
        events.unregister("after-call.dynamodb.BatchGetItem", tear)


def test_another_event_under_a_known_id_is_refused_with_an_alarm_and_filed(
    event: Event, caplog: pytest.LogCaptureFixture
) -> None:
    assert take_in(another(event)) == [event.id]

    file(*told())
    (security,) = told()
    assert "conflicting_event" in caplog.text
    assert (security.body["reason"], security.body["event_id"]) == ("other_bytes", event.id)
    check_everything([event, security])


def test_another_event_in_a_filed_place_is_refused_with_an_alarm_and_filed(
    event: Event, caplog: pytest.LogCaptureFixture
) -> None:
    rival = rival_of(event)

    assert take_in(rival) == [rival.id]

    file(*told())
    (security,) = told()
    assert "conflicting_event" in caplog.text
    assert (security.body["reason"], security.body["event_id"]) == ("place_taken", rival.id)
    check_everything([event, security])


def test_a_security_event_is_a_filing_with_the_office_in_a_case_of_its_own(event: Event) -> None:
    security = filed_contradiction(event)

    assert security.filing is not None
    assert (security.filing.kind, security.filing.authority) == (FilingKind.SECURITY_EVENT, OFFICE)
    assert (security.parties, security.case_seq) == ((), 1)
    assert security.case != event.case


def test_a_contradiction_found_five_times_is_filed_once_with_the_same_bytes_though_its_case_goes_on() -> None:
    first, second = a_case(2)
    file(first)
    rival = rival_of(first)

    seen = set()
    for event in (rival, second, rival, rival, rival, rival):
        take_in(event)
        seen |= {security.model_dump_json() for security in told()}
    file(*told())

    assert len(seen) == 1
    check_everything([first, second, *told()])


def test_two_different_contradictions_of_one_event_are_two(event: Event) -> None:
    take_in(another(event))
    take_in(another(event, "o-3"))

    assert len({security.id for security in told()}) == 2


def test_a_security_event_that_is_contradicted_itself_is_refused_and_nothing_more_is_filed_of_it(
    event: Event, caplog: pytest.LogCaptureFixture
) -> None:
    security = filed_contradiction(event)
    caplog.clear()

    assert take_in(another(security)) == [security.id]
    rival = rival_of(security).model_copy(update={"type": security.type})
    assert take_in(rival) == [rival.id]

    assert caplog.text.count("conflicting_event") >= 2
    assert told() == [security]


def test_a_contradiction_that_was_filed_before_the_outbox_was_lost_is_not_told_again(event: Event) -> None:
    security = filed_contradiction(event)
    name = {"pk": {"S": f"SECURITY#{security.id}"}, "sk": {"S": "EVENT#security"}}
    dynamodb().delete_item(TableName=os.environ["AUDIT_TABLE"], Key=name)

    take_in(another(event))

    assert told() == []


def test_an_event_accepted_between_the_two_reads_of_its_second_delivery_contradicts_nothing(event: Event) -> None:
    with a_torn_read():
        assert take_in(event) == []

    assert told() == []


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("contradict", [another, rival_of])
def test_intake_dies_at_each_write_and_the_contradiction_is_filed_once_all_the_same(
    event: Event, aws_calls: Calls, when: str, contradict: Any
) -> None:
    offending = contradict(event)
    good = a_case(1)

    for nth in count(1):
        with aws_calls.crash(when, nth):
            take_in(*good, offending)
        if not aws_calls.crashed:
            break
    file(*good, *told())

    assert len(told()) == 1
    check_everything([event, *good, *told()])


@pytest.mark.parametrize("organisation", [OFFICE, "supervision_bureau", "archives_bureau"])
def test_those_who_oversee_sharing_read_a_security_event(event: Event, organisation: str) -> None:
    security = filed_contradiction(event)

    items = get(f"/audit/filings?case={security.case}", organisation).body["items"]
    assert [item["type"] for item in items] == ["security.conflicting_event"]
    assert get(f"/audit/receipts/{security.id}", organisation).status == 200


@pytest.mark.parametrize("organisation", [REQUESTER, PROVIDER, "secrecy_bureau", "sports_bureau"])
def test_nobody_else_learns_of_a_security_event_not_even_the_parties_of_the_case(
    event: Event, organisation: str
) -> None:
    security = filed_contradiction(event)

    assert get(f"/audit/receipts/{security.id}", organisation).status == 404
    assert get(f"/audit/filings?case={security.case}", organisation).status == 404
