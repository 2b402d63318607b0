"""Erasing what was written with an event: who may, what stays, the event that tells of it, and what a record of its
case says after it."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import JsonValue

from services.catalog import adjudication, certificate, collection, database, entry, figure
from services.catalog.erasures_api import BOUND as BOUND_IN_THE_CATALOGUE
from services.requests.erasures_api import BOUND as BOUND_IN_REQUESTS
from services.requests.kinds import KINDS
from services.shared.callers import ANONYMOUS, Caller, Claim
from services.shared.erasure import (
    LABELS,
    MARK,
    WORDS,
    Ground,
    check_may_erase,
    erase,
    erasure_case,
    erasure_id,
    sentence,
    struck,
    struck_item,
    texts_in,
    view_of,
    where_kept,
)
from services.shared.errors import Forbidden, NotFound
from services.shared.events import Event, Filing, FilingKind
from services.shared.lifecycle import Record
from services.shared.organisations import OFFICE, SUPERVISION_BUREAU

LATE = datetime(2026, 11, 23, 17, 30, tzinfo=UTC)  # in Beijing it is the next day
EVENT = Event(
    id="0193-e1",
    type="request.refused",
    case="c-1",
    case_seq=4,
    organisation="110107",
    actor="o-1",
    at=LATE,
    parties=("110107", "drc"),
    filing=Filing(kind=FilingKind.REFUSAL_REPORT, authority="statistics_bureau"),
    payload_sha256="ab" * 32,
    body={"state": "REFUSED"},
)
APPROVER, OFFICER = frozenset({Claim.APPROVER}), frozenset({Claim.OFFICER, Claim.ADMINISTRATOR, Claim.AUDITOR})


def caller(organisation: str, claims: frozenset[Claim] = APPROVER) -> Caller:
    return Caller(organisation=organisation, officer="o-9", claims=claims)


@pytest.mark.parametrize("organisation", ["110107", OFFICE])
def test_an_approver_of_who_wrote_it_or_of_the_office_may(organisation: str) -> None:
    check_may_erase(EVENT, caller(organisation))


@pytest.mark.parametrize(
    ("organisation", "claims"),
    [("110107", OFFICER), (OFFICE, OFFICER), ("drc", APPROVER), ("statistics_bureau", APPROVER)],
)
def test_others_who_know_of_the_event_may_not(organisation: str, claims: frozenset[Claim]) -> None:
    with pytest.raises(Forbidden, match="an approver of the body that wrote it, or of the office"):
        check_may_erase(EVENT, caller(organisation, claims))


@pytest.mark.parametrize("someone", [caller("sports_bureau"), caller(SUPERVISION_BUREAU), caller("system"), ANONYMOUS])
def test_to_everybody_else_there_is_no_such_event(someone: Caller) -> None:
    with pytest.raises(NotFound):
        check_may_erase(EVENT, someone)


def test_the_hash_the_readers_and_who_did_it_stay() -> None:
    kept, _ = erase(EVENT, "ab" * 32, Ground.PERSONAL_INFORMATION, caller(OFFICE), LATE)

    assert kept.model_dump() == {
        "case": "c-1",
        "event_id": "0193-e1",
        "sha256": "ab" * 32,
        "readers": ("110107", "drc", "statistics_bureau"),
        "erased_at": LATE,
        "by": OFFICE,
        "ground": Ground.PERSONAL_INFORMATION,
        "kept_in": (),
    }


def test_an_erasure_is_the_first_event_of_a_case_of_its_own_and_filed_with_the_office() -> None:
    _, told = erase(EVENT, "ab" * 32, Ground.COURT_ORDER, caller("110107"), LATE)

    assert (told.id, told.case, told.case_seq) == (erasure_id("0193-e1"), erasure_case("0193-e1"), 1)
    assert (told.type, told.filing) == ("payload.erased", Filing(kind=FilingKind.ERASURE, authority=OFFICE))
    assert told.parties == ("110107", "drc", "statistics_bureau")
    assert told.payload_sha256 is None
    assert told.body == {
        "event_id": "0193-e1",
        "case": "c-1",
        "payload_sha256": "ab" * 32,
        "ground": "court_order",
    }


def test_the_erasure_of_one_event_has_one_name_and_no_other_has_it() -> None:
    names = [name(event_id) for event_id in ("e-1", "e-2") for name in (erasure_id, erasure_case)]

    assert len(set(names)) == 4
    assert names == [name(event_id) for event_id in ("e-1", "e-2") for name in (erasure_id, erasure_case)]


@pytest.mark.parametrize("ground", Ground)
def test_readers_are_told_when_by_whom_and_why_in_both_languages(ground: Ground) -> None:
    kept, told = erase(EVENT, "ab" * 32, ground, caller(OFFICE), LATE)

    said = sentence(kept)

    zh, en = WORDS[ground]
    assert said.startswith(f"已于2026-11-24由{OFFICE}删除（{zh}），其哈希仍在 / erased on 2026-11-24 by {OFFICE}: {en}")
    assert said.endswith(f"its hash stays, and the erasure is event {told.id}")


def test_an_erasure_is_answered_with_the_address_of_its_receipt() -> None:
    kept, told = erase(
        EVENT, "ab" * 32, Ground.WRONGLY_GIVEN, caller("110107"), LATE, kept_in=("/request/offers/0/terms",)
    )

    shown = view_of(kept)

    assert (shown.erasure, shown.receipt) == (told.id, f"/audit/receipts/{told.id}")
    assert (shown.payload_sha256, shown.by, shown.ground) == ("ab" * 32, "110107", "wrongly_given")
    assert shown.kept_in == ("/request/offers/0/terms",)


REASON, NAME = "李某某的病历在内", "Li Lei"
TERMS = frozenset({"terms"})
RECORD: dict[str, Any] = {
    "id": "c-1",
    "version": 4,
    "state": "REFUSED",
    "refusal": {"reason": REASON, "clause": "第三十八条", "by": "provider"},
    "offers": [{"terms": {"purpose": {"text": REASON}}, "terms_hash": "ab" * 32}, {"terms": {}, "officer": NAME}],
    "classification": {REASON: "NONE"},
    "gaps": [{"pointer": "/条款/用途", "detail": f"{REASON}。"}],
}


@pytest.mark.parametrize("text", ["不", "REFUSED", "38", "2026-11-23", "110107", "city_operation", "x" * 80, ""])
def test_what_could_be_a_code_is_no_text(text: str) -> None:
    assert texts_in({"reason": text}) == frozenset()


@pytest.mark.parametrize("text", [REASON, NAME, "不同", "é1", "a\nb"])
def test_words_in_chinese_and_more_than_one_word_are_a_text(text: str) -> None:
    assert texts_in({"gaps": [{"detail": text}]}) == {text}


def test_neither_a_name_of_a_value_nor_what_is_cited_is_a_text() -> None:
    said: JsonValue = {
        "items": {REASON: "NONE"},
        "clause": "第三十八条",
        "gaps": [{"pointer": "/条款", "detail": NAME}],
    }

    assert texts_in(said) == {NAME}


def test_a_mark_takes_the_place_of_a_text_and_nothing_else_changes() -> None:
    after = struck(RECORD, {REASON, NAME, "第三十八条", "/条款/用途"}, TERMS)

    assert after == RECORD | {
        "refusal": RECORD["refusal"] | {"reason": MARK},
        "offers": [RECORD["offers"][0], {"terms": {}, "officer": MARK}],
    }


def test_where_a_hash_binds_a_text_it_stays_and_is_told() -> None:
    assert list(where_kept(RECORD, {REASON}, TERMS, "/request")) == ["/request/offers/0/terms"]
    assert list(where_kept(RECORD, {NAME}, TERMS, "/request")) == []


def test_a_pointer_spells_out_its_own_signs() -> None:
    assert list(where_kept({"a/b~c": {"terms": [NAME]}}, {NAME}, TERMS)) == ["/a~1b~0c/terms"]


def item(record: JsonValue, **index: Any) -> dict[str, Any]:
    return {"pk": "c-1", "sk": "STATE#request", "version": 4, "record": json.dumps(record)} | index


def test_of_a_records_item_only_what_changes_is_written() -> None:
    line = json.dumps({"title": "停车", "reason": REASON})

    changed = struck_item("request", item(RECORD, standing="request#REFUSED", line=line), {NAME}, TERMS).changed

    assert changed.keys() == {"record"}
    assert json.loads(changed["record"]) == struck(RECORD, {NAME}, TERMS)


def test_what_the_item_repeats_of_its_record_for_the_lists_goes_too() -> None:
    said = item({"reason": REASON}, line=json.dumps({"title": "停车", "said": [REASON]}), said=REASON)

    changed = struck_item("request", said, {REASON}, TERMS).changed

    assert json.loads(changed["line"]) == {"title": "停车", "said": [MARK]}
    assert changed["said"] == MARK


def test_what_stays_in_the_record_stays_in_its_lists() -> None:
    found = struck_item(
        "demand", item({"wanted": NAME}, line=json.dumps({"title": NAME})), {NAME}, frozenset({"wanted"})
    )

    assert (dict(found.changed), found.kept_in) == ({}, ("/demand/wanted",))


NAMES = st.sampled_from(["reason", "terms", "offers", "clause", "李", "note"])
STRINGS = st.sampled_from([REASON, NAME, "NONE", "ab", MARK, "第三十八条"]) | st.text(max_size=6)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | STRINGS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=20,
)


@given(VALUES, VALUES)
@example([REASON], {"clause": {"terms": REASON}})
def test_no_text_is_left_but_where_it_is_told_to_stay(payload: JsonValue, record: JsonValue) -> None:
    texts = texts_in(payload)

    after = struck(record, texts, TERMS)

    assert not texts & texts_in(struck(record, texts, frozenset()))
    assert bool(texts & texts_in(after)) is bool(list(where_kept(record, texts, TERMS)))
    assert struck(after, texts, TERMS) == after


@given(VALUES, VALUES)
def test_a_record_keeps_its_shape_and_all_that_is_no_text_of_it(payload: JsonValue, record: JsonValue) -> None:
    texts = texts_in(payload)

    before, after = leaves(record), leaves(struck(record, texts, TERMS))

    assert before.keys() == after.keys()
    for place, value in before.items():
        assert after[place] in (value, MARK)
        stays = value not in texts or {"terms", *LABELS} & set(place)
        assert not stays or after[place] == value


def leaves(value: JsonValue, *place: str) -> dict[tuple[str, ...], Any]:
    """Return the values in a JSON value that hold no other, by their places; an empty list or object is one too."""
    listed = {str(at): each for at, each in enumerate(value)} if isinstance(value, list) else value
    if not (isinstance(listed, dict) and listed):
        return {place: repr(value) if isinstance(value, list | dict) else value}
    return {at: leaf for name, each in listed.items() for at, leaf in leaves(each, *place, name).items()}


MODELS: dict[str, type[Record]] = {
    "entry": entry.Entry,
    "figure": figure.Figure,
    "collection": collection.Collection,
    "database": database.Database,
    "certificate": certificate.Certificate,
    "adjudication": adjudication.Adjudication,
}


@pytest.mark.parametrize(
    ("model", "bound"),
    [(MODELS[kind], BOUND_IN_THE_CATALOGUE[kind]) for kind in BOUND_IN_THE_CATALOGUE]
    + [(KINDS[kind].model, BOUND_IN_REQUESTS[kind]) for kind in BOUND_IN_REQUESTS],
)
def test_every_field_that_is_bound_is_a_field_of_its_record(model: type[Record], bound: frozenset[str]) -> None:
    schema = model.model_json_schema()
    fields = {name for each in (schema, *schema["$defs"].values()) for name in each.get("properties", ())}

    assert bound <= fields


def test_every_kind_of_record_says_what_is_bound() -> None:
    assert BOUND_IN_REQUESTS.keys() == KINDS.keys()
    assert BOUND_IN_THE_CATALOGUE.keys() == MODELS.keys()
