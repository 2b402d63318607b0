"""Each queue is subscribed to the events that the table of events says its service hears, and to no other."""

from typing import Any

import pytest

from services.shared.events import EVENT_TYPES, FilingKind
from tests.repository.templates import DATA, of_type

SUBSCRIPTIONS = of_type(DATA, "AWS::SNS::Subscription")
SUBJECTS = {name for name in EVENT_TYPES if name != "filing.receipted"} | {
    f"filing.receipted.{kind}" for kind in FilingKind
}


def heard(service: str) -> set[str]:
    """Return the subjects that a service's subscription lets through."""
    rules: list[Any] = SUBSCRIPTIONS[f"{service.capitalize()}Subscription"]["FilterPolicy"]["subject"]
    prefixes = tuple(rule["prefix"] for rule in rules if isinstance(rule, dict))
    return {subject for subject in SUBJECTS if subject in rules or (prefixes and subject.startswith(prefixes))}


def event_type(subject: str) -> str:
    return "filing.receipted" if subject.startswith("filing.receipted.") else subject


def test_the_ledger_hears_of_everything_but_its_own_receipts() -> None:
    assert heard("audit") == {subject for subject in SUBJECTS if not subject.startswith("filing.")}


@pytest.mark.parametrize("service", ["catalog", "requests"])
def test_a_service_hears_of_exactly_the_types_it_is_a_consumer_of(service: str) -> None:
    named = {name for name, kind in EVENT_TYPES.items() if service in kind.consumers}

    assert {event_type(subject) for subject in heard(service)} == named


def test_a_receipt_goes_back_to_one_service_at_most() -> None:
    assert {
        subject for subject in heard("catalog") & heard("requests") if event_type(subject) == "filing.receipted"
    } == set()


def test_every_filter_names_an_event_that_exists() -> None:
    rules = [rule for s in SUBSCRIPTIONS.values() for rule in s["FilterPolicy"]["subject"] if isinstance(rule, str)]

    assert set(rules) <= SUBJECTS


@pytest.mark.parametrize("subscription", SUBSCRIPTIONS)
def test_events_are_delivered_as_they_were_published(subscription: str) -> None:
    assert SUBSCRIPTIONS[subscription]["RawMessageDelivery"] is True
