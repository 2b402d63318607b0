"""The table's helpers: a case's records and its event are written together or not at all; a page token opens nothing.

A token is no secret: it names a place. What a listing reads is decided by its own condition, whatever the token says.
"""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from services.shared.canonical import new_id
from services.shared.cases import Related, relate
from services.shared.dynamo import (
    history,
    load_case,
    lost_race,
    open_token,
    page_token,
    put_event,
    put_new,
    put_record,
    record_in,
    write,
)
from services.shared.errors import Invalid, Stale
from services.shared.event_bodies import ResourceMoved
from services.shared.events import Event, Origin, event_of
from services.shared.once import KEPT_SECONDS, Once, bind, made_before
from tests.standing import standing_stack
from tests.unit.small_machine import NOON, Letter, a_letter

BODY = ResourceMoved(state="DRAFT", provider="drc", entry_version=1, metadata_hash="00" * 32)


@pytest.fixture(scope="module", autouse=True)
def table() -> Iterator[str]:
    """One table for all tests here; each works on cases of its own."""
    with standing_stack() as stack:
        yield stack["CatalogTable"]


def an_event(case: str, seq: int) -> Event:
    return event_of("resource.created", BODY, Origin(case, seq, "drc", "o-7", NOON))


def at(letter: Letter, version: int, **fields: Any) -> Letter:
    return letter.model_copy(update={"version": version, "case_seq": version, **fields})


def save(table: str, case: str, version: int, words: str = "") -> None:
    letter = at(a_letter(words=words), version)
    write([put_record(table, case, "letter", letter, {}), put_event(table, an_event(case, version))])


def a_case(table: str, versions: int = 1) -> str:
    case = new_id()
    for version in range(1, versions + 1):
        save(table, case, version, f"draft {version}")
    return case


def stored(table: str, case: str) -> Letter:
    letter = record_in(load_case(table, case), "letter", Letter)
    assert letter is not None
    return letter


def token(place: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def test_a_record_and_its_event_are_written_together(table: str) -> None:
    case = a_case(table, versions=2)
    assert (stored(table, case).words, stored(table, case).version) == ("draft 2", 2)
    assert [event.case_seq for event in history(table, case, limit=10, after=None)[0]] == [1, 2]


def test_the_slower_of_two_writers_is_stale_and_leaves_nothing(table: str) -> None:
    case = a_case(table)
    save(table, case, 2, "the faster")
    with pytest.raises(Stale, match="someone else changed this"):
        save(table, case, 2, "the slower")
    assert stored(table, case).words == "the faster"
    assert len(history(table, case, limit=10, after=None)[0]) == 2


def test_a_record_is_never_overwritten_by_an_older_one(table: str) -> None:
    case = a_case(table, versions=3)
    with pytest.raises(Stale):
        write([put_record(table, case, "letter", at(a_letter(), 2), {})])
    assert stored(table, case).version == 3


def test_when_the_events_slot_is_taken_the_record_is_not_written_either(table: str) -> None:
    case = a_case(table)
    other = at(a_letter(words="beside"), 1)
    with pytest.raises(Stale):
        write([put_record(table, case, "other", other, {}), put_event(table, an_event(case, 1))])
    assert record_in(load_case(table, case), "other", Letter) is None


def test_what_is_not_a_lost_race_reaches_the_platform(table: str) -> None:
    with pytest.raises(ClientError) as error:
        write([put_new("no-such-table", {"pk": "a", "sk": "b"})])
    assert error.value.response["Error"]["Code"] == "ResourceNotFoundException"


@pytest.mark.parametrize(
    ("codes", "lost"),
    [
        (["None", "ConditionalCheckFailed"], True),
        (["TransactionConflict", "None"], True),
        (["ThrottlingError", "None"], False),
        (["ProvisionedThroughputExceeded"], False),
        (["ValidationError"], False),
        ([], False),
    ],
)
def test_a_throttled_transaction_is_not_a_lost_race(codes: list[str], lost: bool) -> None:
    assert bool(lost_race({"CancellationReasons": [{"Code": code} for code in codes]})) is lost


def test_a_record_knows_the_cases_latest_event_also_when_another_record_made_it(table: str) -> None:
    case = a_case(table)
    other = at(a_letter(), 2)
    write([put_record(table, case, "other", other, {}), put_event(table, an_event(case, 2))])
    letter = stored(table, case)
    assert (letter.version, letter.case_seq) == (1, 2)


def test_a_case_that_is_not_there_has_no_record(table: str) -> None:
    assert record_in(load_case(table, new_id()), "letter", Letter) is None


def test_a_case_is_loaded_without_its_events_and_keys(table: str) -> None:
    case = a_case(table)
    write([put_new(table, {"pk": case, "sk": "PAYLOAD#1"}), put_new(table, {"pk": case, "sk": "RECEIPT#1"})])
    assert [item["sk"] for item in load_case(table, case)] == ["RECEIPT#1", "STATE#letter"]


def test_pages_follow_each_other_without_gap_or_repeat(table: str) -> None:
    case, seen, after = a_case(table, versions=5), list[int | None](), None
    while True:
        page, after = history(table, case, limit=2, after=after)
        seen += [event.case_seq for event in page]
        if after is None:
            break
    assert seen == [1, 2, 3, 4, 5]


def test_a_token_names_a_place_and_comes_back_as_it_was() -> None:
    place = {"pk": {"S": "泊位"}, "sk": {"S": "EVENT#00000001"}}
    made = page_token(place)
    assert made is not None
    assert open_token(made) == place
    assert page_token(None) is None
    assert page_token({}) is None


HOSTILE = [
    "%%%",
    "....",
    "AAAA",
    "é",
    "bnVsbA",
    token([]),
    token({}),
    token("EVENT#1"),
    token({"pk": 1}),
    token({"pk": None}),
    token({"pk": {"S": "a"}}),
    token({"pk": ["a"]}),
    token({"a": "b"}),
    token({"pk": "a"}),
    token({"pk": "a", "sk": "EVENT#00000001", "requester": "drc"}),
]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_token_that_is_none_of_ours_is_not_valid(table: str, hostile: str) -> None:
    with pytest.raises(Invalid) as refused:
        history(table, a_case(table), limit=10, after=hostile)
    assert [problem.pointer for problem in refused.value.problems] == ["/query/next"]


def test_a_token_of_another_case_is_refused(table: str) -> None:
    mine, theirs = a_case(table, versions=2), a_case(table, versions=3)
    _, of_theirs = history(table, theirs, limit=1, after=None)
    assert of_theirs is not None
    with pytest.raises(Invalid):
        history(table, mine, limit=10, after=of_theirs)


def test_no_token_makes_a_listing_read_beyond_its_own_case(table: str) -> None:
    mine, theirs = a_case(table, versions=3), a_case(table, versions=3)
    forged = [token({"pk": mine, "sk": sk}) for sk in ("", "A", "EVENT#", "EVENT#00000001", "STATE#letter", "~")]
    forged += [token({"pk": theirs, "sk": "EVENT#00000001"})]
    for after in forged:
        try:
            page, _ = history(table, mine, limit=10, after=after)
        except Invalid:
            continue
        assert {event.case for event in page} <= {mine}


def test_a_case_is_read_whole_however_much_it_is_linked_with(table: str) -> None:
    case = a_case(table)
    for number in range(120):
        write([relate(table, case, Related(kind="agreement", id=f"{number:03}", title="x" * 10_000))])
    assert stored(table, case).words == "draft 1"
    assert sum(item["sk"].startswith("RELATED#") for item in load_case(table, case)) == 120


def test_a_key_is_bound_with_what_it_made_and_says_so_again(table: str) -> None:
    once = Once.of("drc", "key-12345", BODY)
    assert once is not None
    assert made_before(table, once) is None
    write([bind(table, once, "r-1", NOON)])
    assert made_before(table, once) == "r-1"


def test_a_key_with_another_body_is_refused(table: str) -> None:
    first = Once(organisation="drc", key="key-other", body_hash="a")
    write([bind(table, first, "r-1", NOON)])
    with pytest.raises(Invalid, match="used for another body"):
        made_before(table, first.model_copy(update={"body_hash": "b"}))


def test_a_key_is_bound_only_once_and_by_one_organisation(table: str) -> None:
    mine = Once(organisation="drc", key="key-shared", body_hash="a")
    write([bind(table, mine, "r-1", NOON)])
    with pytest.raises(Stale):
        write([bind(table, mine, "r-2", NOON)])
    theirs = mine.model_copy(update={"organisation": "sports_bureau"})
    assert made_before(table, theirs) is None
    write([bind(table, theirs, "r-3", NOON)])
    assert (made_before(table, mine), made_before(table, theirs)) == ("r-1", "r-3")


def test_no_key_binds_nothing() -> None:
    assert Once.of("drc", None, BODY) is None
    assert Once.of("drc", "", BODY) is None


def test_a_key_is_kept_for_a_week(table: str) -> None:
    once = Once(organisation="drc", key="key-week", body_hash="a")
    write([bind(table, once, "r-1", datetime(2026, 1, 1, tzinfo=UTC))])
    item = boto3.client("dynamodb").get_item(TableName=table, Key={"pk": {"S": once.name}, "sk": {"S": "KEY"}})["Item"]
    assert item["expires_at"] == {"N": str(int(datetime(2026, 1, 8, tzinfo=UTC).timestamp()))}
    assert KEPT_SECONDS == 7 * 86_400
