"""What is filed of an event: canonical JSON of strings and integers, with the hash of the case's previous entry."""

import hashlib
import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from services.audit.entry import NotAnEntry, State, entry_of, mark_of
from services.audit.verify.entry import parse_entry
from services.shared.events import Event, Filing, FilingKind

NOON = datetime(2026, 3, 1, 12, 0, 0, 5000, tzinfo=UTC)


def an_event(**changes: object) -> Event:
    """Return an event of a case, with some of its fields changed."""
    fields: dict[str, object] = {
        "id": "e-1",
        "type": "request.submitted",
        "case": "c-1",
        "case_seq": 1,
        "organisation": "drc",
        "actor": "o-1",
        "at": NOON,
        "body": {"state": "SUBMITTED"},
    }
    return Event.model_validate(fields | changes)


def test_an_entry_says_what_happened_in_one_spelling() -> None:
    filing = Filing(kind=FilingKind.REQUEST, authority="informatization_office")

    entry = entry_of(an_event(parties=("drc", "shijingshan"), filing=filing, payload_sha256="ab"), "cd" * 32)

    assert json.loads(entry) == {
        "v": 1,
        "event_id": "e-1",
        "type": "request.submitted",
        "case": "c-1",
        "case_seq": 1,
        "prev_hash": "cd" * 32,
        "organisation": "drc",
        "actor": "o-1",
        "parties": ["drc", "shijingshan"],
        "occurred_at": "2026-03-01T12:00:00.005Z",
        "filing": {"kind": "request", "authority": "informatization_office"},
        "payload_sha256": "ab",
        "body": {"state": "SUBMITTED"},
    }


@pytest.mark.parametrize("case_seq", [None, 0, -1])
def test_an_event_without_a_place_in_its_case_is_no_entry(case_seq: int | None) -> None:
    with pytest.raises(NotAnEntry, match="no place in its case"):
        entry_of(an_event(case_seq=case_seq), "")


def test_the_same_moment_in_another_zone_is_the_same_entry() -> None:
    elsewhere = NOON.astimezone(timezone(timedelta(hours=8)))

    assert entry_of(an_event(at=elsewhere), "") == entry_of(an_event(), "")


def test_null_is_left_out_and_a_boolean_is_a_number() -> None:
    entry = json.loads(entry_of(an_event(body={"share_type": None, "legacy": True, "items": [{"name": "x"}]}), ""))

    assert entry["body"] == {"legacy": 1, "items": [{"name": "x"}]}
    assert "filing" not in entry


@pytest.mark.parametrize("value", [0.5, [1.5], {"a": {"b": 2.0}}, [None]])
def test_what_two_machines_may_write_differently_is_refused(value: JsonValue) -> None:
    with pytest.raises(NotAnEntry, match="strings and whole numbers"):
        entry_of(an_event(body={"value": value}), "")


def test_an_entry_longer_than_a_bundle_can_hold_is_refused() -> None:
    with pytest.raises(NotAnEntry, match="65535 is the most"):
        entry_of(an_event(body={"text": "a" * 65_536}), "")


def test_an_event_outside_a_cases_order_is_no_entry() -> None:
    with pytest.raises(NotAnEntry, match="no place in its case"):
        entry_of(an_event(case_seq=None), "")


def test_the_mark_of_an_entry_carries_its_hashes_and_waits() -> None:
    entry = entry_of(an_event(), "")

    mark = mark_of(entry)

    assert mark.entry_sha256 == hashlib.sha256(entry).hexdigest()
    assert mark.leaf_hash == hashlib.sha256(b"\x00" + entry).hexdigest()
    assert (mark.state, mark.index) == (State.PENDING, None)


bodies = st.recursive(
    st.text() | st.integers(-(2**53) + 1, 2**53 - 1) | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner | st.none(), max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.text(), bodies, max_size=4))
def test_the_offline_verifier_takes_every_entry(body: dict[str, JsonValue]) -> None:
    parse_entry(entry_of(an_event(body=body), ""))
