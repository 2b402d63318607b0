"""Events: one envelope for all, the body that its type demands, and never more than the ledger can hold."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue, ValidationError

from services.shared.canonical import canonical, digest, new_id, now
from services.shared.errors import Invalid
from services.shared.event_bodies import ResourceMoved
from services.shared.events import (
    EVENT_TYPES,
    MAX_BYTES,
    Event,
    Filing,
    FilingKind,
    Origin,
    event_of,
    readers_of,
)
from services.shared.request_bodies import ItemsClassified, RequestMoved

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
ORIGIN = Origin("r-1", 3, "drc", "o-7", NOON)
MOVED = RequestMoved(
    state="SUBMITTED", requester="drc", provider="110107", resource="e-1", offer=1, terms_hash="0" * 64
)
FILED = Filing(kind=FilingKind.REQUEST, authority="informatization_office")


def test_an_event_says_who_did_what_in_which_case_and_when() -> None:
    event = event_of("request.countered", MOVED, ORIGIN, parties=("drc", "110107"), filing=FILED)
    assert (event.type, event.case, event.case_seq, event.organisation) == ("request.countered", "r-1", 3, "drc")
    assert (event.actor, event.at, event.filing) == ("o-7", NOON, FILED)
    assert event.body["provider"] == "110107"


def test_parties_are_named_once_and_in_one_order() -> None:
    event = event_of("request.countered", MOVED, ORIGIN, parties=("drc", "110107", "drc"))
    assert event.parties == ("110107", "drc")


def test_the_readers_are_the_parties_and_the_filings_authority() -> None:
    filed = event_of("request.countered", MOVED, ORIGIN, parties=("drc",), filing=FILED)
    assert readers_of(filed) == ("drc", "informatization_office")
    assert readers_of(filed.model_copy(update={"filing": None})) == ("drc",)


def test_a_body_of_another_type_is_our_own_mistake() -> None:
    with pytest.raises(TypeError, match=r"request\.countered carries RequestMoved"):
        event_of(
            "request.countered",
            ResourceMoved(state="DRAFT", provider="drc", entry_version=1, metadata_hash="00" * 32),
            ORIGIN,
        )


def test_a_type_that_is_not_in_the_table_cannot_be_made() -> None:
    with pytest.raises(KeyError):
        event_of("request.forgotten", MOVED, ORIGIN)


def test_an_event_that_the_ledger_could_not_hold_is_refused_with_its_size() -> None:
    body = ItemsClassified(**MOVED.model_dump(), classification={f"{n:05}": "泊" * 300 for n in range(100)})
    with pytest.raises(Invalid, match=rf"an event of 9\d{{4}} bytes; {MAX_BYTES} is the most"):
        event_of("request.items_classified", body, ORIGIN)


def test_the_limit_counts_the_bytes_of_the_whole_event() -> None:
    bare = len(canonical(event_of("request.countered", MOVED, ORIGIN)))
    spare = MAX_BYTES - bare
    fits = MOVED.model_copy(update={"resource": "e-1" + "x" * spare})
    assert len(canonical(event_of("request.countered", fits, ORIGIN))) == MAX_BYTES
    with pytest.raises(Invalid):
        event_of("request.countered", fits.model_copy(update={"resource": fits.resource + "x"}), ORIGIN)


def test_an_event_survives_being_written_and_read() -> None:
    event = event_of("request.countered", MOVED, ORIGIN, parties=("drc",), filing=FILED)
    assert Event.model_validate_json(event.model_dump_json()) == event


@pytest.mark.parametrize("change", [{"at": "2026-11-23T12:00:00"}, {"surprise": 1}, {"filing": {"kind": "gossip"}}])
def test_an_envelope_without_a_time_zone_or_with_strange_fields_is_not_read(change: dict[str, JsonValue]) -> None:
    plain = json.loads(event_of("request.countered", MOVED, ORIGIN).model_dump_json())
    with pytest.raises(ValidationError):
        Event.model_validate(plain | change)


def test_every_type_names_its_producer_in_the_past_tense_and_its_body_is_closed() -> None:
    for name, row in EVENT_TYPES.items():
        assert name.count(".") == 1
        assert set(row.producer.split(", ")) <= {"catalog", "requests", "audit", "exchange"}
        assert row.body.model_config["extra"] == "forbid"


def test_one_value_has_one_spelling_whatever_its_order_or_zone() -> None:
    assert canonical({"b": 1, "a": "泊"}) == '{"a":"泊","b":1}'.encode() == canonical({"a": "泊", "b": 1})
    assert digest({"b": 1, "a": 2}) == digest({"a": 2, "b": 1}) != digest({"a": 1, "b": 2})


@given(st.dictionaries(st.text(max_size=5), st.integers(-(2**53) + 1, 2**53 - 1), max_size=5))
def test_canonical_bytes_mean_the_value_they_were_made_from(value: dict[str, int]) -> None:
    assert json.loads(canonical(dict(value))) == value


def test_ids_are_uuids_of_version_7_and_sort_by_the_time_they_were_made() -> None:
    ids = [new_id() for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert ids == sorted(ids)
    assert {(one[14], one[19] in "89ab", len(one)) for one in ids} == {("7", True, 36)}


def test_the_present_is_in_utc_and_holds_whole_milliseconds() -> None:
    moment = now()
    assert moment.utcoffset() == timedelta(0)
    assert moment.microsecond % 1000 == 0
    assert abs(datetime.now(timezone(timedelta(hours=8))) - moment) < timedelta(seconds=5)
