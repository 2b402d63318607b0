"""The life of a catalogue entry over HTTP: drafted, reviewed, published, filed, revised, withdrawn."""

import hashlib
import json

import pytest

from services.catalog.api import handler
from services.shared.canonical import digest
from tests.catalogue import (
    BASIC,
    COMMENT,
    ENTRY,
    OFFICE,
    PROVIDER,
    STATISTICS,
    STRANGER,
    act,
    create,
    published,
    put,
    read,
    through,
)
from tests.support import Reply, call, events_in, token


@pytest.fixture(autouse=True)
def table(data_stack: dict[str, str]) -> str:
    """The catalogue's table, empty."""
    return data_stack["CatalogTable"]


def payload(entry: Reply, event_id: str, organisation: str) -> Reply:
    """Read what was written with an event."""
    return call(handler, "GET", f"/catalog/resources/{entry.body['id']}/payloads/{event_id}", token=token(organisation))


def test_an_entry_goes_from_draft_to_live_and_everybody_sees_it() -> None:
    live = published()
    anonymous = read(live.body["id"])
    assert (live.status, anonymous.status, anonymous.body["state"]) == (200, 200, "LIVE")
    assert anonymous.body["live"]["metadata"]["title"] == ENTRY["title"]
    assert anonymous.body["live"]["lag_seconds"] >= 0
    assert anonymous.body["actions"] == []


def test_each_step_is_one_event_without_gaps_and_publishing_is_filed_with_the_office(table: str) -> None:
    published()
    events = events_in(table)
    assert [event.case_seq for event in events] == [1, 2, 3, 4, 5]
    assert [event.type.removeprefix("resource.") for event in events] == [
        "created",
        "submitted",
        "review_started",
        "approved",
        "published",
    ]
    assert [event.filing is not None for event in events] == [False] * 4 + [True]


def test_the_filed_event_binds_what_is_shown(table: str) -> None:
    live = published().body["live"]
    filed = events_in(table)[-1].body
    assert filed["metadata_hash"] == live["metadata_hash"] == digest(live["metadata"])


def test_a_new_entry_is_answered_with_its_address_and_version() -> None:
    reply = create()
    assert (reply.status, reply.etag) == (201, '"1"')
    assert reply.headers["location"] == f"/catalog/resources/{reply.body['id']}"
    assert reply.body["actions"] == ["revise", "submit", "discard"]
    assert reply.body["awaiting"] == [{"party": "provider", "organisation": PROVIDER}]


def test_a_draft_is_there_for_its_provider_alone_and_for_the_office_once_submitted() -> None:
    draft = create()
    seen = [read(draft.body["id"], who).status for who in (PROVIDER, OFFICE, STATISTICS, STRANGER, None)]
    act(draft, "submit", PROVIDER)
    then = [read(draft.body["id"], who).status for who in (PROVIDER, OFFICE, STATISTICS, STRANGER, None)]
    assert (seen, then) == ([200, 404, 404, 404, 404], [200, 200, 404, 404, 404])


def test_basic_information_waits_for_the_office_and_the_statistics_bureau_each_once() -> None:
    review = act(act(create(BASIC), "submit", PROVIDER), "start_review", OFFICE)
    half = act(review, "approve", OFFICE, COMMENT)
    again = act(half, "approve", OFFICE, COMMENT)
    whole = act(half, "approve", STATISTICS, COMMENT)
    assert half.body["state"] == "UNDER_REVIEW"
    assert half.body["awaiting"] == [{"party": "statistics_bureau", "organisation": STATISTICS}]
    assert again.status == 409
    assert whole.body["state"] == "APPROVED"


def test_a_live_entry_stands_untouched_until_its_next_version_is_published() -> None:
    live = published()
    draft = put(live, PROVIDER, ENTRY | {"title": "新标题"})
    assert read(live.body["id"]).body["live"]["metadata"]["title"] == ENTRY["title"]
    renewed = through(draft)
    assert renewed.body["live"]["metadata"]["title"] == "新标题"
    assert [(f["number"], f["state"]) for f in renewed.body["former"]] == [(1, "SUPERSEDED")]


def test_a_stranger_learns_nothing_of_a_draft_beside_a_live_entry() -> None:
    live = published()
    put(live, PROVIDER, ENTRY | {"title": "新标题"})
    for who in (STRANGER, OFFICE, None):
        body = read(live.body["id"], who).body
        assert (body["state"], body["open"]) == ("LIVE", None)
    assert read(live.body["id"], PROVIDER).body["open"]["metadata"]["title"] == "新标题"


def test_a_submission_is_refused_with_every_gap_at_once_and_changes_nothing(table: str) -> None:
    refused = act(create({"title": "x", "items": [{"name": "甲"}]}), "submit", PROVIDER)
    assert refused.status == 422
    assert refused.pointers == [
        "/abstract",
        "/assessment",
        "/catalogue",
        "/classification",
        "/formats",
        "/items/0/data_type",
        "/items/0/sensitivity",
        "/open_flag",
        "/risk_bearer",
        "/roles",
        "/share_method",
        "/share_type",
        "/steward",
        "/theme",
        "/update_cycle",
    ]
    assert len(events_in(table)) == 1


def test_a_returned_version_shows_its_gaps_and_can_be_corrected() -> None:
    review = act(act(create(), "submit", PROVIDER), "start_review", OFFICE)
    gaps = [{"pointer": "/abstract", "detail": "说明数据来源"}]
    returned = act(review, "return", OFFICE, {"gaps": gaps})
    seen = read(returned.body["id"], PROVIDER)
    corrected = put(seen, PROVIDER, ENTRY | {"abstract": "来自各停车场的上报"})
    assert (seen.body["state"], seen.body["open"]["gaps"]) == ("RETURNED", gaps)
    assert act(corrected, "submit", PROVIDER).body["state"] == "SUBMITTED"


@pytest.mark.parametrize("who", [PROVIDER, OFFICE])
def test_withdrawing_leaves_a_tombstone_and_drops_the_open_version(who: str) -> None:
    live = published()
    put(live, PROVIDER, ENTRY)
    gone = act(read(live.body["id"], PROVIDER), "withdraw", who, {"reason": "职能调整"})
    tombstone = read(live.body["id"]).body
    face = tombstone["live"]
    said = {name for name, value in face["metadata"].items() if value not in (None, [])}
    assert (gone.status, tombstone["state"], said) == (200, "WITHDRAWN", {"title", "catalogue"})
    assert (face["resource_code"], tombstone["provider"]) == ("307001/0001", PROVIDER)
    assert [(f["number"], f["state"]) for f in gone.body["former"]] == [(2, "DISCARDED")]
    assert call(handler, "GET", "/catalog/resources").body["items"] == []


def test_the_reason_of_a_withdrawal_is_for_those_who_follow_and_its_hash_for_everybody(table: str) -> None:
    gone = act(published(), "withdraw", PROVIDER, {"reason": "职能调整"})
    faces = [read(gone.body["id"], who).body["live"] for who in (PROVIDER, OFFICE, STRANGER, None)]
    event = events_in(table)[-1]
    assert [face["reason"] for face in faces] == ["职能调整", "职能调整", None, None]
    assert {face["reason_sha256"] for face in faces} == {event.payload_sha256}
    opened = payload(gone, event.id, OFFICE).body
    content = json.dumps(opened["content"], ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    assert hashlib.sha256(bytes.fromhex(opened["salt"]) + content).hexdigest() == event.payload_sha256


def test_confirming_keeps_the_entry_live_and_a_discarded_revision_leaves_it_so() -> None:
    confirmed = act(published(), "confirm", PROVIDER)
    kept = act(put(confirmed, PROVIDER, ENTRY), "discard", PROVIDER)
    assert confirmed.body["live"]["confirmed_at"]
    assert (kept.body["state"], kept.body["open"], kept.body["former"][0]["state"]) == ("LIVE", None, "DISCARDED")


def test_the_history_is_for_those_at_work_on_the_entry_and_links_each_receipt() -> None:
    live = published()
    path = f"/catalog/resources/{live.body['id']}/history"
    lines = call(handler, "GET", f"{path}?limit=3", token=token(PROVIDER)).body
    rest = call(handler, "GET", f"{path}?limit=3&next={lines['next']}", token=token(PROVIDER)).body
    assert [len(lines["items"]), len(rest["items"]), rest["next"]] == [3, 2, None]
    assert all(line["receipt"] == f"/audit/receipts/{line['event']['id']}" for line in lines["items"])
    assert [call(handler, "GET", path, token=t).status for t in (token(STRANGER), None)] == [404, 401]


def test_the_history_tells_the_office_nothing_of_what_was_not_submitted_to_it() -> None:
    live = put(published(), PROVIDER, ENTRY | {"title": "新标题"})
    path = f"/catalog/resources/{live.body['id']}/history"
    own, seen = (
        [line["event"]["type"] for line in call(handler, "GET", path, token=token(who)).body["items"]]
        for who in (PROVIDER, OFFICE)
    )
    assert (own[0], own[-1]) == ("resource.created", "resource.revised")
    assert seen == own[1:-1]


def test_an_idempotency_key_makes_one_entry_and_refuses_another_body(table: str) -> None:
    first, second = (create(key="key-0001") for _ in range(2))
    other = create(ENTRY | {"title": "另一个"}, key="key-0001")
    assert (first.body["id"], first.status) == (second.body["id"], second.status)
    assert (other.status, len(events_in(table))) == (422, 1)


def test_of_two_racing_steps_one_wins_and_the_other_is_told(table: str) -> None:
    draft = create()
    replies = [act(draft, "submit", PROVIDER).status, act(draft, "discard", PROVIDER).status]
    assert (replies, len(events_in(table))) == ([200, 412], 2)


def test_a_step_needs_the_version_it_was_made_from() -> None:
    draft = create()
    path = f"/catalog/resources/{draft.body['id']}/submit"
    assert call(handler, "POST", path, token=token(PROVIDER)).status == 428


def test_basic_information_is_published_with_both_keys_and_each_reviewers_own_comment() -> None:
    review = act(act(create(BASIC), "submit", PROVIDER), "start_review", OFFICE)
    silent = act(review, "approve", OFFICE)
    half = act(review, "approve", STATISTICS, {"comment": "符合统计标准。"})
    live = act(act(half, "approve", OFFICE, COMMENT), "publish", OFFICE)
    said = [(each["party"], each["comment"]) for each in live.body["live"]["reviews"]]
    assert (silent.status, silent.pointers) == (422, ["/comment"])
    assert said == [("statistics_bureau", "符合统计标准。"), ("informatization_office", COMMENT["comment"])]
    shown = {who: len(read(live.body["id"], who).body["live"]["reviews"]) for who in (PROVIDER, STATISTICS, STRANGER)}
    assert shown == {PROVIDER: 2, STATISTICS: 2, STRANGER: 0}


def test_a_return_by_either_reviewer_takes_back_the_key_that_was_given() -> None:
    review = act(act(create(BASIC), "submit", PROVIDER), "start_review", OFFICE)
    half = act(review, "approve", OFFICE, COMMENT)
    gaps = {"gaps": [{"pointer": "/items", "detail": "缺少统一社会信用代码"}]}
    returned = act(half, "return", STATISTICS, gaps)
    assert (returned.body["state"], returned.body["open"]["reviews"]) == ("RETURNED", [])
    again = act(act(read(review.body["id"], PROVIDER), "submit", PROVIDER), "start_review", OFFICE)
    assert act(again, "approve", STATISTICS, COMMENT).body["state"] == "UNDER_REVIEW"


def test_what_reviewers_write_is_read_with_its_event_by_those_whom_it_concerns(table: str) -> None:
    review = act(act(create(BASIC), "submit", PROVIDER), "start_review", OFFICE)
    gaps = [{"pointer": "/abstract", "detail": "说明数据来源"}]
    act(act(review, "approve", STATISTICS, COMMENT), "return", OFFICE, {"gaps": gaps})
    approval, returned = events_in(table)[-2:]
    for event, content in ((approval, COMMENT), (returned, {"gaps": gaps})):
        read_by = {who: payload(review, event.id, who) for who in (PROVIDER, OFFICE, STATISTICS, STRANGER)}
        assert [reply.status for reply in read_by.values()] == [200, 200, 200, 404]
        assert read_by[PROVIDER].body["content"] == content
    silent = next(event for event in events_in(table) if event.type == "resource.submitted")
    assert payload(review, silent.id, PROVIDER).status == 404


def test_the_reviewer_and_the_provider_see_in_what_a_new_version_differs() -> None:
    live = published()
    items = [{"name": "车场名称", "data_type": "C", "length": 80, "sensitivity": "NONE"}, *ENTRY["items"]]
    draft = put(live, PROVIDER, ENTRY | {"title": "空余泊位", "items": items})
    told = [(each["pointer"], each["how"]) for each in draft.body["open"]["changes"]]
    assert told == [("/title", "changed"), ("/items/0", "added")]
    assert draft.body["open"]["changes"][0] | {"how": None} == {
        "pointer": "/title",
        "how": None,
        "before": ENTRY["title"],
        "after": "空余泊位",
    }
    seen = read(act(draft, "submit", PROVIDER).body["id"], OFFICE)
    assert seen.body["open"]["changes"] == draft.body["open"]["changes"]


def test_a_first_version_is_not_compared_with_anything() -> None:
    assert create().body["open"]["changes"] == []


def test_an_approved_version_says_by_when_it_is_to_be_published() -> None:
    approved = act(act(act(create(), "submit", PROVIDER), "start_review", OFFICE), "approve", OFFICE)
    assert approved.body["due"]["clock"] == "catalog_publish"
    assert approved.body["due_at"] == approved.body["due"]["due_at"] > approved.body["open"]["approved_at"]
